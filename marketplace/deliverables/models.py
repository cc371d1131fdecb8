"""Pieces of a milestone and their immutable versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.contracts.models import Contract, Milestone
from marketplace.contracts.models import visible_to as contracts_visible_to
from marketplace.kernel.clock import now
from marketplace.kernel.db import Row, one_of
from marketplace.kernel.events import guarded
from marketplace.kernel.text import canonical, sha256
from marketplace.talent.models import KINDS, PLATFORMS

# with_writer: nothing sent, or changes asked. with_editor: sent, waiting for a decision.
STATES = ("with_writer", "with_editor", "changes_asked", "approved", "paid_unapproved")


class Piece(Row, kw_only=True, eq=False, repr=False):
    """One text for one platform."""

    __tablename__ = "deliverables_piece"
    __table_args__ = (
        UniqueConstraint("milestone_id", "number"),
        one_of("platform", *PLATFORMS),
        one_of("kind", *KINDS),
        one_of("state", *STATES),
    )

    milestone_id: Mapped[UUID] = mapped_column(ForeignKey("contracts_milestone.id"), index=True)
    number: Mapped[int]
    title: Mapped[str]
    platform: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default="with_writer")
    # What the writer has typed and not sent; `draft_revision` refuses a save over somebody else's.
    draft: Mapped[str] = mapped_column(default="")
    draft_note: Mapped[str] = mapped_column(default="")
    draft_sources: Mapped[str] = mapped_column(default="")
    draft_link: Mapped[str] = mapped_column(default="")
    draft_revision: Mapped[int] = mapped_column(default=0)
    # What the editor asked to change, last, and how often it was asked.
    changes_note: Mapped[str] = mapped_column(default="")
    rounds_used: Mapped[int] = mapped_column(default=0)
    milestone: Mapped[Milestone] = relationship(init=False)
    versions: Mapped[list[Version]] = relationship(
        back_populates="piece", init=False, default_factory=list, order_by="Version.number"
    )

    @property
    def latest(self) -> Version | None:
        """The version last sent."""
        return self.versions[-1] if self.versions else None

    @property
    def author_ids(self) -> set[UUID]:
        """Everybody who sent words of it: none of them may approve it."""
        return {version.by_id for version in self.versions}

    @property
    def is_publishable(self) -> bool:
        """Whether exactly the latest text is approved, in force, by somebody who did not write it."""
        latest = self.latest
        approval = latest.approval if latest else None
        return (
            latest is not None
            and approval is not None
            and approval.sha256 == latest.sha256
            and approval.expires_at > now()
            and approval.by_id not in self.author_ids
        )

    @property
    def awaits_decision(self) -> bool:
        """Whether an editor can approve what was sent last."""
        if self.latest is None or self.is_publishable or self.milestone.work == "cancelled":
            return False
        return self.state in {"with_editor", "changes_asked", "approved", "paid_unapproved"}


class Version(Row, kw_only=True, eq=False, repr=False):
    """A text as it was sent. Never changed: a changed character is a new version."""

    __tablename__ = "deliverables_version"
    __table_args__ = (UniqueConstraint("piece_id", "number"),)

    piece_id: Mapped[UUID] = mapped_column(ForeignKey("deliverables_piece.id"), index=True)
    number: Mapped[int]
    text: Mapped[str]
    note: Mapped[str]
    sources: Mapped[str]
    link: Mapped[str]
    platform: Mapped[str]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"))
    sha256: Mapped[str]
    text_sha256: Mapped[str]
    piece: Mapped[Piece] = relationship(back_populates="versions", init=False)
    by: Mapped[Person] = relationship(init=False)
    approvals: Mapped[list[Approval]] = relationship(
        back_populates="version", init=False, default_factory=list, order_by="Approval.created_at"
    )
    comments: Mapped[list[Comment]] = relationship(
        init=False, default_factory=list, order_by="Comment.created_at", foreign_keys="Comment.version_id"
    )

    @property
    def approval(self) -> Approval | None:
        """The approval in force."""
        return next((a for a in self.approvals if a.voided_at is None), None)


class Comment(Row, kw_only=True, eq=False, repr=False):
    """A note on exact words of a version, a reply to one, or a suggested replacement."""

    __tablename__ = "deliverables_comment"

    version_id: Mapped[UUID] = mapped_column(ForeignKey("deliverables_version.id"), index=True)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"))
    body: Mapped[str]
    quote: Mapped[str] = mapped_column(default="")
    # Where the quote begins in the version's text, in characters; -1 for the whole piece.
    start: Mapped[int] = mapped_column(default=-1)
    suggestion: Mapped[str | None] = mapped_column(default=None)
    reply_to_id: Mapped[UUID | None] = mapped_column(ForeignKey("deliverables_comment.id"), default=None)
    resolved_at: Mapped[datetime | None] = mapped_column(default=None)
    resolved_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts_person.id"), default=None)
    by: Mapped[Person] = relationship(init=False, foreign_keys=[by_id])
    version: Mapped[Version] = relationship(init=False, foreign_keys=[version_id], viewonly=True)


class Approval(Row, kw_only=True, eq=False, repr=False):
    """That a named editor approved exactly these bytes."""

    __tablename__ = "deliverables_approval"

    version_id: Mapped[UUID] = mapped_column(ForeignKey("deliverables_version.id"), index=True)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"))
    sha256: Mapped[str]
    expires_at: Mapped[datetime]
    voided_at: Mapped[datetime | None] = mapped_column(default=None)
    voided_reason: Mapped[str] = mapped_column(default="")
    version: Mapped[Version] = relationship(back_populates="approvals", init=False)
    by: Mapped[Person] = relationship(init=False)


def approvable(text: str, platform: str, link: str) -> bytes:
    """The canonical bytes that an approval binds: text, platform, link, media and planned slot."""
    what: dict[str, Any] = {"text": text, "platform": platform, "link": link, "media": [], "slot": None}
    return canonical(what)


def hashes(text: str, platform: str, link: str) -> tuple[str, str]:
    """The hash of what is approved, and of its text alone."""
    return sha256(approvable(text, platform, link)), sha256(text.encode())


def pieces_of(milestone_id: UUID) -> Select[Piece]:
    """The pieces of a milestone in their order."""
    return select(Piece).where(Piece.milestone_id == milestone_id).order_by(Piece.number)


def visible_to(person: Person, contract_id: UUID) -> Select[Piece]:
    """The pieces of one contract, if `person` may see it, in their order."""
    seen = contracts_visible_to(person).where(Contract.id == contract_id).with_only_columns(Contract.id)
    return (
        select(Piece)
        .join(Milestone, Milestone.id == Piece.milestone_id)
        .where(Milestone.contract_id.in_(seen))
        .order_by(Piece.number)
    )


def comments_visible_to(person: Person) -> Select[Comment]:
    """The comments on contracts that `person` may see."""
    seen = contracts_visible_to(person).with_only_columns(Contract.id)
    return (
        select(Comment)
        .join(Version, Version.id == Comment.version_id)
        .join(Piece, Piece.id == Version.piece_id)
        .join(Milestone, Milestone.id == Piece.milestone_id)
        .where(Milestone.contract_id.in_(seen))
    )


guarded.append("deliverables_version")
