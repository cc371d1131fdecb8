"""That the judges of requests, answers and events bite, and that they are there while the sandbox is tried.

The judging itself happens in every test of the sandbox and of the payments (conftest.watch). Accounts v2,
top-ups, early fraud warnings, products, prices and setup intents are not in the cut document: requests for
them are judged by the SDK's own parameter types, and of their answers only the objects that it knows.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest

from . import sdk_types
from .conftest import CARD, Charge, Inbox, Json, MakeSession, Sdk, call_json, visit
from .openapi import document, needs_document
from .watching import Watch

pytestmark = needs_document
REFUND, SESSION = "/v1/refunds", "/v1/checkout/sessions"


@pytest.mark.parametrize(
    ("path", "params", "said"),
    [
        (REFUND, {"charge": "ch_1", "colour": "blue"}, "Received unknown parameter: colour"),
        (REFUND, {"charge": "ch_1", "amount": "ten"}, "Invalid value of amount: 'ten'"),
        (REFUND, {"charge": "ch_1", "reason": "a whim"}, "Invalid value of reason: 'a whim'"),
        (
            REFUND,
            {"charge": "ch_1", "metadata": {"a": {"b": "c"}}},
            "Invalid value of metadata[a]: {'b': 'c'}",
        ),
        ("/v1/transfers", {"currency": "usd"}, "Missing required param: destination"),
        (SESSION, {"line_items": "one"}, "Invalid array: line_items"),
        (SESSION, {"payment_intent_data": "x"}, "Invalid hash: payment_intent_data"),
        (
            SESSION,
            {"line_items": [{"price_data": {}}]},
            "Missing required param: line_items[0][price_data][currency]",
        ),
        (
            SESSION,
            {"client_reference_id": "x" * 201},
            "Invalid value of client_reference_id: " + repr("x" * 201),
        ),
    ],
)
def test_a_wrong_request_is_named(path: str, params: Json, said: str) -> None:
    assert said in document().of_request("POST", path, params)


def test_filters_of_lists_are_judged_too() -> None:
    assert document().of_request("GET", REFUND, {"limit": "3", "created": {"gte": "5"}}) == []
    assert document().of_request("GET", REFUND, {"limit": "x"}) == ["Invalid value of limit: 'x'"]
    assert document().of_request("GET", REFUND, {"colour": "x"}) == ["Received unknown parameter: colour"]


@pytest.mark.parametrize(
    ("path", "params", "said"),
    [
        ("/v2/core/accounts", {"colour": "blue"}, "Received unknown parameter: [colour]"),
        ("/v2/core/accounts", {"dashboard": "big"}, "Invalid value of [dashboard]"),
        ("/v2/core/account_links", {"account": "acct_1"}, "Missing required param: [use_case]"),
        ("/v1/topups", {"currency": "usd", "amount": "ten"}, "Invalid value of [amount]"),
        ("/v1/topups", {"currency": "usd"}, "Missing required param: [amount]"),
        ("/v1/prices", {"currency": "usd", "expand": "product"}, "Invalid array: [expand]"),
        ("/v1/prices", {"currency": "usd", "recurring": "monthly"}, "Invalid hash: [recurring]"),
    ],
)
def test_where_the_document_is_silent_the_sdks_types_speak(path: str, params: Json, said: str) -> None:
    assert not document().knows("POST", path)
    assert any(fault.startswith(said) for fault in sdk_types.of_request("POST", path, params))


def _spoiled(obj: Json, **changes: Any) -> list[str]:
    whole = {**copy.deepcopy(obj), **changes}
    return document().of_object({name: value for name, value in whole.items() if value != "(left out)"})


def test_a_wrong_answer_is_named(client: Sdk, charge: Charge) -> None:
    found: Json = client.v1.charges.retrieve(charge().id).to_dict()
    assert _spoiled(found) == []
    assert _spoiled(found, description="(left out)") == ["charge.description is missing"]
    assert _spoiled(found, status="paid")[0].startswith("charge.status: 'paid' is not one of")
    assert _spoiled(found, amount="100")[0].startswith("charge.amount: '100' is not of type")
    assert _spoiled(found, id="(left out)")[0].startswith("charge.: 'id' is a required property")
    listed = {"object": "list", "data": [{**found, "paid": None}], "has_more": False, "url": "/v1/charges"}
    assert document().of_object(listed)[0].startswith("charge.paid: None is not")


def test_a_wrong_event_is_named(session: MakeSession, inbox: Inbox) -> None:
    made = session()
    visit(made.url, CARD)
    event = inbox.about("checkout.session.completed", made.id).body
    assert document().of_event(event) == []
    del event["data"]["object"]["customer"]
    assert document().of_event(event) == ["checkout.session.customer is missing"]


@pytest.mark.parametrize(
    ("sent", "status", "body", "said"),
    [
        (
            "charge=ch_1&colour=blue",
            200,
            {"object": "list", "data": []},
            "was accepted, though Received unknown",
        ),
        (
            "charge=ch_1",
            400,
            {"error": {"type": "api_error", "code": "parameter_unknown"}},
            "Stripe knows the",
        ),
        ("charge=ch_1", 200, {"object": "refund"}, "was answered with refund.: 'amount' is a required"),
    ],
)
def test_a_sandbox_that_differs_from_stripe_is_noticed(sent: str, status: int, body: Json, said: str) -> None:
    watch = Watch(document())
    watch.judge("POST", f"http://127.0.0.1{REFUND}", sent, status, body)
    assert said in watch.faults[0]


def test_everything_that_the_sdk_does_passes_the_judges(client: Sdk, charge: Charge, watch: Watch) -> None:
    client.v1.refunds.create({"charge": charge().id})
    assert {"POST /v1/refunds", "POST /v1/checkout/sessions"} <= watch.seen


def test_every_object_and_every_event_so_far_is_whole_and_valid(
    client: Sdk, session: MakeSession, charge: Charge, sandbox: str
) -> None:
    visit(session().url, {**CARD, "number": "4000002500003155"})
    visit(session().url, {**CARD, "number": "4000000000000002"})
    charge(card="4000000000000259")
    client.v1.customers.delete(client.v1.customers.create({"name": "Ada", "address": {"country": "GB"}}).id)
    objects: Json = call_json(f"{sandbox}/_state")["objects"]
    plain = [
        {name: value for name, value in each.items() if name != "_account"}
        for kind, all_ in objects.items() if not kind.startswith("v2.") for each in all_
    ]  # fmt: skip
    events = [each for each in plain if each["object"] == "event"]
    assert len(events) > 10
    assert {fault for each in plain for fault in document().of_object(each)} == set()
    assert {fault for each in events for fault in document().of_event(each)} == set()
