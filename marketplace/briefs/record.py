"""How a business has treated its briefs so far: shown on each of them."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from uuid import UUID

from sqlalchemy import select

from marketplace.briefs.models import FINISHED, Brief
from marketplace.kernel.db import db

# The last so many briefs count: what a business did years ago says little.
LAST = 50


@dataclass(frozen=True)
class Record:
    """finished: briefs that ended. hired: those that ended in a hire. days: median from publishing to the end."""

    finished: int
    hired: int
    days: int

    @property
    def sentence(self) -> str:
        """The record as people read it."""
        if not self.finished:
            return "First brief here"
        days = (
            "the day it is published" if self.days == 0 else f"{self.days} day{'s' if self.days != 1 else ''}"
        )
        within = (
            f"half its decisions came within {days}" if self.days else f"half its decisions came on {days}"
        )
        return f"Hired on {self.hired} of {self.finished} briefs; {within}"


def record_of(organisation_id: UUID) -> Record:
    """The record of one business, from its last finished briefs."""
    rows = db.session.execute(
        select(Brief.state, Brief.published_at, Brief.closed_at)
        .where(
            Brief.organisation_id == organisation_id, Brief.state.in_(FINISHED), Brief.closed_at.is_not(None)
        )
        .order_by(Brief.closed_at.desc())
        .limit(LAST)
    ).all()
    spans = [(ended - begun).days for _state, begun, ended in rows if begun is not None and ended is not None]
    return Record(len(rows), sum(row.state == "hired" for row in rows), round(median(spans)) if spans else 0)
