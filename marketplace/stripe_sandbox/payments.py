"""Payment intents and charges: taking money from a card."""

from . import shapes
from .balance import move
from .call import Call
from .cards import Card
from .clock import now
from .errors import invalid
from .events import tell
from .money import stripe_fee
from .params import Parser, choice, listing, request
from .query import page
from .store import Obj

_REASONS = choice("abandoned", "duplicate", "fraudulent", "requested_by_customer")
GET: Parser = request({})
CANCEL: Parser = request({"cancellation_reason": _REASONS})
LIST: Parser = listing("customer")
LIST_CHARGES: Parser = listing("customer", "payment_intent", "transfer_group")


def pay(call: Call, intent: Obj, card: Card, method: Obj, authenticated: bool = False) -> Obj:
    """Try to take the intent's amount from the card; the intent tells how it went.

    Returns the intent: `succeeded`,
    `requires_action` (3-D Secure first) or `requires_payment_method` (declined,
    with the reason in `last_payment_error`).
    """
    call.store.put(method, call.account)
    intent = {**intent, "payment_method": method["id"], "last_payment_error": None, "next_action": None}
    if card.authenticates and not authenticated:
        return _ask_to_authenticate(call, intent)
    charge = _charge(call, intent, card, method, authenticated)
    intent["latest_charge"] = charge["id"]
    if card.decline:
        return fail(call, intent, *card.decline)
    intent.update(status="succeeded", amount_received=intent["amount"])
    tell(call, "payment_intent.succeeded", call.store.put(intent, call.account))
    settle(call, charge, card)
    return intent


def _ask_to_authenticate(call: Call, intent: Obj) -> Obj:
    page = f"{call.settings.public_url}/c/authenticate/{intent['id']}"
    redirect = {"url": page, "return_url": None}
    intent.update(
        status="requires_action", next_action={"type": "redirect_to_url", "redirect_to_url": redirect}
    )
    tell(call, "payment_intent.requires_action", call.store.put(intent, call.account))
    return intent


def _charge(call: Call, intent: Obj, card: Card, method: Obj, authenticated: bool) -> Obj:
    code, decline_code, sentence = card.decline or (None, None, "Payment complete.")
    took = 0 if code else intent["amount"]
    copied = {
        name: intent[name]
        for name in ["amount", "currency", "customer", "description", "metadata", "transfer_group"]
    }
    charge = shapes.charge(
        method["card"], authenticated, **copied, amount_captured=took, captured=not code, paid=not code,
        billing_details=method["billing_details"], payment_intent=intent["id"], payment_method=method["id"],
        status="failed" if code else "succeeded", failure_code=code,
        failure_message=sentence if code else None,
        outcome=shapes.charge_outcome(decline_code or code, sentence), receipt_email=intent["receipt_email"],
    )  # fmt: skip
    call.store.put(charge, call.account)
    tell(call, "charge.failed" if code else "charge.succeeded", charge)
    return charge


def fail(call: Call, intent: Obj, code: str, decline_code: str | None, sentence: str) -> Obj:
    """The attempt came to nothing; the same intent may be paid with another card."""
    method = call.store.get("payment_method", intent["payment_method"], call.account)
    error = {"type": "card_error", "code": code, "message": sentence, "payment_method": method}
    optional = {"decline_code": decline_code, "charge": intent["latest_charge"]}
    error.update({name: value for name, value in optional.items() if value})
    intent.update(
        status="requires_payment_method", payment_method=None, next_action=None, last_payment_error=error
    )
    tell(call, "payment_intent.payment_failed", call.store.put(intent, call.account))
    return intent


def settle(call: Call, charge: Obj, card: Card) -> None:
    """Book the money. It comes after the success events, so that those carry no balance transaction,
    as at Stripe.
    """
    available_on = now() + (0 if card.at_once else call.settings.settle_seconds)
    booked = {
        "fee": stripe_fee(charge["amount"]),
        "available_on": available_on,
        "description": charge["description"],
    }
    entry = move(call, charge["amount"], charge["currency"], "charge", charge["id"], **booked)
    charge["balance_transaction"] = entry["id"]
    tell(call, "charge.updated", call.store.put(charge, call.account), {"balance_transaction": None})


def retrieve(call: Call) -> Obj:
    return call.store.get("payment_intent", call.id, call.account)


def list_(call: Call) -> Obj:
    return page(call, "payment_intent", "/v1/payment_intents", ("customer",))


def cancel(call: Call) -> Obj:
    """Cancel an intent that took no money;
    while its Checkout Session is open, the session must expire instead.
    """
    intent = retrieve(call)
    if intent["status"] in ("succeeded", "canceled"):
        sentence = f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}."
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


def retrieve_charge(call: Call) -> Obj:
    return call.store.get("charge", call.id, call.account)


def list_charges(call: Call) -> Obj:
    return page(call, "charge", "/v1/charges", ("customer", "payment_intent", "transfer_group"))
