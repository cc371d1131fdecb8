"""Payment intents and setup intents that programs make, charges, products and prices."""

from typing import Any

import pytest
import stripe

from .conftest import Inbox, Json, MakeSession, Sdk, visit


def _pay(client: Sdk, method: str, **more: Any) -> Any:
    params: Any = {"amount": 20_00, "currency": "usd", "confirm": True, "payment_method": method, **more}
    return client.v1.payment_intents.create(params)


def test_a_confirmed_intent_is_paid_at_once(client: Sdk, inbox: Inbox) -> None:
    intent = _pay(client, "pm_card_mastercard", metadata={"payment_id": "p1"}, expand=["latest_charge"])
    assert (intent.status, intent.amount_received) == ("succeeded", 20_00)
    assert intent.latest_charge.payment_method_details.card.brand == "mastercard"
    inbox.about("payment_intent.created", intent.id)
    inbox.about("payment_intent.succeeded", intent.id)
    inbox.about("charge.updated", intent.latest_charge.id)


@pytest.mark.parametrize(
    ("method", "code", "decline_code"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("pm_card_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", None),
    ],
)
def test_a_declined_attempt_answers_402_and_stays_on_record(
    client: Sdk, method: str, code: str, decline_code: str | None
) -> None:
    with pytest.raises(stripe.CardError) as refused:
        _pay(client, method)
    error: Any = refused.value.error
    assert (refused.value.http_status, error.code, error.decline_code) == (402, code, decline_code)
    left = client.v1.payment_intents.retrieve(error.payment_intent.id)
    assert (left.status, left.last_payment_error.code) == ("requires_payment_method", code)
    [failed] = client.v1.charges.list({"payment_intent": left.id}).data
    assert (failed.status, failed.amount_captured) == ("failed", 0)
    assert (
        client.v1.payment_intents.confirm(left.id, {"payment_method": "pm_card_visa"}).status == "succeeded"
    )


def test_a_refused_attempt_is_remembered_under_its_key(client: Sdk) -> None:
    wanted: Any = {
        "amount": 5_00,
        "currency": "usd",
        "confirm": True,
        "payment_method": "pm_card_chargeDeclined",
    }
    charges = set()
    for _ in range(2):
        with pytest.raises(stripe.CardError) as refused:
            client.v1.payment_intents.create(wanted, {"idempotency_key": "declined-once"})
        charges.add(refused.value.error.charge if refused.value.error else "")
    assert len(charges) == 1


@pytest.mark.parametrize("passed", [True, False])
def test_a_program_sends_its_customer_to_the_bank_and_back(client: Sdk, passed: bool) -> None:
    intent = _pay(client, "pm_card_threeDSecure2Required", return_url="http://127.0.0.1:5000/back")
    assert intent.status == "requires_action"
    bank = intent.next_action.redirect_to_url.url
    assert visit(bank, {"do": "complete" if passed else "fail"}).location == "http://127.0.0.1:5000/back"
    now = client.v1.payment_intents.retrieve(intent.id)
    assert now.status == ("succeeded" if passed else "requires_payment_method")
    assert "Nothing to confirm" in visit(bank).text


def test_a_card_may_be_declined_after_it_was_authenticated(client: Sdk) -> None:
    intent = _pay(client, "pm_card_threeDSecureRequiredChargeDeclined")
    assert "close this page" in visit(intent.next_action.redirect_to_url.url, {"do": "complete"}).text
    assert client.v1.payment_intents.retrieve(intent.id).last_payment_error.code == "card_declined"


def test_an_intent_is_changed_until_it_is_paid(client: Sdk) -> None:
    intent = client.v1.payment_intents.create({"amount": 10_00, "currency": "usd"})
    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method"):
        client.v1.payment_intents.confirm(intent.id)
    changed = client.v1.payment_intents.update(
        intent.id, {"amount": 12_00, "payment_method": "pm_card_visa", "metadata": {"a": "b"}}
    )
    assert (changed.amount, changed.status) == (12_00, "requires_confirmation")
    assert client.v1.payment_intents.confirm(intent.id).amount_received == 12_00
    intents: Any = client.v1.payment_intents
    for verb, params in ((intents.update, {"amount": 13_00}), (intents.confirm, {}), (intents.cancel, {})):
        with pytest.raises(stripe.InvalidRequestError) as why:
            verb(intent.id, params)
        assert why.value.code == "payment_intent_unexpected_state"


def test_a_canceled_intent_takes_nothing(client: Sdk) -> None:
    intent = client.v1.payment_intents.create({"amount": 10_00, "currency": "eur"})
    gone = client.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "duplicate"})
    assert (gone.status, gone.cancellation_reason) == ("canceled", "duplicate")
    with pytest.raises(stripe.InvalidRequestError, match="status of canceled"):
        client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        (49, "usd", "amount_too_small"),
        (29, "gbp", "amount_too_small"),
        (49, "jpy", "amount_too_small"),
        (100_000_000, "usd", "amount_too_large"),
        (1005, "kwd", "parameter_invalid_integer"),
        (1000, "xyz", None),
        (-5, "usd", "amount_too_small"),
    ],
)
def test_an_amount_that_cannot_be_charged_is_refused(
    client: Sdk, amount: int, currency: str, code: str | None
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.create({"amount": amount, "currency": currency})
    assert refused.value.code == code


def test_the_smallest_amounts_are_charged(client: Sdk) -> None:
    for amount, currency in (
        (50, "usd"),
        (50, "eur"),
        (30, "gbp"),
        (50, "jpy"),
        (1000, "kwd"),
        (99_999_999, "usd"),
    ):
        assert _pay(client, "pm_card_visa", amount=amount, currency=currency).status == "succeeded"


def test_a_setup_intent_saves_a_method_or_says_why_not(client: Sdk, inbox: Inbox) -> None:
    customer = client.v1.customers.create({"name": "Ada"}).id
    saved = client.v1.setup_intents.create(
        {"customer": customer, "confirm": True, "payment_method": "pm_card_visa"}
    )
    assert client.v1.payment_methods.retrieve(saved.payment_method).customer == customer
    inbox.about("setup_intent.succeeded", saved.id)
    with pytest.raises(stripe.CardError) as refused:
        client.v1.setup_intents.create({"confirm": True, "payment_method": "pm_card_chargeDeclined"})
    error: Any = refused.value.error
    again = client.v1.setup_intents.confirm(error.setup_intent.id, {"payment_method": "pm_card_visa"})
    assert again.status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="status of succeeded"):
        client.v1.setup_intents.cancel(again.id)


def test_what_is_written_on_a_charge_may_change(client: Sdk, inbox: Inbox) -> None:
    charge = _pay(client, "pm_card_visa").latest_charge
    changed = client.v1.charges.update(charge, {"description": "For the books", "metadata": {"a": "b"}})
    assert (changed.description, changed.metadata["a"], changed.amount) == ("For the books", "b", 20_00)
    inbox.wait(
        lambda body: body["type"] == "charge.updated" and "description" in body["data"]["previous_attributes"]
    )


def test_a_session_takes_prices_of_a_catalogue(client: Sdk, session: MakeSession) -> None:
    product = client.v1.products.create({"name": "A post"})
    price = client.v1.prices.create({"product": product.id, "unit_amount": 15_00, "currency": "usd"})
    made = session(line_items=[{"price": price.id, "quantity": 2}])
    assert made.amount_total == 30_00
    assert "A post × 2" in visit(made.url).text
    assert client.v1.products.update(product.id, {"active": False}).active is False
    assert price.id in [each.id for each in client.v1.prices.list({"product": product.id}).data]


@pytest.mark.parametrize(
    ("item", "param"),
    [
        ({"quantity": 1}, "line_items[0][price_data]"),
        ({"price_data": {"currency": "usd", "unit_amount": 5}}, "line_items[0][price_data][product_data]"),
        ({"price": "price_nothing"}, "line_items[0][price]"),
    ],
)
def test_an_item_without_a_price_or_a_name_is_refused(session: MakeSession, item: Json, param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        session(line_items=[item])
    assert refused.value.param == param


def test_an_account_of_the_first_version_receives_at_once(client: Sdk) -> None:
    charge = _pay(client, "pm_card_bypassPending").latest_charge
    account = client.v1.accounts.create({"type": "express", "country": "GB", "email": "grace@example.com"})
    made: Any = {"amount": 5_00, "currency": "usd", "destination": account.id, "source_transaction": charge}
    assert client.v1.transfers.create(made).destination == account.id
    found = client.v1.accounts.retrieve(account.id)
    assert (found.country, found.email, found.payouts_enabled) == ("GB", "grace@example.com", True)
