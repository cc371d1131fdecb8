"""Methods whose outcome is known only later."""

from typing import Any

import pytest
import stripe

from .conftest import Act, Inbox, Json, MakeSession, Sdk, line, refusal, sdk, visit

GOOD, CLOSED = "000123456789", "000111111113"
ROUTING = {"us_bank_account": "110000000", "bacs_debit": "108800"}


def _debit(type: str, number: str) -> Json:
    """What a person types who pays from an account."""
    typed = {"by": type, f"{type}_number": number, "name": "Ada Lovelace", "do": "pay"}
    return {**typed, **({f"{type}_routing": ROUTING[type]} if type in ROUTING else {})}


def _by_bank(session: MakeSession, number: str, **more: Any) -> Any:
    made = session(payment_method_types=["card", "us_bank_account"], **more)
    assert visit(made.url, _debit("us_bank_account", number)).status == 303
    return made


@pytest.mark.parametrize(
    ("type", "currency", "number"),
    [
        ("us_bank_account", "usd", GOOD),
        ("sepa_debit", "eur", "AT61 1904 3002 3457 3201"),
        ("bacs_debit", "gbp", "00012345"),
    ],
)
def test_a_debit_is_on_its_way_then_comes(
    client: Sdk, session: MakeSession, inbox: Inbox, act: Act, type: str, currency: str, number: str
) -> None:
    made = session(payment_method_types=[type], line_items=[line(100_00, currency)])
    assert visit(made.url, _debit(type, number)).location.startswith("http://127.0.0.1:5000/paid")
    waiting = client.v1.checkout.sessions.retrieve(made.id, {"expand": ["payment_intent.latest_charge"]})
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    assert (waiting.payment_intent.status, waiting.payment_intent.latest_charge.status) == (
        "processing",
        "pending",
    )
    act("settle_async", payment_intent=waiting.payment_intent.id, outcome="succeeded")
    inbox.about("checkout.session.async_payment_succeeded", made.id)
    charge = client.v1.charges.retrieve(
        waiting.payment_intent.latest_charge.id, {"expand": ["balance_transaction"]}
    )
    assert (charge.paid, charge.balance_transaction.type, charge.balance_transaction.fee) == (
        True,
        "payment",
        80,
    )
    assert client.v1.checkout.sessions.retrieve(made.id).payment_status == "paid"


def test_a_debit_comes_back_and_its_session_stays_unpaid(
    client: Sdk, session: MakeSession, inbox: Inbox, act: Act
) -> None:
    made = _by_bank(session, CLOSED)
    act("settle_async", payment_intent=_intent(inbox, made.id), outcome="failed")
    inbox.about("checkout.session.async_payment_failed", made.id)
    left = client.v1.checkout.sessions.retrieve(made.id, {"expand": ["payment_intent.latest_charge"]})
    assert (left.status, left.payment_status) == ("complete", "unpaid")
    assert left.payment_intent.status == "requires_payment_method"
    assert left.payment_intent.last_payment_error.code == "account_closed"
    assert (left.payment_intent.latest_charge.status, left.payment_intent.latest_charge.paid) == (
        "failed",
        False,
    )
    assert left.payment_intent.latest_charge.balance_transaction is None
    assert "The payment failed" in visit(made.url).text
    assert client.v1.payment_intents.cancel(left.payment_intent.id).status == "canceled"


@pytest.mark.parametrize(("number", "outcome"), [(GOOD, "succeeded"), (CLOSED, "failed")])
def test_the_bank_answers_by_itself(quick_sandbox: str, inbox: Inbox, number: str, outcome: str) -> None:
    client = sdk(quick_sandbox)
    intent = client.v1.payment_intents.create(
        {
            "amount": 5_00, "currency": "usd", "confirm": True, "payment_method_types": ["us_bank_account"],
            "payment_method_data": {
                "type": "us_bank_account",
                "us_bank_account": {
                    "account_holder_type": "individual", "account_number": number,
                    "routing_number": "110000000",
                },
                "billing_details": {"name": "Ada Lovelace"},
            },
        }
    )  # fmt: skip
    assert intent.status == "processing"
    inbox.about("payment_intent.processing", intent.id)
    inbox.about(f"payment_intent.{'succeeded' if outcome == 'succeeded' else 'payment_failed'}", intent.id)


def test_a_second_tab_learns_what_became_of_the_debit(session: MakeSession, inbox: Inbox, act: Act) -> None:
    made = _by_bank(session, GOOD)
    assert "Payment on its way" in visit(made.url).text
    act("settle_async", payment_intent=_intent(inbox, made.id), outcome="succeeded")
    assert "Already paid" in visit(made.url).text


def _intent(inbox: Inbox, session: str) -> str:
    return str(inbox.about("checkout.session.completed", session).body["data"]["object"]["payment_intent"])


def test_a_debit_on_its_way_can_neither_be_canceled_nor_paid_again(
    client: Sdk, session: MakeSession, inbox: Inbox
) -> None:
    intent = _intent(inbox, _by_bank(session, GOOD).id)
    with pytest.raises(stripe.InvalidRequestError, match="has a status of processing"):
        client.v1.payment_intents.cancel(intent)
    with pytest.raises(stripe.InvalidRequestError, match="has a status of processing"):
        client.v1.payment_intents.confirm(intent, {"payment_method": "pm_card_visa"})


def test_the_bank_answers_a_debit_once(sandbox: str, session: MakeSession, inbox: Inbox, act: Act) -> None:
    intent = _intent(inbox, _by_bank(session, GOOD).id)
    assert act("settle_async", payment_intent=intent, outcome="failed")["status"] == "requires_payment_method"
    again = {"act": "settle_async", "payment_intent": intent, "outcome": "succeeded"}
    assert "waits for no bank" in refusal(sandbox, "/_acts", again)


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"us_bank_account_number": "12345678"}, "number", "Try 000123456789"),
        ({"us_bank_account_routing": "110000001"}, "routing", "routing number is 110000000"),
    ],
)
def test_a_mistyped_account_is_pointed_at(
    session: MakeSession, change: Json, field: str, sentence: str
) -> None:
    made = session(payment_method_types=["us_bank_account"])
    seen = visit(made.url, {**_debit("us_bank_account", GOOD), **change})
    assert seen.status == 422
    assert sentence in seen.text
    assert f'id="us_bank_account_{field}-error"' in seen.text


def test_a_method_pays_only_in_its_own_currency(session: MakeSession) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="cannot be used with the currency `usd`"):
        session(payment_method_types=["card", "sepa_debit"])


def test_the_page_lists_test_accounts_of_what_may_be_chosen(session: MakeSession) -> None:
    text = visit(session(payment_method_types=["card", "us_bank_account"]).url).text
    assert "000111111113" in text
    assert "AT61" not in text
    assert "Choose how you want to pay." in visit(session().url, _debit("us_bank_account", GOOD)).text
