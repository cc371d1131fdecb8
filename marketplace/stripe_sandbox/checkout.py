"""Checkout Sessions: one thing to pay, or one card to save, on a page of ours, once."""

from . import banks, payments, setup_intents, shapes
from .call import Call
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
    {
        "currency": text, "unit_amount": integer, "product": text, "product_data": _PRODUCT,
        "tax_behavior": text,
    },
    ["currency", "unit_amount"],
)  # fmt: skip
_ITEM = fields({"price": text, "price_data": _PRICE, "quantity": positive, "metadata": metadata})
_INTENT_WORDS = "description transfer_group receipt_email statement_descriptor statement_descriptor_suffix"
_INTENT = fields(
    {
        **dict.fromkeys(_INTENT_WORDS.split(), text), "metadata": metadata, "shipping": anything,
        "capture_method": choice("automatic", "automatic_async"),
        "setup_future_usage": choice("off_session", "on_session"),
    }
)  # fmt: skip
_ENABLED = fields({"enabled": flag})
_SWITCH = choice("disabled", "enabled")
_SAVED = fields(
    {
        "allow_redisplay_filters": items(choice("always", "limited", "unspecified")),
        "payment_method_remove": _SWITCH, "payment_method_save": _SWITCH,
    }
)  # fmt: skip
CREATE: Parser = request(
    {
        "mode": choice("payment", "setup"), "line_items": items(_ITEM), "payment_intent_data": _INTENT,
        "setup_intent_data": fields({"description": text, "metadata": metadata}), "metadata": metadata,
        "success_url": text, "cancel_url": text, "expires_at": integer, "client_reference_id": text,
        "customer": text, "customer_email": text, "customer_creation": choice("always", "if_required"),
        "locale": text, "currency": text, "payment_method_types": items(payments.TYPES),
        "saved_payment_method_options": _SAVED, "ui_mode": choice("hosted_page"), "custom_text": anything,
        "submit_type": choice("auto", "book", "donate", "pay"), "adaptive_pricing": _ENABLED,
        "automatic_tax": _ENABLED, "billing_address_collection": choice("auto", "required"),
        "payment_method_options": anything,
    },
    ["mode", "success_url"],
)  # fmt: skip
GET: Parser = request({})
EXPIRE: Parser = GET
_WHO = fields({"email": text})
LIST: Parser = listing("customer", "payment_intent", "status", customer_details=_WHO)
ITEMS: Parser = listing()
_COPIED = (
    "cancel_url", "client_reference_id", "customer", "customer_creation", "customer_email", "locale",
    "metadata", "payment_method_types", "submit_type", "success_url", "billing_address_collection",
)  # fmt: skip
_TOTAL = "The Checkout Session's total amount due must add up to"
_HOUR = 3600


def create(call: Call) -> Obj:
    """A session that is open until `expires_at` (30 minutes to 24 hours away; a day when not said)."""
    wanted = call.params
    _check_customer(call)
    copied = {name: wanted[name] for name in _COPIED if name in wanted}
    known = _to_pay(call) if wanted["mode"] == "payment" else _to_save(call)
    if refusal := banks.usable(copied.get("payment_method_types", ["card"]), known["currency"]):
        raise refusal
    if options := wanted.get("saved_payment_method_options"):
        blank = dict.fromkeys(["allow_redisplay_filters", "payment_method_remove", "payment_method_save"])
        copied["saved_payment_method_options"] = {**blank, **options}
    lines = known.pop("lines")
    session = shapes.checkout_session(**copied, **known, mode=wanted["mode"], expires_at=_expiry(wanted))
    session["url"] = f"{call.settings.public_url}/c/pay/{session['id']}"
    call.store.note(session["id"], "line_items", lines)
    call.store.note(session["id"], "payment_intent_data", wanted.get("payment_intent_data", {}))
    return call.store.put(session, call.account)


def _check_customer(call: Call) -> None:
    wanted = call.params
    if id := wanted.get("customer"):
        call.store.get("customer", id, call.account, "customer")
        for other in ("customer_email", "customer_creation"):
            if wanted.get(other):
                sentence = f"You may only specify one of these parameters: customer, {other}."
                raise invalid(sentence, None, other)
    elif (wanted.get("saved_payment_method_options") or {}).get("payment_method_save") == "enabled":
        sentence = "`saved_payment_method_options[payment_method_save]` can only be used with a `customer`."
        raise invalid(sentence, None, "saved_payment_method_options[payment_method_save]")


def _to_pay(call: Call) -> Obj:
    if not call.params.get("line_items"):
        raise invalid("Missing required param: line_items.", "parameter_missing", "line_items")
    lines = [_line(call, line) for line in call.params["line_items"]]
    currencies, total = {line["currency"] for line in lines}, sum(line["amount_total"] for line in lines)
    if len(currencies) != 1:
        sentence = "All line items must have the same currency, and there must be at least one."
        raise invalid(sentence, None, "line_items")
    currency = currencies.pop()
    if refusal := chargeable(total, currency, _TOTAL):
        raise refusal
    return {"lines": lines, "amount_subtotal": total, "amount_total": total, "currency": currency}


def _line(call: Call, line: Obj) -> Obj:
    quantity = line.get("quantity", 1)
    if id := line.get("price"):
        price = call.store.get("price", id, call.account, "line_items[0][price]")
        product = call.store.get("product", price["product"], call.account)
        return shapes.line_item(price, quantity, product["name"])
    data = line.get("price_data") or {}
    if not (data and data.get("product_data")):
        param = "line_items[0][price_data][product_data]" if data else "line_items[0][price_data]"
        raise invalid(f"Missing required param: {param}.", "parameter_missing", param)
    if data["unit_amount"] < 0:
        sentence = "This value must be greater than or equal to 0."
        raise invalid(sentence, "parameter_invalid_integer", "line_items[0][price_data][unit_amount]")
    product = call.store.put(shapes.product(**data["product_data"], active=False), call.account)
    currency = known_currency(data["currency"])
    price = shapes.price(
        active=False, currency=currency, unit_amount=data["unit_amount"], product=product["id"]
    )
    return shapes.line_item(call.store.put(price, call.account), quantity, product["name"])


def _to_save(call: Call) -> Obj:
    wanted = call.params
    if wanted.get("line_items"):
        raise invalid("You can not pass `line_items` in `setup` mode.", None, "line_items")
    given = {name: wanted[name] for name in ("customer", "payment_method_types") if name in wanted}
    intent = setup_intents.begin(call, **given, **wanted.get("setup_intent_data", {}))
    currency = known_currency(wanted["currency"]) if wanted.get("currency") else None
    return {
        "lines": [], "amount_subtotal": None, "amount_total": None, "currency": currency,
        "setup_intent": intent["id"], "payment_status": "no_payment_required", "total_details": None,
    }  # fmt: skip


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
    """Sessions newest first, perhaps of one customer, intent, status or paying address only."""
    email = call.params.get("customer_details", {}).get("email")
    more = " and json_extract(body, '$.customer_details.email') = ?" if email else ""
    filters = ("customer", "payment_intent", "status")
    return page(call, "checkout.session", "/v1/checkout/sessions", filters, more, (email,) if email else ())


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
    for name, noun in (("payment_intent", payments), ("setup_intent", setup_intents)):
        if session[name]:
            intent = call.store.get(name, session[name], call.account)
            noun.close(call, intent, "expired" if noun is payments else "abandoned")
    session.update(status="expired", url=None)
    tell(call, "checkout.session.expired", call.store.put(session, call.account))
    return session


def close_overdue(call: Call) -> None:
    """Expire every open session whose time has come; the clock calls this."""
    overdue = " and json_extract(body, '$.expires_at') <= ?"
    for _, session in call.store.page(
        "checkout.session", call.account, {"status": "open"}, overdue, (now(),)
    ):
        close(call, session)
