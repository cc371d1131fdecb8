"""Payment methods: cards and accounts, saved with a customer or used once."""

from typing import Any

from . import banks, cards, shapes
from .call import Call
from .changes import change
from .errors import invalid
from .events import tell
from .params import Parser, anything, choice, fields, integer, listing, metadata, request, text
from .query import page
from .store import Obj

_TYPES = ("card", *banks.SCHEMES)
_BILLING = fields({"address": anything, "email": text, "name": text, "phone": text, "tax_id": text})
_REDISPLAY = choice("always", "limited", "unspecified")
_KINDS: dict[str, Parser] = {
    "card": fields({"number": text, "exp_month": integer, "exp_year": integer, "cvc": text, "token": text}),
    "us_bank_account": fields(
        {"account_holder_type": text, "account_number": text, "account_type": text, "routing_number": text}
    ),
    "sepa_debit": fields({"iban": text}, ["iban"]),
    "bacs_debit": fields({"account_number": text, "sort_code": text}),
}
DATA: dict[str, Parser] = {
    **_KINDS, "type": choice(*_TYPES), "billing_details": _BILLING, "metadata": metadata,
    "allow_redisplay": _REDISPLAY,
}  # fmt: skip
GET: Parser = request({})
CREATE: Parser = request(DATA, ["type"])
UPDATE: Parser = request({"allow_redisplay": _REDISPLAY, "billing_details": _BILLING, "metadata": metadata})
ATTACH: Parser = request({"customer": text}, ["customer"])
DETACH: Parser = GET
LIST: Parser = listing("customer", type=choice(*_TYPES), allow_redisplay=_REDISPLAY)
LIST_OF: Parser = listing(type=choice(*_TYPES), allow_redisplay=_REDISPLAY)
_NUMBER = "number"


def create(call: Call) -> Obj:
    return make(call, call.params)


def make(call: Call, data: Obj) -> Obj:
    """A method out of what a program sends: a card's or an account's number, or a token."""
    type = data["type"]
    given = data.get(type) or {}
    billing = shapes.billing_details(**data.get("billing_details", {}))
    known = {name: data[name] for name in ("metadata", "allow_redisplay") if name in data}
    if type != "card":
        number = given.get("iban") or given.get("account_number", "")
        routing = given.get("routing_number") or given.get("sort_code", "")
        return of_bank(call, type, banks.checked(type, number, routing), billing, **known)
    number = given.get("number") or cards.named(given.get("token", ""))
    if not number:
        raise invalid("Missing required param: card.", "parameter_missing", "card")
    month, year = given.get("exp_month", 12), given.get("exp_year", 2040)
    number, month, year = cards.checked(number, f"{month}/{year}", given.get("cvc", "123"))
    return of_card(call, number, month, year, billing, **known)


def of_card(call: Call, number: str, month: int, year: int, billing: Obj, **known: Any) -> Obj:
    """A kept method that stands for this card."""
    card = cards.recognise(number)
    details = shapes.card(number, card.brand, card.country, month, year)
    return _kept(call, shapes.payment_method("card", details, billing, **known), number)


def of_bank(call: Call, type: str, number: str, billing: Obj, **known: Any) -> Obj:
    """A kept method that stands for this account."""
    return _kept(call, shapes.payment_method(type, banks.shape(type, number), billing, **known), number)


def _kept(call: Call, method: Obj, number: str) -> Obj:
    call.store.note(method["id"], _NUMBER, number)
    return call.store.put(method, call.account)


def number_of(call: Call, method: Obj) -> str:
    """The whole number of a method, which the API never shows."""
    return str(call.store.noted(method["id"], _NUMBER))


def named(call: Call, id: str, param: str | None = "payment_method") -> Obj:
    """The method that a request names by its id or by one of Stripe's test tokens (`pm_card_visa`)."""
    if number := cards.named(id):
        return of_card(call, number, 12, 2040, shapes.billing_details())
    return call.store.get("payment_method", id, call.account, param)


def save(call: Call, method: Obj, customer: str | None, redisplay: str = "limited") -> Obj:
    """Attach a method to a customer, if there is one and it is not attached yet."""
    if customer is None or method["customer"]:
        return method
    method.update(customer=customer, allow_redisplay=redisplay)
    tell(call, "payment_method.attached", call.store.put(method, call.account))
    return method


def attach(call: Call) -> Obj:
    """Save a method with a customer; one that another customer has stays there."""
    method = named(call, call.id, None)
    customer = call.store.get("customer", call.params["customer"], call.account, "customer")
    if method["customer"] not in (None, customer["id"]):
        sentence = "The payment method you provided has already been attached to a customer."
        raise invalid(sentence, "payment_method_unexpected_state")
    return save(call, method, customer["id"], method["allow_redisplay"])


def detach(call: Call) -> Obj:
    """Take a method away from its customer for good."""
    method = retrieve(call)
    if method["customer"] is None:
        sentence = (
            "The payment method you provided is not attached to a customer so detachment is impossible."
        )
        raise invalid(sentence, "payment_method_unexpected_state")
    return remove(call, method)


def remove(call: Call, method: Obj) -> Obj:
    """The customer no longer has this method."""
    before = {"customer": method["customer"]}
    method["customer"] = None
    tell(call, "payment_method.detached", call.store.put(method, call.account), before)
    return method


def retrieve(call: Call) -> Obj:
    return named(call, call.id, None)


def update(call: Call) -> Obj:
    return change(call, retrieve(call), "payment_method.updated")


def list_(call: Call) -> Obj:
    """The methods of one customer; without a customer there is nothing to list, as at Stripe."""
    if not call.params.get("customer"):
        return shapes.listed([], "/v1/payment_methods")
    return _page(call, "/v1/payment_methods")


def list_of(call: Call) -> Obj:
    """The methods of the customer in the address."""
    call.params["customer"] = call.store.get("customer", call.id, call.account)["id"]
    return _page(call, f"/v1/customers/{call.id}/payment_methods")


def retrieve_of(call: Call) -> Obj:
    """One method of the customer in the address."""
    method = call.store.get("payment_method", call.ids[1], call.account)
    if method["customer"] != call.id:
        sentence = f"No such PaymentMethod: '{call.ids[1]}'; it is not attached to this customer."
        raise invalid(sentence, "resource_missing", "payment_method")
    return method


def _page(call: Call, url: str) -> Obj:
    return page(call, "payment_method", url, ("customer", "type", "allow_redisplay"))


def offered(call: Call, session: Obj) -> list[Obj]:
    """The cards of a Checkout Session's customer that its page may show, newest first."""
    if not session["customer"]:
        return []
    options = session["saved_payment_method_options"] or {}
    filters = options.get("allow_redisplay_filters") or ["always"]
    found = call.store.where("payment_method", call.account, customer=session["customer"], type="card")
    return [method for method in found if method["allow_redisplay"] in filters]
