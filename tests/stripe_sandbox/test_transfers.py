"""Paying connected accounts, taking money back from them, and their own payouts."""

from typing import Any

import pytest
import stripe

from .conftest import Act, Charge, Inbox, Json, Payee, Sdk


def _transfer(client: Sdk, amount: int, payee: str, charge: str | None, group: str = "g") -> Any:
    params: Json = {
        "amount": amount,
        "currency": "usd",
        "destination": payee,
        "transfer_group": group,
        "metadata": {"release": "1"},
    }
    return client.v1.transfers.create({**params, "source_transaction": charge} if charge else params)


def test_a_transfer_takes_from_one_charge_and_no_more(client: Sdk, charge: Charge, payee: Payee) -> None:
    paid, account = charge(), payee()
    made = _transfer(client, 90_00, account, paid.id, f"group-{paid.id}")
    assert (made.destination, made.source_transaction, made.metadata["release"]) == (account, paid.id, "1")
    assert [each.id for each in client.v1.transfers.list({"transfer_group": f"group-{paid.id}"}).data] == [
        made.id
    ]
    with pytest.raises(stripe.InvalidRequestError, match="cannot exceed the source amount of 1000"):
        _transfer(client, 10_01, account, paid.id)
    theirs = client.v1.balance_transactions.list({"type": "payment"}, {"stripe_account": account})
    assert [entry.amount for entry in theirs.data] == [90_00]


def test_an_account_without_the_capability_gets_nothing(client: Sdk, charge: Charge, payee: Payee) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        _transfer(client, 1_00, payee(onboarded=False), charge().id)
    assert refused.value.code == "insufficient_capabilities_for_transfer"


def test_without_a_source_the_available_balance_decides(client: Sdk, payee: Payee) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        _transfer(client, 99_999_999, payee(), None)
    assert refused.value.code == "balance_insufficient"


def test_a_transfer_is_reversed_in_parts(client: Sdk, charge: Charge, payee: Payee, inbox: Inbox) -> None:
    paid, account = charge(), payee()
    made = _transfer(client, 50_00, account, paid.id)
    reversal = client.v1.transfers.reversals.create(
        made.id, {"amount": 20_00, "metadata": {"refund_id": "r"}}
    )
    assert (reversal.transfer, reversal.amount) == (made.id, 20_00)
    with pytest.raises(stripe.InvalidRequestError, match=r"\(3001\) is greater than unreversed amount"):
        client.v1.transfers.reversals.create(made.id, {"amount": 30_01})
    now = client.v1.transfers.retrieve(made.id)
    assert (now.amount_reversed, now.reversed, now.reversals.data[0].id) == (20_00, False, reversal.id)
    inbox.about("transfer.reversed", made.id)


def test_a_connected_account_is_paid_out_by_itself(
    client: Sdk, charge: Charge, payee: Payee, inbox: Inbox
) -> None:
    account = payee()
    made = _transfer(client, 70_00, account, charge().id)
    told = inbox.wait(lambda body: body["type"] == "payout.paid" and body.get("account") == account)
    event = stripe.Webhook.construct_event(told.payload, told.signature, "whsec_connect")
    assert (told.endpoint, event.data.object.amount) == ("connect", 70_00)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.reversals.create(made.id)
    assert refused.value.code == "balance_insufficient"


def test_both_sides_of_a_transfer_have_an_object(client: Sdk, charge: Charge, payee: Payee) -> None:
    account = payee()
    made = _transfer(client, 50_00, account, charge().id)
    theirs = {"stripe_account": account}
    client.v1.transfers.reversals.create(made.id, {"amount": 20_00})
    received = client.v1.charges.retrieve(made.destination_payment, options=theirs)
    assert (received.amount, received.amount_refunded, received.source_transfer) == (50_00, 20_00, made.id)
    refund = client.v1.refunds.retrieve(
        client.v1.transfers.reversals.list(made.id).data[0].destination_payment_refund, options=theirs
    )
    assert (refund.charge, refund.amount) == (received.id, 20_00)


def test_a_reversal_at_the_dashboard_carries_no_metadata(
    client: Sdk, charge: Charge, payee: Payee, act: Act, inbox: Inbox
) -> None:
    made = _transfer(client, 50_00, payee(), charge().id)
    assert act("reverse_transfer", transfer=made.id, amount=10_00)["metadata"] == {}
    told = inbox.about("transfer.reversed", made.id).body
    assert (told["data"]["object"]["amount_reversed"], told["request"]["idempotency_key"]) == (10_00, None)
    changed = client.v1.transfers.update(made.id, {"metadata": {"release": "", "note": "n"}})
    assert changed.metadata.to_dict() == {"note": "n"}


def test_an_unknown_connected_account_is_refused(client: Sdk) -> None:
    with pytest.raises(stripe.PermissionError):
        client.v1.balance.retrieve(options={"stripe_account": "acct_nobody"})
