"""Applications and what readers made of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, exists, func, select, text
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from marketplace.accounts.models import Membership, Person
from marketplace.config import rules
from marketplace.contracts.models import Contract
from marketplace.kernel.db import Row, one_of
from marketplace.talent.models import Profile, Sample

LINES = {
    "lucidity": "Clear at first reading",
    "fluency": "Rhythm, no stumbling",
    "voice": "One person’s, not an echo; confident without imposing",
    "substance": "Something to learn, true and sourced",
    "judgement": "What it would risk for a brand",
}
WORDS = ("Not there", "Weak", "Sound", "Strong", "Rare")
READERS = 2
QUEUED = ("submitted", "reading")
STATES = ("draft", "submitted", "reading", "decided", "withdrawn")
DECISIONS = ("admitted", "not_yet", "refused", "")


class Application(Row, kw_only=True, eq=False, repr=False):
    """A professional's request to be let in."""

    __tablename__ = "vetting_application"
    __table_args__ = (
        one_of("state", *STATES),
        one_of("decision", *DECISIONS),
        # A professional asks once at a time.
        Index(
            "uq_vetting_application_open",
            "profile_id",
            unique=True,
            sqlite_where=text("state IN ('draft', 'submitted', 'reading')"),
            postgresql_where=text("state IN ('draft', 'submitted', 'reading')"),
        ),
    )

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

    @property
    def is_queued(self) -> bool:
        """Whether it waits for readers."""
        return self.state in QUEUED

    @property
    def readers_needed(self) -> int:
        """Two, and a third where the first two differ too much on a line."""
        first = sorted(self.finished, key=lambda reading: reading.number)[:READERS]
        return READERS + (len(first) == READERS and differs([reading.marks for reading in first]))

    @property
    def has_room(self) -> bool:
        """Whether one more reader may claim it."""
        return self.is_queued and len(self.readings) < self.readers_needed

    def reading_by(self, person: Person) -> Reading | None:
        """The reading that `person` claimed, if any."""
        return next((reading for reading in self.readings if reading.reader_id == person.id), None)


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
    # What a business should know; stands on the profile once admitted.
    note: Mapped[str] = mapped_column(default="")
    saved_at: Mapped[datetime | None] = mapped_column(default=None)
    application: Mapped[Application] = relationship(back_populates="readings", init=False)
    reader: Mapped[Person] = relationship(init=False)
    margins: Mapped[list[Margin]] = relationship(
        init=False, default_factory=list, order_by="Margin.created_at"
    )


class Margin(Row, kw_only=True, eq=False, repr=False):
    """A reader's note on exact words of a sample; shown on the profile once admitted."""

    __tablename__ = "vetting_margin"

    reading_id: Mapped[UUID] = mapped_column(ForeignKey("vetting_reading.id"), index=True)
    sample_id: Mapped[UUID] = mapped_column(ForeignKey("talent_sample.id"), index=True)
    quote: Mapped[str]
    note: Mapped[str]
    sample: Mapped[Sample] = relationship(init=False)


def differs(marks: list[dict[str, Any]]) -> bool:
    """Whether two readers are so far apart on a line that a third is called."""
    return any(
        max(mark[line] for mark in marks) - min(mark[line] for mark in marks) >= rules().vetting_gap
        for line in LINES
    )


def applications_of(profile_id: UUID) -> Select[Application]:
    """A profile's applications, the latest first."""
    return (
        select(Application)
        .where(Application.profile_id == profile_id)
        .order_by(Application.created_at.desc())
    )


def admission_of(profile_id: UUID) -> Select[Application]:
    """The decided application by which a profile was last admitted."""
    return (
        select(Application)
        .where(Application.profile_id == profile_id, Application.decision == "admitted")
        .order_by(Application.decided_at.desc())
        .limit(1)
    )


def open_application(profile_id: UUID) -> Select[Application]:
    """The application that is being written, waits or is being read."""
    return select(Application).where(
        Application.profile_id == profile_id, Application.state.in_(("draft", *QUEUED))
    )


def readable_by(reader: Person) -> Select[Application]:
    """The applications that `reader` may read: of nobody they share an organisation or a contract with.

    Drafts are not there; neither is their own. To a reader with a conflict the application does not exist,
    since even “you know this person” would say who it is.
    """
    theirs, other = aliased(Membership), aliased(Profile)
    acting_for = reader.organisation_ids
    colleague = exists().where(theirs.person_id == Profile.person_id, theirs.organisation_id.in_(acting_for))
    hired_by_reader = exists().where(
        Contract.profile_id == Profile.id, Contract.organisation_id.in_(acting_for)
    )
    hired_reader = exists().where(
        other.person_id == reader.id,
        Contract.profile_id == other.id,
        theirs.organisation_id == Contract.organisation_id,
        theirs.person_id == Profile.person_id,
    )
    return (
        select(Application)
        .join(Profile, Profile.id == Application.profile_id)
        .where(
            Application.state.in_((*QUEUED, "decided")),
            Profile.person_id != reader.id,
            ~colleague,
            ~hired_by_reader,
            ~hired_reader,
        )
    )


def queue_for(reader: Person) -> Select[Application]:
    """What waits for readers and this one may read, the oldest first."""
    return (
        readable_by(reader)
        .where(Application.state.in_(QUEUED))
        .order_by(Application.submitted_at, Application.id)
    )


def place_of(application: Application) -> Select[int]:
    """How many applications were sent before this one and still wait, and this one."""
    return select(func.count(Application.id)).where(
        Application.state.in_(QUEUED), Application.submitted_at <= application.submitted_at
    )


def decided() -> Select[Application]:
    """The decided applications, the latest first: what the public numbers are computed from."""
    return (
        select(Application)
        .where(Application.state == "decided", Application.decided_at.is_not(None))
        .order_by(Application.decided_at.desc())
        .limit(1000)
    )
