"""Customers: who pays."""

from . import shapes
from .call import Call
from .changes import change
from .events import tell
from .params import Parser, anything, fields, listing, metadata, request, text
from .payment_methods import named, remove, save
from .query import page
from .store import Obj

_LINES = ("line1", "line2", "city", "country", "postal_code", "state")
_ADDRESS = fields(dict.fromkeys(_LINES, text))
_KNOWN: dict[str, Parser] = {
    "address": _ADDRESS, "description": text, "email": text, "metadata": metadata, "name": text,
    "phone": text, "preferred_locales": anything, "shipping": anything, "tax_exempt": text,
    "invoice_settings": fields({"default_payment_method": text}),
}  # fmt: skip
CREATE: Parser = request({**_KNOWN, "payment_method": text})
UPDATE: Parser = request(_KNOWN)
DELETE: Parser = request({})
LIST: Parser = listing("email")
_DELETED = "deleted"


def create(call: Call) -> Obj:
    """A customer, perhaps with a payment method to keep."""
    wanted = _whole(call, shapes.customer())
    method = wanted.pop("payment_method", None)
    customer = call.store.put(shapes.customer(**wanted), call.account)
    tell(call, "customer.created", customer)
    if method:
        save(call, named(call, method), customer["id"], "unspecified")
    return customer


def _whole(call: Call, customer: Obj) -> Obj:
    """What was sent, its hashes filled in with what they have beside."""
    whole = {name: value for name, value in call.params.items() if name != "expand"}
    if "address" in whole:
        whole["address"] = {**dict.fromkeys(_LINES), **whole["address"]}
    if "invoice_settings" in whole:
        whole["invoice_settings"] = {**customer["invoice_settings"], **whole["invoice_settings"]}
    return whole


def retrieve(call: Call) -> Obj:
    """The customer; of a deleted one only that it is."""
    return _gone(call) or call.store.get("customer", call.id, call.account)


def _gone(call: Call) -> Obj | None:
    left: Obj | None = call.store.noted(call.id, _DELETED)
    return left


def update(call: Call) -> Obj:
    """Change what was sent; metadata is merged, and an empty value removes its key."""
    customer = call.store.get("customer", call.id, call.account)
    call.params = _whole(call, customer)
    return change(call, customer, "customer.updated")


def delete(call: Call) -> Obj:
    """Forget a customer for good; the saved methods go with it."""
    customer = call.store.get("customer", call.id, call.account)
    for method in call.store.where("payment_method", call.account, customer=customer["id"]):
        remove(call, method)
    left = {"id": customer["id"], "object": "customer", "deleted": True}
    call.store.note(customer["id"], _DELETED, left)
    call.store.rows("delete from objects where id = ?", customer["id"])
    tell(call, "customer.deleted", customer)
    return left


def list_(call: Call) -> Obj:
    return page(call, "customer", "/v1/customers", ("email",))
