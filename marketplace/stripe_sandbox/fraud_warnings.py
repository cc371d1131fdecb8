"""Early fraud warnings: a card's bank says that a charge may be fraudulent, before anybody disputes it."""

from . import shapes_money
from .call import Call
from .events import tell
from .params import Parser, listing, request
from .query import page
from .store import Obj

KIND = "radar.early_fraud_warning"
GET: Parser = request({})
LIST: Parser = listing("charge", "payment_intent")


def open_for(call: Call, charge: Obj) -> Obj:
    """Warn of a charge; it is actionable while a refund could still prevent a dispute."""
    warning = shapes_money.fraud_warning(charge, _is_actionable(charge))
    tell(call, f"{KIND}.created", call.store.put(warning, call.account))
    return warning


def _is_actionable(charge: Obj) -> bool:
    return not charge["refunded"] and not charge["disputed"]


def settle(call: Call, charge: Obj) -> None:
    """A charge was refunded or disputed: there is nothing left to do about the warnings of it."""
    if _is_actionable(charge):
        return
    for warning in call.store.where(KIND, call.account, charge=charge["id"]):
        if warning["actionable"]:
            warning["actionable"] = False
            before = {"actionable": True}
            tell(call, f"{KIND}.updated", call.store.put(warning, call.account), before)


def retrieve(call: Call) -> Obj:
    return call.store.get(KIND, call.id, call.account)


def list_(call: Call) -> Obj:
    return page(call, KIND, "/v1/radar/early_fraud_warnings", ("charge", "payment_intent"))
