"""Giving money back."""

import pytest
import stripe

from .conftest import CARD, Act, Charge, Inbox, MakeSession, Sdk, line, visit


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


def test_a_refund_waits_for_money_when_the_bank_refuses_debits(
    client: Sdk, charge: Charge, act: Act, inbox: Inbox
) -> None:
    paid = charge().id
    act("refuse_debits")
    found = client.v1.balance.retrieve().available
    act("platform_payout", amount=next(each.amount for each in found if each.currency == "usd"))
    try:
        refund = client.v1.refunds.create({"charge": paid})
        assert (refund.status, refund.pending_reason, refund.balance_transaction) == (
            "pending",
            "insufficient_funds",
            None,
        )
        act("topup", amount=200_00)
        told = inbox.about("refund.updated", refund.id).body
        assert (told["data"]["object"]["status"], told["data"]["previous_attributes"]) == (
            "succeeded",
            {"status": "pending"},
        )
    finally:
        act("allow_debits")


def test_a_refund_may_be_pending_first(client: Sdk, charge: Charge, inbox: Inbox) -> None:
    refund = client.v1.refunds.create({"charge": charge(card="4000000000007726").id, "amount": 5_00})
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    inbox.about("refund.updated", refund.id)
    assert client.v1.refunds.retrieve(refund.id).status == "succeeded"


def test_a_refund_may_fail_long_after(client: Sdk, charge: Charge, act: Act, inbox: Inbox) -> None:
    refund = client.v1.refunds.create({"charge": charge().id})
    assert act("fail_refund", refund=refund.id)["status"] == "failed"
    inbox.about("refund.failed", refund.id)
    assert client.v1.charges.retrieve(refund.charge).refunded is False


def test_only_the_metadata_of_a_refund_changes(client: Sdk, charge: Charge) -> None:
    refund = client.v1.refunds.create({"charge": charge().id, "metadata": {"a": "1", "b": "2"}})
    changed = client.v1.refunds.update(refund.id, {"metadata": {"a": "", "c": "3"}})
    assert changed.metadata.to_dict() == {"b": "2", "c": "3"}
    with pytest.raises(stripe.InvalidRequestError, match="unknown parameter: amount"):
        client.v1.refunds.update(refund.id, {"amount": 1})


@pytest.mark.parametrize(("currency", "bad"), [("jpy", None), ("kwd", 1_005)])
def test_refunds_keep_the_steps_of_their_currency(
    client: Sdk, session: MakeSession, currency: str, bad: int | None
) -> None:
    made = session(line_items=[line(10_000, currency)])
    assert visit(made.url, CARD).status == 303
    intent = client.v1.checkout.sessions.retrieve(made.id).payment_intent
    if bad:
        with pytest.raises(stripe.InvalidRequestError, match="multiple of 10"):
            client.v1.refunds.create({"payment_intent": intent, "amount": bad})
    assert client.v1.refunds.create({"payment_intent": intent, "amount": 10}).currency == currency
