"""What a bank kept for good and gives back after all: the loss is undone, or a person is asked."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from marketplace.config import rules
from marketplace.kernel.db import commit, many, one
from marketplace.payments import chargebacks, documents
from marketplace.payments.actions import release
from marketplace.payments.check import books
from marketplace.payments.claims import Chargeback, Debt
from marketplace.payments.entering import Quarantine
from marketplace.payments.models import Holding
from marketplace.payments.outside import Difference
from tests import make
from tests.payments.conftest import again
from tests.payments.papering import lost


def regained(on: Holding, amount: int = 48000) -> dict[str, Any]:
    """The dispute of which the bank kept everything, and later gives back so much."""
    made = lost(on, 48000)
    back = {"id": "txn_back", "amount": amount, "fee": 0, "currency": "usd"}
    return made | {"status": "won", "balance_transactions": [*made["balance_transactions"], back]}


def released() -> Holding:
    """A holding that was released whole."""
    on = make.funded()
    release(again(on), 48000, by=None, reason="Approved", request_id="r")
    commit()
    return again(on)


def test_what_was_held_is_held_again(app: Any) -> None:
    on = make.funded()
    found = regained(on)
    for _ in range(2):
        chargebacks.dispute(found)
        commit()
    assert (again(on).left_minor, again(on).lost_minor, one(select(Chargeback)).state) == (48000, 0, "won")
    assert "held again" in one(select(Difference)).sentence
    documents.make_job(again(on).stream)
    assert books() == []


def test_cover_debt_and_fee_are_given_back(app: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(rules().chargeback_cover, "usd", 40000)
    on = released()
    found = regained(on)
    assert one(select(Debt)).left_minor == 3200
    chargebacks.dispute(found)
    commit()
    assert (again(on).clawed_minor, again(on).fee_minor, one(select(Debt)).left_minor) == (0, 4800, 0)
    documents.make_job(again(on).stream)
    assert books() == []


def test_a_part_that_comes_back_waits_for_a_person(app: Any) -> None:
    on = make.funded()
    found = regained(on, 20000)
    with pytest.raises(Quarantine, match="find out whose it is"):
        chargebacks.dispute(found)
    assert again(on).lost_minor == 48000


def test_a_debt_that_was_paid_waits_for_a_person(app: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(rules().chargeback_cover, "usd", 0)
    found = regained(released())
    many(select(Debt))[0].written_off_minor = 100
    commit()
    with pytest.raises(Quarantine, match="paid for already"):
        chargebacks.dispute(found)
