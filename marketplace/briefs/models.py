"""Briefs, the voice sheets they freeze, and what happens on them before a hire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Select, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from marketplace.accounts.models import Brand, Organisation, Person
from marketplace.kernel.clock import now
from marketplace.kernel.db import Row, one_of
from marketplace.talent.models import AI_POLICIES, KINDS, PLATFORMS, Profile

STATES = ("draft", "open", "hired", "closed", "expired")
RISKS = {"low": "Low", "regulated": "Regulated", "crisis": "Crisis"}
VISIBILITIES = {"open": "All admitted professionals", "invited": "Invited professionals only"}
STEPS = {
    "goal": "Goal",
    "voice": "Audience and voice",
    "pieces": "Posts and networks",
    "money": "Budget and dates",
    "check": "Check",
}
FINISHED = ("hired", "closed", "expired")


class VoiceSheet(Row, kw_only=True, eq=False, repr=False):
    """How a brand sounds, one version. A brief freezes the version it was published with.

    data: {"axes": {"formal": 1..5, "serious": 1..5, "plain": 1..5}, "sounds_like": [..5], "never": [..5],
    "use": [..], "avoid": [..], "posts": [..]}
    """

    __tablename__ = "briefs_voicesheet"
    __table_args__ = (UniqueConstraint("brand_id", "version"),)

    brand_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_brand.id"), index=True)
    version: Mapped[int]
    data: Mapped[dict[str, Any]]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"))


class Brief(Row, kw_only=True, eq=False, repr=False):
    """What a brand wants written, for whom, by when, for how much."""

    __tablename__ = "briefs_brief"
    __table_args__ = (
        one_of("state", *STATES),
        one_of("risk", *RISKS),
        one_of("ai_policy", *AI_POLICIES),
        one_of("visibility", *VISIBILITIES),
    )

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_organisation.id"), index=True)
    brand_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_brand.id"))
    by_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"))
    title: Mapped[str] = mapped_column(default="")
    # The wizard step reached, so that a draft opens where it was left.
    step: Mapped[str] = mapped_column(default="goal")
    state: Mapped[str] = mapped_column(default="draft", index=True)
    goal: Mapped[str] = mapped_column(default="")
    result: Mapped[str] = mapped_column(default="")
    learns: Mapped[str] = mapped_column(default="")
    audience: Mapped[str] = mapped_column(default="")
    subject_area: Mapped[str] = mapped_column(default="")
    languages: Mapped[list[str]] = mapped_column(default_factory=list)
    # The voice sheet as it is being drafted; publishing freezes it as a version of the brand's.
    voice_draft: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    voice_id: Mapped[UUID | None] = mapped_column(ForeignKey("briefs_voicesheet.id"), default=None)
    currency: Mapped[str] = mapped_column(default="usd")
    low_minor: Mapped[int | None] = mapped_column(BigInteger, default=None)
    high_minor: Mapped[int | None] = mapped_column(BigInteger, default=None)
    milestones_wished: Mapped[int] = mapped_column(default=1)
    starts_on: Mapped[date | None] = mapped_column(default=None)
    risk: Mapped[str] = mapped_column(default="low")
    ai_policy: Mapped[str] = mapped_column(default="none")
    rights: Mapped[str] = mapped_column(default="")
    visibility: Mapped[str] = mapped_column(default="open")
    questions: Mapped[list[str]] = mapped_column(default_factory=list)
    published_at: Mapped[datetime | None] = mapped_column(default=None)
    # Deadlines fired by the sweep: when it closes by itself, and when its owner is warned.
    closes_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    warned_at: Mapped[datetime | None] = mapped_column(default=None)
    # Each pitch gives the business some days to decide, even when these end after `closes_at`.
    decide_by: Mapped[datetime | None] = mapped_column(default=None)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    close_reason: Mapped[str] = mapped_column(default="")
    organisation: Mapped[Organisation] = relationship(init=False)
    brand: Mapped[Brand] = relationship(init=False)
    voice: Mapped[VoiceSheet | None] = relationship(init=False)
    pieces: Mapped[list[BriefPiece]] = relationship(
        init=False, default_factory=list, order_by="BriefPiece.position", cascade="all, delete-orphan"
    )
    asked: Mapped[list[Question]] = relationship(
        init=False, default_factory=list, order_by="Question.created_at"
    )

    @property
    def is_open(self) -> bool:
        """Whether the business can still decide, invite and answer."""
        return self.state == "open"

    @property
    def is_taking(self) -> bool:
        """Whether pitches may come."""
        return self.is_open and (self.closes_at is None or self.closes_at > now())

    @property
    def sheet(self) -> dict[str, Any]:
        """The voice sheet: the frozen version, or the one being drafted."""
        return self.voice.data if self.voice is not None else self.voice_draft


class BriefPiece(Row, kw_only=True, eq=False, repr=False):
    """So many pieces of one kind for one platform, wanted by a day."""

    __tablename__ = "briefs_piece"
    __table_args__ = (one_of("kind", *KINDS), one_of("platform", *PLATFORMS))

    brief_id: Mapped[UUID] = mapped_column(ForeignKey("briefs_brief.id"), index=True)
    kind: Mapped[str]
    platform: Mapped[str]
    count: Mapped[int]
    due_on: Mapped[date | None] = mapped_column(default=None)
    position: Mapped[int] = mapped_column(default=0)


class BriefInvitation(Row, kw_only=True, eq=False, repr=False):
    """A professional asked to look at a brief. Declining it never counts against anyone."""

    __tablename__ = "briefs_invitation"
    __table_args__ = (UniqueConstraint("brief_id", "profile_id"), one_of("state", "sent", "declined"))

    brief_id: Mapped[UUID] = mapped_column(ForeignKey("briefs_brief.id"), index=True)
    profile_id: Mapped[UUID] = mapped_column(ForeignKey("talent_profile.id"), index=True)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"))
    state: Mapped[str] = mapped_column(default="sent")
    reason: Mapped[str] = mapped_column(default="")
    brief: Mapped[Brief] = relationship(init=False)
    profile: Mapped[Profile] = relationship(init=False)


class Question(Row, kw_only=True, eq=False, repr=False):
    """A professional's question, answered in public on the brief."""

    __tablename__ = "briefs_question"

    brief_id: Mapped[UUID] = mapped_column(ForeignKey("briefs_brief.id"), index=True)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"))
    body: Mapped[str]
    answer: Mapped[str] = mapped_column(default="")
    answered_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts_person.id"), default=None)
    answered_at: Mapped[datetime | None] = mapped_column(default=None)


def visible_to(person: Person | None) -> Select[Brief]:
    """The briefs `person` may see: published ones (strangers: while open), their organisations' own, those
    that invited them, and for staff all."""
    if person is not None and person.is_staff:
        return select(Brief)
    if person is None:
        return select(Brief).where(Brief.state == "open", Brief.visibility == "open")
    # Who pitched must find the page again after the hire or the close.
    public = (Brief.state != "draft") & (Brief.visibility == "open")
    invited = (
        select(BriefInvitation.brief_id)
        .join(Profile, Profile.id == BriefInvitation.profile_id)
        .where(Profile.person_id == person.id)
    )
    return select(Brief).where(
        or_(
            public,
            Brief.organisation_id.in_(person.organisation_ids),
            (Brief.state != "draft") & Brief.id.in_(invited),
        )
    )


def latest_sheet(brand: Brand) -> Select[VoiceSheet]:
    """The newest version of how a brand sounds."""
    mine = select(VoiceSheet).where(VoiceSheet.brand_id == brand.id)
    return mine.order_by(VoiceSheet.version.desc()).limit(1)


def questions_for(person: Person) -> Select[Question]:
    """The questions on briefs that `person` may see."""
    return select(Question).where(Question.brief_id.in_(visible_to(person).with_only_columns(Brief.id)))


def invitations_of(person: Person) -> Select[BriefInvitation]:
    """The invitations sent to `person` as a professional."""
    return (
        select(BriefInvitation)
        .join(Profile, Profile.id == BriefInvitation.profile_id)
        .where(Profile.person_id == person.id)
    )


def invitations_on(brief: Brief) -> Select[BriefInvitation]:
    """Who was invited to a brief, the latest first, with their profiles."""
    return (
        select(BriefInvitation)
        .where(BriefInvitation.brief_id == brief.id)
        .options(joinedload(BriefInvitation.profile))
        .order_by(BriefInvitation.created_at.desc())
    )


def owned_by(person: Person, *roles: str) -> Select[Brief]:
    """The briefs of organisations for which `person` has one of `roles` (any when none is named)."""
    ids = [i for i in person.organisation_ids if person.acts_for(i, *roles)]
    return select(Brief).where(Brief.organisation_id.in_(ids))
