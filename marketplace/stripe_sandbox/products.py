"""Products and prices: what programs that keep a catalogue name in a Checkout Session."""

from . import shapes
from .call import Call
from .changes import change
from .errors import invalid
from .events import tell
from .money import known_currency
from .params import Parser, anything, flag, integer, items, listing, metadata, request, text
from .query import page
from .store import Obj

_WORDS = dict.fromkeys(["name", "description", "url", "unit_label", "statement_descriptor", "tax_code"], text)
_PRODUCT: dict[str, Parser] = {**_WORDS, "active": flag, "images": items(text), "metadata": metadata}
CREATE: Parser = request({**_PRODUCT, "id": text, "shippable": flag, "type": text}, ["name"])
UPDATE: Parser = request(_PRODUCT)
GET: Parser = request({})
LIST: Parser = listing(active=flag)
CREATE_PRICE: Parser = request(
    {
        "currency": text, "unit_amount": integer, "product": text, "product_data": anything,
        "recurring": anything, "nickname": text, "lookup_key": text, "tax_behavior": text, "active": flag,
        "metadata": metadata,
    },
    ["currency"],
)  # fmt: skip
UPDATE_PRICE: Parser = request(
    {"active": flag, "nickname": text, "lookup_key": text, "tax_behavior": text, "metadata": metadata}
)
LIST_PRICES: Parser = listing("product", "currency", active=flag)
_NO_CYCLE = {"interval": "month", "interval_count": 1, "meter": None, "usage_type": "licensed"}


def create(call: Call) -> Obj:
    wanted = {name: value for name, value in call.params.items() if name != "expand"}
    product = call.store.put(shapes.product(**wanted), call.account)
    tell(call, "product.created", product)
    return product


def retrieve(call: Call) -> Obj:
    return call.store.get("product", call.id, call.account)


def update(call: Call) -> Obj:
    return change(call, retrieve(call), "product.updated")


def list_(call: Call) -> Obj:
    return page(call, "product", "/v1/products", ("active",))


def create_price(call: Call) -> Obj:
    """A price of a product, `unit_amount` in minor units; what recurs is only written down."""
    wanted = call.params
    if wanted.get("unit_amount") is None:
        raise invalid("Missing required param: unit_amount.", "parameter_missing", "unit_amount")
    if id := wanted.get("product"):
        product = call.store.get("product", id, call.account, "product")
    else:
        product = call.store.put(shapes.product(**wanted.get("product_data", {})), call.account)
    known: Obj = {
        name: wanted[name] for name in ("unit_amount", "nickname", "lookup_key", "metadata") if name in wanted
    }
    if recurring := wanted.get("recurring"):
        known |= {"type": "recurring", "recurring": {**_NO_CYCLE, **recurring}}
    price = shapes.price(**known, product=product["id"], currency=known_currency(wanted["currency"]))
    tell(call, "price.created", call.store.put(price, call.account))
    return price


def retrieve_price(call: Call) -> Obj:
    return call.store.get("price", call.id, call.account)


def update_price(call: Call) -> Obj:
    return change(call, retrieve_price(call), "price.updated")


def list_prices(call: Call) -> Obj:
    return page(call, "price", "/v1/prices", ("product", "currency", "active"))
