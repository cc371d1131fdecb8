"""What goes along of messages when an account is exported. They stay with the people they were written to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from marketplace.accounts.models import Person
from marketplace.kernel.db import db
from marketplace.messaging.models import Message, Thread


def export(person: Person) -> list[dict[str, Any]]:
    """The messages one wrote, and about what."""
    found = (
        select(Thread.about, Message.body, Message.created_at)
        .join(Message, Message.thread_id == Thread.id)
        .where(Message.by_id == person.id)
        .order_by(Message.created_at)
    )
    return [{"about": about, "body": body, "at": at} for about, body, at in db.session.execute(found)]
