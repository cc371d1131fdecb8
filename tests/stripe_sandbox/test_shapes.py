"""Answers that are no kept objects, against Stripe's own OpenAPI document."""

import json

import pytest

from marketplace.stripe_sandbox import VERSION

from .conftest import Json, MakeSession, Sdk
from .openapi import Document, document, needs_document

pytestmark = needs_document


@pytest.fixture
def spec() -> Document:
    return document()


def _faults(spec: Document, obj: Json) -> list[str]:
    return spec.of_object(obj)


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
