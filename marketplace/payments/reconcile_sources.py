"""The object behind a movement that our books do not explain: whose money it is, and whether it was done twice."""

from __future__ import annotations

from typing import NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import select

from marketplace.kernel.db import Row, find
from marketplace.payments.entering import Obj
from marketplace.payments.models import Payment, Refund, Release

T = TypeVar("T", bound=Row)


class About(NamedTuple):
    """The holdings whose money it is, and the id of the object that did the same before, if one did."""

    holdings: tuple[UUID, ...] = ()
    earlier: str = ""


def about(source: Obj) -> About:
    """What our rows say about an object of Stripe's, by the ids that it carries or by its charge."""
    known = source.get("metadata") or {}
    if release := _row(Release, known.get("release_id")):
        return About((release.holding_id,), _other(release.transfer_id, source))
    if refund := _row(Refund, known.get("refund_id")):
        holdings = (refund.holding_id,) if refund.holding_id else ()
        return About(holdings, _other(refund.stripe_refund, source))
    if payment := _row(Payment, known.get("payment_id")):
        return About(_paid_for(payment), _other(payment.charge_id, source))
    charge = source.get("charge")
    paid = find(select(Payment).where(Payment.charge_id == charge)) if isinstance(charge, str) else None
    return About(_paid_for(paid)) if paid else About()


def _row(table: type[T], key: str | None) -> T | None:
    try:
        return find(select(table).where(table.id == UUID(key or "")))
    except ValueError:
        return None


def _other(known: str | None, source: Obj) -> str:
    return known if known and known != source["id"] else ""


def _paid_for(payment: Payment) -> tuple[UUID, ...]:
    return tuple(sorted(part.holding_id for part in payment.allocations))
