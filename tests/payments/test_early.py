"""Messages in the wrong order: what is about a payment that we have not heard of yet waits until we have."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from marketplace.kernel import jobs
from marketplace.kernel.db import commit, many, one
from marketplace.payments import webhook
from marketplace.payments.actions import fund
from marketplace.payments.check import books
from marketplace.payments.claims import Chargeback
from marketplace.payments.models import Freeze, Refund, Webhook
from tests import make
from tests.payments.conftest import again, pass_days
from tests.stripe_sandbox.conftest import CARD, call_json, visit


@pytest.fixture
def paid_unheard(sandbox: str) -> Any:
    """A holding, and a way to pay for it of which we hear nothing: the charge."""
    on = make.holding()
    payment = fund([again(on)], by=make.owner_of(again(on).organisation))
    commit()
    jobs.drain()

    def pay(card: str) -> Any:
        visit(again(payment).url, {**CARD, "number": card})
        return call_json(f"{sandbox}/_state?kinds=charge")["objects"]["charge"][-1]

    return pay


def hear(sandbox: str, kind: str) -> Webhook:
    """The newest message of a kind arrives, alone."""
    told = [
        event
        for event in call_json(f"{sandbox}/_state?kinds=event")["objects"]["event"]
        if event["type"] == kind
    ]
    webhook.keep("platform", told[-1])
    commit()
    jobs.drain()
    return one(select(Webhook).where(Webhook.type == kind))


@pytest.mark.parametrize(
    ("card", "kind", "table"),
    [
        ("4000000000000259", "charge.dispute.created", Chargeback),
        ("4000000000005423", "radar.early_fraud_warning.created", Freeze),
    ],
)
def test_what_a_bank_says_waits_for_its_payment(
    app: Any, paid_unheard: Any, sandbox: str, catch_up: Any, card: str, kind: str, table: Any
) -> None:
    paid_unheard(card)
    message = hear(sandbox, kind)
    assert (message.state, message.attempts, many(select(table))) == ("new", 1, [])
    catch_up()
    pass_days(0.1)
    catch_up()
    assert (again(message).state, len(many(select(table))), books()) == ("done", 1, [])


def test_a_refund_made_by_hand_waits_for_its_payment(
    app: Any, paid_unheard: Any, sandbox: str, act: Any, catch_up: Any
) -> None:
    act("refund", charge=paid_unheard("4242424242424242")["id"], amount=1000)
    message = hear(sandbox, "refund.created")
    assert (message.state, many(select(Refund))) == ("new", [])
    catch_up()
    pass_days(0.1)
    catch_up()
    assert (again(message).state, one(select(Refund)).amount_minor, books()) == ("done", 1000, [])
