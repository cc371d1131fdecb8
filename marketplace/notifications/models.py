"""One line in one person's inbox."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Select, UniqueConstraint, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.accounts.models import Person
from marketplace.kernel.db import Row


class Notice(Row, kw_only=True, eq=False, repr=False):
    """What one event asks of, or tells, one person."""

    __tablename__ = "notifications_notice"
    __table_args__ = (
        UniqueConstraint("person_id", "event_number"),
        Index("ix_notifications_notice_unread", "person_id", "read_at"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"))
    event_number: Mapped[int] = mapped_column(BigInteger)
    line: Mapped[str]
    url: Mapped[str]
    asks: Mapped[bool] = mapped_column(default=False)
    # For whom it was sent: who leaves that business no longer reads its notices.
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts_organisation.id"), default=None)
    read_at: Mapped[datetime | None] = mapped_column(default=None)


def visible_to(person: Person) -> Select[Notice]:
    """A person's notices, but for those of businesses they no longer act for."""
    return select(Notice).where(
        Notice.person_id == person.id,
        or_(Notice.organisation_id.is_(None), Notice.organisation_id.in_(person.organisation_ids)),
    )


def inbox_of(person: Person) -> Select[Notice]:
    """What `visible_to` finds, the latest first."""
    return visible_to(person).order_by(Notice.event_number.desc())


def unread_of(person: Person) -> Select[int]:
    """How many notices `person` has not opened."""
    found = visible_to(person).where(Notice.read_at.is_(None))
    return found.with_only_columns(func.count(Notice.id))
