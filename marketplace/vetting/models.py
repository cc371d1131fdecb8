"""Applications and what readers made of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.kernel.db import Row, one_of
from marketplace.talent.models import Profile, Sample

LINES = {
    "lucidity": "Clear at first reading",
    "fluency": "Rhythm, no stumbling",
    "voice": "One person's, not an echo; confident without imposing",
    "substance": "Something to learn, true and sourced",
    "judgement": "What it would risk for a brand",
}
STATES = ("draft", "submitted", "reading", "decided", "withdrawn")
DECISIONS = ("admitted", "not_yet", "refused", "")


class Application(Row, kw_only=True, eq=False, repr=False):
    """A professional's request to be let in."""

    __tablename__ = "vetting_application"
    __table_args__ = (one_of("state", *STATES), one_of("decision", *DECISIONS))

    profile_id: Mapped[UUID] = mapped_column(ForeignKey("talent_profile.id"), index=True)
    state: Mapped[str] = mapped_column(default="draft", index=True)
    decision: Mapped[str] = mapped_column(default="")
    submitted_at: Mapped[datetime | None] = mapped_column(default=None)
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts_person.id"), default=None)
    letter: Mapped[str] = mapped_column(default="")
    # What stands on the profile once admitted.
    note: Mapped[str] = mapped_column(default="")
    reapply_at: Mapped[datetime | None] = mapped_column(default=None)
    # The ids of the samples as they were sent, in order: an edit afterwards changes nothing here.
    sample_ids: Mapped[list[str]] = mapped_column(default_factory=list)
    profile: Mapped[Profile] = relationship(init=False)
    readings: Mapped[list[Reading]] = relationship(
        back_populates="application", init=False, default_factory=list, order_by="Reading.number"
    )

    @property
    def finished(self) -> list[Reading]:
        """The readings whose marks are saved, in order."""
        return [reading for reading in self.readings if reading.saved_at]


class Reading(Row, kw_only=True, eq=False, repr=False):
    """One reader's blind reading: five marks from 1 to 5, each with a sentence."""

    __tablename__ = "vetting_reading"
    __table_args__ = (
        UniqueConstraint("application_id", "reader_id"),
        UniqueConstraint("application_id", "number"),
    )

    application_id: Mapped[UUID] = mapped_column(ForeignKey("vetting_application.id"), index=True)
    reader_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"), index=True)
    # 1, 2, and 3 where the first two differ too much.
    number: Mapped[int]
    # {"lucidity": 4, …} and {"lucidity": "…", …}
    marks: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    reasons: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    saved_at: Mapped[datetime | None] = mapped_column(default=None)
    application: Mapped[Application] = relationship(back_populates="readings", init=False)
    reader: Mapped[Person] = relationship(init=False)
    margins: Mapped[list[Margin]] = relationship(init=False, default_factory=list, order_by="Margin.created_at")


class Margin(Row, kw_only=True, eq=False, repr=False):
    """A reader's note on exact words of a sample; shown on the profile once admitted."""

    __tablename__ = "vetting_margin"

    reading_id: Mapped[UUID] = mapped_column(ForeignKey("vetting_reading.id"), index=True)
    sample_id: Mapped[UUID] = mapped_column(ForeignKey("talent_sample.id"), index=True)
    quote: Mapped[str]
    note: Mapped[str]
    sample: Mapped[Sample] = relationship(init=False)


def applications_of(profile_id: UUID) -> Select[Application]:
    """A profile's applications, the latest first."""
    return (
        select(Application).where(Application.profile_id == profile_id).order_by(Application.created_at.desc())
    )


def admission_of(profile_id: UUID) -> Select[Application]:
    """The decided application by which a profile was last admitted."""
    return (
        select(Application)
        .where(Application.profile_id == profile_id, Application.decision == "admitted")
        .order_by(Application.decided_at.desc())
        .limit(1)
    )
