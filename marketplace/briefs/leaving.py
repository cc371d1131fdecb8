"""What goes along of briefs when an account is exported."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from marketplace.accounts.models import Person
from marketplace.briefs.models import Brief, Question, invitations_of
from marketplace.kernel.db import many

TOLD = (
    "title", "state", "goal", "result", "learns", "audience", "subject_area", "languages", "sheet", "currency",
    "low_minor", "high_minor", "rights", "visibility", "questions", "published_at", "closed_at", "close_reason",
)  # fmt: skip


def export(person: Person) -> list[dict[str, Any]]:
    """The briefs one wrote, the questions one asked, and the invitations one got."""
    written = many(select(Brief).where(Brief.by_id == person.id).order_by(Brief.created_at))
    asked = many(select(Question).where(Question.by_id == person.id).order_by(Question.created_at))
    return [
        *({name: getattr(brief, name) for name in TOLD} for brief in written),
        *({"question": row.body, "answer": row.answer, "at": row.created_at} for row in asked),
        *({"invited_to": row.brief.title, "state": row.state, "reason": row.reason, "at": row.created_at}
          for row in many(invitations_of(person))),
    ]  # fmt: skip
