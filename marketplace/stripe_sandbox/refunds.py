"""Refunds: giving back what a charge took, in whole or in parts."""

from . import shapes
from .balance import move
from .call import Call
from .cards import by_last4
from .clock import now
from .errors import StripeError, invalid
from .events import tell
from .params import Parser, choice, listing, metadata, positive, request, text
from .query import page
from .store import Obj

_REASONS = choice("duplicate", "fraudulent", "requested_by_customer")
CREATE: Parser = request(
    {"payment_intent": text, "charge": text, "amount": positive, "metadata": metadata, "reason": _REASONS}
)
GET: Parser = request({})
LIST: Parser = listing("charge", "payment_intent")
_FATE = "refund_fate"


def create(call: Call) -> Obj:
    """Refund `amount` (all that is left when not said) of a charge; never more than it took."""
    charge = _charge(call)
    amount = _amount(charge, call.params.get("amount"))
    refund = shapes.refund(
        amount=amount, currency=charge["currency"], charge=charge["id"],
        payment_intent=charge["payment_intent"],
        metadata=call.params.get("metadata", {}), reason=call.params.get("reason"),
    )  # fmt: skip
    fate = by_last4(charge["payment_method_details"]["card"]["last4"]).refund
    if fate == "pending":
        refund.update(status="pending", pending_reason="processing")
    entry = move(call, -amount, charge["currency"], "refund", refund["id"], description="REFUND FOR CHARGE")
    refund["balance_transaction"] = entry["id"]
    tell(
        call,
        "charge.refunded",
        _counted(call, charge, amount),
        {"amount_refunded": charge["amount_refunded"]},
    )
    tell(call, "refund.created", call.store.put(refund, call.account))
    if fate != "succeeded":
        call.store.note(
            refund["id"], _FATE, {"becomes": "failed" if fate == "failed" else "succeeded", "at": now() + 2}
        )
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


def _amount(charge: Obj, wanted: int | None) -> int:
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left <= 0:
        raise _already(charge)
    if wanted is not None and wanted > left:
        sentence = f"Refund amount ({wanted}) is greater than unrefunded amount on charge ({left})"
        raise invalid(sentence, None, "amount")
    return wanted or left


def _already(charge: Obj) -> StripeError:
    if charge["status"] == "failed":
        return invalid(f"Charge {charge['id']} failed, so there is nothing to refund.", None, "charge")
    return invalid(f"Charge {charge['id']} has already been refunded.", "charge_already_refunded")


def _counted(call: Call, charge: Obj, change: int) -> Obj:
    total = charge["amount_refunded"] + change
    changed = {**charge, "amount_refunded": total, "refunded": total >= charge["amount"]}
    return call.store.put(changed, call.account)


def decide(call: Call) -> None:
    """Refunds whose card makes them fail or succeed late; the clock calls this."""
    for id in call.store.noted_ids(_FATE):
        fate = call.store.noted(id, _FATE)
        if fate["at"] <= now():
            call.store.forget(id, _FATE)
            _settle(call, call.store.get("refund", id), fate["becomes"])


def _settle(call: Call, refund: Obj, status: str) -> None:
    before = {"status": refund["status"]}
    refund.update(status=status)
    refund.pop("pending_reason", None)
    if status == "failed":
        entry = move(call, refund["amount"], refund["currency"], "refund_failure", refund["id"])
        refund.update(failure_reason="expired_or_canceled_card", failure_balance_transaction=entry["id"])
        _counted(call, call.store.get("charge", refund["charge"]), -refund["amount"])
        tell(call, "refund.failed", refund)
    tell(call, "refund.updated", call.store.put(refund), before)


def retrieve(call: Call) -> Obj:
    return call.store.get("refund", call.id, call.account)


def list_(call: Call) -> Obj:
    return page(call, "refund", "/v1/refunds", ("charge", "payment_intent"))
