"""Top-ups: money that the platform sends from its bank to its balance."""

from . import shapes_money
from .balance import move
from .call import Call
from .changes import change
from .clock import now
from .errors import invalid
from .events import tell
from .money import known_currency
from .params import Parser, listing, metadata, positive, request, text
from .query import page
from .store import Obj

_WORDS = ("description", "statement_descriptor", "transfer_group")
CREATE: Parser = request(
    {
        **dict.fromkeys((*_WORDS, "currency", "source", "payment_method"), text),
        "amount": positive,
        "metadata": metadata,
    },
    ["amount", "currency"],
)
UPDATE: Parser = request({"metadata": metadata, "description": text})
GET: Parser = request({})
LIST: Parser = listing("status")


def create(call: Call) -> Obj:
    """Send `amount` minor units to the balance; they are there when the bank has sent them."""
    wanted = call.params
    known = {name: wanted.get(name) for name in _WORDS}
    topup = shapes_money.topup(
        **known, amount=wanted["amount"], currency=known_currency(wanted["currency"]),
        expected_availability_date=now() + call.settings.settle_seconds,
        metadata=wanted.get("metadata", {}),
    )  # fmt: skip
    tell(call, "topup.created", call.store.put(topup, call.account))
    return topup


def create_settled(call: Call) -> Obj:
    """A top-up that has arrived already."""
    call.params.setdefault("currency", "usd")
    return _settle(call, create(call))


def _settle(call: Call, topup: Obj) -> Obj:
    entry = move(call, topup["amount"], topup["currency"], "topup", topup["id"], description="Top-up")
    topup.update(status="succeeded", balance_transaction=entry["id"])
    tell(call, "topup.succeeded", call.store.put(topup, call.account))
    return topup


def run(call: Call) -> None:
    """What the bank has sent arrives; the clock calls this."""
    for topup in call.store.where("topup", status="pending"):
        if topup["expected_availability_date"] <= now():
            _settle(call, topup)


def cancel(call: Call) -> Obj:
    """Call a top-up off that has not arrived."""
    topup = retrieve(call)
    if topup["status"] != "pending":
        raise invalid(f"Top-ups with status {topup['status']} cannot be canceled.")
    topup["status"] = "canceled"
    tell(call, "topup.canceled", call.store.put(topup, call.account))
    return topup


def retrieve(call: Call) -> Obj:
    return call.store.get("topup", call.id, call.account)


def update(call: Call) -> Obj:
    """Change the metadata or the description."""
    return change(call, retrieve(call), None)


def list_(call: Call) -> Obj:
    return page(call, "topup", "/v1/topups", ("status",))
