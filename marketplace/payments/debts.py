"""What professionals owe after money was taken back: made here, paid by reversals and by part of later releases."""

from __future__ import annotations

from sqlalchemy import select

from marketplace.config import rules
from marketplace.kernel import money
from marketplace.kernel.db import add, find, flush, lock, many
from marketplace.payments.claims import Debt, Offset
from marketplace.payments.entering import report, text
from marketplace.payments.ledger import post
from marketplace.payments.models import Holding, Release


def claw(holding: Holding, amount_minor: int) -> int:
    """Count `amount_minor` as taken back out of what was released; returns the part of it that was our fee.

    The fee falls back to that of what stays released. The lock is held.
    """
    kept = holding.released_minor - holding.clawed_minor - amount_minor
    rest = money.fee_until(kept, holding.fee_bps, money.step_of(holding.currency))
    fee = min(amount_minor, max(0, holding.fee_minor - rest))
    holding.clawed_minor += amount_minor
    holding.fee_minor -= fee
    holding.version += 1
    return fee


def owe(holding: Holding, amount_minor: int, *, cause: str, reason: str) -> Debt:
    """Write down that the professional of `holding` owes `amount_minor`; its entry is the caller's."""
    debt = add(
        Debt(person_id=holding.payee_id, holding_id=holding.id, currency=holding.currency,
             amount_minor=amount_minor, reason=reason, cause=cause)
    )  # fmt: skip
    report("debt.owed", holding, debt=str(debt.id), amount=text(holding, amount_minor), reason=reason)
    return debt


def forgive_whole(cause: str) -> bool:
    """What made a debt was undone: nothing of it is owed. False, and nothing changed, when some of it was paid."""
    debt = find(select(Debt).where(Debt.cause == cause))
    if debt is None:
        return True
    lock(debt)
    if debt.left_minor != debt.amount_minor:
        return False
    debt.returned_minor = debt.amount_minor
    flush()
    return True


def open_debts(holding: Holding) -> list[Debt]:
    """What the professional of `holding` still owes in its currency, oldest first."""
    mine = select(Debt).where(Debt.person_id == holding.payee_id, Debt.currency == holding.currency)
    return [debt for debt in many(mine.order_by(Debt.created_at, Debt.id)) if debt.left_minor]


def offset(release: Release, holding: Holding) -> int:
    """Take what is owed out of a release that is about to be transferred; returns how much, in minor units.

    Only debts older than the release, and never more than the share of it that the rules allow. The locks of
    holding and release are held.
    """
    step = money.step_of(holding.currency)
    most = release.owed_minor * rules().debt_share_bps // (10_000 * step) * step
    for debt in open_debts(holding) if release.offset_minor == 0 else ():
        lock(debt)
        part = min(debt.left_minor, most - release.offset_minor)
        if part <= 0 or debt.created_at >= release.created_at:
            continue
        add(Offset(debt_id=debt.id, release_id=release.id, amount_minor=part))
        debt.offset_minor += part
        release.offset_minor += part
    taken = release.offset_minor
    if taken:
        lines = {f"payable:{holding.payee_id}": taken, f"receivable:{holding.payee_id}": -taken}
        about = {"stream": holding.stream, "holding_id": holding.id}
        if post("debt_offset", str(release.id), holding.currency, lines, **about):  # type: ignore[arg-type]
            report("debt.offset", holding, release=str(release.id), amount=text(holding, taken))
    flush()
    return taken
