"""Transfers: after the hold, once, to a professional who is set up, and never of frozen money."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marketplace.kernel import clock, jobs, sweep
from marketplace.kernel.db import commit
from marketplace.payments.actions import release
from marketplace.payments.models import Release
from tests import make
from tests.payments.conftest import again, balance


def sweep_after(days: int) -> None:
    """Let time pass, and do what is due then."""
    clock.move_to(clock.now() + timedelta(days=days))
    sweep.sweep()
    jobs.drain()


def released(on: Any) -> Release:
    """All of a holding, released."""
    made = release(on, on.left_minor, by=None, reason="Approved", request_id="r")
    commit()
    return made


def test_money_goes_the_whole_way_to_the_professional(app: Any, paid: Any, onboarded: Any) -> None:
    on = make.holding()
    assert paid(on).state == "succeeded"
    onboarded(again(on).payee)
    on = again(on)
    assert on.money_state == "held"
    made = released(on)
    sweep_after(1)
    assert again(made).state == "authorised"
    sweep_after(2)
    assert again(made).state == "paid"
    assert again(made).transfer_id
    assert balance(f"payable:{again(on).payee_id}") == 0
