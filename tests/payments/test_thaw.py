"""A freeze stops the hold before a transfer; its end lets the rest of the hold go by."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from marketplace.kernel import clock
from marketplace.kernel.clock import now
from marketplace.kernel.db import commit, many
from marketplace.payments.actions import release
from marketplace.payments.freezing import freeze, thaw
from marketplace.payments.models import Freeze, Release
from tests import make
from tests.payments.conftest import again

MOMENT = timedelta(minutes=1)


def released() -> Release:
    """A release that waits out its hold of two days."""
    made = release(again(make.funded()), 48000, by=None, reason="Approved", request_id="r")
    commit()
    return made


def later(days: float) -> None:
    """So much later."""
    clock.move_to(now() + timedelta(days=days))


def stop(made: Release) -> None:
    """Freeze its money."""
    freeze(again(made).holding, "Stopped.", by=None)
    commit()


def thaw_all() -> None:
    """End the freezes, the oldest first, a day apart."""
    for row in many(select(Freeze).order_by(Freeze.created_at)):
        thaw(row, by=None)
        commit()
        later(1)


def test_the_hold_gets_back_the_time_for_which_it_was_frozen(app: Any) -> None:
    made = released()
    due = made.due_at
    later(1)
    stop(made)
    later(5)
    stop(made)
    thaw_all()
    assert abs(again(made).due_at - due - timedelta(days=6)) < MOMENT


def test_a_hold_that_was_over_before_the_freeze_does_not_begin_anew(app: Any) -> None:
    made = released()
    due = made.due_at
    later(3)
    stop(made)
    later(2)
    thaw_all()
    assert again(made).due_at == due
