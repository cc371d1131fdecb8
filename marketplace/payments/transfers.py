"""Transfers: when a release's hold is over, the professional's part is sent to their account at Stripe."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select

from marketplace.kernel import money
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, db, find, flush, lock, one
from marketplace.payments import asking, debts
from marketplace.payments.claims import Debt, Reversal
from marketplace.payments.differences import differ
from marketplace.payments.entering import Foreign, Obj, Quarantine, ours, report, text
from marketplace.payments.ledger import is_entered, post
from marketplace.payments.models import Allocation, Freeze, Holding, Payee, Payment, Release
from marketplace.payments.outbox import ask


def due(moment: datetime) -> Select[UUID]:
    """Releases whose hold is over at `moment` and that nothing stops.

    Those wait whose payee is not ready, or has a new bank account that is still cooling.
    """
    frozen = select(Freeze.holding_id).where(Freeze.until_at.is_(None))
    return (
        select(Release.id)
        .join(Holding, Holding.id == Release.holding_id)
        .join(Payee, Payee.person_id == Holding.payee_id)
        .where(
            Release.state == "authorised",
            Release.called_at.is_(None),
            Release.due_at <= moment,
            Payee.state == "ready",
            or_(Payee.cooling_until.is_(None), Payee.cooling_until <= moment),
            Holding.id.not_in(frozen),
        )
        .order_by(Release.due_at)
        .limit(200)
    )


def send_transfer(release_id: UUID) -> None:
    """Hand the transfer of one release to the outbox, if all still stands once its holding is locked.

    What the professional owes from before is taken out first, and only then is the amount fixed.
    """
    release = one(select(Release).where(Release.id == release_id))
    holding = lock(release.holding)
    lock(release)
    payee = ready_payee(holding)
    waiting = release.state == "authorised" and release.called_at is None and release.due_at <= now()
    if not waiting or holding.is_frozen or payee is None:
        return
    debts.offset(release, holding)
    if release.due_minor == 0:
        release.state, release.paid_at = "paid", now()
        return flush()
    release.called_at, release.transfer_minor = now(), release.due_minor
    flush()
    ask("transfer", release.id, asking.transfer(release, holding, payment_of(holding), payee))


def ready_payee(holding: Holding) -> Payee | None:
    """The account to which the money of `holding` can be sent; None while it is not ready, or still cools."""
    payee = find(select(Payee).where(Payee.person_id == holding.payee_id, Payee.state == "ready"))
    return None if payee is None or is_cooling(payee) else payee


def is_cooling(payee: Payee) -> bool:
    """Whether the bank account of `payee` is so new that nothing is sent there yet."""
    return payee.cooling_until is not None and payee.cooling_until > now()


def payment_of(holding: Holding) -> Payment:
    """The payment that brought the money of `holding`."""
    return one(
        select(Payment)
        .join(Allocation, Allocation.payment_id == Payment.id)
        .where(Allocation.holding_id == holding.id, Payment.state == "succeeded")
    )


def transfer(found: Obj) -> None:
    """A transfer to a professional's account: its release is paid. And what was taken back of it since."""
    row = ours(Release, "release_id", found)
    holding = lock(row.holding)
    lock(row)
    payee = one(select(Payee).where(Payee.person_id == holding.payee_id))
    if not is_entered("transfer", found["id"]):
        _sent(row, holding, payee, found)
    for back in reversed(found["reversals"]["data"]):
        _reversed(row, holding, back)


def _sent(row: Release, holding: Holding, payee: Payee, found: Obj) -> None:
    asked = (row.transfer_minor, holding.currency, payee.stripe_account)
    if (found["amount"], found["currency"], found["destination"]) != asked or row.called_at is None:
        raise Quarantine(f"The transfer {found['id']} is not what release {row.id} asked for.")
    if row.transfer_id not in (None, found["id"]):
        raise Quarantine(f"Release {row.id} was transferred twice: {row.transfer_id} and {found['id']}.")
    net, person = found["amount"], holding.payee_id
    lines = {f"payable:{person}": net, "stripe:balance": -net, f"memo:pro_stripe:{person}": net,
             "memo:world": -net}  # fmt: skip
    post("transfer", found["id"], holding.currency, lines, stream=holding.stream, holding_id=holding.id)
    row.state, row.transfer_id, row.paid_at = "paid", found["id"], now()
    row.sent_minor += net
    flush()
    report("transfer.sent", holding, release=str(row.id), amount=text(holding, net))


def reversal(found: Obj) -> None:
    """A reversal that was our wish, as Stripe answers it."""
    row = db.session.get_one(Release, ours(Reversal, "reversal_id", found).release_id)
    holding = lock(row.holding)
    _reversed(lock(row), holding, found)


def _reversed(row: Release, holding: Holding, back: Obj) -> None:
    """Money of a transfer came back: by our wish, for a debt, or by somebody's hand at Stripe."""
    if is_entered("reversal", back["id"]):
        return
    net, person = back["amount"], holding.payee_id
    wished = _wished(back)
    debt = lock(db.session.get_one(Debt, wished.debt_id)) if wished else None
    # What a debt does not need any more, or nobody here wished, is the professional's again.
    paid = min(net, debt.left_minor) if debt else 0
    lines = {"stripe:balance": net, f"receivable:{person}": -paid, f"payable:{person}": paid - net,
             f"memo:pro_stripe:{person}": -net, "memo:world": net}  # fmt: skip
    about: dict[str, Any] = {"stream": holding.stream, "holding_id": holding.id}
    post("reversal", back["id"], holding.currency, lines, **about)
    row.reversed_minor += net
    row.sent_minor -= net - paid
    if wished is not None and debt is not None:
        wished.state, wished.stripe_reversal = "done", back["id"]
        debt.returned_minor += paid
    else:
        add(
            Reversal(
                release_id=row.id, debt_id=None, amount_minor=net, state="done", stripe_reversal=back["id"]
            )
        )
        differ("outside_action", "reversal", back["id"], holding.currency, None, net,
               f"{money.text(net, holding.currency)} of the transfer {row.transfer_id} for “{holding.title}” was taken "
               "back at Stripe, not here. It is owed to the professional again: send it anew, or find out why.",
               holding.id)  # fmt: skip
    row.state = "reversed" if row.reversed_minor >= (row.transfer_minor or 0) else "partially_reversed"
    flush()
    report("transfer.reversed", holding, release=str(row.id), amount=text(holding, net))


def _wished(back: Obj) -> Reversal | None:
    """Our own wish behind a reversal. A person's debt that was paid otherwise meanwhile makes it a surplus."""
    try:
        row = ours(Reversal, "reversal_id", back)
    except Foreign:
        return None
    if row.amount_minor != back["amount"]:
        raise Quarantine(f"The reversal {back['id']} is not what was asked for.")
    return row
