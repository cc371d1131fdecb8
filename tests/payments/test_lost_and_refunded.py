"""A bank keeps what was on its way back already: the money is lost once, and never held again."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from marketplace.kernel.db import commit, one
from marketplace.kernel.errors import Stale
from marketplace.payments import chargebacks, documents
from marketplace.payments.actions import refund
from marketplace.payments.backward import claw_back, void_refund
from marketplace.payments.check import books
from marketplace.payments.claims import ChargebackPart
from marketplace.payments.models import Refund
from tests import make
from tests.payments.conftest import again
from tests.payments.papering import lost


def refused(made: Refund) -> Refund:
    """A refund that came back, so that a person has to decide."""
    made.state, made.failure = "failed", "expired_or_canceled_card"
    commit()
    return again(made)


def void(made: Refund) -> None:
    """Take the refund back, as the verb is called."""
    void_refund(again(made), by=make.staff(), reason="The bank took it.")
    commit()


@pytest.mark.parametrize(("taken", "held"), [(48000, 0), (40000, 8000)])
def test_what_the_bank_took_is_not_held_again(app: Any, taken: int, held: int) -> None:
    on = make.funded()
    made = refused(refund(again(on), 48000, by=None, reason="Cancelled", request_id="x"))
    lost(on, taken)
    void(made)
    assert (again(on).left_minor, again(on).lost_minor, again(on).refunded_minor) == (held, taken, 0)
    assert one(select(ChargebackPart)).held_minor == taken
    documents.make_job(again(on).stream)
    assert books() == []


def test_what_comes_back_after_all_is_held_whole(app: Any) -> None:
    on = make.funded()
    made = refused(refund(again(on), 20000, by=None, reason="Cancelled", request_id="x"))
    found = lost(on, 48000)
    void(made)
    back = {"id": "txn_back", "amount": 48000, "fee": 0, "currency": "usd"}
    chargebacks.dispute(
        found | {"status": "won", "balance_transactions": [*found["balance_transactions"], back]}
    )
    commit()
    documents.make_job(again(on).stream)
    assert (again(on).left_minor, again(on).lost_minor, books()) == (48000, 0, [])


def test_what_the_holding_bore_itself_is_not_lost_twice(app: Any) -> None:
    on = make.funded()
    made = refused(refund(again(on), 20000, by=None, reason="Cancelled", request_id="x"))
    lost(on, 28000)
    void(made)
    assert (again(on).left_minor, again(on).lost_minor, books()) == (20000, 28000, [])


def test_a_return_of_released_money_that_the_bank_took_cannot_be_taken_back(app: Any, sent: Any) -> None:
    on = sent()
    made = refused(claw_back(again(on), 48000, by=make.staff(), reason="Not theirs.", request_id="c"))
    lost(on, 48000)
    with pytest.raises(Stale, match="the bank took it"):
        void(made)
