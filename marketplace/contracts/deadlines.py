"""Which contracts and milestones have a clock that ran out, for the sweep."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select

from marketplace.contracts.models import NEGOTIATED, Contract, Milestone


def expiring(now: datetime) -> Select[UUID]:
    """Offers nobody answered."""
    return select(Contract.id).where(Contract.state.in_(NEGOTIATED), Contract.due_at <= now)


def silent(now: datetime) -> Select[UUID]:
    """Submitted milestones whose review window is over."""
    return select(Milestone.id).where(Milestone.work == "submitted", Milestone.review_due_at <= now)


def reminding(now: datetime) -> Select[UUID]:
    """Submitted milestones whose business is to be reminded."""
    return select(Milestone.id).where(Milestone.work == "submitted", Milestone.remind_at <= now)


def living(now: datetime) -> Select[UUID]:
    """Milestones whose money is held long enough for a warning or the hard stop."""
    return select(Milestone.id).where(Milestone.life_due_at <= now)
