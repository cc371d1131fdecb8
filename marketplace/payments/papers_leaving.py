"""What closing an account means for papers: they go along, and stay; what new ones would have said is removed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete

from marketplace.accounts.models import Person
from marketplace.kernel.db import db, many
from marketplace.payments import papers_list
from marketplace.payments.papers import Document, TaxDetails, papers_visible_to
from marketplace.payments.parties import details_of


def export(person: Person) -> list[dict[str, Any]]:
    """One's own papers as the spreadsheet lists them, with their lines, after what they say of oneself."""
    said = details_of(person)
    names = ("legal_name", "address", "country", "tax_id", "rate_bps", "consent_at")
    mine = papers_visible_to(person).where(Document.person_id == person.id).order_by(Document.issued_on)
    found = many(mine)
    heading, *rows = papers_list.table(found)
    listed = [dict(zip(heading, row, strict=True)) | {"Lines": paper.data["lines"] or paper.data.get("rows", [])}
              for row, paper in zip(rows, found, strict=True)]  # fmt: skip
    return [{name: getattr(said, name) for name in names}, *listed] if said else listed


def remove(person: Person) -> None:
    """Forget what new papers would say. Those that were made stay, as the law asks of invoices."""
    db.session.execute(delete(TaxDetails).where(TaxDetails.person_id == person.id))
