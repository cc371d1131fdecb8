"""Bank debits: the page is done before the money is there; it comes later, or it does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from marketplace.config import settings
from marketplace.kernel import jobs
from marketplace.kernel.db import commit, many
from marketplace.kernel.errors import Stale
from marketplace.kernel.events import Event
from marketplace.payments.actions import fund
from marketplace.payments.check import books
from marketplace.payments.models import Holding, Payment
from tests import make
from tests.payments.conftest import again
from tests.stripe_sandbox.conftest import visit

DEBIT = {"by": "us_bank_account", "us_bank_account_number": "000123456789", "us_bank_account_routing": "110000000",
         "name": "Ada Lovelace", "email": "ada@example.com", "do": "pay"}  # fmt: skip


@pytest.fixture
def debited(catch_up: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> Callable[[Holding], Payment]:
    """Pays a holding by bank debit; the money is not there yet."""
    monkeypatch.setattr(settings(), "payment_methods", ["card", "us_bank_account"])

    def pay(on: Holding) -> Payment:
        payment = fund([again(on)], by=make.owner_of(again(on).organisation))
        commit()
        jobs.drain()
        answer = visit(again(payment).url, DEBIT)
        assert answer.status == 303, answer.text
        catch_up()
        return again(payment)

    return pay


@pytest.fixture
def answered(act: Any, catch_up: Callable[[], None]) -> Callable[[Payment, str], Payment]:
    """The bank's answer, days later."""

    def say(payment: Payment, outcome: str) -> Payment:
        act("settle_async", payment_intent=payment.intent_id, outcome=outcome)
        catch_up()
        return again(payment)

    return say


def test_a_debit_under_way_holds_nothing_and_takes_no_second_payment(app: Any, debited: Any) -> None:
    on = make.holding()
    assert debited(on).state == "processing"
    assert (again(on).funded_minor, again(on).money_state) == (0, "funding")
    payment = fund([again(on)], by=make.owner_of(again(on).organisation))
    assert payment.state == "processing"
    assert books() == []


def test_a_debit_that_succeeds_is_held(app: Any, debited: Any, answered: Any) -> None:
    on = make.holding()
    payment = answered(debited(on), "succeeded")
    assert (payment.state, payment.method, again(on).left_minor) == ("succeeded", "us_bank_account", 48000)
    assert books() == []


def test_a_debit_that_fails_is_closed_at_stripe_before_anything_else(
    app: Any, debited: Any, answered: Any
) -> None:
    on = make.holding()
    payment = answered(debited(on), "failed")
    told = many(select(Event.name).where(Event.subject == again(on).subject).order_by(Event.number))
    assert told[-2:] == ["payment.failed", "payment.expired"]
    assert (payment.state, again(on).live_allocation, books()) == ("canceled", None, [])
    assert payment.failure


def test_until_it_is_closed_no_new_payment_begins(app: Any, debited: Any) -> None:
    on = make.holding()
    payment = debited(on)
    payment.state = "failed"
    commit()
    other = make.holding(again(on).organisation, stream=again(on).stream)
    with pytest.raises(Stale, match="closed at Stripe"):
        fund([again(on), other], by=make.owner_of(other.organisation))
