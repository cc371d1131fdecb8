"""Invoices and what mirrors them: for the work (professional to business) and for the fee (platform to either).

Each takes an entry of the ledger and returns the columns of papers; documents.py numbers them.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from marketplace.config import settings
from marketplace.kernel.db import db, find, many
from marketplace.kernel.show import percent
from marketplace.payments import parties, taxes, wording
from marketplace.payments.claims import Void
from marketplace.payments.ledger import Entry
from marketplace.payments.models import Holding
from marketplace.payments.papers import Document
from marketplace.payments.parties import PLATFORM, Party

Columns = dict[str, Any]
MIRRORS = {"invoice": "credit_note", "fee_invoice": "fee_credit_note"}
# What the professional's own papers are called, and the platform's.
HEADINGS = {"invoice": "Invoice", "fee_invoice": "Fee invoice", "credit_note": "Credit note",
            "fee_credit_note": "Fee credit note"}  # fmt: skip
WHY = {
    "release_void": "The release was taken back before it was sent: the money is held again.",
    "clawback": "The amount went back to the business after it had been released.",
    "refund_external": "The amount went back to the business after it had been released.",
    "dispute_lost": "The bank of the business took the amount back (a chargeback).",
}


def work_invoice(entry: Entry, holding: Holding, gross_minor: int) -> Columns:
    """The professional's invoice to the business for `gross_minor` that was released."""
    seller, buyer = parties.person(holding.payee_id), parties.organisation(holding.organisation_id)
    day, site = wording.day(entry.at.date()), settings().site_name
    notes = [
        f"Paid in full on {day}, out of money that {buyer['name']} had paid before. Nothing remains to be paid.",
        f"Made by {site} in the name and for the account of {seller['name']}, who agreed to that.",
    ]
    made = _paper("invoice", entry, holding, gross_minor, seller, buyer, notes)
    return made | {"issuer": parties.issuer_of(holding.payee_id), "organisation_id": holding.organisation_id}


def fee_invoice(entry: Entry, holding: Holding, fee_minor: int) -> Columns:
    """The platform's invoice to the professional for its fee on a release."""
    buyer = parties.person(holding.payee_id)
    notes = [f"Taken out of the release of {wording.day(entry.at.date())}. Nothing remains to be paid."]
    made = _paper("fee_invoice", entry, holding, fee_minor, parties.platform(), buyer, notes)
    made["data"]["lines"][0]["text"] = f"Platform fee of {percent(holding.fee_bps)}"
    made["data"]["lines"][0]["about"] = f"for “{holding.title}”"
    return made


def client_fee_invoice(entry: Entry, holding: Holding, fee_minor: int) -> Columns:
    """The platform's invoice to the business for what it pays on top of its milestones."""
    buyer = parties.organisation(holding.organisation_id)
    notes = [f"Paid on {wording.day(entry.at.date())} together with the money that is held."]
    made = _paper("fee_invoice", entry, holding, fee_minor, parties.platform(), buyer, notes)
    made["data"]["lines"][0]["text"] = f"Fee on top of {percent(holding.client_fee_bps)}"
    del made["data"]["holding"]
    return made | {"person_id": None, "organisation_id": holding.organisation_id}


def _paper(
    kind: str, entry: Entry, holding: Holding, gross_minor: int, seller: Party, buyer: Party, notes: list[str]
) -> Columns:
    reverse = taxes.is_reversed(seller, buyer)
    rate = 0 if reverse else seller["rate_bps"]
    tax = taxes.contained(gross_minor, rate)
    title = parties.about(entry.stream).title
    data = {
        "heading": HEADINGS[kind], "issuer": seller, "recipient": buyer, "site": settings().site_name,
        "holding": str(holding.id), "contract": title, "rate_bps": rate, "reverse_charge": reverse,
        "lines": [{"text": holding.title, "about": title, "minor": gross_minor}],
        "net_minor": gross_minor - tax, "tax_minor": tax, "corrects": None, "facts": [],
        "notes": [*([taxes.REVERSE_CHARGE] if reverse else []), *notes],
    }  # fmt: skip
    # An entry about several holdings names none; each of them has its own paper.
    cause = f"entry:{entry.id.hex}" if entry.holding_id else f"entry:{entry.id.hex}:{holding.id.hex}"
    return {
        "kind": kind, "cause": cause, "issuer": PLATFORM, "issued_on": entry.at.date(),
        "currency": holding.currency, "total_minor": gross_minor, "stream": entry.stream,
        "person_id": holding.payee_id, "organisation_id": None, "data": data,
    }  # fmt: skip


def credit_notes(kind: str, entry: Entry, holding: Holding, amount_minor: int) -> list[Columns]:
    """What takes `amount_minor` back out of papers of `kind`: one note a paper, with its own rate and names.

    kind: invoice or fee_invoice. Raises LookupError when these papers do not sum to that much.
    """
    made, left = [], amount_minor
    for paper, free in correctable(kind, entry, holding):
        part = min(left, free)
        left -= part
        if part:
            made.append(_mirror(paper, entry, paper.total_minor - free, part))
    if left:
        raise LookupError(
            f"{entry.kind} {entry.external_id} takes back more than the papers of {holding.id}."
        )
    return made


def correctable(kind: str, entry: Entry, holding: Holding) -> list[tuple[Document, int]]:
    """The papers of `kind` for `holding` and what is left of each, in minor units: the first to correct first.

    The paper of the very release that is taken back comes first, then the newest.
    """
    own = _own_cause(entry)
    papers = many(select(Document).where(Document.stream == entry.stream, Document.kind == kind))
    mine = [row for row in papers if row.data.get("holding") == str(holding.id)]
    mine.sort(key=lambda row: (row.cause == own, row.issued_on, row.year, row.number), reverse=True)
    return [(row, row.total_minor - taken_back(row)) for row in mine]


def _own_cause(entry: Entry) -> str:
    if entry.kind != "release_void":
        return ""
    release = select(Void.release_id).where(Void.id == UUID(entry.external_id))
    key = find(select(Entry.id).where(Entry.kind == "release", Entry.external_id == str(find(release))))
    return f"entry:{key.hex}" if key else ""


def taken_back(paper: Document) -> int:
    """What other papers corrected of this one, in minor units."""
    summed = select(func.sum(Document.total_minor)).where(Document.corrects_id == paper.id)
    return int(db.session.scalar(summed) or 0)


def _mirror(paper: Document, entry: Entry, before: int, amount_minor: int) -> Columns:
    data, kind = paper.data, MIRRORS[paper.kind]
    tax = taxes.mirrored(paper.total_minor, before, amount_minor, data["rate_bps"])
    reverse = [taxes.REVERSE_CHARGE] if data["reverse_charge"] else []
    mirrored = data | {
        "heading": HEADINGS[kind], "net_minor": amount_minor - tax, "tax_minor": tax,
        "lines": [data["lines"][0] | {"minor": amount_minor}], "notes": [*reverse, WHY[entry.kind]],
        "corrects": {"heading": data["heading"], "number": paper.label, "issued_on": paper.issued_on.isoformat()},
    }  # fmt: skip
    return {
        "kind": kind, "cause": f"entry:{entry.id.hex}:{paper.id.hex}", "issuer": paper.issuer,
        "issued_on": entry.at.date(), "currency": paper.currency, "total_minor": amount_minor,
        "stream": entry.stream, "person_id": paper.person_id, "organisation_id": paper.organisation_id,
        "data": mirrored, "corrects_id": paper.id,
    }  # fmt: skip
