"""What a freeze, a thaw and a ruling about the money mean for the work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from marketplace.kernel import clock
from marketplace.kernel.clock import now
from marketplace.kernel.db import commit, db, many, one
from marketplace.kernel.sweep import sweep
from marketplace.payments.freezing import freeze, thaw
from marketplace.payments.models import Freeze, Holding
from marketplace.payments.rulings import rule
from tests import make
from tests.contracts.test_clocks import after, submitted


def frozen(contract: Any) -> Holding:
    """The contract's one holding, stopped by a dispute."""
    held = one(select(Holding).where(Holding.stream == contract.subject))
    freeze(held, "They quarrel.", by=None, kind="dispute")
    commit()
    return held


def test_silence_does_not_pay_while_the_money_is_frozen(app: Any) -> None:
    contract = submitted()
    held = frozen(contract)
    after(days=8)
    assert (held.released_minor, contract.milestones[0].work) == (0, "submitted")


def test_the_window_gets_back_the_time_for_which_it_was_frozen(app: Any) -> None:
    contract = submitted()
    due = contract.milestones[0].review_due_at
    after(days=2)
    held = frozen(contract)
    after(days=10)
    thaw(one(select(Freeze)), by=None)
    commit()
    assert contract.milestones[0].review_due_at - due == pytest.approx(
        timedelta(days=10), abs=timedelta(minutes=1)
    )
    after(days=4)
    assert held.released_minor == 0
    after(days=1, minutes=2)
    assert held.released_minor == 48000


@pytest.mark.parametrize(("pro", "work"), [(48000, "closed"), (20000, "closed"), (0, "cancelled")])
def test_a_ruling_about_all_of_it_ends_the_work(app: Any, pro: int, work: str) -> None:
    contract = submitted()
    held = frozen(contract)
    rule(held, pro, 48000 - pro, by=make.staff(), reason="Judged by what was sent.", request_id="1")
    commit()
    db.session.expire_all()
    assert (contract.milestones[0].work, contract.state) == (work, "ended")
    clock.move_to(now() + timedelta(days=90))
    sweep()
    assert held.left_minor == 0


def test_a_ruling_about_a_part_lets_the_work_go_on(app: Any) -> None:
    contract = submitted()
    rule(frozen(contract), 1000, 0, by=make.staff(), reason="The first piece was fine.", request_id="1")
    commit()
    assert (contract.milestones[0].work, contract.state) == ("submitted", "active")
    assert [one.until_at is not None for one in many(select(Freeze))] == [True]
