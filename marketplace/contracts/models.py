"""Contracts, the exact terms both sides signed, and milestones."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    UniqueConstraint,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Brand, Organisation, Person
from marketplace.briefs.models import Brief
from marketplace.kernel.db import Row, one_of
from marketplace.kernel.events import guarded
from marketplace.proposals.models import Proposal
from marketplace.talent.models import Profile

STATES = ("offered", "countered", "active", "ended", "declined", "withdrawn", "expired")
WORK = ("planned", "in_progress", "submitted", "changes_asked", "approved", "closed", "cancelled")
OPEN_WORK = ("planned", "in_progress", "submitted", "changes_asked")
NEGOTIATED = ("offered", "countered")
LIVE = "state IN ('offered', 'countered', 'active', 'ended')"


class Contract(Row, kw_only=True, eq=False, repr=False):
    """An agreement of one business with one professional."""

    __tablename__ = "contracts_contract"
    __table_args__ = (
        one_of("state", *STATES),
        one_of("kind", "contract", "audition"),
        one_of("turn", "business", "professional", ""),
        # A brief has one living contract at a time.
        Index(
            "uq_contracts_contract_brief",
            "brief_id",
            unique=True,
            sqlite_where=text(f"brief_id IS NOT NULL AND kind = 'contract' AND {LIVE}"),
            postgresql_where=text(f"brief_id IS NOT NULL AND kind = 'contract' AND {LIVE}"),
        ),
    )

    kind: Mapped[str] = mapped_column(default="contract")
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_organisation.id"), index=True)
    brand_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_brand.id"))
    profile_id: Mapped[UUID] = mapped_column(ForeignKey("talent_profile.id"), index=True)
    brief_id: Mapped[UUID | None] = mapped_column(ForeignKey("briefs_brief.id"), default=None)
    proposal_id: Mapped[UUID | None] = mapped_column(ForeignKey("proposals_proposal.id"), default=None)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"))
    title: Mapped[str]
    currency: Mapped[str]
    state: Mapped[str] = mapped_column(default="offered", index=True)
    # Whose answer an offer or a counter waits for.
    turn: Mapped[str] = mapped_column(default="professional")
    # Frozen at acceptance.
    fee_bps: Mapped[int] = mapped_column(default=1000)
    review_days: Mapped[int] = mapped_column(default=7)
    rounds: Mapped[int] = mapped_column(default=2)
    # The offer's deadline, fired by the sweep.
    due_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    accepted_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts_person.id"), default=None)
    end_reason: Mapped[str] = mapped_column(default="")
    organisation: Mapped[Organisation] = relationship(init=False)
    brand: Mapped[Brand] = relationship(init=False)
    profile: Mapped[Profile] = relationship(init=False)
    brief: Mapped[Brief | None] = relationship(init=False)
    proposal: Mapped[Proposal | None] = relationship(init=False)
    terms: Mapped[list[Terms]] = relationship(init=False, default_factory=list, order_by="Terms.number")
    milestones: Mapped[list[Milestone]] = relationship(
        back_populates="contract", init=False, default_factory=list, order_by="Milestone.number"
    )

    @property
    def is_offer(self) -> bool:
        """Whether nobody was hired yet and somebody may still say yes."""
        return self.state in NEGOTIATED

    @property
    def total_minor(self) -> int:
        """The sum of the terms on the table, in minor units."""
        return sum(int(item["amount_minor"]) for item in self.current_terms.data["milestones"])

    @property
    def current_terms(self) -> Terms:
        """The terms on the table, or in force once accepted: never an open or refused amendment."""
        return [terms for terms in self.terms if terms.state not in {"proposed", "refused"}][-1]

    @property
    def proposed_terms(self) -> Terms | None:
        """The amendment that waits for the other side."""
        return next((terms for terms in self.terms if terms.state == "proposed"), None)

    def side_of(self, person: Person) -> str:
        """`business`, `professional`, or empty for neither."""
        if self.profile.person_id == person.id:
            return "professional"
        return "business" if person.acts_for(self.organisation_id) else ""


class Terms(Row, kw_only=True, eq=False, repr=False):
    """One version of what is agreed. Immutable; its canonical bytes and their hash are what is signed.

    data: {"title", "currency", "fee_bps", "review_days", "rounds", "rights", "message", "milestones":
    [{"title", "amount_minor", "due_on", "pieces": [{"title", "platform", "kind"}]}]}
    """

    __tablename__ = "contracts_terms"
    __table_args__ = (
        UniqueConstraint("contract_id", "number"),
        one_of("state", "offered", "agreed", "proposed", "refused", "superseded"),
    )

    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contracts_contract.id"), index=True)
    number: Mapped[int]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"))
    data: Mapped[dict[str, Any]]
    sha256: Mapped[str]
    by: Mapped[Person] = relationship(init=False)
    # offered/superseded before hiring; agreed is in force; proposed/refused are amendments.
    state: Mapped[str] = mapped_column(default="offered")
    signatures: Mapped[list[Signature]] = relationship(
        init=False, default_factory=list, order_by="Signature.created_at"
    )


class Signature(Row, kw_only=True, eq=False, repr=False):
    """That a named person of one side agreed to terms of this hash at this time. Append-only."""

    __tablename__ = "contracts_signature"
    __table_args__ = (UniqueConstraint("terms_id", "side"), one_of("side", "business", "professional"))

    terms_id: Mapped[UUID] = mapped_column(ForeignKey("contracts_terms.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"))
    side: Mapped[str]
    name: Mapped[str]
    sha256: Mapped[str]
    person: Mapped[Person] = relationship(init=False)


class Milestone(Row, kw_only=True, eq=False, repr=False):
    """A part of the work with its own price. Here is the work state; the money state is payments' holding."""

    __tablename__ = "contracts_milestone"
    __table_args__ = (
        UniqueConstraint("contract_id", "number"),
        one_of("work", *WORK),
        CheckConstraint("amount_minor > 0", name="amount"),
    )

    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contracts_contract.id"), index=True)
    number: Mapped[int]
    title: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    due_on: Mapped[date | None] = mapped_column(default=None)
    work: Mapped[str] = mapped_column(default="planned", index=True)
    held_at: Mapped[datetime | None] = mapped_column(default=None)
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    submitted_at: Mapped[datetime | None] = mapped_column(default=None)
    approved_at: Mapped[datetime | None] = mapped_column(default=None)
    by_silence: Mapped[bool] = mapped_column(default=False)
    # The first draft of any piece: from then on ending owes the larger kill fee.
    drafted_at: Mapped[datetime | None] = mapped_column(default=None)
    # The most rounds of changes any piece has had, and those the professional gave for free.
    rounds_used: Mapped[int] = mapped_column(default=0)
    rounds_given: Mapped[int] = mapped_column(default=0)
    # Deadlines, each fired once by the sweep.
    review_due_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    remind_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    reminders_sent: Mapped[int] = mapped_column(default=0)
    life_due_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    life_warnings: Mapped[int] = mapped_column(default=0)
    contract: Mapped[Contract] = relationship(back_populates="milestones", init=False)

    @property
    def is_open(self) -> bool:
        """Whether there is still something to do, or to pay, for it."""
        return self.work in OPEN_WORK

    @property
    def rounds_allowed(self) -> int:
        """How many rounds of changes a piece may have: those agreed and those given."""
        return self.contract.rounds + self.rounds_given


def visible_to(person: Person) -> Select[Contract]:
    """The contracts `person` may see: as the professional, for their organisations, as admin."""
    if person.is_admin:
        return select(Contract)
    mine = select(Profile.id).where(Profile.person_id == person.id)
    return select(Contract).where(
        or_(Contract.profile_id.in_(mine), Contract.organisation_id.in_(person.organisation_ids))
    )


def milestone_visible_to(person: Person, contract_id: UUID, number: int) -> Select[Milestone]:
    """One milestone, by its number, of a contract that `person` may see."""
    seen = visible_to(person).where(Contract.id == contract_id).with_only_columns(Contract.id)
    return select(Milestone).where(Milestone.contract_id.in_(seen), Milestone.number == number)


guarded.append("contracts_signature")
