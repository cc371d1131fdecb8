"""Customers: who pays."""

from . import shapes
from .call import Call
from .events import tell
from .params import Parser, anything, fields, listing, metadata, request, text
from .query import page
from .store import Obj

_LINES = ("line1", "line2", "city", "country", "postal_code", "state")
_ADDRESS = fields(dict.fromkeys(_LINES, text))
_KNOWN: dict[str, Parser] = {
    "address": _ADDRESS, "description": text, "email": text, "metadata": metadata, "name": text,
    "phone": text,
    "preferred_locales": anything, "tax_exempt": text,
}  # fmt: skip
CREATE: Parser = request(_KNOWN)
UPDATE: Parser = CREATE
LIST: Parser = listing("email")


def create(call: Call) -> Obj:
    customer = call.store.put(shapes.customer(**_whole(call.params)), call.account)
    tell(call, "customer.created", customer)
    return customer


def _whole(params: Obj) -> Obj:
    whole = {name: value for name, value in params.items() if name != "expand"}
    if "address" in whole:
        blank = dict.fromkeys(_LINES)
        whole["address"] = {**blank, **whole["address"]}
    return whole


def retrieve(call: Call) -> Obj:
    return call.store.get("customer", call.id, call.account)


def update(call: Call) -> Obj:
    """Change what was sent; metadata is merged, and an empty value removes its key."""
    customer, changes = retrieve(call), _whole(call.params)
    if "metadata" in changes:
        merged = {**customer["metadata"], **changes["metadata"]}
        changes["metadata"] = {key: value for key, value in merged.items() if value}
    before = {name: customer[name] for name in changes if customer.get(name) != changes[name]}
    call.store.put({**customer, **changes}, call.account)
    tell(call, "customer.updated", {**customer, **changes}, before)
    return {**customer, **changes}


def list_(call: Call) -> Obj:
    return page(call, "customer", "/v1/customers", ("email",))
