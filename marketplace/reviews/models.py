"""One review a side and contract."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.contracts.models import Contract
from marketplace.kernel.db import Row, one_of

BUSINESS_LINES = ("substance", "style", "voice", "reliability")
PROFESSIONAL_LINES = ("clarity", "speed", "decisions")


class Window(Row, kw_only=True, eq=False, repr=False):
    """The time in which both sides of an ended contract may write."""

    __tablename__ = "reviews_window"

    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contracts_contract.id"), unique=True)
    due_at: Mapped[datetime] = mapped_column(index=True)
    shown_at: Mapped[datetime | None] = mapped_column(default=None)
    contract: Mapped[Contract] = relationship(init=False)


class Review(Row, kw_only=True, eq=False, repr=False):
    """What one side says of the other. Shown when both are in or the window closed.

    scores: whole numbers 1..5 by the lines of the writer's side.
    """

    __tablename__ = "reviews_review"
    __table_args__ = (UniqueConstraint("contract_id", "side"), one_of("side", "business", "professional"))

    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contracts_contract.id"), index=True)
    side: Mapped[str]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"))
    profile_id: Mapped[UUID] = mapped_column(ForeignKey("talent_profile.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_organisation.id"), index=True)
    scores: Mapped[dict[str, Any]]
    body: Mapped[str]
    quote: Mapped[str] = mapped_column(default="")
    hire_again: Mapped[bool | None] = mapped_column(default=None)
    shown_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    reply: Mapped[str] = mapped_column(default="")
    replied_at: Mapped[datetime | None] = mapped_column(default=None)
    removed_at: Mapped[datetime | None] = mapped_column(default=None)
    removed_reason: Mapped[str] = mapped_column(default="")
    contract: Mapped[Contract] = relationship(init=False)
    by: Mapped[Person] = relationship(init=False)


def shown_on(profile_id: UUID) -> Select[Review]:
    """The reviews by businesses that stand on a profile, the latest first; removed ones keep their note."""
    return (
        select(Review)
        .where(Review.profile_id == profile_id, Review.side == "business", Review.shown_at.is_not(None))
        .order_by(Review.shown_at.desc())
    )
