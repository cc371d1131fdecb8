"""Receipts for money that is held, and notes that some of it went back: papers without tax."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from marketplace.config import settings
from marketplace.kernel.db import find, many
from marketplace.payments import parties, wording
from marketplace.payments.ledger import Entry
from marketplace.payments.models import Holding, Payment
from marketplace.payments.papers import Document
from marketplace.payments.parties import PLATFORM

Columns = dict[str, Any]
NO_TAX = "This is no invoice and contains no tax."
HELD = "The money is held for the work. The invoice for the work follows when it is released."
WHY = {
    "refund_auth": "It goes back to where it was paid from.",
    "refund_external": "It went back to where it was paid from.",
    "dispute_lost": "Your bank took it back (a chargeback).",
}


def receipt(
    entry: Entry, held: Mapping[UUID, int], holdings: dict[UUID, Holding], client_fee: int = 0
) -> Columns:
    """The receipt for what came into holding: by a payment, or because a refund came back.

    held: minor units by holding. client_fee: what was paid on top, which has an invoice of its own.
    """
    first = holdings[next(iter(held))]
    notes = [HELD, NO_TAX]
    if client_fee:
        paid = wording.amount(client_fee, first.currency)
        notes.append(f"{paid} were paid on top of it as a fee: for that there is an invoice of its own.")
    if entry.kind != "fund":
        what = "Your bank gave it back" if entry.kind == "dispute_regained" else "A refund came back"
        notes.insert(0, f"{what}: the money is held again.")
    return _paper("receipt", "Receipt", entry, held, holdings, notes)


def refund_note(entry: Entry, held: Mapping[UUID, int], holdings: dict[UUID, Holding]) -> Columns:
    """The note that held money went back; it corrects the receipt. held: minor units by holding, positive here."""
    made = _paper("credit_note", "Refund note", entry, held, holdings, [WHY[entry.kind], NO_TAX])
    earlier = select(Document).where(Document.stream == entry.stream, Document.kind == "receipt")
    mine = {str(key) for key in held}
    for paper in many(earlier.order_by(Document.issued_on.desc(), Document.number.desc())):
        if mine & {line["holding"] for line in paper.data["lines"]}:
            made["corrects_id"] = paper.id
            made["data"]["corrects"] = {
                "heading": "Receipt", "number": paper.label, "issued_on": paper.issued_on.isoformat(),
            }  # fmt: skip
            break
    return made


def _paper(
    kind: str,
    heading: str,
    entry: Entry,
    held: Mapping[UUID, int],
    holdings: dict[UUID, Holding],
    notes: list[str],
) -> Columns:
    first, title = holdings[next(iter(held))], parties.about(entry.stream).title
    lines = [
        {"text": holdings[key].title, "about": title, "minor": amount, "holding": str(key)}
        for key, amount in sorted(held.items(), key=lambda pair: (holdings[pair[0]].created_at, pair[0]))
    ]
    data = {
        "heading": heading, "issuer": parties.platform(), "recipient": parties.organisation(first.organisation_id),
        "site": settings().site_name, "contract": title, "lines": lines, "corrects": None, "notes": notes,
        "facts": _facts(entry),
    }  # fmt: skip
    return {
        "kind": kind, "cause": f"entry:{entry.id.hex}", "issuer": PLATFORM, "issued_on": entry.at.date(),
        "currency": first.currency, "total_minor": sum(held.values()), "stream": entry.stream, "person_id": None,
        "organisation_id": first.organisation_id, "data": data,
    }  # fmt: skip


def _facts(entry: Entry) -> list[list[str]]:
    """How and by which payment the money came, where it came by one."""
    paid = (
        find(select(Payment).where(Payment.charge_id == entry.external_id)) if entry.kind == "fund" else None
    )
    if paid is None:
        return []
    return [["Paid by", paid.method.replace("_", " ").capitalize() or "Card"], ["Payment", entry.external_id]]
