"""One line in one person's inbox."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.accounts.models import Person
from marketplace.kernel.db import Row


class Notice(Row, kw_only=True, eq=False, repr=False):
    """What one event asks of, or tells, one person."""

    __tablename__ = "notifications_notice"
    __table_args__ = (UniqueConstraint("person_id", "event_number"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"), index=True)
    event_number: Mapped[int] = mapped_column(BigInteger)
    line: Mapped[str]
    url: Mapped[str]
    asks: Mapped[bool] = mapped_column(default=False)
    read_at: Mapped[datetime | None] = mapped_column(default=None)


def inbox_of(person: Person) -> Select[Notice]:
    """A person's notices, the latest first."""
    return select(Notice).where(Notice.person_id == person.id).order_by(Notice.created_at.desc())
