"""Lists of papers: by kind, year and contract, on pages and as tables for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Select, func, select

from marketplace.accounts.models import Person
from marketplace.kernel.db import db, many
from marketplace.kernel.money import plain
from marketplace.payments.ledger import Entry
from marketplace.payments.models import Holding
from marketplace.payments.papers import Document, Papered, papers_visible_to
from marketplace.payments.statement import harmless

# What a tab is called, and which kinds it shows.
TABS = {
    "invoices": ("Invoices", ("invoice", "fee_invoice")),
    "credit-notes": ("Credit notes", ("credit_note", "fee_credit_note")),
    "receipts": ("Receipts", ("receipt",)),
    "statements": ("Statements", ("payout_statement", "yearly")),
    "contracts": ("Contracts", ("contract",)),
}
CORRECTING = ("credit_note", "fee_credit_note")
HEADING = ["Number", "Paper", "Date", "From", "To", "Contract", "Corrects", "Currency", "Net", "Tax", "Tax rate",
           "Total"]  # fmt: skip
LINE_HEADING = ["Number", "Paper", "Date", "From", "Line", "About", "Currency", "Amount"]


def papers(
    person: Person, tab: str = "", year: int | None = None, contract: UUID | None = None
) -> Select[Document]:
    """The papers `person` may see, newest first. tab: a key of TABS, or all. contract: of that contract only."""
    found = papers_visible_to(person)
    if tab in TABS:
        found = found.where(Document.kind.in_(TABS[tab][1]))
    if year:
        found = found.where(Document.year == year)
    if contract:
        found = found.where(Document.stream == f"contract:{contract}")
    return found.order_by(Document.issued_on.desc(), Document.made_at.desc(), Document.id)


def years(person: Person) -> list[int]:
    """The years in which `person` has papers, newest first."""
    seen = papers_visible_to(person).with_only_columns(Document.year).distinct()
    return sorted(many(seen), reverse=True)


def waiting(person: Person) -> int:
    """How many releases wait for `person`'s consent to invoices in their name."""
    mine = select(Holding.id).where(Holding.payee_id == person.id)
    found = select(func.count()).select_from(Papered).join(Entry, Entry.id == Papered.entry_id)
    asked = found.where(Papered.waits == "consent", Entry.kind == "release", Entry.holding_id.in_(mine))
    return db.session.scalar(asked) or 0


def sign(row: Document) -> int:
    """-1 for papers that take something back, in sums."""
    return -1 if row.kind in CORRECTING else 1


def table(found: Iterable[Document]) -> list[list[str]]:
    """Papers as rows of text for a spreadsheet; what takes back is negative, and nothing can be a formula."""
    return [HEADING, *(_row(row) for row in found)]


def _row(row: Document) -> list[str]:
    data, amounts = row.data, ["", "", ""]
    if "net_minor" in data:
        net, tax = (plain(sign(row) * data[name], row.currency) for name in ("net_minor", "tax_minor"))
        amounts = [net, tax, f"{data['rate_bps'] / 100:g} %"]
    corrects = data["corrects"]["number"] if data["corrects"] else ""
    words = [row.label, data["heading"], row.issued_on.isoformat(), data["issuer"]["name"],
             data["recipient"]["name"], data["contract"], corrects, row.currency.upper()]  # fmt: skip
    return [*(harmless(word) for word in words), *amounts, plain(sign(row) * row.total_minor, row.currency)]


def lines(found: Iterable[Document]) -> list[list[str]]:
    """Every line of papers as rows of text for a spreadsheet."""
    return [LINE_HEADING, *(line for row in found for line in _lines(row))]


def _lines(row: Document) -> Iterable[list[str]]:
    data = row.data
    listed = data["lines"] or data.get("rows", [])
    for line in listed:
        words = [row.label, data["heading"], row.issued_on.isoformat(), data["issuer"]["name"], line["text"],
                 line.get("about", ""), row.currency.upper()]  # fmt: skip
        yield [*(harmless(word) for word in words), plain(sign(row) * line["minor"], row.currency)]
