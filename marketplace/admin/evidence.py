"""The record of what was agreed, delivered and approved, as a bank reads it: from rows and hashes, not from memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from marketplace.contracts.models import Contract, Milestone, Terms
from marketplace.deliverables.models import Approval, Piece, Version
from marketplace.kernel import money
from marketplace.kernel.db import find, many
from marketplace.messaging.models import messages_about
from marketplace.payments.claims import Chargeback
from marketplace.payments.models import Holding, Payment, Release
from marketplace.talent.models import PLATFORMS

DAY = "%d %B %Y, %H:%M UTC"


def record(chargeback: Chargeback, payment: Payment) -> str:
    """Everything that answers `chargeback`, as plain text of at most some thousand characters."""
    contract = _contract(payment.stream)
    parts = [_paid(chargeback, payment)]
    if contract is not None:
        parts += [
            _agreed(contract),
            *_delivered([part.holding for part in payment.allocations]),
            _said(contract),
        ]
    parts.append(_released([part.holding.id for part in payment.allocations], payment.currency))
    return "\n\n".join(part for part in parts if part)


def _contract(stream: str) -> Contract | None:
    kind, _, key = stream.partition(":")
    whole = selectinload(Contract.terms).selectinload(Terms.signatures)
    found = select(Contract).where(Contract.id == UUID(key)).options(whole, joinedload(Contract.brief))
    return find(found) if kind == "contract" else None


def _at(moment: datetime | None) -> str:
    return moment.strftime(DAY) if moment else "at a time that is not known"


def _paid(chargeback: Chargeback, payment: Payment) -> str:
    amount = money.text(payment.amount_minor, payment.currency)
    disputed = money.text(chargeback.amount_minor, chargeback.currency)
    return (
        f"PAYMENT\n{payment.by.name}, acting for {payment.organisation.name}, paid {amount} on {_at(payment.paid_at)} "
        f"on Stripe's own page ({payment.charge_id}). Disputed are {disputed}: {chargeback.reason.replace('_', ' ')}."
    )


def _agreed(contract: Contract) -> str:
    terms = contract.current_terms
    brief = f" It answers the brief “{contract.brief.title}”." if contract.brief else ""
    signed = "; ".join(
        f"{row.name} for the {row.side}, {_at(row.created_at)}, of the text with SHA-256 {row.sha256}"
        for row in terms.signatures
    )
    sides = f"{contract.organisation.name} and {contract.profile.name}"
    return (
        f"WHAT WAS AGREED\nContract “{contract.title}” between {sides}."
        f"{brief} Terms, version {terms.number}, SHA-256 {terms.sha256}. Signed by {signed or 'nobody yet'}."
    )


def _delivered(holdings: list[Holding]) -> Iterator[str]:
    subjects = [UUID(row.subject.partition(":")[2]) for row in holdings]
    whole = selectinload(Piece.versions).selectinload(Version.approvals).joinedload(Approval.by)
    for milestone in many(select(Milestone).where(Milestone.id.in_(subjects)).order_by(Milestone.number)):
        pieces = many(
            select(Piece).where(Piece.milestone_id == milestone.id).order_by(Piece.number).options(whole)
        )
        amount = money.text(milestone.amount_minor, milestone.contract.currency)
        lines = [f"WHAT WAS DELIVERED: milestone {milestone.number}, “{milestone.title}”, {amount}"]
        yield "\n".join([*lines, *(line for piece in pieces for line in _piece(piece))])


def _piece(piece: Piece) -> Iterator[str]:
    yield f"- “{piece.title}” for {PLATFORMS.get(piece.platform, piece.platform)}:"
    for version in piece.versions:
        yield f"  draft {version.number} sent {_at(version.created_at)}, SHA-256 {version.text_sha256}"
        for approval in version.approvals:
            voided = f", voided {_at(approval.voided_at)}" if approval.voided_at else ""
            yield f"  draft {version.number} approved by {approval.by.name}, {_at(approval.created_at)}{voided}"
    if piece.rounds_used:
        yield f"  the business asked for changes {piece.rounds_used} times"
    if not piece.versions:
        yield "  nothing was sent yet"


def _said(contract: Contract) -> str:
    said = many(messages_about(contract.subject))
    if not said:
        return ""
    return (
        f"CONVERSATION\n{len(said)} messages between the two, the first {_at(said[0].created_at)}, the last "
        + (f"{_at(said[-1].created_at)}.")
    )


def _released(holding_ids: list[UUID], currency: str) -> str:
    made = many(select(Release).where(Release.holding_id.in_(holding_ids)).order_by(Release.created_at))
    lines = [
        f"- {money.text(row.gross_minor, currency)} released {_at(row.created_at)}: {row.reason}"
        for row in made
    ]
    return "\n".join(["RELEASES TO THE PROFESSIONAL", *lines]) if lines else ""
