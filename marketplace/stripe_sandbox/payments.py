"""Payment intents: one purpose to take money, through as many attempts as it needs."""

from . import banks, cards, charges, shapes
from .call import Call
from .cards import Card
from .changes import change
from .clock import now
from .errors import declined, invalid
from .events import tell
from .money import chargeable, known_currency
from .params import (
    Parser,
    anything,
    choice,
    fields,
    flag,
    integer,
    items,
    listing,
    metadata,
    request,
    text,
)
from .payment_methods import DATA, make, named, number_of, save
from .query import page
from .store import Obj

TYPES = choice("card", *banks.SCHEMES)
_REASONS = choice("abandoned", "duplicate", "fraudulent", "requested_by_customer")
_CAPTURE = choice("automatic", "automatic_async")
_WORDS = ("customer", "description", "payment_method", "receipt_email", "statement_descriptor",
          "statement_descriptor_suffix", "transfer_group")  # fmt: skip
_COMMON: dict[str, Parser] = {
    **dict.fromkeys(_WORDS, text), "amount": integer, "currency": text, "metadata": metadata,
    "capture_method": _CAPTURE, "payment_method_types": items(TYPES),
    "payment_method_data": fields(DATA, ["type"]), "payment_method_options": anything,
    "setup_future_usage": choice("off_session", "on_session"), "shipping": anything,
}  # fmt: skip
_CONFIRM: dict[str, Parser] = {
    "mandate_data": anything, "return_url": text, "off_session": anything, "error_on_requires_action": flag,
}  # fmt: skip
GET: Parser = request({"client_secret": text})
CREATE: Parser = request(
    {
        **_COMMON, **_CONFIRM, "confirm": flag, "automatic_payment_methods": anything,
        "confirmation_method": choice("automatic", "manual"),
    },
    ["amount", "currency"],
)  # fmt: skip
UPDATE: Parser = request(_COMMON)
CONFIRM: Parser = request({**_COMMON, **_CONFIRM})
CANCEL: Parser = request({"cancellation_reason": _REASONS})
LIST: Parser = listing("customer")
_COPIED = ("customer", "description", "receipt_email", "statement_descriptor", "statement_descriptor_suffix",
           "transfer_group", "metadata", "capture_method", "payment_method_types", "setup_future_usage",
           "confirmation_method")  # fmt: skip
_CANCELABLE = "requires_payment_method, requires_capture, requires_confirmation, requires_action"
_ASYNC = "async"


def create(call: Call) -> Obj:
    """An intent over `amount` minor units; `confirm` tries to take them at once."""
    wanted = call.params
    amount, currency = wanted["amount"], known_currency(wanted["currency"])
    if refusal := chargeable(amount, currency):
        raise refusal
    if wanted.get("customer"):
        call.store.get("customer", wanted["customer"], call.account, "customer")
    known = {name: wanted[name] for name in _COPIED if name in wanted}
    intent = begin(call, **known, amount=amount, currency=currency, shipping=_shipping(wanted))
    if method := _method(call):
        intent.update(payment_method=method["id"], status="requires_confirmation")
        call.store.put(intent, call.account)
    return _confirmed(call, intent) if wanted.get("confirm") else intent


def begin(call: Call, **known: object) -> Obj:
    """A new intent, told to the world."""
    intent = call.store.put(shapes.payment_intent(**known), call.account)
    tell(call, "payment_intent.created", intent)
    return intent


def _shipping(wanted: Obj) -> Obj | None:
    blank = dict.fromkeys(["carrier", "phone", "tracking_number"])
    return {**blank, **wanted["shipping"]} if wanted.get("shipping") else None


def _method(call: Call) -> Obj | None:
    if data := call.params.get("payment_method_data"):
        return make(call, data)
    id = call.params.get("payment_method")
    return named(call, id) if id else None


def confirm(call: Call) -> Obj:
    """Try to take the money with the method named now or before; a refusal of the bank answers 402."""
    intent = retrieve(call)
    if intent["status"] not in ("requires_payment_method", "requires_confirmation", "requires_action"):
        sentence = (
            f"You cannot confirm this PaymentIntent because it has a status of {intent['status']}."
            " Only a PaymentIntent that still needs a payment method or an action may be confirmed."
        )
        raise invalid(sentence, "payment_intent_unexpected_state", payment_intent=intent)
    if method := _method(call):
        intent["payment_method"] = method["id"]
    return _confirmed(call, intent)


def _confirmed(call: Call, intent: Obj) -> Obj:
    if not intent["payment_method"]:
        sentence = (
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either"
            " update the PaymentIntent with a payment method and then confirm it again, or confirm it again"
            " directly with a payment method."
        )
        raise invalid(sentence, "payment_intent_unexpected_state", payment_intent=intent)
    method = call.store.get("payment_method", intent["payment_method"], call.account)
    intent = pay(call, intent, method)
    if error := intent["last_payment_error"]:
        raise declined(error, payment_intent=intent)
    return intent


def pay(call: Call, intent: Obj, method: Obj, authenticated: bool = False) -> Obj:
    """Try to take the intent's amount; the intent tells how it went.

    Returns the intent: `succeeded`, `processing` (a debit that a bank answers later),
    `requires_action` (3-D Secure first) or `requires_payment_method` (declined,
    with the reason in `last_payment_error`).
    """
    intent = {**intent, "payment_method": method["id"], "last_payment_error": None, "next_action": None}
    if method["type"] != "card":
        return _debit(call, intent, method)
    card = cards.recognise(number_of(call, method))
    if card.authenticates and not authenticated:
        return _ask_to_authenticate(call, intent)
    charge = charges.of_card(call, intent, method, card.decline, authenticated)
    intent["latest_charge"] = charge["id"]
    if card.decline:
        return fail(call, intent, "card_error", *card.decline)
    return _take(call, intent, charge, method, card)


def _take(call: Call, intent: Obj, charge: Obj, method: Obj, card: Card) -> Obj:
    if intent["setup_future_usage"]:
        save(call, method, intent["customer"])
    intent.update(status="succeeded", amount_received=intent["amount"], processing=None)
    tell(call, "payment_intent.succeeded", call.store.put(intent, call.account))
    charges.settle(call, charge, card)
    return intent


def _ask_to_authenticate(call: Call, intent: Obj) -> Obj:
    page = f"{call.settings.public_url}/c/authenticate/{intent['id']}"
    redirect = {"url": page, "return_url": call.params.get("return_url")}
    intent.update(
        status="requires_action", next_action={"type": "redirect_to_url", "redirect_to_url": redirect}
    )
    tell(call, "payment_intent.requires_action", call.store.put(intent, call.account))
    return intent


def _debit(call: Call, intent: Obj, method: Obj) -> Obj:
    account = banks.recognise(method["type"], number_of(call, method))
    charge = charges.of_bank(call, intent, method)
    intent.update(status="processing", latest_charge=charge["id"])
    tell(call, "payment_intent.processing", call.store.put(intent, call.account))
    wait = call.settings.async_seconds * (20 if account.slow else 1)
    outcome = "failed" if account.failure else "succeeded"
    call.store.note(intent["id"], _ASYNC, {"outcome": outcome, "at": now() + wait})
    return intent


def fail(call: Call, intent: Obj, type: str, code: str, decline_code: str | None, sentence: str) -> Obj:
    """The attempt came to nothing; the same intent may be paid with another method."""
    method = call.store.get("payment_method", intent["payment_method"], call.account)
    error = {"type": type, "code": code, "message": sentence, "payment_method": method}
    optional = {"decline_code": decline_code, "charge": intent["latest_charge"]}
    error.update({name: value for name, value in optional.items() if value})
    intent.update(
        status="requires_payment_method", payment_method=None, next_action=None, last_payment_error=error
    )
    tell(call, "payment_intent.payment_failed", call.store.put(intent, call.account))
    return intent


def run(call: Call) -> None:
    """Let the banks answer every debit whose time has come; the clock calls this."""
    for id in call.store.noted_ids(_ASYNC):
        fate = call.store.noted(id, _ASYNC)
        if fate["at"] <= now():
            settle_async(call, id, fate["outcome"])


def settle_async(call: Call, intent_id: str, outcome: str) -> Obj:
    """The bank answers a debit: `succeeded` or `failed`. Returns the intent.

    Refuses an intent that waits for no bank, and any other outcome.
    """
    intent = call.store.get("payment_intent", intent_id, call.account, "payment_intent")
    if intent["status"] != "processing":
        sentence = f"This PaymentIntent waits for no bank: it has a status of {intent['status']}."
        raise invalid(sentence, "payment_intent_unexpected_state", "payment_intent")
    if outcome not in ("succeeded", "failed"):
        raise invalid("Invalid outcome: must be one of succeeded, failed", "parameter_invalid", "outcome")
    call.store.forget(intent_id, _ASYNC)
    method = call.store.get("payment_method", intent["payment_method"], call.account)
    charge = call.store.get("charge", intent["latest_charge"], call.account)
    failure = _failure(call, method) if outcome == "failed" else None
    charge = charges.arrive(call, charge, failure)
    if failure:
        code, sentence = failure
        intent = fail(call, intent, "invalid_request_error", code, None, sentence)
    else:
        intent = _take(call, intent, charge, method, cards.CARDS[0])
    _tell_session(call, intent)
    return intent


def _failure(call: Call, method: Obj) -> tuple[str, str]:
    own = banks.recognise(method["type"], number_of(call, method)).failure
    return own or ("insufficient_funds", "The customer's account has insufficient funds.")


def _tell_session(call: Call, intent: Obj) -> None:
    """What became of the Checkout Session that had been completed before the bank answered."""
    for session in call.store.where("checkout.session", call.account, payment_intent=intent["id"]):
        came = intent["status"] == "succeeded"
        if came:
            session["payment_status"] = "paid"
        event = f"checkout.session.async_payment_{'succeeded' if came else 'failed'}"
        tell(call, event, call.store.put(session, call.account))


def retrieve(call: Call) -> Obj:
    return call.store.get("payment_intent", call.id, call.account)


def update(call: Call) -> Obj:
    """Change what is not paid yet; what it says may change at any time."""
    intent = retrieve(call)
    if intent["status"] in ("succeeded", "processing", "canceled") and "amount" in call.params:
        sentence = (
            f"This PaymentIntent's amount could not be updated because it has a status of {intent['status']}."
        )
        raise invalid(sentence, "payment_intent_unexpected_state", payment_intent=intent)
    wanted = {**intent, **call.params}
    if refusal := chargeable(wanted["amount"], known_currency(wanted["currency"])):
        raise refusal
    if method := _method(call):
        call.params.update(payment_method=method["id"], status="requires_confirmation")
    call.params.pop("payment_method_data", None)
    return change(call, intent, None)


def list_(call: Call) -> Obj:
    return page(call, "payment_intent", "/v1/payment_intents", ("customer",))


def cancel(call: Call) -> Obj:
    """Cancel an intent that took no money and waits for no bank;
    while its Checkout Session is open, the session must expire instead.
    """
    intent = retrieve(call)
    if intent["status"] in ("succeeded", "canceled", "processing"):
        sentence = (
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}."
            f" Only a PaymentIntent with one of the following statuses may be canceled: {_CANCELABLE}."
        )
        raise invalid(sentence, "payment_intent_unexpected_state", payment_intent=intent)
    if call.store.where("checkout.session", call.account, payment_intent=intent["id"], status="open"):
        sentence = (
            "You cannot cancel PaymentIntents of an open Checkout Session. Expire the Checkout Session"
            " instead."
        )
        raise invalid(sentence, "payment_intent_unexpected_state", payment_intent=intent)
    return close(call, intent, call.params.get("cancellation_reason"))


def close(call: Call, intent: Obj, reason: str | None) -> Obj:
    """The intent will never take money."""
    intent.update(status="canceled", canceled_at=now(), cancellation_reason=reason, next_action=None)
    tell(call, "payment_intent.canceled", call.store.put(intent, call.account))
    return intent
