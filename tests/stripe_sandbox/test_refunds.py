"""Giving money back."""

import pytest
import stripe

from .conftest import Charge, Inbox, Sdk


def test_a_charge_is_refunded_in_parts_and_never_beyond(client: Sdk, charge: Charge) -> None:
    paid = charge()
    refund = client.v1.refunds.create(
        {"payment_intent": paid.payment_intent, "amount": 40_00, "metadata": {"refund_id": "r1"}}
    )
    assert (refund.status, refund.charge, refund.metadata["refund_id"]) == ("succeeded", paid.id, "r1")
    with pytest.raises(
        stripe.InvalidRequestError, match=r"Refund amount \(6001\) is greater than unrefunded amount"
    ):
        client.v1.refunds.create({"charge": paid.id, "amount": 60_01})
    assert client.v1.refunds.create({"charge": paid.id}).amount == 60_00
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"charge": paid.id})
    assert refused.value.code == "charge_already_refunded"
    now = client.v1.charges.retrieve(paid.id)
    assert (now.amount_refunded, now.refunded) == (100_00, True)


def test_a_refund_is_listed_booked_and_told(client: Sdk, charge: Charge, inbox: Inbox) -> None:
    paid = charge()
    refund = client.v1.refunds.create({"charge": paid.id, "amount": 1})
    assert [each.id for each in client.v1.refunds.list({"payment_intent": paid.payment_intent}).data] == [
        refund.id
    ]
    entry = client.v1.balance_transactions.retrieve(refund.balance_transaction)
    assert (entry.type, entry.net, entry.source) == ("refund", -1, refund.id)
    inbox.about("refund.created", refund.id)
    inbox.about("charge.refunded", paid.id)


def test_a_refund_may_fail_after_it_succeeded(client: Sdk, charge: Charge, inbox: Inbox) -> None:
    paid = charge(card="4000000000005126")
    refund = client.v1.refunds.create({"charge": paid.id})
    inbox.about("refund.failed", refund.id)
    now = client.v1.refunds.retrieve(refund.id, {"expand": ["failure_balance_transaction"]})
    assert (now.status, now.failure_balance_transaction.net) == ("failed", 100_00)
    assert client.v1.charges.retrieve(paid.id).amount_refunded == 0


def test_nothing_to_refund_is_refused(client: Sdk) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="payment_intent or charge"):
        client.v1.refunds.create({"amount": 5})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"charge": "ch_nothing"})
    assert (refused.value.http_status, refused.value.code, refused.value.param) == (
        400,
        "resource_missing",
        "charge",
    )
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        client.v1.refunds.retrieve("re_nothing")
    assert unknown.value.http_status == 404
