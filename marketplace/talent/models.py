"""What a professional shows: who they are, what they write, what it costs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Select, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, aliased, joinedload, mapped_column, relationship

from marketplace.accounts.models import Organisation, Person
from marketplace.kernel.clock import now
from marketplace.kernel.db import Row, one_of
from marketplace.kernel.events import guarded
from marketplace.kernel.files import File
from marketplace.kernel.text import initials

# Stored word and what people read. The order is the order of the lists.
PLATFORMS = {
    "linkedin": "LinkedIn",
    "x": "X",
    "instagram": "Instagram",
    "threads": "Threads",
    "bluesky": "Bluesky",
    "mastodon": "Mastodon",
    "tiktok": "TikTok",
    "youtube": "YouTube",
    "facebook": "Facebook",
    "newsletter": "Newsletter",
    "blog": "Blog",
}
SUBJECTS = {
    "public-services": "Public services",
    "industry": "Industry",
    "money": "Money and tax",
    "climate": "Climate and energy",
    "food": "Food and drink",
    "health": "Health and care",
    "sport": "Sport",
    "culture": "Culture",
    "science": "Science",
    "travel": "Travel",
    "education": "Education",
    "agriculture": "Agriculture",
    "law": "Law",
    "fashion": "Fashion",
    "charity": "Charity",
    "technology": "Technology",
    "property": "Property",
    "retail": "Retail",
    "logistics": "Logistics",
    "animals": "Animals",
}
REGISTERS = {
    "dry": "Dry",
    "warm": "Warm",
    "plain-spoken": "Plain-spoken",
    "exact": "Exact",
    "provocative": "Provocative",
    "playful": "Playful",
    "lyrical": "Lyrical",
}
KINDS = {
    "post": "Post",
    "thread": "Thread",
    "article": "Article or newsletter",
    "caption": "Caption or script",
    "reply-desk": "Reply desk",
    "voice-sheet": "Voice sheet",
    "calendar": "Editorial calendar",
    "report": "Report in plain words",
}
AI_POLICIES = {"none": "Never", "assist": "To assist, always disclosed", "allowed": "Allowed"}
SAMPLE_ROLES = {"wrote": "Wrote it", "edited": "Edited it", "led": "Led the team"}
PERMISSIONS = {"public": "Public", "granted": "Permission granted", "sealed": "Sealed"}
LEVELS = {"native": "Native", "fluent": "Fluent", "working": "Working"}
# States of a sample that is still part of a profile, read or not.
LIVING = ("draft", "frozen", "waiting")


class Profile(Row, kw_only=True, eq=False, repr=False):
    """A person as a professional."""

    __tablename__ = "talent_profile"
    __table_args__ = (one_of("ai_policy", *AI_POLICIES),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"), unique=True)
    handle: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    statement: Mapped[str] = mapped_column(default="")
    biography: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    timezone: Mapped[str] = mapped_column(default="UTC")
    hours: Mapped[str] = mapped_column(default="")
    currency: Mapped[str] = mapped_column(default="usd")
    platforms: Mapped[list[str]] = mapped_column(default_factory=list)
    subjects: Mapped[list[str]] = mapped_column(default_factory=list)
    registers: Mapped[list[str]] = mapped_column(default_factory=list)
    # [{"code": "en", "level": "native"}]
    languages: Mapped[list[dict[str, Any]]] = mapped_column(default_factory=list)
    free_from: Mapped[date | None] = mapped_column(default=None)
    ai_policy: Mapped[str] = mapped_column(default="none")
    tone: Mapped[int] = mapped_column(default=0)
    admitted_at: Mapped[datetime | None] = mapped_column(default=None)
    read_again_at: Mapped[datetime | None] = mapped_column(default=None)
    paused_at: Mapped[datetime | None] = mapped_column(default=None)
    hidden_at: Mapped[datetime | None] = mapped_column(default=None)
    person: Mapped[Person] = relationship(init=False)
    rates: Mapped[list[Rate]] = relationship(
        init=False, default_factory=list, order_by="Rate.amount_minor", cascade="all, delete-orphan"
    )
    samples: Mapped[list[Sample]] = relationship(
        back_populates="profile", init=False, default_factory=list, order_by="Sample.position"
    )

    @property
    def is_admitted(self) -> bool:
        """Whether vetting let this professional in."""
        return self.admitted_at is not None

    @property
    def is_listed(self) -> bool:
        """Whether strangers may see this profile."""
        return self.is_admitted and self.paused_at is None and self.hidden_at is None

    @property
    def initials(self) -> str:
        """For the monogram."""
        return initials(self.name)


class Rate(Row, kw_only=True, eq=False, repr=False):
    """What one kind of piece costs at least, in the profile's currency."""

    __tablename__ = "talent_rate"
    __table_args__ = (UniqueConstraint("profile_id", "kind"), one_of("kind", *KINDS))

    profile_id: Mapped[UUID] = mapped_column(ForeignKey("talent_profile.id"), index=True)
    kind: Mapped[str]
    includes: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)


class Sample(Row, kw_only=True, eq=False, repr=False):
    """One piece of published work, as it was published.

    Frozen once it was sent for reading: an edit makes a new row that `replaces` it and waits for a reader.
    """

    __tablename__ = "talent_sample"
    __table_args__ = (
        one_of("platform", *PLATFORMS),
        one_of("role", *SAMPLE_ROLES),
        one_of("permission", *PERMISSIONS),
        one_of("state", "draft", "frozen", "waiting", "replaced", "removed"),
    )

    profile_id: Mapped[UUID] = mapped_column(ForeignKey("talent_profile.id"), index=True)
    platform: Mapped[str]
    client: Mapped[str]
    role: Mapped[str]
    written_on: Mapped[date]
    text: Mapped[str]
    brief: Mapped[str]
    learns: Mapped[str]
    link: Mapped[str] = mapped_column(default="")
    permission: Mapped[str] = mapped_column(default="public")
    alt: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
    # draft: own only. frozen: read by vetting, shown. waiting: an edit not read yet. replaced, removed: gone.
    state: Mapped[str] = mapped_column(default="draft")
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("talent_sample.id"), default=None)
    # Since when its words are fixed, because a reader was given them.
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
    image_id: Mapped[UUID | None] = mapped_column(ForeignKey("kernel_file.id"), default=None)
    profile: Mapped[Profile] = relationship(back_populates="samples", init=False)
    image: Mapped[File | None] = relationship(init=False)

    @property
    def is_sealed(self) -> bool:
        """Whether an agreement of silence covers it: readers and named businesses only."""
        return self.permission == "sealed"

    @property
    def is_fixed(self) -> bool:
        """Whether readers were given these words, so that an edit makes a new row."""
        return self.sent_at is not None or self.state == "frozen"


class Grant(Row, kw_only=True, eq=False, repr=False):
    """A named business let into a sealed sample for some days."""

    __tablename__ = "talent_grant"

    sample_id: Mapped[UUID] = mapped_column(ForeignKey("talent_sample.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_organisation.id"), index=True)
    expires_at: Mapped[datetime]
    organisation: Mapped[Organisation] = relationship(init=False)


class Opening(Row, kw_only=True, eq=False, repr=False):
    """That somebody opened a sealed sample: its words or its image. Append-only."""

    __tablename__ = "talent_opening"
    __table_args__ = (one_of("part", "text", "image"),)

    sample_id: Mapped[UUID] = mapped_column(ForeignKey("talent_sample.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"))
    part: Mapped[str] = mapped_column(default="text")
    person: Mapped[Person] = relationship(init=False)


class Shortlisting(Row, kw_only=True, eq=False, repr=False):
    """A professional whom a business keeps in mind, with a note of its own."""

    __tablename__ = "talent_shortlisting"
    __table_args__ = (UniqueConstraint("organisation_id", "profile_id"),)

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_organisation.id"), index=True)
    profile_id: Mapped[UUID] = mapped_column(ForeignKey("talent_profile.id"), index=True)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"))
    note: Mapped[str] = mapped_column(default="")
    profile: Mapped[Profile] = relationship(init=False)


def listed() -> Select[Profile]:
    """The professionals that strangers may see."""
    suspended = select(Person.id).where(Person.suspended_at.is_not(None))
    return select(Profile).where(
        Profile.person_id.not_in(suspended),
        Profile.admitted_at.is_not(None),
        Profile.paused_at.is_(None),
        Profile.hidden_at.is_(None),
    )


def visible_to(person: Person | None) -> Select[Profile]:
    """The profiles that `person` may see: the listed ones, their own, and for staff all."""
    if person is not None and person.is_staff:
        return select(Profile)
    shown = listed().whereclause
    assert shown is not None
    own = [Profile.person_id == person.id] if person is not None else []
    return select(Profile).where(or_(shown, *own))


def profile_of(person: Person) -> Select[Profile]:
    """The person's own profile."""
    return select(Profile).where(Profile.person_id == person.id)


def shown_samples(profile_id: UUID) -> Select[Sample]:
    """The samples of a profile that vetting has read, in the professional's order."""
    return (
        select(Sample)
        .where(Sample.profile_id == profile_id, Sample.state == "frozen")
        .order_by(Sample.position, Sample.created_at)
    )


def own_samples(profile_id: UUID) -> Select[Sample]:
    """What a profile consists of for its owner: for each sample its newest words, read or not yet."""
    newer = aliased(Sample)
    replaced = select(newer.replaces_id).where(newer.replaces_id.is_not(None), newer.state.in_(LIVING))
    return (
        select(Sample)
        .where(Sample.profile_id == profile_id, Sample.state.in_(LIVING), Sample.id.not_in(replaced))
        .order_by(Sample.position, Sample.created_at)
    )


def is_open_to(sample_id: UUID, person: Person) -> Select[Grant]:
    """The grants by which an organisation of `person` may open a sealed sample today."""
    return select(Grant).where(
        Grant.sample_id == sample_id,
        Grant.organisation_id.in_(person.organisation_ids),
        Grant.expires_at > now(),
    )


def openings_of(sample_id: UUID) -> Select[Opening]:
    """Who opened a sealed sample, the latest first."""
    return (
        select(Opening)
        .where(Opening.sample_id == sample_id)
        .options(joinedload(Opening.person))
        .order_by(Opening.created_at.desc())
        .limit(50)
    )


def grants_of(sample_id: UUID) -> Select[Grant]:
    """The businesses that may open a sealed sample today."""
    return (
        select(Grant)
        .where(Grant.sample_id == sample_id, Grant.expires_at > now())
        .options(joinedload(Grant.organisation))
        .order_by(Grant.expires_at)
    )


def shortlisted(profile_id: UUID, organisation_ids: list[UUID]) -> Select[Shortlisting]:
    """Which of these businesses keep the professional in mind."""
    return select(Shortlisting).where(
        Shortlisting.profile_id == profile_id, Shortlisting.organisation_id.in_(organisation_ids)
    )


guarded.append("talent_opening")
