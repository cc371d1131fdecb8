"""Trouble on demand."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import stripe

from .conftest import Inbox, Json, Sdk, Trouble, call_json, visit


def _named(client: Sdk, email: str) -> int:
    return len(client.v1.customers.list({"email": email}).data)


@pytest.mark.parametrize(
    ("kind", "error", "made"),
    [
        ("error_before", stripe.APIError, 0),
        ("error_after", stripe.APIError, 1),
        ("drop_after", stripe.APIConnectionError, 1),
        ("rate_limit", stripe.RateLimitError, 0),
        ("lock_timeout", stripe.RateLimitError, 0),
        ("conflict", stripe.APIError, 0),
        ("wrong_json", stripe.APIError, 1),
    ],
)
def test_a_request_fails_as_ordered(
    client: Sdk, trouble: Trouble, kind: str, error: type[Exception], made: int
) -> None:
    trouble(kind=kind, path="/v1/customers$")
    with pytest.raises(error):
        client.v1.customers.create({"email": f"{kind}@example.com"})
    assert _named(client, f"{kind}@example.com") == made


def test_an_answer_may_never_come(client: Sdk, trouble: Trouble) -> None:
    trouble(kind="timeout", path="/v1/customers$", seconds=0)
    with pytest.raises(stripe.APIConnectionError):
        client.v1.customers.create({"email": "timeout@example.com"})
    assert _named(client, "timeout@example.com") == 1


def _drawn(client: Sdk, trouble: Trouble, seed: int) -> list[str]:
    """How each of twenty requests ends under this seed."""
    trouble(kind="random", seed=seed, rate=0.5, path="/v1/customers$")
    ends = []
    for _ in range(20):
        try:
            client.v1.customers.create()
            ends.append("done")
        except stripe.StripeError as error:
            ends.append(f"{type(error).__name__} {error.code}")
    return ends


def test_a_seed_draws_the_same_trouble_again(client: Sdk, trouble: Trouble) -> None:
    first = _drawn(client, trouble, 7)
    assert first == _drawn(client, trouble, 7)
    assert first != _drawn(client, trouble, 8)
    assert 0 < first.count("done") < 20


def test_a_dropped_answer_is_found_again_with_its_key(client: Sdk, trouble: Trouble) -> None:
    trouble(kind="drop_after", path="/v1/customers$")
    with pytest.raises(stripe.APIConnectionError):
        client.v1.customers.create({"email": "drop@example.com"}, {"idempotency_key": "dropped"})
    client.v1.customers.create({"email": "drop@example.com"}, {"idempotency_key": "dropped"})
    assert _named(client, "drop@example.com") == 1


def test_webhooks_are_duplicated_and_lost_as_ordered(
    client: Sdk, inbox: Inbox, trouble: Trouble, sandbox: str
) -> None:
    trouble(webhooks="duplicate")
    twice = client.v1.customers.create({"name": "Twice"}).id
    inbox.wait(lambda body: body.get("data", {}).get("object", {}).get("id") == twice, times=2)
    trouble(webhooks="lose")
    client.v1.customers.create({"name": "Lost"})
    assert client.v1.events.list({"type": "customer.created"}).data[0].data.object.name == "Lost"


def _told(id: str) -> Callable[[Json], bool]:
    return lambda body: bool(body.get("data", {}).get("object", {}).get("id") == id)


def test_webhooks_are_held_back_and_released(
    client: Sdk, inbox: Inbox, trouble: Trouble, sandbox: str
) -> None:
    trouble(webhooks="hold")
    made = client.v1.customers.create({"name": "Held"}).id
    assert call_json(f"{sandbox}/_faults", {})["deliveries"]["waiting"] >= 1
    assert not [each for each in inbox.heard if _told(made)(each.body)]
    trouble(webhooks="normal")
    inbox.wait(_told(made))


def test_webhooks_come_late(client: Sdk, inbox: Inbox, trouble: Trouble) -> None:
    trouble(webhooks="delay", seconds=1)
    made, asked = client.v1.customers.create({"name": "Late"}).id, time.monotonic()
    inbox.wait(_told(made))
    assert time.monotonic() - asked > 0.9


def _states(sandbox: str, events: dict[str, str]) -> list[str]:
    found = call_json(f"{sandbox}/_state?kinds=none")["deliveries"]
    return [each["state"] for each in found if each["event"] in events]


def test_a_share_of_the_webhooks_is_lost_and_the_events_tell_which(
    client: Sdk, inbox: Inbox, trouble: Trouble, sandbox: str
) -> None:
    trouble(webhooks="lose", share=0.5, seed=3)
    made = {client.v1.customers.create().id for _ in range(12)}
    wanted: Any = {"type": "customer.created", "limit": 12}
    events = {event.id: event.data.object.id for event in client.v1.events.list(wanted).data}
    assert set(events.values()) == made
    deadline = time.monotonic() + 10
    while _states(sandbox, events).count("waiting") and time.monotonic() < deadline:
        assert len(_states(sandbox, events)) == 12
    lost = client.v1.events.list({**wanted, "delivery_success": False}).data
    assert 0 < len(lost) < 12
    assert not [each for each in inbox.heard if each.body.get("id") in {event.id for event in lost}]


def test_the_panel_works_without_a_program(client: Sdk, sandbox: str, trouble: Trouble) -> None:
    assert "Fault panel" in visit(f"{sandbox}/_faults").text
    form = {"kind": "error_before", "path": "/v1/customers", "times": "1", "seconds": "0"}
    assert visit(f"{sandbox}/_faults", form).location == "/_faults"
    with pytest.raises(stripe.APIError):
        client.v1.customers.create()


def test_an_order_that_makes_no_sense_is_refused(sandbox: str) -> None:
    assert "There is a problem" in visit(f"{sandbox}/_faults", {"kind": "earthquake"}).text
    assert call_json(f"{sandbox}/healthz") == {"status": "ok"}
