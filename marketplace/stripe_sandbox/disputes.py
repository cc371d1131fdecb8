"""Disputes: a cardholder's bank takes a charge back (a chargeback), or first only asks (an inquiry)."""

from typing import Any

from . import fraud_warnings, shapes_money
from .balance import move
from .call import Call
from .cards import Card
from .clock import now
from .errors import invalid
from .events import tell
from .params import Parser, anything, fields, flag, listing, metadata, request, text
from .query import page
from .store import Obj

_EVIDENCE = fields({**dict.fromkeys(shapes_money.EVIDENCE, text), "enhanced_evidence": anything})
GET: Parser = request({})
UPDATE: Parser = request({"evidence": _EVIDENCE, "metadata": metadata, "submit": flag})
LIST: Parser = listing("charge", "payment_intent")
EVIDENCE_SECONDS = 7 * 86400
FEES = {"usd": 1500, "eur": 2000, "gbp": 2000, "jpy": 1500, "kwd": 5000}
"""What Stripe keeps for handling a chargeback, won or lost, in minor units."""
_VERDICTS = {"winning_evidence": "won", "losing_evidence": "lost", "escalate_inquiry_evidence": "escalated"}
"""What Stripe's test mode does with these words in `uncategorized_text`."""
_ANSWERABLE = ("needs_response", "warning_needs_response")
_OPEN = (*_ANSWERABLE, "under_review", "warning_under_review")
_STANDING = ("needs_response", "under_review", "lost")


def open_for(call: Call, charge: Obj, card: Card) -> None:
    """What happens by itself after a charge on one of the disputing test cards."""
    if card.dispute:
        inquiry = card.dispute == "inquiry"
        open_(call, charge, reason="fraudulent" if inquiry else card.dispute, inquiry=inquiry)


def open_(
    call: Call, charge: Obj, amount: int | None = None, reason: str = "fraudulent", inquiry: bool = False
) -> Obj:
    """Dispute a charge: `amount` minor units of it, or all that was not refunded.

    A chargeback withdraws the money and a fee at once; an inquiry moves nothing.
    Refuses a charge that took no money, more than it took, and one that is disputed already.
    """
    took = charge["amount_captured"]
    wanted = took - charge["amount_refunded"] if amount is None else amount
    if not 0 < wanted <= took:
        raise invalid(
            f"Charge {charge['id']} took {took}; {wanted} of it cannot be disputed.", None, "amount"
        )
    if any(each["status"] in (*_OPEN, "lost") for each in _of(call, charge)):
        raise invalid(f"Charge {charge['id']} is disputed already.", None, "charge")
    dispute = shapes_money.dispute(charge, inquiry, now() + EVIDENCE_SECONDS, amount=wanted, reason=reason)
    if not inquiry:
        _withdraw(call, dispute)
    charge["disputed"] = True
    call.store.put(charge, call.account)
    tell(call, "charge.dispute.created", call.store.put(dispute, call.account))
    if not inquiry:
        tell(call, "charge.dispute.funds_withdrawn", dispute)
    fraud_warnings.settle(call, charge)
    return dispute


def _of(call: Call, charge: Obj) -> list[Obj]:
    return call.store.where("dispute", call.account, charge=charge["id"])


def _withdraw(call: Call, dispute: Obj) -> None:
    entry = move(
        call, -dispute["amount"], dispute["currency"], "adjustment", dispute["id"],
        fee=FEES[dispute["currency"]], fee_for="Dispute fee", category="dispute",
        description=f"Chargeback withdrawal for {dispute['charge']}",
    )  # fmt: skip
    dispute["balance_transactions"].append(entry)


def has_standing(call: Call, charge: Obj) -> bool:
    """Whether a chargeback that is open or lost keeps this charge's money from being refunded."""
    return charge["disputed"] and any(each["status"] in _STANDING for each in _of(call, charge))


def refunded(call: Call, charge: Obj) -> None:
    """A charge was refunded in full: whoever only inquired has their answer."""
    for dispute in _of(call, charge) if charge["disputed"] else []:
        if dispute["status"].startswith("warning_") and dispute["status"] in _OPEN:
            _close(call, dispute, "warning_closed")


def retrieve(call: Call) -> Obj:
    return call.store.get("dispute", call.id, call.account)


def list_(call: Call) -> Obj:
    return page(call, "dispute", "/v1/disputes", ("charge", "payment_intent"))


def update(call: Call) -> Obj:
    """Stage evidence (`submit` false) or submit it, once; change metadata.

    Two words in the evidence decide at once, as in Stripe's test mode; otherwise the bank reviews.
    """
    dispute, wanted = retrieve(call), call.params
    submits = wanted.get("submit", "evidence" in wanted)
    if ("evidence" in wanted or submits) and dispute["status"] not in _ANSWERABLE:
        raise invalid(f"This dispute is {dispute['status']}: it takes no more evidence.", None, "evidence")
    dispute["metadata"] = _merged(dispute["metadata"], wanted.get("metadata"))
    given = {name: value or None for name, value in wanted.get("evidence", {}).items()}
    dispute["evidence"].update(given)
    details = dispute["evidence_details"]
    details["has_evidence"] = any(value for value in dispute["evidence"].values())
    before = {"status": dispute["status"]}
    if submits:
        details["submission_count"] += 1
        dispute["status"] = dispute["status"].replace("needs_response", "under_review")
    tell(call, "charge.dispute.updated", call.store.put(dispute, call.account), before)
    verdict = _VERDICTS.get(dispute["evidence"]["uncategorized_text"]) if submits else None
    return decide(call, dispute, verdict) if verdict else dispute


def _merged(old: dict[str, str], new: dict[str, str] | None) -> dict[str, str]:
    merged = {**old, **new} if new else old if new is None else {}
    return {name: value for name, value in merged.items() if value != ""}


def close(call: Call) -> Obj:
    """Accept the dispute as lost, for good."""
    dispute = retrieve(call)
    if dispute["status"] not in _OPEN:
        raise invalid(f"This dispute is closed already: it is {dispute['status']}.")
    return decide(call, dispute, "won" if dispute["status"].startswith("warning_") else "lost")


def decide(call: Call, dispute: Obj, verdict: str) -> Obj:
    """The bank decides: `won` or `lost` (the platform did), or an inquiry is `escalated` to a chargeback.

    An inquiry that is won closes; one that is lost becomes a chargeback. Refuses a dispute that is decided.
    """
    inquiry = dispute["status"].startswith("warning_")
    if dispute["status"] not in _OPEN or (verdict == "escalated" and not inquiry):
        raise invalid(f"This dispute is {dispute['status']}: it cannot be {verdict}.", None, "dispute")
    if inquiry:
        return _close(call, dispute, "warning_closed") if verdict == "won" else _escalate(call, dispute)
    if verdict == "won":
        _reinstate(call, dispute)
    _close(call, dispute, verdict)
    if verdict == "won":
        tell(call, "charge.dispute.funds_reinstated", dispute)
    return dispute


def _reinstate(call: Call, dispute: Obj) -> None:
    what: dict[str, Any] = {"description": f"Chargeback reversal for {dispute['charge']}"}
    amount, currency = dispute["amount"], dispute["currency"]
    entry = move(call, amount, currency, "adjustment", dispute["id"], category="dispute_reversal", **what)
    dispute["balance_transactions"].append(entry)


def _close(call: Call, dispute: Obj, status: str) -> Obj:
    dispute.update(status=status, is_charge_refundable=status in ("won", "warning_closed"))
    tell(call, "charge.dispute.closed", call.store.put(dispute, call.account))
    return dispute


def _escalate(call: Call, dispute: Obj) -> Obj:
    before = {"status": dispute["status"]}
    dispute.update(status="needs_response", is_charge_refundable=False)
    dispute["evidence_details"].update(due_by=now() + EVIDENCE_SECONDS, submission_count=0)
    if card := dispute["payment_method_details"].get("card"):
        card["case_type"] = "chargeback"
    _withdraw(call, dispute)
    tell(call, "charge.dispute.updated", call.store.put(dispute, call.account), before)
    tell(call, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def close_overdue(call: Call) -> None:
    """What was not answered in time is lost (an inquiry closes); the clock calls this."""
    for status in _ANSWERABLE:
        for dispute in call.store.where("dispute", status=status):
            if dispute["evidence_details"]["due_by"] < now():
                dispute["evidence_details"]["past_due"] = True
                decide(call, dispute, "lost" if status == "needs_response" else "won")
