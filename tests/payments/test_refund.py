"""Refunding: held money goes back to the card, once, by one call to Stripe."""

from __future__ import annotations

from typing import Any

import pytest
import stripe
from sqlalchemy import select

from marketplace.kernel import jobs
from marketplace.kernel.db import commit, one
from marketplace.kernel.errors import Refused, Stale
from marketplace.payments import refunds
from marketplace.payments.actions import freeze, refund
from marketplace.payments.check import books
from marketplace.payments.entering import Quarantine
from marketplace.payments.models import Refund
from tests import make
from tests.payments.conftest import again, balance


def give_back(on: Any, amount: int, request: str = "one") -> Refund:
    """Refund, as the verb is called."""
    return refund(on, amount, by=None, reason="Cancelled", request_id=request)


def test_money_goes_back_to_the_card(app: Any, paid: Any, sandbox: str) -> None:
    on = make.holding()
    payment = paid(on)
    made = give_back(again(on), 48000)
    commit()
    jobs.drain()
    assert (again(made).state, again(on).money_state) == ("succeeded", "refunded")
    assert balance(f"refund_pending:{again(on).id}") == 0
    sdk = stripe.StripeClient("sk_test_sandbox", base_addresses={"api": sandbox})
    seen = sdk.v1.refunds.list({"payment_intent": again(payment).intent_id or ""}).data
    assert [found.amount for found in seen] == [48000]
    assert books() == []


def test_asking_twice_is_one_refund(app: Any) -> None:
    on = make.funded()
    assert give_back(on, 100).id == give_back(on, 100).id
    assert on.refunded_minor == 100


def test_only_what_is_held_and_not_frozen_is_refunded(app: Any) -> None:
    on = make.funded()
    with pytest.raises(Refused, match="up to"):
        give_back(on, 48001)
    freeze(on, "Dispute", by=None)
    with pytest.raises(Stale, match="frozen"):
        give_back(on, 100)
    with pytest.raises(Stale, match="No money is held"):
        give_back(make.holding(), 100)


def said(made: Refund, status: str, **other: Any) -> dict[str, Any]:
    """A refund as Stripe shows it."""
    about = {"metadata": {"refund_id": str(made.id)}, "amount": 100, "currency": "usd", "id": "re_1"}
    return {**about, "status": status, **other}


def test_a_refund_that_fails_comes_back_and_stays_failed(app: Any) -> None:
    made = give_back(make.funded(), 100)
    for status in ("pending", "succeeded", "pending", "failed", "succeeded", "failed"):
        refunds.refund(said(made, status))
    commit()
    assert one(select(Refund)).state == "failed"
    assert balance(f"refund_pending:{made.holding_id}") == -100
    assert books() == []


def test_a_second_refund_for_one_request_is_quarantined(app: Any) -> None:
    made = give_back(make.funded(), 100)
    refunds.refund(said(made, "succeeded"))
    with pytest.raises(Quarantine, match="twice"):
        refunds.refund(said(made, "succeeded", id="re_2"))
    with pytest.raises(Quarantine, match="should be"):
        refunds.refund(said(made, "succeeded", amount=99))
