"""Refunds: giving back what a charge took, in whole or in parts."""

from . import disputes, fraud_warnings, shapes
from .balance import funds, move
from .call import Call
from .cards import by_last4
from .changes import change
from .clock import now
from .errors import StripeError, invalid
from .events import tell
from .money import DECIMALS
from .params import Parser, choice, listing, metadata, positive, request, text
from .query import page
from .store import Obj

_REASONS = choice("duplicate", "fraudulent", "requested_by_customer")
CREATE: Parser = request(
    {"payment_intent": text, "charge": text, "amount": positive, "metadata": metadata, "reason": _REASONS}
)
UPDATE: Parser = request({"metadata": metadata})
GET: Parser = request({})
LIST: Parser = listing("charge", "payment_intent")
DEBITS = "debits_refused"
"""The note on an account whose bank lets Stripe take nothing: its refunds wait for money."""
_FATE, _BROKE = "refund_fate", "refund_unpaid"
_FATE_SECONDS = 2


def create(call: Call) -> Obj:
    """Refund `amount` (all that is left when not said) of a charge; never more than it took.

    Refuses a charge that was charged back. Without money for it the refund waits (`pending`).
    """
    charge = _charge(call)
    amount = _amount(call, charge, call.params.get("amount"))
    refund = shapes.refund(
        amount=amount, currency=charge["currency"], charge=charge["id"],
        payment_intent=charge["payment_intent"],
        metadata=call.params.get("metadata", {}), reason=call.params.get("reason"),
    )  # fmt: skip
    fate = _fate(charge)
    if _lacks_money(call, refund):
        refund.update(status="pending", pending_reason="insufficient_funds")
        call.store.note(refund["id"], _BROKE, fate)
    else:
        _pay(call, refund, charge, fate)
    before = {"amount_refunded": charge["amount_refunded"]}
    charge = _counted(call, charge, amount)
    tell(call, "charge.refunded", charge, before)
    tell(call, "refund.created", call.store.put(refund, call.account))
    fraud_warnings.settle(call, charge)
    if charge["refunded"]:
        disputes.refunded(call, charge)
    return refund


def _charge(call: Call) -> Obj:
    if id := call.params.get("charge"):
        return call.store.get("charge", id, call.account, "charge")
    if not (id := call.params.get("payment_intent")):
        raise invalid(
            "One of the following params should be provided for this request: payment_intent or charge."
        )
    intent = call.store.get("payment_intent", id, call.account, "payment_intent")
    if intent["status"] != "succeeded":
        sentence = f"This PaymentIntent ({id}) does not have a successful charge to refund."
        raise invalid(sentence, "payment_intent_unexpected_state", payment_intent=intent)
    return call.store.get("charge", intent["latest_charge"], call.account)


def _amount(call: Call, charge: Obj, wanted: int | None) -> int:
    left = charge["amount_captured"] - charge["amount_refunded"]
    if disputes.has_standing(call, charge):
        sentence = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise invalid(sentence, "charge_disputed")
    if left <= 0 or charge["status"] != "succeeded":
        raise _already(charge)
    if wanted is not None and wanted > left:
        sentence = f"Refund amount ({wanted}) is greater than unrefunded amount on charge ({left})"
        raise invalid(sentence, None, "amount")
    if wanted is not None and DECIMALS[charge["currency"]] == 3 and wanted % 10:
        sentence = f"Invalid amount: {charge['currency']} amounts must be a multiple of 10."
        raise invalid(sentence, "parameter_invalid_integer", "amount")
    return wanted or left


def _already(charge: Obj) -> StripeError:
    if charge["status"] == "failed":
        return invalid(f"Charge {charge['id']} failed, so there is nothing to refund.", None, "charge")
    if charge["status"] == "pending":
        return invalid(
            f"Charge {charge['id']} is pending, so there is nothing to refund yet.", None, "charge"
        )
    return invalid(f"Charge {charge['id']} has already been refunded.", "charge_already_refunded")


def _fate(charge: Obj) -> str:
    card = charge["payment_method_details"].get("card")
    return by_last4(card["last4"]).refund if card else "succeeded"


def _lacks_money(call: Call, refund: Obj) -> bool:
    """Stripe takes from the bank what the balance lacks, unless the bank refuses."""
    short = funds(call, refund["currency"])[0] < refund["amount"]
    return short and bool(call.store.noted(call.account, DEBITS))


def _pay(call: Call, refund: Obj, charge: Obj, fate: str) -> None:
    """Take the money out of the balance; what becomes of it at the card's bank comes later."""
    by_card = charge["payment_method_details"]["type"] == "card"
    type = "refund" if by_card else "payment_refund"
    entry = move(
        call, -refund["amount"], charge["currency"], type, refund["id"], description="REFUND FOR CHARGE"
    )
    refund.update(balance_transaction=entry["id"], status="succeeded")
    refund.pop("pending_reason", None)
    if fate == "pending":
        refund.update(status="pending", pending_reason="processing")
    if fate != "succeeded":
        becomes = "failed" if fate == "failed" else "succeeded"
        call.store.note(refund["id"], _FATE, {"becomes": becomes, "at": now() + _FATE_SECONDS})


def _counted(call: Call, charge: Obj, change: int) -> Obj:
    total = charge["amount_refunded"] + change
    changed = {**charge, "amount_refunded": total, "refunded": total >= charge["amount"]}
    return call.store.put(changed, call.account)


def decide(call: Call) -> None:
    """Refunds that waited for money, and those whose card makes them fail or succeed late; the clock calls
    this.
    """
    for id in call.store.noted_ids(_BROKE):
        refund = call.store.get("refund", id)
        if not _lacks_money(call, refund):
            _pay(call, refund, call.store.get("charge", refund["charge"]), call.store.noted(id, _BROKE))
            call.store.forget(id, _BROKE)
            tell(call, "refund.updated", call.store.put(refund), {"status": "pending"})
    for id in call.store.noted_ids(_FATE):
        fate = call.store.noted(id, _FATE)
        if fate["at"] <= now():
            call.store.forget(id, _FATE)
            settle(call, call.store.get("refund", id), fate["becomes"])


def settle(call: Call, refund: Obj, status: str) -> Obj:
    """The card's bank took the refund (`succeeded`) or sent it back (`failed`: the money returns)."""
    before = {"status": refund["status"]}
    refund.update(status=status)
    refund.pop("pending_reason", None)
    if status == "failed":
        entry = move(call, refund["amount"], refund["currency"], "refund_failure", refund["id"])
        refund.update(failure_reason="expired_or_canceled_card", failure_balance_transaction=entry["id"])
        _counted(call, call.store.get("charge", refund["charge"]), -refund["amount"])
        tell(call, "refund.failed", refund)
    tell(call, "refund.updated", call.store.put(refund), before)
    return refund


def fail(call: Call, refund: Obj) -> Obj:
    """A refund that had succeeded comes back from the bank. Refuses one whose money never left."""
    if refund["status"] == "failed" or refund["balance_transaction"] is None:
        raise invalid(f"Refund {refund['id']} moved no money that could come back.", None, "refund")
    call.store.forget(refund["id"], _FATE)
    return settle(call, refund, "failed")


def retrieve(call: Call) -> Obj:
    return call.store.get("refund", call.id, call.account)


def update(call: Call) -> Obj:
    """Change the metadata; nothing else of a refund can change."""
    return change(call, retrieve(call), "refund.updated")


def list_(call: Call) -> Obj:
    return page(call, "refund", "/v1/refunds", ("charge", "payment_intent"))
