"""Transfers: after the hold, once, to a professional who is set up, and never of frozen money."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import stripe as sdk
from sqlalchemy import select

from marketplace.kernel import clock, jobs, sweep
from marketplace.kernel.db import commit, many, one
from marketplace.payments import payees, stripe
from marketplace.payments.actions import freeze, release, thaw
from marketplace.payments.check import books
from marketplace.payments.models import Release, StripeCall
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


def test_money_waits_for_a_professional_who_is_not_set_up(app: Any, paid: Any) -> None:
    on = make.holding()
    paid(on)
    released(again(on))
    sweep_after(9)
    assert many(select(StripeCall).where(StripeCall.op == "transfer")) == []


def test_a_freeze_within_the_hold_stops_the_transfer_until_the_thaw(
    app: Any, paid: Any, onboarded: Any
) -> None:
    on = make.holding()
    paid(on)
    onboarded(again(on).payee)
    made, stopped = released(again(on)), freeze(again(on), "Dispute", by=None)
    commit()
    sweep_after(3)
    assert again(made).state == "authorised"
    thaw(again(stopped), by=None)
    commit()
    sweep_after(2)
    assert again(made).state == "paid"


def test_a_freeze_between_the_sweep_and_the_call_stops_it_too(app: Any, paid: Any, onboarded: Any) -> None:
    on = make.holding()
    paid(on)
    onboarded(again(on).payee)
    made = released(again(on))
    clock.move_to(clock.now() + timedelta(days=3))
    sweep.sweep()
    stopped = freeze(again(on), "Dispute", by=None)
    commit()
    jobs.drain()
    assert (again(made).state, again(made).called_at) == ("authorised", None)
    thaw(again(stopped), by=None)
    commit()
    sweep_after(0)
    assert again(made).state == "paid"
    assert books() == []


def test_a_refused_transfer_is_blocked_and_tried_anew_when_the_payee_is_ready(
    app: Any, paid: Any, onboarded: Any, monkeypatch: Any
) -> None:
    on = make.holding()
    paid(on)
    payee = onboarded(again(on).payee)
    made = released(again(on))
    with monkeypatch.context() as patched:
        patched.setattr(stripe, "send", lambda *_: stripe.Rejected("No.", "insufficient_capabilities"))
        sweep_after(3)
    assert again(made).state == "blocked"
    again(payee).state = "restricted"
    commit()
    payees.payee(stripe.fetch_payee(again(payee).stripe_account or ""))
    commit()
    sweep_after(0)
    assert again(made).state == "paid"
    assert one(select(StripeCall).where(StripeCall.op == "transfer", StripeCall.epoch == 1)).state == "done"


def test_many_sweeps_send_one_transfer(app: Any, paid: Any, onboarded: Any, sandbox: str) -> None:
    on = make.holding()
    paid(on)
    onboarded(again(on).payee)
    released(again(on))
    for _ in range(3):
        sweep_after(3)
    client = sdk.StripeClient("sk_test_sandbox", base_addresses={"api": sandbox})
    group = again(on).stream.replace(":", "_")
    assert [found.amount for found in client.v1.transfers.list({"transfer_group": group}).data] == [43200]
    assert books() == []
