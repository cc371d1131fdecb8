"""Documents: invoices, receipts, credit notes and statements, numbered without gaps, and what they say of whom.

Tables only; documents.py makes them from ledger entries, after the money moved.
"""

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
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.accounts.models import Person
from marketplace.kernel.db import Base, Row, one_of

KINDS = (
    "receipt",
    "invoice",
    "fee_invoice",
    "credit_note",
    "fee_credit_note",
    "payout_statement",
    "yearly",
    "contract",
)
ONE_OWNER = "(person_id IS NULL) <> (organisation_id IS NULL)"


class TaxDetails(Row, kw_only=True, eq=False, repr=False):
    """What a person or a business wants on its papers: name, address, tax number and rate as they gave them."""

    __tablename__ = "payments_tax_details"
    __table_args__ = (
        CheckConstraint(ONE_OWNER, name="one_owner"),
        CheckConstraint("rate_bps BETWEEN 0 AND 10000", name="rate"),
    )

    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts_person.id"), unique=True)
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts_organisation.id"), unique=True)
    legal_name: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")
    tax_id: Mapped[str] = mapped_column(default="")
    # The rate the seller charges, in hundredths of a percent, contained in the amounts agreed.
    rate_bps: Mapped[int] = mapped_column(default=0)
    # The professional lets the platform write invoices in their name.
    consent_at: Mapped[datetime | None] = mapped_column(default=None)


class Series(Base, kw_only=True, eq=False, repr=False):
    """The last number given in one issuer's year. Locked while a document gets its number, so none is missing."""

    __tablename__ = "payments_series"

    # platform, person:<id>, or contract:<id> for its signed versions
    issuer: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class Papered(Base, kw_only=True, eq=False, repr=False):
    """That the papers of a ledger entry were made, written in the transaction that made them."""

    __tablename__ = "payments_papered"
    __table_args__ = (one_of("waits", "", "consent", "audition"),)

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("payments_entry.id"), primary_key=True)
    # Why the papers in the professional's name wait: for their consent, or until an audition names its writer.
    waits: Mapped[str] = mapped_column(default="", index=True)


class Document(Row, kw_only=True, eq=False, repr=False):
    """One paper, frozen when it was numbered; its PDF is made from `data` and is the same bytes each time."""

    __tablename__ = "payments_document"
    __table_args__ = (
        one_of("kind", *KINDS),
        UniqueConstraint("issuer", "year", "number"),
        UniqueConstraint("kind", "cause"),
        Index(
            "ix_payments_document_unmade",
            "made_at",
            sqlite_where=text("pdf_key = ''"),
            postgresql_where=text("pdf_key = ''"),
        ),
    )

    kind: Mapped[str]
    # entry:<id> (and :<id> of the paper it corrects), payout:<id>, year:<owner>:<year>:<currency>, terms:<id>:
    # what it was made for, once. Ids are without dashes here.
    cause: Mapped[str]
    issuer: Mapped[str]
    year: Mapped[int]
    number: Mapped[int]
    made_at: Mapped[datetime]
    issued_on: Mapped[date]
    currency: Mapped[str]
    total_minor: Mapped[int] = mapped_column(BigInteger)
    stream: Mapped[str] = mapped_column(index=True)
    # Whose papers it is among: the seller's or payee's, the buyer's.
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts_person.id"), index=True)
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts_organisation.id"), index=True)
    data: Mapped[dict[str, Any]]
    # The paper that this one corrects.
    corrects_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("payments_document.id"), index=True, default=None
    )
    # Where the PDF lies, and its SHA-256; empty until the worker made it.
    pdf_key: Mapped[str] = mapped_column(default="")
    pdf_sha256: Mapped[str] = mapped_column(default="")

    @property
    def label(self) -> str:
        """The number as people read it: `2026-0007`. It is the issuer's own; two issuers may share one."""
        return f"{self.year}-{self.number:04d}"


def papers_visible_to(person: Person) -> Select[Document]:
    """The papers `person` may see: their own, those of organisations they own or keep the money of; an admin all."""
    if person.is_admin:
        return select(Document)
    kept = [key for key in person.organisation_ids if person.acts_for(key, "finance")]
    return select(Document).where(or_(Document.person_id == person.id, Document.organisation_id.in_(kept)))
