"""Checkout Sessions: one thing to pay, on a page of ours, once."""

from . import payments, shapes
from .call import Call
from .cards import Card
from .clock import now
from .errors import invalid
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
    positive,
    request,
    text,
)
from .query import page
from .store import Obj

_PRODUCT = fields({"name": text, "description": text, "images": items(text), "metadata": metadata}, ["name"])
_PRICE = fields(
    {"currency": text, "unit_amount": integer, "product_data": _PRODUCT, "tax_behavior": text},
    ["currency", "unit_amount", "product_data"],
)
_ITEM = fields({"price_data": _PRICE, "quantity": positive, "metadata": metadata}, ["price_data"])
_INTENT_WORDS = "description transfer_group receipt_email statement_descriptor statement_descriptor_suffix"
_INTENT = fields(
    {
        **dict.fromkeys(_INTENT_WORDS.split(), text),
        "metadata": metadata,
        "capture_method": choice("automatic_async"),
    }
)
_ENABLED = fields({"enabled": flag})
CREATE: Parser = request(
    {
        "mode": choice("payment"), "line_items": items(_ITEM), "payment_intent_data": _INTENT,
        "metadata": metadata,
        "success_url": text, "cancel_url": text, "expires_at": integer, "client_reference_id": text,
        "customer": text,
        "customer_email": text, "customer_creation": choice("always", "if_required"), "locale": text,
        "currency": text,
        "payment_method_types": items(choice("card")), "ui_mode": choice("hosted_page"),
        "custom_text": anything,
        "submit_type": choice("auto", "book", "donate", "pay"), "adaptive_pricing": _ENABLED,
        "automatic_tax": _ENABLED,
        "billing_address_collection": choice("auto", "required"), "payment_method_options": anything,
    },
    ["mode", "line_items", "success_url"],
)  # fmt: skip
GET: Parser = request({})
EXPIRE: Parser = GET
LIST: Parser = listing("customer", "payment_intent", "status")
ITEMS: Parser = listing()

_COPIED = [
    "cancel_url",
    "client_reference_id",
    "customer",
    "customer_email",
    "locale",
    "metadata",
    "submit_type",
    "success_url",
]
_HOUR = 3600


def create(call: Call) -> Obj:
    """A session that is open until `expires_at` (30 minutes to 24 hours away; a day when not said)."""
    lines, total, currency = _lines(call.params["line_items"])
    if refusal := chargeable(total, currency):
        raise refusal
    if customer := call.params.get("customer"):
        call.store.get("customer", customer, call.account, "customer")
    copied = {name: call.params[name] for name in _COPIED if name in call.params}
    session = shapes.checkout_session(
        **copied,
        amount_subtotal=total,
        amount_total=total,
        currency=currency,
        expires_at=_expiry(call.params),
    )
    session["url"] = f"{call.settings.public_url}/c/pay/{session['id']}"
    call.store.note(session["id"], "line_items", lines)
    call.store.note(session["id"], "payment_intent_data", call.params.get("payment_intent_data", {}))
    return call.store.put(session, call.account)


def _lines(wanted: list[Obj]) -> tuple[list[Obj], int, str]:
    currencies = {known_currency(line["price_data"]["currency"]) for line in wanted}
    if len(currencies) != 1:
        raise invalid(
            "All line items must have the same currency, and there must be at least one.", None, "line_items"
        )
    currency, lines = currencies.pop(), []
    for line in wanted:
        unit, quantity = line["price_data"]["unit_amount"], line.get("quantity", 1)
        if unit < 0:
            raise invalid(
                "This value must be greater than or equal to 0.", "parameter_invalid_integer", "line_items"
            )
        name = line["price_data"]["product_data"]["name"]
        lines.append(shapes.line_item(unit * quantity, currency, quantity, unit, name))
    return lines, sum(line["amount_total"] for line in lines), currency


def _expiry(params: Obj) -> int:
    moment: int = params.get("expires_at", now() + 24 * _HOUR)
    if moment < now() + _HOUR // 2:
        sentence = "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."
        raise invalid(sentence, None, "expires_at")
    if moment > now() + 24 * _HOUR:
        sentence = "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."
        raise invalid(sentence, None, "expires_at")
    return moment


def retrieve(call: Call) -> Obj:
    return call.store.get("checkout.session", call.id, call.account)


def list_(call: Call) -> Obj:
    return page(call, "checkout.session", "/v1/checkout/sessions", ("customer", "payment_intent", "status"))


def list_items(call: Call) -> Obj:
    session = retrieve(call)
    lines: list[Obj] = call.store.noted(session["id"], "line_items")
    return shapes.listed(
        lines[: call.params.get("limit", 10)], f"/v1/checkout/sessions/{session['id']}/line_items"
    )


def expire(call: Call) -> Obj:
    """Close an open session for good; an intent it has made is canceled with it."""
    session = retrieve(call)
    if session["status"] != "open":
        raise invalid(
            'Only Checkout Sessions with a status in ["open"] can be expired.'
            f" This Checkout Session has a status of {session['status']}."
        )
    return close(call, session)


def close(call: Call, session: Obj) -> Obj:
    """The session's time is over."""
    if session["payment_intent"]:
        intent = call.store.get("payment_intent", session["payment_intent"], call.account)
        payments.close(call, intent, "expired")
    session.update(status="expired", url=None)
    tell(call, "checkout.session.expired", call.store.put(session, call.account))
    return session


def close_overdue(call: Call) -> None:
    """Expire every open session whose time has come; the clock calls this."""
    for session in call.store.where("checkout.session", status="open"):
        if session["expires_at"] <= now():
            close(call, session)


def pay(call: Call, session: Obj, card: Card, method: Obj) -> Obj:
    """Pay an open session with a card; the first attempt makes its payment intent. Returns the intent."""
    intent = payments.pay(call, _intent(call, session), card, method)
    return _complete(call, session, intent, method)


def authenticate(call: Call, session: Obj, intent: Obj, card: Card, passed: bool) -> Obj:
    """The customer came back from the bank's 3-D Secure page. Returns the intent."""
    method = call.store.get("payment_method", intent["payment_method"], call.account)
    if not passed:
        sentence = (
            "We are unable to authenticate your payment method. Please choose a different payment"
            " method and try again."
        )
        return payments.fail(call, intent, "payment_intent_authentication_failure", None, sentence)
    return _complete(call, session, payments.pay(call, intent, card, method, authenticated=True), method)


def _intent(call: Call, session: Obj) -> Obj:
    if session["payment_intent"]:
        return call.store.get("payment_intent", session["payment_intent"], call.account)
    wanted = call.store.noted(session["id"], "payment_intent_data")
    known = {
        "amount": session["amount_total"],
        "currency": session["currency"],
        "customer": session["customer"],
    }
    intent = call.store.put(shapes.payment_intent(**{**known, **wanted}), call.account)
    tell(call, "payment_intent.created", intent)
    session["payment_intent"] = intent["id"]
    call.store.put(session, call.account)
    return intent


def _complete(call: Call, session: Obj, intent: Obj, method: Obj) -> Obj:
    if intent["status"] != "succeeded":
        return intent
    person = method["billing_details"]
    blank = dict.fromkeys(["address", "business_name", "individual_name", "phone"])
    details = {**blank, "email": person["email"], "name": person["name"], "tax_exempt": "none", "tax_ids": []}
    session.update(status="complete", payment_status="paid", url=None, customer_details=details)
    tell(call, "checkout.session.completed", call.store.put(session, call.account))
    return intent


def landing(session: Obj) -> str:
    """Where the customer goes after paying: the success address with the session's id put in."""
    address: str = session["success_url"]
    return address.replace("{CHECKOUT_SESSION_ID}", session["id"])
