"""Paying at the hosted page."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import stripe

from .conftest import (
    CARD,
    Inbox,
    Json,
    MakeSession,
    Sdk,
    call_json,
    line,
    sdk,
    start,
    stop,
    visit,
)


def test_a_paid_session_carries_its_intent_charge_and_metadata(client: Sdk, session: MakeSession) -> None:
    made = session()
    assert visit(made.url, CARD).location == f"http://127.0.0.1:5000/paid?session={made.id}"
    paid = client.v1.checkout.sessions.retrieve(
        made.id, {"expand": ["payment_intent.latest_charge.balance_transaction"]}
    )
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    intent = paid.payment_intent
    assert (intent.status, intent.amount_received, intent.transfer_group) == ("succeeded", 100_00, "group-1")
    assert intent.metadata.to_dict() == {"payment_id": "pay-1"}
    entry = intent.latest_charge.balance_transaction
    assert (entry.amount, entry.fee, entry.net) == (100_00, 3_20, 96_80)


def test_the_page_says_what_is_paid_and_that_no_money_moves(session: MakeSession) -> None:
    text = visit(session(1234_50).url).text
    assert "$1,234.50" in text
    assert "First milestone" in text
    assert "127.0.0.1:5000" in text
    assert "No real money moves" in text
    assert "4000 0025 0000 3155" in text
    assert "<script" not in text


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("4000000000000002", "Your card was declined."),
        ("4000000000009995", "Your card has insufficient funds."),
        ("4111111111111111", "used a non test card"),
    ],
)
def test_a_declined_card_keeps_the_session_open(
    client: Sdk, session: MakeSession, number: str, sentence: str
) -> None:
    made = session()
    assert sentence in visit(made.url, {**CARD, "number": number}).text
    left = client.v1.checkout.sessions.retrieve(made.id, {"expand": ["payment_intent"]})
    assert (left.status, left.payment_intent.status) == ("open", "requires_payment_method")
    assert visit(made.url, CARD).status == 303
    again = client.v1.checkout.sessions.retrieve(made.id)
    assert (again.payment_status, again.payment_intent) == ("paid", left.payment_intent.id)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("number", "4242 4242 4242 4241", "number is invalid"),
        ("expiry", "12 / 20", "in the past"),
        ("cvc", "1", "security code"),
    ],
)
def test_a_mistyped_field_is_pointed_at_and_no_attempt_is_made(
    client: Sdk, session: MakeSession, field: str, value: str, sentence: str
) -> None:
    made = session()
    seen = visit(made.url, {**CARD, field: value})
    assert seen.status == 422
    assert sentence in seen.text
    assert f'id="{field}-error"' in seen.text
    assert client.v1.checkout.sessions.retrieve(made.id).payment_intent is None


@pytest.mark.parametrize(
    ("answer", "status"), [("complete", "succeeded"), ("fail", "requires_payment_method")]
)
def test_3d_secure_asks_first(client: Sdk, session: MakeSession, answer: str, status: str) -> None:
    made = session()
    bank = visit(made.url, {**CARD, "number": "4000002500003155"}).location
    assert "Complete authentication" in visit(bank).text
    back = visit(bank, {"do": answer}).location
    intent = client.v1.checkout.sessions.retrieve(made.id, {"expand": ["payment_intent"]}).payment_intent
    assert intent.status == status
    assert back.startswith("http://127.0.0.1:5000/paid") or "unable to authenticate" in visit(back).text


def test_back_leads_to_the_cancel_address_and_changes_nothing(client: Sdk, session: MakeSession) -> None:
    made = session()
    assert visit(made.url, {"do": "back"}).location == "http://127.0.0.1:5000/back"
    assert client.v1.checkout.sessions.retrieve(made.id).status == "open"


def test_paying_twice_charges_once(client: Sdk, session: MakeSession) -> None:
    made = session()
    visit(made.url, CARD)
    assert "Already paid" in visit(made.url, CARD).text
    intent = client.v1.checkout.sessions.retrieve(made.id).payment_intent
    assert len(client.v1.charges.list({"payment_intent": intent}).data) == 1


def test_of_many_payers_at_once_one_pays(client: Sdk, session: MakeSession) -> None:
    made = session()
    with ThreadPoolExecutor(8) as payers:
        seen = list(payers.map(lambda _: visit(made.url, CARD), range(8)))
    assert sorted(each.status for each in seen) == [200] * 7 + [303]
    intent = client.v1.checkout.sessions.retrieve(made.id).payment_intent
    assert [each.amount for each in client.v1.charges.list({"payment_intent": intent}).data] == [100_00]


def test_a_session_expires_when_its_time_has_come(inbox: Inbox, tmp_path: Path) -> None:
    process, address = start(inbox, tmp_path / "late.sqlite")
    made = sdk(address).v1.checkout.sessions.create(
        {"mode": "payment", "line_items": [line(5_00)], "success_url": "http://127.0.0.1:5000/paid"}
    )
    call_json(f"{address}/_acts", {"act": "advance_clock", "seconds": 24 * 3600 - 60})
    assert visit(made.url).status == 200
    call_json(f"{address}/_acts", {"act": "advance_clock", "seconds": 61})
    inbox.about("checkout.session.expired", made.id)
    assert "This page has expired" in visit(made.url, CARD).text
    stop(process)


def test_sessions_are_listed_by_who_paid_and_how_far_they_are(client: Sdk, session: MakeSession) -> None:
    paid, waiting = session(), session()
    visit(paid.url, {**CARD, "email": "only-here@example.com"})
    assert visit(paid.url).text.count("Already paid") == 2

    def listed(**filters: Any) -> list[str]:
        return [each.id for each in client.v1.checkout.sessions.list({"limit": 100, **filters}).data]

    assert listed(customer_details={"email": "only-here@example.com"}) == [paid.id]
    assert waiting.id in listed(status="open")
    assert paid.id in listed(status="complete")
    intent = client.v1.checkout.sessions.retrieve(paid.id).payment_intent
    assert listed(payment_intent=intent) == [paid.id]


@pytest.mark.parametrize("card", ["4000008400001629", "4000002760003184", "4000000000003220"])
def test_each_card_that_asks_first_leads_to_the_bank(client: Sdk, session: MakeSession, card: str) -> None:
    made = session()
    bank = visit(made.url, {**CARD, "number": card}).location
    visit(bank, {"do": "complete"})
    paid = client.v1.checkout.sessions.retrieve(made.id).payment_status == "paid"
    assert paid == (card != "4000008400001629")


def test_an_expired_session_cannot_be_paid(client: Sdk, session: MakeSession, inbox: Inbox) -> None:
    made = session()
    visit(made.url, {**CARD, "number": "4000000000000002"})
    expired = client.v1.checkout.sessions.expire(made.id)
    assert expired.status == "expired"
    assert visit(made.url, CARD).status == 410
    assert client.v1.payment_intents.retrieve(expired.payment_intent).status == "canceled"
    inbox.about("checkout.session.expired", made.id)
    with pytest.raises(stripe.InvalidRequestError, match="Only Checkout Sessions with a status"):
        client.v1.checkout.sessions.expire(made.id)


def test_the_intent_of_an_open_session_cannot_be_canceled(client: Sdk, session: MakeSession) -> None:
    made = session()
    visit(made.url, {**CARD, "number": "4000000000000002"})
    intent = client.v1.checkout.sessions.retrieve(made.id).payment_intent
    with pytest.raises(stripe.InvalidRequestError, match="Expire the Checkout Session"):
        client.v1.payment_intents.cancel(intent)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"line_items": []}, "parameter_missing"),
        ({"colour": "blue"}, "parameter_unknown"),
        ({"success_url": ""}, "parameter_missing"),
        ({"amount": 49}, "amount_too_small"),
        ({"line_items": [line(49, "jpy")]}, "amount_too_small"),
        ({"line_items": [line(29, "gbp")]}, "amount_too_small"),
        ({"line_items": [line(100_000_000)]}, "amount_too_large"),
        ({"line_items": [line(1005, "kwd")]}, "parameter_invalid_integer"),
        ({"line_items": [line(5_00, "xyz")]}, None),
        ({"line_items": [line(5_00), line(5_00, "eur")]}, None),
        ({"mode": "setup"}, None),
        ({"expires_at": 1}, None),
        ({"customer": "cus_nobody"}, "resource_missing"),
    ],
)
def test_a_session_that_makes_no_sense_is_refused(
    session: MakeSession, change: Json, code: str | None
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        session(**change)
    assert (refused.value.http_status, refused.value.code) == (400, code)


def test_text_from_outside_is_escaped(client: Sdk, session: MakeSession) -> None:
    price = {"currency": "usd", "unit_amount": 500, "product_data": {"name": "<b>bold</b>"}}
    text = visit(session(line_items=[{"price_data": price, "quantity": 2}]).url).text
    assert "&lt;b&gt;bold&lt;/b&gt; × 2" in text
    assert "$10.00" in text
