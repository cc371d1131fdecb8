"""A thread belongs to a subject; its messages are never changed."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, Select, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.kernel.db import Row


class Thread(Row, kw_only=True, eq=False, repr=False):
    """What is said about one subject (`contract:<uuid>`)."""

    __tablename__ = "messaging_thread"

    about: Mapped[str] = mapped_column(unique=True)


class Message(Row, kw_only=True, eq=False, repr=False):
    """One message by one person."""

    __tablename__ = "messaging_message"

    thread_id: Mapped[UUID] = mapped_column(ForeignKey("messaging_thread.id"), index=True)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"))
    body: Mapped[str]
    by: Mapped[Person] = relationship(init=False)


def messages_about(subject: str) -> Select[Message]:
    """The messages of the thread about `subject`, oldest first, with their writers."""
    return (
        select(Message)
        .join(Thread, Thread.id == Message.thread_id)
        .where(Thread.about == subject)
        .order_by(Message.created_at)
        .options(joinedload(Message.by))
    )
