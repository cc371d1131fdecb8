"""One review a side and contract, and the window in which both may write."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from marketplace.accounts.models import Organisation, Person
from marketplace.contracts.models import Contract, visible_to
from marketplace.kernel.clock import now
from marketplace.kernel.db import Row, one_of
from marketplace.talent.models import Profile

# What each side rates, and the words that anchor the numbers 1 to 5 in what happened, not in feelings.
BUSINESS_LINES = {
    "substance": (
        "Nothing a reader did not know",
        "Little to learn, or not sourced",
        "Sound, but others had said it",
        "Something to learn, true and sourced",
        "Readers learned something they could use",
    ),
    "style": (
        "Rewritten",
        "More than an hour of edits",
        "Half an hour to an hour of edits",
        "Under half an hour of edits",
        "Ready to publish",
    ),
    "voice": (
        "Could have been anybody",
        "Ours here and there",
        "Ours in most lines",
        "Ours, after a note or two",
        "Ours from the first draft",
    ),
    "reliability": (
        "Did not deliver what was agreed",
        "Late without a word",
        "Late, but said so in time",
        "On time, after a reminder",
        "On time, and warned us of risks",
    ),
}
PROFESSIONAL_LINES = {
    "clarity": (
        "The brief was not what was wanted",
        "Large parts had to be guessed",
        "Clear after several questions",
        "Clear after a question or two",
        "Clear as it stood",
    ),
    "speed": (
        "Hardly answered",
        "Answered after a week or more",
        "Answered within the week",
        "Answered within two days",
        "Answered the same or the next day",
    ),
    "decisions": (
        "Changed with every draft",
        "Reversed without a reason",
        "Took several voices to settle",
        "Clear, now and then late",
        "Clear, reasoned, and kept",
    ),
}
LINES = {"business": BUSINESS_LINES, "professional": PROFESSIONAL_LINES}
# Why an admin may take a review away; the note on the page says which.
GROUNDS = {
    "threat": "It threatens or insults",
    "private": "It tells private things",
    "interest": "Its writer had an interest of their own",
    "pressed": "It was asked for with money or pressure",
    "elsewhere": "It is not about this work",
    "law": "A court or a law demands it",
}


class Window(Row, kw_only=True, eq=False, repr=False):
    """The time in which both sides of an ended contract may write."""

    __tablename__ = "reviews_window"

    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contracts_contract.id"), unique=True)
    due_at: Mapped[datetime] = mapped_column(index=True)
    # When it closed: both sides were in, or the time was over.
    shown_at: Mapped[datetime | None] = mapped_column(default=None)
    contract: Mapped[Contract] = relationship(init=False)

    @property
    def is_open(self) -> bool:
        """Whether a side may still write."""
        return self.shown_at is None and now() < self.due_at


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
    removed_ground: Mapped[str] = mapped_column(default="")
    contract: Mapped[Contract] = relationship(init=False)
    by: Mapped[Person] = relationship(init=False)
    organisation: Mapped[Organisation] = relationship(init=False)
    profile: Mapped[Profile] = relationship(init=False)

    @property
    def is_shown(self) -> bool:
        """Whether others than its writer may read it."""
        return self.shown_at is not None

    @property
    def is_removed(self) -> bool:
        """Whether only the note of its removal is left to read."""
        return self.removed_at is not None

    @property
    def ground(self) -> str:
        """Why it was removed, in words."""
        return GROUNDS.get(self.removed_ground, "")

    @property
    def reviewed(self) -> str:
        """The side it is about: `business` or `professional`."""
        return "professional" if self.side == "business" else "business"

    @property
    def lines(self) -> list[tuple[str, int, str]]:
        """Each rated line with its number and the words of that number."""
        return [(line, mark, LINES[self.side][line][mark - 1]) for line, mark in self.scores.items()]


def shown_on(profile_id: UUID) -> Select[Review]:
    """The reviews by businesses that stand on a profile, the latest first; removed ones keep their note."""
    return (
        select(Review)
        .where(Review.profile_id == profile_id, Review.side == "business", Review.shown_at.is_not(None))
        .options(joinedload(Review.organisation), joinedload(Review.profile))
        .order_by(Review.shown_at.desc(), Review.id)
    )


def shown_of(organisation_id: UUID) -> Select[Review]:
    """What professionals say of a business, the latest first; removed ones keep their note."""
    return (
        select(Review)
        .where(
            Review.organisation_id == organisation_id,
            Review.side == "professional",
            Review.shown_at.is_not(None),
        )
        .options(joinedload(Review.organisation), joinedload(Review.profile))
        .order_by(Review.shown_at.desc(), Review.id)
    )


def of_contract(contract_id: UUID) -> Select[Review]:
    """Both sides' reviews of one contract, hidden ones too: never to be shown unasked."""
    return select(Review).where(Review.contract_id == contract_id)


def window_of(contract_id: UUID) -> Select[Window]:
    """The window of a contract."""
    return select(Window).where(Window.contract_id == contract_id)


def shown_to(person: Person) -> Select[Review]:
    """The shown reviews of contracts that `person` may see."""
    contracts = visible_to(person).with_only_columns(Contract.id)
    return select(Review).where(Review.shown_at.is_not(None), Review.contract_id.in_(contracts))
