"""What goes backward and out: every object of it against Stripe's own OpenAPI document, or the SDK's types."""

from typing import Any, get_type_hints

import pytest
from stripe.radar import EarlyFraudWarning

from .conftest import Act, Charge, Inbox, Json, Payee, Sdk, call_json
from .openapi import document, needs_document

KINDS = ("balance_transaction", "bank_account", "charge", "dispute", "event", "payout", "refund", "topup",
         "transfer", "transfer_reversal")  # fmt: skip


@pytest.fixture
def lived(charge: Charge, payee: Payee, client: Sdk, act: Act, inbox: Inbox, sandbox: str) -> Json:
    """Everything the sandbox knows after a payment went every way there is."""
    paid, account = charge().id, payee()
    params: Json = {"amount": 50_00, "currency": "usd", "destination": account, "source_transaction": paid}
    act("reverse_transfer", transfer=client.v1.transfers.create(params).id, amount=5_00)
    act("fraud_warning", charge=paid)
    act("fail_refund", refund=client.v1.refunds.create({"charge": paid, "amount": 1_00}).id)
    act("dispute_won", dispute=act("dispute", charge=paid)["id"])
    act("inquiry", charge=charge().id)
    told = inbox.wait(lambda body: body["type"] == "payout.paid" and body.get("account") == account)
    act("fail_payout", payout=told.body["data"]["object"]["id"])
    act("topup", amount=10_00)
    objects: Json = call_json(f"{sandbox}/_state")["objects"]
    return objects


@needs_document
def test_every_object_that_moves_money_is_whole_and_valid(lived: Json) -> None:
    plain = [{key: value for key, value in each.items() if key != "_account"}
             for kind in KINDS for each in lived[kind]]  # fmt: skip
    assert {fault for obj in plain for fault in document().of_object(obj)} == set()


def test_a_fraud_warning_has_what_the_sdk_promises(lived: Json) -> None:
    promised = set(get_type_hints(EarlyFraudWarning, localns={"Charge": Any, "PaymentIntent": Any}))
    for warning in lived["radar.early_fraud_warning"]:
        assert {name for name in promised if name[0] != "_" and name.islower()} <= set(warning)
