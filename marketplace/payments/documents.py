"""Papers are made after the money moved: from ledger entries, each once, in the order of the ledger.

So no release waits for a series of numbers. What a kill or a missed job left out is found by the sweep.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, or_, select

from marketplace.accounts.models import Person
from marketplace.kernel.db import db, insert_new, lock, many, one
from marketplace.kernel.events import Event
from marketplace.kernel.jobs import later, transaction
from marketplace.payments import moves, parties, receipts, sales
from marketplace.payments.ledger import Entry
from marketplace.payments.models import Holding
from marketplace.payments.moves import Moves, Sums
from marketplace.payments.numbering import number_all
from marketplace.payments.papers import Papered, TaxDetails

MAKING = "payments.documents"
# How long the jobs have before the sweep looks, and how far back it looks.
PATIENCE, REACH = timedelta(minutes=2), timedelta(days=7)
HEARD = {
    "payment.held",
    "payment.released",
    "payment.release_voided",
    "payment.refund_started",
    "payment.refunded",
    "payment.refund_failed",
    "payment.refund_voided",
    "payment.clawed_back",
    "chargeback.lost",
    "chargeback.won",
}


def heard(event: Event) -> None:
    """After any event: have the papers made of what moved, once its transaction has lasted."""
    if event.name in HEARD:
        later(MAKING, event.stream)


def make_job(stream: str) -> None:
    """Job: make every paper that the money of `stream` waits for, the oldest first, each in its transaction."""
    for entry_id in many(_unmade().where(Entry.stream == stream)):
        with transaction():
            make(entry_id)


def make_everything() -> int:
    """Make every paper that the ledger waits for, however old, for commands; returns the number of entries."""
    waiting = many(_unmade())
    for entry_id in waiting:
        with transaction():
            make(entry_id)
    return len(waiting)


def make_for(person: Person) -> None:
    """Have the papers made that waited for `person`'s consent."""
    mine = select(Holding.stream).where(Holding.payee_id == person.id)
    waiting = select(Entry.stream).join(Papered).where(Papered.waits == "consent", Entry.stream.in_(mine))
    for stream in many(waiting.distinct()):
        later(MAKING, stream)


def overdue(now: datetime) -> Select[UUID]:
    """The entries of the last days that should have their papers by now, for the sweep."""
    missed = Entry.at.between(now - REACH, now - PATIENCE) & Papered.entry_id.is_(None)
    return _unmade().where(missed).limit(500)


def _unmade() -> Select[UUID]:
    found = select(Entry.id).outerjoin(Papered).where(Entry.kind.in_(moves.READERS))
    return found.where(or_(Papered.entry_id.is_(None), Papered.waits != "")).order_by(Entry.at, Entry.id)


def make(entry_id: UUID) -> None:
    """Make the papers of one entry, or those of them that waited. Done twice it makes none twice."""
    entry = one(select(Entry).where(Entry.id == entry_id))
    marked = insert_new(Papered, {"entry_id": entry_id, "waits": ""}).returning(Papered.entry_id)
    is_first = db.session.execute(marked).scalar() is not None
    row = lock(one(select(Papered).where(Papered.entry_id == entry_id)))
    if not is_first and not row.waits:
        return
    moved = moves.of(entry)
    holdings = _holdings(moved)
    row.waits = _waits(entry, moved, holdings)
    wanted = _platforms(entry, moved, holdings) if is_first else []
    number_all(wanted + ([] if row.waits else _sellers(entry, moved, holdings)))


def _holdings(moved: Moves) -> dict[UUID, Holding]:
    keys = {*moved.held, *moved.sold, *moved.fee}
    return {row.id: row for row in many(select(Holding).where(Holding.id.in_(keys)))}


def _waits(entry: Entry, moved: Moves, holdings: dict[UUID, Holding]) -> str:
    """Why papers in the professional's name cannot be made yet, or nothing.

    What corrects an invoice that is there needs no consent any more.
    """
    if any(moved.sold.values()) and parties.about(entry.stream).is_blind:
        return "audition"
    for key, sold in moved.sold.items():
        if sold > 0 and not _consents(holdings[key].payee_id):
            return "consent"
        if sold < 0:
            there = sum(free for _, free in sales.correctable("invoice", entry, holdings[key]))
            if there < -sold:
                return "consent"
    return ""


def _consents(person_id: UUID) -> bool:
    asked = and_(TaxDetails.person_id == person_id, TaxDetails.consent_at.is_not(None))
    return bool(many(select(TaxDetails.id).where(asked)))


def _platforms(entry: Entry, moved: Moves, holdings: dict[UUID, Holding]) -> list[dict[str, Any]]:
    """The platform's own papers: receipts, refund notes, fee invoices and their credit notes."""
    made = []
    came, went = _grown(moved.held), _shrunk(moved.held)
    if came:
        made.append(receipts.receipt(entry, came, holdings, moved.client_fee))
    if moved.client_fee:
        made.append(sales.client_fee_invoice(entry, holdings[next(iter(came))], moved.client_fee))
    if went:
        made.append(receipts.refund_note(entry, went, holdings))
    made += [sales.fee_invoice(entry, holdings[key], fee) for key, fee in _grown(moved.fee).items()]
    for key, fee in _shrunk(moved.fee).items():
        made += sales.credit_notes("fee_invoice", entry, holdings[key], fee)
    return made


def _sellers(entry: Entry, moved: Moves, holdings: dict[UUID, Holding]) -> list[dict[str, Any]]:
    """The papers in the professional's name: invoices and their credit notes."""
    made = [sales.work_invoice(entry, holdings[key], sold) for key, sold in _grown(moved.sold).items()]
    for key, sold in _shrunk(moved.sold).items():
        made += sales.credit_notes("invoice", entry, holdings[key], sold)
    return made


def _grown(sums: Sums) -> Sums:
    return {key: amount for key, amount in sums.items() if amount > 0}


def _shrunk(sums: Sums) -> Sums:
    return {key: -amount for key, amount in sums.items() if amount < 0}
