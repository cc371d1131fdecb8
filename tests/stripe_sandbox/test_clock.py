"""A clock that can be moved forward, in a sandbox of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe

from .conftest import CARD, Inbox, Json, Sdk, call_json, line, start, stop, visit

DAY = 86_400


@pytest.fixture
def address(inbox: Inbox, tmp_path: Path) -> Iterator[str]:
    process, address = start(inbox, tmp_path / "clock.sqlite")
    yield address
    stop(process)


@pytest.fixture
def alone(address: str) -> Sdk:
    return stripe.StripeClient("sk_test_sandbox", base_addresses={"api": address}, max_network_retries=0)


def _act(address: str, name: str, **wanted: Any) -> Json:
    changed: Json = call_json(f"{address}/_acts", {"act": name, **wanted})["object"]
    return changed


def _paid(client: Sdk) -> str:
    made = client.v1.checkout.sessions.create(
        {"mode": "payment", "line_items": [line(50_00)], "success_url": "http://127.0.0.1:1/"}
    )
    assert visit(made.url, CARD).status == 303
    return str(client.v1.charges.list({"limit": 1}).data[0].id)


def test_what_was_not_answered_in_time_is_lost(address: str, alone: Sdk) -> None:
    dispute = _act(address, "dispute", charge=_paid(alone))
    _act(address, "advance_clock", seconds=8 * DAY)
    late = alone.v1.disputes.retrieve(dispute["id"])
    assert (late.status, late.evidence_details.past_due) == ("lost", True)


def test_events_are_shown_for_thirty_days(address: str, alone: Sdk) -> None:
    made = alone.v1.customers.create()
    event = alone.v1.events.list().data[0].id
    _act(address, "advance_clock", seconds=31 * DAY)
    assert alone.v1.events.list().data == []
    with pytest.raises(stripe.InvalidRequestError, match="No such event"):
        alone.v1.events.retrieve(event)
    assert alone.v1.customers.create().created - made.created >= 31 * DAY


def test_a_forgotten_sandbox_is_empty(address: str, alone: Sdk) -> None:
    _paid(alone)
    assert call_json(f"{address}/_reset", {}) == {"forgotten": True}
    assert alone.v1.charges.list().data == []
    assert alone.v1.balance.retrieve().available[0].amount == 0
