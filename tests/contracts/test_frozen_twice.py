"""Two freezes that overlap stop a review window for as long as either was open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from marketplace.kernel.db import commit, many, one
from marketplace.payments.freezing import freeze, thaw
from marketplace.payments.models import Freeze, Holding
from tests.contracts.test_clocks import after, submitted


@pytest.mark.parametrize("first", [0, 1])
def test_the_window_gets_back_the_time_of_both(app: Any, first: int) -> None:
    contract = submitted()
    due = contract.milestones[0].review_due_at
    held = one(select(Holding).where(Holding.stream == contract.subject))
    for kind in ("dispute", "chargeback"):
        freeze(held, "Stopped.", by=None, kind=kind)
        commit()
        after(days=3)
    rows = many(select(Freeze).order_by(Freeze.created_at))
    thaw(rows[first], by=None)
    commit()
    after(days=2)
    thaw(rows[1 - first], by=None)
    commit()
    assert contract.milestones[0].review_due_at - due == pytest.approx(
        timedelta(days=8), abs=timedelta(minutes=1)
    )
