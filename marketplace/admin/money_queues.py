"""Money that waits for an admin, the oldest first, each thing with the page on which it is decided."""

from __future__ import annotations

from sqlalchemy import Select, and_, exists, select
from sqlalchemy.orm import aliased, contains_eager, joinedload, lazyload

from marketplace.admin.queues import Found, Queue, Waiting, first
from marketplace.kernel.money import text
from marketplace.payments.claims import CHARGEBACK_OVER, Chargeback, Debt, Decision
from marketplace.payments.models import Freeze, Holding, Refund, Release, StripeCall
from marketplace.payments.outside import Payout
from marketplace.payments.rulings import RULED, waiting

HERE = "/admin/money"
# How a decision is called before and after it is made.
DECISIONS = {
    "ruling": "Ruling about", "claw_back": "Take back from the professional", "write_off": "Give up a debt of",
    "send_again": "Send again", "retry_refund": "Refund again", "void_refund": "Take a refund back",
    "withdraw": "Withdraw to the platform’s bank", "repair": "Put the books right by",
}  # fmt: skip


def money_queues() -> list[Queue]:
    """Every queue of money, in the order of how soon it hurts."""
    return [
        Queue(title, nothing, *found())
        for title, nothing, found in (
            ("Chargebacks", "No bank disputes a payment.", chargebacks),
            ("Waiting for a second admin", "No decision waits for a second admin.", decisions),
            ("Frozen money", "No money waits for a look or a ruling.", frozen),
            ("Transfers that wait", "Every transfer went through.", transfers),
            ("Payouts that came back", "No bank returned a payout.", payouts),
            ("Refunds that wait", "Every refund went through.", refunds),
            ("Surpluses", "No money came that nobody waited for.", surpluses),
            ("Debts", "No professional owes anything.", debts),
        )
    ]


def chargebacks() -> Found:
    """Chargebacks that are not over, by the bank's deadline; one that was answered only waits."""
    rows = select(Chargeback).where(Chargeback.state.not_in(CHARGEBACK_OVER))
    return first(
        rows.order_by(Chargeback.answered_at.is_not(None), Chargeback.answer_by, Chargeback.id), _chargeback
    )


def _chargeback(row: Chargeback) -> Waiting:
    words = f"{text(row.amount_minor, row.currency)}: {row.reason.replace('_', ' ')}"
    if row.answered_at is not None:
        return Waiting(
            f"{words}; answered, the bank decides", row.answered_at, f"{HERE}/chargebacks/{row.id}", False
        )
    return Waiting(
        f"{words}; our answer is due", row.answer_by or row.created_at, f"{HERE}/chargebacks/{row.id}"
    )


def decisions() -> Found:
    """Decisions that a second admin has to confirm."""
    return first(
        waiting(), lambda row: Waiting(title_of(row), row.created_at, f"{HERE}/decisions/{row.id}", False)
    )


def title_of(row: Decision) -> str:
    """What a decision does, in a line."""
    return f"{DECISIONS.get(row.kind, row.kind)} {text(row.amount_minor, row.currency)}"


def frozen() -> Found:
    """Holdings that only a person can thaw, by their oldest freeze."""
    rows = select(Freeze).where(Freeze.until_at.is_(None), Freeze.kind.in_(RULED)).order_by(Freeze.created_at)
    return first(rows, lambda row: Waiting(row.reason, row.created_at, f"{HERE}/holdings/{row.holding_id}"))


def transfers() -> Found:
    """Releases that Stripe would not transfer, or of which a transfer was taken back there."""
    states = Release.state.in_(("blocked", "reversed", "partially_reversed"))
    due = Release.net_minor - (Release.voided_minor - Release.voided_fee_minor)
    rows = _of_holdings(select(Release).join(Release.holding)).where(
        states, due - Release.offset_minor - Release.sent_minor > 0
    )
    return first(rows.order_by(Release.due_at), _transfer)


def _transfer(row: Release) -> Waiting:
    words = f"{text(row.due_minor, row.holding.currency)} for “{row.holding.title}”, {row.state.replace('_', ' ')}"
    return Waiting(words, row.due_at, f"{HERE}/releases/{row.id}/send-again")


def _of_holdings(rows: Select[Release]) -> Select[Release]:
    lean = (lazyload(Holding.freezes), lazyload(Holding.allocations))
    return rows.options(contains_eager(Release.holding).options(*lean))


def payouts() -> Found:
    """Payouts that a bank returned or Stripe refused, until a later one of the same owner arrived."""
    newer = aliased(Payout)
    arrived = exists().where(
        newer.person_id.is_not_distinct_from(Payout.person_id),
        newer.currency == Payout.currency,
        newer.state == "paid",
        newer.created_at > Payout.created_at,
    )
    rows = select(Payout).where(Payout.state.in_(("failed", "refused")), ~arrived)
    return first(rows.order_by(Payout.created_at), _payout)


def _payout(row: Payout) -> Waiting:
    whose = "to a professional" if row.person_id else "of the platform"
    why = (row.failure or row.state).replace("_", " ")
    return Waiting(f"{text(row.amount_minor, row.currency)} {whose}: {why}", row.created_at)


def refunds() -> Found:
    """Refunds that failed at the card's bank, or that Stripe refused to make."""
    refused = select(StripeCall.ref_id).where(StripeCall.op == "refund", StripeCall.state == "rejected")
    stuck = (Refund.state == "failed") | and_(
        Refund.state == "authorised", Refund.failure != "", Refund.id.in_(refused)
    )
    rows = select(Refund).where(stuck, Refund.kind != "surplus").options(joinedload(Refund.payment))
    return first(rows.order_by(Refund.created_at), _refund)


def _refund(row: Refund) -> Waiting:
    words = f"{text(row.amount_minor, row.payment.currency)}: {(row.failure or 'failed').replace('_', ' ')}"
    return Waiting(words, row.created_at, f"{HERE}/refunds/{row.id}/retry")


def surpluses() -> Found:
    """Money that came when nothing waited for it, and is not back yet."""
    rows = select(Refund).where(Refund.kind == "surplus", Refund.state != "succeeded")
    rows = rows.options(joinedload(Refund.payment)).order_by(Refund.created_at)
    return first(rows, _surplus)


def _surplus(row: Refund) -> Waiting:
    stuck = bool(row.failure) or row.state == "failed"
    words = f"{text(row.amount_minor, row.payment.currency)}, {row.failure.replace('_', ' ') or 'on its way back'}"
    return Waiting(words, row.created_at, f"{HERE}/refunds/{row.id}/retry" if stuck else "", stuck)


def debts() -> Found:
    """What professionals owe, and who."""
    left = Debt.amount_minor - Debt.returned_minor - Debt.offset_minor - Debt.written_off_minor
    return first(select(Debt).where(left > 0).order_by(Debt.created_at), _debt)


def _debt(row: Debt) -> Waiting:
    words = f"{text(row.left_minor, row.currency)} of {text(row.amount_minor, row.currency)}. {row.reason}"
    return Waiting(words, row.created_at, f"{HERE}/debts/{row.id}/write-off", False)
