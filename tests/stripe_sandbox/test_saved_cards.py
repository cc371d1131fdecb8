"""Customers, and the cards that they keep."""

from typing import Any

import pytest
import stripe

from .conftest import CARD, Inbox, Json, MakeSession, Sdk, visit

KEEPING: Any = {"payment_method_save": "enabled", "payment_method_remove": "enabled"}


@pytest.fixture
def ada(client: Sdk) -> str:
    return str(client.v1.customers.create({"name": "Ada Lovelace", "email": "ada@example.com"}).id)


def _kept(client: Sdk, customer: str) -> list[tuple[str, str]]:
    found = client.v1.payment_methods.list({"customer": customer, "type": "card"}).data
    return [(each.card.last4, each.allow_redisplay) for each in found]


def test_a_ticked_card_is_kept_and_offered_the_next_time(
    client: Sdk, session: MakeSession, ada: str, inbox: Inbox
) -> None:
    first = session(customer=ada, saved_payment_method_options=KEEPING)
    text = visit(first.url).text
    assert "Save this card for next time" in text
    assert 'value="ada@example.com"' in text
    visit(first.url, {**CARD, "keep": "yes"})
    assert _kept(client, ada) == [("4242", "always")]
    [method] = client.v1.customers.payment_methods.list(ada).data
    inbox.about("payment_method.attached", method.id)
    second = session(customer=ada)
    assert "Visa ending in 4242" in visit(second.url).text
    assert visit(second.url, {"by": method.id, "do": "pay"}).status == 303
    charge = client.v1.charges.list({"customer": ada}).data[0]
    assert (charge.payment_method, charge.customer) == (method.id, ada)


def test_a_card_that_nobody_ticked_is_forgotten(client: Sdk, session: MakeSession, ada: str) -> None:
    visit(session(customer=ada, saved_payment_method_options=KEEPING).url, CARD)
    assert _kept(client, ada) == []


def test_a_kept_card_is_removed_where_the_session_allows_it(
    client: Sdk, session: MakeSession, ada: str, inbox: Inbox
) -> None:
    visit(session(customer=ada, saved_payment_method_options=KEEPING).url, {**CARD, "keep": "yes"})
    [method] = client.v1.payment_methods.list({"customer": ada}).data
    plain = session(customer=ada)
    assert "Remove Visa" not in visit(plain.url).text
    visit(plain.url, {"remove": method.id})
    assert len(_kept(client, ada)) == 1
    removing = session(customer=ada, saved_payment_method_options=KEEPING)
    assert "Remove Visa ending in 4242" in visit(removing.url).text
    assert visit(removing.url, {"remove": method.id}).location == removing.url
    assert _kept(client, ada) == []
    inbox.about("payment_method.detached", method.id)


def test_nobody_pays_with_a_card_of_somebody_else(client: Sdk, session: MakeSession, ada: str) -> None:
    visit(session(customer=ada, saved_payment_method_options=KEEPING).url, {**CARD, "keep": "yes"})
    [method] = client.v1.payment_methods.list({"customer": ada}).data
    other = session()
    assert "Choose how you want to pay." in visit(other.url, {"by": method.id, "do": "pay"}).text
    assert client.v1.checkout.sessions.retrieve(other.id).status == "open"


@pytest.mark.parametrize(
    "wanted",
    [
        {"customer_creation": "always"},
        {"payment_intent_data": {"setup_future_usage": "off_session"}},
    ],
)
def test_a_session_makes_the_customer_it_needs(client: Sdk, session: MakeSession, wanted: Json) -> None:
    made = session(customer_email="grace@example.com", **wanted)
    assert 'value="grace@example.com"' in visit(made.url).text
    visit(made.url, CARD)
    paid = client.v1.checkout.sessions.retrieve(made.id, {"expand": ["customer", "payment_intent"]})
    assert (paid.customer.email, paid.customer.name) == ("grace@example.com", "Ada Lovelace")
    assert paid.payment_intent.customer == paid.customer.id
    assert len(_kept(client, paid.customer.id)) == (0 if "customer_creation" in wanted else 1)


def test_a_session_that_need_not_make_a_customer_makes_none(client: Sdk, session: MakeSession) -> None:
    made = session()
    visit(made.url, CARD)
    assert client.v1.checkout.sessions.retrieve(made.id).customer is None


@pytest.mark.parametrize(
    ("number", "status"), [("4242424242424242", "complete"), ("4000000000000002", "open")]
)
def test_a_card_is_saved_without_paying(
    client: Sdk, session: MakeSession, ada: str, number: str, status: str
) -> None:
    made = session(mode="setup", currency="usd", customer=ada, line_items=None, payment_intent_data=None)
    assert "Nothing is charged now" in visit(made.url).text
    visit(made.url, {**CARD, "number": number})
    now = client.v1.checkout.sessions.retrieve(made.id)
    assert (now.status, now.payment_status, now.amount_total) == (status, "no_payment_required", None)
    intent = client.v1.setup_intents.retrieve(now.setup_intent)
    assert intent.status == ("succeeded" if status == "complete" else "requires_payment_method")
    assert len(_kept(client, ada)) == (1 if status == "complete" else 0)
    assert ("Card saved" if status == "complete" else "Nothing was saved.") in visit(made.url).text


def test_saving_a_card_may_ask_the_bank_first(client: Sdk, session: MakeSession, ada: str) -> None:
    made = session(mode="setup", currency="usd", customer=ada, line_items=None, payment_intent_data=None)
    bank = visit(made.url, {**CARD, "number": "4000002760003184"}).location
    assert "may keep your card" in visit(bank).text
    assert visit(bank, {"do": "complete"}).location.startswith("http://127.0.0.1:5000/paid")
    assert _kept(client, ada) == [("3184", "limited")]


def test_a_method_is_attached_once_and_detached_for_good(client: Sdk, ada: str) -> None:
    method = client.v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    attached = client.v1.payment_methods.attach(method.id, {"customer": ada})
    assert client.v1.customers.payment_methods.retrieve(ada, method.id).customer == attached.customer == ada
    other = client.v1.customers.create({"name": "Somebody else"})
    with pytest.raises(stripe.InvalidRequestError, match="already been attached"):
        client.v1.payment_methods.attach(method.id, {"customer": other.id})
    with pytest.raises(stripe.InvalidRequestError, match="not attached to this customer"):
        client.v1.customers.payment_methods.retrieve(other.id, method.id)
    assert client.v1.payment_methods.detach(method.id).customer is None
    with pytest.raises(stripe.InvalidRequestError, match="not attached to a customer"):
        client.v1.payment_methods.detach(method.id)


def test_a_deleted_customer_keeps_nothing_and_is_listed_no_more(client: Sdk, ada: str, inbox: Inbox) -> None:
    client.v1.payment_methods.attach("pm_card_visa", {"customer": ada})
    assert client.v1.customers.delete(ada).deleted
    assert client.v1.customers.retrieve(ada).deleted
    assert ada not in [each.id for each in client.v1.customers.list({"limit": 100}).data]
    assert _kept(client, ada) == []
    inbox.about("customer.deleted", ada)
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        client.v1.customers.update(ada, {"name": "Back again"})


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"customer_email": "a@example.com", "customer": "known"}, "only specify one of these"),
        ({"customer_creation": "always", "customer": "known"}, "only specify one of these"),
        ({"saved_payment_method_options": KEEPING}, "can only be used with a `customer`"),
    ],
)
def test_contradictions_about_the_customer_are_refused(
    session: MakeSession, ada: str, wanted: Json, sentence: str
) -> None:
    known = {**wanted, "customer": ada} if "customer" in wanted else wanted
    with pytest.raises(stripe.InvalidRequestError, match=sentence):
        session(**known)
