"""Events, and their deliveries."""

import pytest
import stripe

from .conftest import Charge, Inbox, Sdk, call_json


def test_every_delivery_is_signed(charge: Charge, inbox: Inbox) -> None:
    paid = charge()
    told = inbox.about("charge.succeeded", paid.id)
    event = stripe.Webhook.construct_event(told.payload, told.signature, "whsec_platform")
    assert (event.type, event.livemode, event.data.object.balance_transaction) == (
        "charge.succeeded",
        False,
        None,
    )
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(told.payload, told.signature, "whsec_wrong")


def test_the_fee_comes_with_charge_updated(charge: Charge, inbox: Inbox) -> None:
    paid = charge()
    told = inbox.about("charge.updated", paid.id).body
    assert told["data"]["object"]["balance_transaction"] == paid.balance_transaction
    assert told["data"]["previous_attributes"] == {"balance_transaction": None}


def test_a_refused_delivery_comes_again(client: Sdk, inbox: Inbox) -> None:
    inbox.refuse = b"Come Again"
    made = client.v1.customers.create({"name": "Come Again"}).id
    inbox.wait(lambda body: body.get("data", {}).get("object", {}).get("id") == made, times=2)


def test_events_are_listed_from_a_cursor(client: Sdk) -> None:
    first, second, third = (client.v1.customers.create({"name": name}) for name in ("one", "two", "three"))
    newest = client.v1.events.list({"types": ["customer.created"], "limit": 3}).data
    assert [event.data.object.id for event in newest] == [third.id, second.id, first.id]
    older = client.v1.events.list({"type": "customer.*", "starting_after": newest[0].id, "limit": 1})
    assert (older.data[0].id, older.has_more) == (newest[1].id, True)
    newer = client.v1.events.list({"type": "customer.*", "ending_before": newest[2].id, "limit": 1})
    assert newer.data[0].id == newest[1].id
    assert client.v1.events.list({"created": {"gt": newest[0].created + 60}}).data == []
    assert client.v1.events.retrieve(newest[0].id).type == "customer.created"


def test_the_state_shows_what_was_delivered(client: Sdk, inbox: Inbox, sandbox: str) -> None:
    made = client.v1.customers.create({"name": "Seen"}).id
    inbox.about("customer.created", made)
    state = call_json(f"{sandbox}/_state")
    assert made in [each["id"] for each in state["objects"]["customer"]]
    assert {"delivered", "waiting"} >= {
        each["state"] for each in state["deliveries"] if each["state"] != "lost"
    }


@pytest.mark.parametrize(
    ("key", "sentence"), [("sk_live_1", "takes no live key"), ("nonsense", "Invalid API Key")]
)
def test_only_test_keys_are_taken(sandbox: str, key: str, sentence: str) -> None:
    other = stripe.StripeClient(key, base_addresses={"api": sandbox})
    with pytest.raises(stripe.AuthenticationError, match=sentence):
        other.v1.balance.retrieve()
