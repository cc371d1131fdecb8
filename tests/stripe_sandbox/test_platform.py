"""The platform's own account, and whom the sandbox tells what."""

from __future__ import annotations

import json

from .conftest import Inbox, Sdk
from .openapi import document, needs_document


def test_the_platform_may_charge_and_is_paid_out_by_hand_only(client: Sdk) -> None:
    account = client.v1.accounts.retrieve_current()
    assert (account.id, account.charges_enabled, account.payouts_enabled) == ("acct_platform", True, True)
    assert account.capabilities.card_payments == "active"
    # Read as plain JSON: this SDK trips over a map of currencies that is null.
    balance = json.loads(client.raw_request("get", "/v1/balance_settings").body)
    assert balance["payments"]["payouts"]["schedule"] == {"interval": "manual"}


def test_both_snapshot_endpoints_are_listed_with_their_addresses(client: Sdk, inbox: Inbox) -> None:
    found = client.v1.webhook_endpoints.list({"limit": 100}).data
    assert [bool(each.application) for each in found] == [False, True]
    assert [each.url.removeprefix(inbox.url) for each in found] == ["/platform", "/connect"]


def test_the_thin_destination_shows_its_address_only_when_asked(client: Sdk, inbox: Inbox) -> None:
    shy = client.v2.core.event_destinations.list({}).data[0]
    asked = client.v2.core.event_destinations.list({"include": ["webhook_endpoint.url"]}).data[0]
    assert (shy.event_payload, shy.webhook_endpoint.url) == ("thin", None)
    assert asked.webhook_endpoint.url == f"{inbox.url}/thin"


@needs_document
def test_the_shapes_are_those_of_the_document(client: Sdk) -> None:
    for address in ("account", "balance_settings", "webhook_endpoints"):
        found = json.loads(client.raw_request("get", f"/v1/{address}").body)
        assert document().of_object(found) == []
