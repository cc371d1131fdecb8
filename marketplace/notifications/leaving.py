"""What closing an account means for its inbox."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

from marketplace.accounts.models import Person
from marketplace.kernel.db import db, many
from marketplace.notifications.models import Notice


def export(person: Person) -> list[dict[str, Any]]:
    """What one was told, and when."""
    found = select(Notice).where(Notice.person_id == person.id).order_by(Notice.event_number)
    return [
        {"line": row.line, "about": row.url, "at": row.created_at, "read": row.read_at} for row in many(found)
    ]


def remove(person: Person) -> None:
    """Empty the inbox."""
    db.session.execute(delete(Notice).where(Notice.person_id == person.id))
