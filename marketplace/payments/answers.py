"""What follows from Stripe's answers to the calls of the outbox: yes, with the object, or a definite no."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select

from marketplace.kernel.db import db, flush, lock, many, one
from marketplace.kernel.events import tell
from marketplace.payments import apply, asking, chargebacks, payees, payouts, refunds, saved, transfers
from marketplace.payments.claims import Reversal
from marketplace.payments.entering import Obj, lock_payment, report
from marketplace.payments.models import Payee, Payment, Refund, Release
from marketplace.payments.outbox import ask, last_call
from marketplace.payments.outside import Payer, Payout


def answered(op: str, ref_id: UUID, answer: Obj) -> None:
    """Enter what Stripe did on our call about the row `ref_id`."""
    if op in ENTERS:
        ENTERS[op](answer)
    match op:
        case "detach":
            saved.detached(ref_id)
        case "customer":
            _open_pages(db.session.get_one(Payer, ref_id))
        case "payee":
            ask("link", ref_id, asking.link(db.session.get_one(Payee, ref_id)))
        case "hold_payouts" | "resume_payouts":
            payees.scheduled(ref_id, op)
        case "link":
            lock(db.session.get_one(Payee, ref_id)).link_url = answer["url"]


ENTERS: dict[str, Callable[[Obj], None]] = {
    "checkout": apply.checkout,
    "expire": apply.checkout,
    "cancel_intent": apply.intent,
    "refund": refunds.refund,
    "transfer": transfers.transfer,
    "reverse": transfers.reversal,
    "evidence": chargebacks.dispute,
    "concede": chargebacks.dispute,
    "payout": payouts.payout,
    "payee": payees.payee,
    "customer": saved.customer,
}


def _waiting_pages(payer_id: UUID) -> list[Payment]:
    """Payments of a business that wait for it to be Stripe's customer."""
    payer = db.session.get_one(Payer, payer_id)
    mine = select(Payment).where(Payment.organisation_id == payer.organisation_id, Payment.state == "created")
    return [row for row in many(mine.order_by(Payment.created_at)) if last_call("checkout", row.id) is None]


def _open_pages(payer: Payer) -> None:
    for payment in _waiting_pages(payer.id):
        ask("checkout", payment.id, asking.checkout(payment, payer.stripe_customer or ""))


def rejected(op: str, ref_id: UUID, sentence: str) -> None:
    """Enter a definite no. Nothing is undone in the books by it: a person decides."""
    match op:
        case "checkout":
            apply.never_opened(lock_payment(db.session.get_one(Payment, ref_id)), sentence)
        case "customer":
            for payment in _waiting_pages(ref_id):
                apply.never_opened(lock_payment(payment), sentence)
        case "transfer":
            _blocked(one(select(Release).where(Release.id == ref_id)), sentence)
        case "refund":
            _refused(lock(db.session.get_one(Refund, ref_id)), sentence)
        case "reverse":
            lock(db.session.get_one(Reversal, ref_id)).state = "refused"
        case "payout":
            made = lock(db.session.get_one(Payout, ref_id))
            made.state, made.failure = "refused", sentence
            flush()
            tell("payout.refused", made, by=None, person=str(made.person_id or ""), reason=sentence)


def _blocked(row: Release, sentence: str) -> None:
    holding = lock(row.holding)
    if lock(row).state == "authorised":
        # Nothing of it is at Stripe: a ruling may still take it back.
        row.state, row.called_at = "blocked", None
        report("transfer.blocked", holding, release=str(row.id), reason=sentence)


def _refused(row: Refund, sentence: str) -> None:
    """The refund waits in the books: an admin sends it anew, or takes it back."""
    row.failure = sentence
    flush()
    if row.holding is not None:
        report("payment.refund_refused", row.holding, refund=str(row.id), reason=sentence)
    else:
        tell("payment.surplus_refund_refused", row, by=None, reason=sentence)
