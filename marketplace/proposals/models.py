"""Proposals and their versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, or_, select
from sqlalchemy import text as db_text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.briefs.models import Brief
from marketplace.kernel.db import Row, one_of
from marketplace.talent.models import AI_POLICIES, Profile, Sample

STATES = ("sent", "shortlisted", "declined", "withdrawn", "accepted", "closed")
# States that hold one of a brief's twelve places and one of a professional's eight.
LIVE = ("sent", "shortlisted")


class Proposal(Row, kw_only=True, eq=False, repr=False):
    """One professional's bid on one brief."""

    __tablename__ = "proposals_proposal"
    __table_args__ = (
        one_of("state", *STATES),
        # One living bid a professional and brief; after withdrawing, a new one may be sent.
        Index(
            "uq_proposals_proposal_live",
            "brief_id",
            "profile_id",
            unique=True,
            sqlite_where=db_text("state IN ('sent', 'shortlisted', 'accepted')"),
            postgresql_where=db_text("state IN ('sent', 'shortlisted', 'accepted')"),
        ),
    )

    brief_id: Mapped[UUID] = mapped_column(ForeignKey("briefs_brief.id"), index=True)
    profile_id: Mapped[UUID] = mapped_column(ForeignKey("talent_profile.id"), index=True)
    state: Mapped[str] = mapped_column(default="sent", index=True)
    # "Writer C" on the blind shelf.
    letter: Mapped[str] = mapped_column(default="")
    read_at: Mapped[datetime | None] = mapped_column(default=None)
    archived_at: Mapped[datetime | None] = mapped_column(default=None)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    reason: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    brief: Mapped[Brief] = relationship(init=False)
    profile: Mapped[Profile] = relationship(init=False)
    versions: Mapped[list[ProposalVersion]] = relationship(
        init=False, default_factory=list, order_by="ProposalVersion.number"
    )

    @property
    def latest(self) -> ProposalVersion:
        """The version that counts."""
        return self.versions[-1]

    @property
    def is_live(self) -> bool:
        """Whether the business can still decide on it."""
        return self.state in LIVE

    @property
    def is_blind(self) -> bool:
        """Whether the business sees the words only, without name, picture, rates record or rating."""
        return self.state not in {"shortlisted", "accepted"}


class ProposalVersion(Row, kw_only=True, eq=False, repr=False):
    """What was said at one time. Before the first reading an edit replaces it; afterwards it adds one.

    milestones: [{"title": "…", "amount_minor": 48000, "due_on": "2026-12-04"}]
    """

    __tablename__ = "proposals_version"
    __table_args__ = (UniqueConstraint("proposal_id", "number"), one_of("ai_declaration", *AI_POLICIES))

    proposal_id: Mapped[UUID] = mapped_column(ForeignKey("proposals_proposal.id"), index=True)
    number: Mapped[int]
    pitch: Mapped[str]
    answers: Mapped[list[str]]
    sample_id: Mapped[UUID] = mapped_column(ForeignKey("talent_sample.id"))
    milestones: Mapped[list[dict[str, Any]]]
    ai_declaration: Mapped[str]
    sample: Mapped[Sample] = relationship(init=False)

    @property
    def total_minor(self) -> int:
        """The sum of all milestones, in the brief's currency."""
        return sum(int(milestone["amount_minor"]) for milestone in self.milestones)


def visible_to(person: Person) -> Select[Proposal]:
    """The proposals `person` may see: their own, those on their organisations' briefs, for admins all."""
    if person.is_admin:
        return select(Proposal)
    mine = select(Profile.id).where(Profile.person_id == person.id)
    briefs = select(Brief.id).where(Brief.organisation_id.in_(person.organisation_ids))
    return select(Proposal).where(or_(Proposal.profile_id.in_(mine), Proposal.brief_id.in_(briefs)))


def for_brief(brief: Brief) -> Select[Proposal]:
    """All proposals on a brief, oldest first."""
    return select(Proposal).where(Proposal.brief_id == brief.id).order_by(Proposal.created_at)
