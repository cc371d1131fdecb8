"""Every answer against Stripe's own OpenAPI document."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from marketplace.stripe_sandbox import VERSION

from .conftest import CARD, Charge, Json, MakeSession, Payee, Sdk, call_json, visit

pytestmark = pytest.mark.skipif(
    "STRIPE_SPEC" not in os.environ,
    reason="STRIPE_SPEC does not name Stripe's OpenAPI document, so answers go unchecked",
)


def _plain(schema: Any) -> Any:
    """OpenAPI's `nullable` in the words of JSON Schema."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: _plain(each) for name, each in schema.items() if name != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") is True else plain


@pytest.fixture(scope="module")
def spec() -> Json:
    whole: Json = json.loads(Path(os.environ["STRIPE_SPEC"]).read_text())
    return whole


def _faults(spec: Json, obj: Json) -> list[str]:
    jsonschema = pytest.importorskip("jsonschema")
    root = {"components": _plain(spec["components"]), "$ref": f"#/components/schemas/{obj['object']}"}
    found = jsonschema.Draft202012Validator(root).iter_errors(obj)
    properties = spec["components"]["schemas"][obj["object"]]["properties"]
    absent = [name for name, kind in properties.items() if kind.get("nullable") and name not in obj]
    wrong = [f"{obj['object']}.{'.'.join(map(str, fault.path))}: {fault.message[:200]}" for fault in found]
    return wrong + [f"{obj['object']}.{name} is missing" for name in absent]


def test_every_object_is_whole_and_valid(
    spec: Json, client: Sdk, session: MakeSession, charge: Charge,
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


def test_the_balance_and_a_filled_in_session_are_valid(spec: Json, client: Sdk, session: MakeSession) -> None:
    balance = json.loads(client.raw_request("get", "/v1/balance").body)
    filled = json.loads(
        client.raw_request("get", f"/v1/checkout/sessions/{session().id}?expand[]=line_items").body
    )
    assert _faults(spec, balance) + _faults(spec, filled) == []


def test_the_versions_agree(spec: Json) -> None:
    assert spec["info"]["version"] == VERSION
