"""Which briefs are due for the sweep."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, or_, select

from marketplace.briefs.models import Brief
from marketplace.config import rules


def expiring(now: datetime) -> Select[UUID]:
    """Open briefs that take no more pitches and whose time to decide is over."""
    decided = or_(Brief.decide_by.is_(None), Brief.decide_by <= now)
    return select(Brief.id).where(Brief.state == "open", Brief.closes_at <= now, decided)


def warning(now: datetime) -> Select[UUID]:
    """Open briefs that close soon and whose business was not told yet."""
    return select(Brief.id).where(
        Brief.state == "open", Brief.warned_at.is_(None), Brief.closes_at <= now + rules().brief_warn
    )
