"""Trouble on demand."""

import pytest
import stripe

from .conftest import Inbox, Sdk, Trouble, call_json, visit


def _named(client: Sdk, email: str) -> int:
    return len(client.v1.customers.list({"email": email}).data)


@pytest.mark.parametrize(
    ("kind", "error", "made"),
    [
        ("error_before", stripe.APIError, 0),
        ("error_after", stripe.APIError, 1),
        ("drop_after", stripe.APIConnectionError, 1),
        ("rate_limit", stripe.RateLimitError, 0),
    ],
)
def test_a_request_fails_as_ordered(
    client: Sdk, trouble: Trouble, kind: str, error: type[Exception], made: int
) -> None:
    trouble(kind=kind, path="/v1/customers$")
    with pytest.raises(error):
        client.v1.customers.create({"email": f"{kind}@example.com"})
    assert _named(client, f"{kind}@example.com") == made


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


def test_the_panel_works_without_a_program(client: Sdk, sandbox: str, trouble: Trouble) -> None:
    assert "Fault panel" in visit(f"{sandbox}/_faults").text
    form = {"kind": "error_before", "path": "/v1/customers", "times": "1", "seconds": "0"}
    assert visit(f"{sandbox}/_faults", form).location == "/_faults"
    with pytest.raises(stripe.APIError):
        client.v1.customers.create()


def test_an_order_that_makes_no_sense_is_refused(sandbox: str) -> None:
    assert "There is a problem" in visit(f"{sandbox}/_faults", {"kind": "earthquake"}).text
    assert call_json(f"{sandbox}/healthz") == {"status": "ok"}
