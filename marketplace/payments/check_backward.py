"""The rules of the books about what goes backward: fees, refunds, debts and chargebacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from marketplace.kernel.money import fee_until, step_of, text
from marketplace.payments.claims import Chargeback, ChargebackPart, Debt, Void
from marketplace.payments.models import Payment, Refund, Release
from marketplace.payments.tally import Sums, balances, everything, holdings, name_of

WAITS = Refund.state.in_(("authorised", "failed"))


def fees_are_exact() -> Iterator[str]:
    """A holding's fee is that of all it released and kept; each taking back may round it by one minor unit."""
    moves: dict[Any, int] = {}
    for rows in (
        select(Release.holding_id, func.count())
        .join(Void, Void.release_id == Release.id)
        .group_by(Release.holding_id),
        select(Refund.holding_id, func.count()).where(Refund.kind == "released").group_by(Refund.holding_id),
        select(ChargebackPart.holding_id, func.count()).group_by(ChargebackPart.holding_id),
    ):
        for key, number in everything(rows):
            moves[key] = moves.get(key, 0) + number
    charged: dict[str, int] = {}
    for row in holdings():
        charged[row.currency] = charged.get(row.currency, 0) + row.fee_minor
        step = step_of(row.currency)
        right = fee_until(row.released_minor - row.clawed_minor, row.fee_bps, step)
        if abs(row.fee_minor - right) > moves.get(row.id, 0) * step:
            says = text(row.fee_minor, row.currency)
            yield f"{name_of(row)} was charged {says} in fees, not the fee of the whole, {text(right, row.currency)}."
    for (code, currency), amount in balances().items():
        if code == "revenue:platform_fee" and -amount != charged.get(currency, 0):
            says, is_ = text(charged.get(currency, 0), currency), text(-amount, currency)
            yield f"The holdings count {says} in fees, but the ledger took {is_}."


def _by_holding(amount: Any, *where: ColumnElement[bool]) -> dict[Any, int]:
    rows = select(Refund.holding_id, func.sum(amount)).where(Refund.state != "voided", *where)
    return {key: int(total) for key, total in everything(rows.group_by(Refund.holding_id))}


def refunds_are_posted() -> Iterator[str]:
    """Refunds sum to the counters; what is pending in the ledger is what Stripe has not done."""
    back = _by_holding(Refund.amount_minor, Refund.kind.in_(("held", "external")))
    pending = _by_holding(case((WAITS, Refund.amount_minor), else_=0))
    summed = balances()
    for row in holdings():
        total, left = back.get(row.id, 0), pending.get(row.id, 0)
        if total != row.refunded_minor:
            says, is_ = text(row.refunded_minor, row.currency), text(total, row.currency)
            yield f"{name_of(row)} counts {says} refunded, but its refunds sum to {is_}."
        waits = -summed.get((f"refund_pending:{row.id}", row.currency), 0)
        if waits != left:
            yield f"{name_of(row)} has {text(waits, row.currency)} pending in refunds that no refund waits for."


def surplus_goes_back() -> Iterator[str]:
    """A payment that nobody waited for stands apart until its refund is done."""
    waiting = select(Refund.payment_id).where(Refund.kind == "surplus", WAITS)
    due = {f"unapplied:{key}" for (key,) in everything(waiting.distinct())}
    for (code, currency), amount in balances().items():
        if code.startswith("unapplied:") and bool(amount) != (code in due):
            yield f"{code} holds {text(-amount, currency)}, which no refund explains."


def chargebacks_are_counted() -> Iterator[str]:
    """What chargebacks and refunds after a release took is what the holdings count as lost and taken back."""
    # What a bank gave back after all counts no more: its chargeback is won.
    parts = (
        select(
            ChargebackPart.holding_id,
            func.sum(ChargebackPart.held_minor),
            func.sum(ChargebackPart.amount_minor),
        )
        .join(Chargeback, Chargeback.id == ChargebackPart.chargeback_id)
        .where(Chargeback.state == "lost")
    )
    lost = {
        key: (int(held), int(whole - held))
        for key, held, whole in everything(parts.group_by(ChargebackPart.holding_id))
    }
    clawed = _by_holding(Refund.amount_minor, Refund.kind == "released")
    for row in holdings():
        held, taken = lost.get(row.id, (0, 0))
        if held != row.lost_minor:
            says, is_ = text(row.lost_minor, row.currency), text(held, row.currency)
            yield f"{name_of(row)} counts {says} lost, but chargebacks took {is_}."
        if taken + clawed.get(row.id, 0) != row.clawed_minor:
            says = text(row.clawed_minor, row.currency)
            yield f"{name_of(row)} counts {says} taken back after release, which is not what its rows say."
    over = {
        f"dispute_held:{key}"
        for (key,) in everything(select(Chargeback.stripe_dispute).where(Chargeback.closed_at.is_not(None)))
    }
    for (code, currency), amount in balances().items():
        if code in over and amount:
            yield f"The chargeback {code.split(':')[1]} is over, but {text(amount, currency)} of it stand open."


def debts_are_receivable() -> Iterator[str]:
    """What each professional still owes is what the ledger may still receive from them."""
    left = Debt.amount_minor - Debt.returned_minor - Debt.offset_minor - Debt.written_off_minor
    rows = select(Debt.person_id, Debt.currency, func.sum(left)).group_by(Debt.person_id, Debt.currency)
    owed: Sums = {
        (f"receivable:{person}", currency): int(amount) for person, currency, amount in everything(rows)
    }
    stands = {key: amount for key, amount in balances().items() if key[0].startswith("receivable:")}
    for key in sorted(owed.keys() | stands.keys()):
        if owed.get(key, 0) != stands.get(key, 0):
            says, is_ = text(stands.get(key, 0), key[1]), text(owed.get(key, 0), key[1])
            yield f"{key[0]} stands at {says}, but the debts sum to {is_}."


def payments_belong_together() -> Iterator[str]:
    """No milestone is funded by two payments, and none by a payment that is over."""
    rows = select(Payment.id).where(Payment.state == "canceled", Payment.charge_id.is_not(None))
    for (key,) in everything(rows):
        yield f"Payment {key} is called cancelled, but it has a charge."
    for row in holdings():
        if row.funded_minor not in (0, row.amount_minor):
            yield f"{name_of(row)} is funded in part."


RULES: tuple[Callable[[], Iterator[str]], ...] = (
    fees_are_exact,
    refunds_are_posted,
    surplus_goes_back,
    chargebacks_are_counted,
    debts_are_receivable,
    payments_belong_together,
)
