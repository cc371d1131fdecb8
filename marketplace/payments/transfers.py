"""Transfers: when a release's hold is over, the professional's part is sent to their account at Stripe."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select

from marketplace.kernel.clock import now
from marketplace.kernel.db import find, flush, lock, one
from marketplace.payments import asking
from marketplace.payments.calls import ask
from marketplace.payments.models import Allocation, Freeze, Holding, Payee, Payment, Release


def due(moment: datetime) -> Select[UUID]:
    """Releases whose hold is over at `moment` and that nothing stops; those without a ready payee wait."""
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
            Holding.id.not_in(frozen),
        )
        .order_by(Release.due_at)
        .limit(200)
    )


def send_transfer(release_id: UUID) -> None:
    """Hand the transfer of one release to the outbox, if all still stands once its holding is locked."""
    release = one(select(Release).where(Release.id == release_id))
    holding = lock(release.holding)
    lock(release)
    payee = find(select(Payee).where(Payee.person_id == holding.payee_id, Payee.state == "ready"))
    waiting = release.state == "authorised" and release.called_at is None and release.due_at <= now()
    if not waiting or holding.is_frozen or payee is None:
        return
    if release.net_minor == 0:
        release.state, release.paid_at = "paid", now()
        return flush()
    payment = one(
        select(Payment)
        .join(Allocation, Allocation.payment_id == Payment.id)
        .where(Allocation.holding_id == holding.id, Payment.state == "succeeded")
    )
    release.called_at = now()
    ask("transfer", release.id, asking.transfer(release, holding, payment, payee))
