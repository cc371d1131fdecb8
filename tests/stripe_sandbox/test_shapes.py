"""Every answer against Stripe's own OpenAPI document."""

import json

import pytest

from marketplace.stripe_sandbox import VERSION

from .conftest import CARD, Charge, Json, MakeSession, Payee, Sdk, call_json, visit
from .openapi import Document, document, needs_document

pytestmark = needs_document


@pytest.fixture
def spec() -> Document:
    return document()


def _faults(spec: Document, obj: Json) -> list[str]:
    return spec.of_object(obj)


def test_every_object_is_whole_and_valid(
    spec: Document, client: Sdk, session: MakeSession, charge: Charge,
    payee: Payee, sandbox: str,
) -> None:  # fmt: skip
    client.v1.customers.create({"name": "Ada", "address": {"country": "GB"}})
    visit(session().url, {**CARD, "number": "4000002500003155"})
    visit(session().url, {**CARD, "number": "4000000000000002"})
    paid = charge()
    made = client.v1.transfers.create(
        {"amount": 10_00, "currency": "usd", "destination": payee(), "source_transaction": paid.id}
    )
    client.v1.transfers.reversals.create(made.id, {"amount": 1})
    client.v1.refunds.create({"charge": paid.id, "amount": 5_00})
    objects = call_json(f"{sandbox}/_state")["objects"]
    v1 = [each for kind, all_ in objects.items() if not kind.startswith("v2.") for each in all_]
    assert {
        fault for obj in v1 for fault in _faults(spec, {k: v for k, v in obj.items() if k != "_account"})
    } == set()


def test_the_balance_and_a_filled_in_session_are_valid(
    spec: Document, client: Sdk, session: MakeSession
) -> None:
    balance = json.loads(client.raw_request("get", "/v1/balance").body)
    filled = json.loads(
        client.raw_request("get", f"/v1/checkout/sessions/{session().id}?expand[]=line_items").body
    )
    assert _faults(spec, balance) + _faults(spec, filled) == []


def test_the_versions_agree(spec: Document) -> None:
    assert spec.version == VERSION
