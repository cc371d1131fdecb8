"""Statements of payouts: what a payout brought to a professional's bank, transfer by transfer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, cast, exists, func, literal, select

from marketplace.config import settings
from marketplace.kernel.clock import now
from marketplace.kernel.db import find, lock, many, one
from marketplace.kernel.events import Event
from marketplace.kernel.jobs import later, transaction
from marketplace.payments import parties, wording
from marketplace.payments.ledger import Entry
from marketplace.payments.models import Holding, Release
from marketplace.payments.numbering import number_all
from marketplace.payments.outside import Payout, PayoutItem
from marketplace.payments.papers import Document
from marketplace.payments.parties import PLATFORM

MAKING = "payments.payout_statement"
REACH = timedelta(days=30)
# What Stripe calls the movements of a connected account, in words.
KINDS = {
    "payment": "Transfer",
    "transfer": "Transfer",
    "payment_refund": "Transfer taken back",
    "transfer_refund": "Transfer taken back",
    "payout_failure": "An earlier payout that came back",
    "stripe_fee": "Fee of Stripe's",
    "payout_fee": "Fee for the instant payout",
}
REST = "Other movements of the account"


def heard(event: Event) -> None:
    """After any event: once the parts of a payout are known, have its statement made."""
    if event.name == "payout.itemised":
        later(MAKING, event.subject.partition(":")[2])


def make_job(payout_id: str) -> None:
    """Job: make the statement of one payout."""
    with transaction():
        payout_statement(UUID(payout_id))


def overdue(now: datetime) -> Select[UUID]:
    """Payouts of the last weeks that arrived, whose parts are known, and that have no statement; for the sweep."""
    key = func.replace(cast(Payout.id, Text), "-", "")
    stated = exists().where(Document.kind == "payout_statement", Document.cause == literal("payout:") + key)
    known = exists().where(PayoutItem.payout_id == Payout.id)
    arrived = select(Payout.id).where(Payout.state == "paid", Payout.person_id.is_not(None))
    return arrived.where(known, ~stated, Payout.created_at > now - REACH).limit(200)


def payout_statement(payout_id: UUID) -> None:
    """Make the statement of a payout that arrived. Done twice it makes one; for other payouts it does nothing."""
    payout = lock(one(select(Payout).where(Payout.id == payout_id)))
    cause = f"payout:{payout.id.hex}"
    stated = find(select(Document.id).where(Document.kind == "payout_statement", Document.cause == cause))
    if stated or payout.state != "paid" or payout.person_id is None:
        return
    paid = select(Entry.at).where(Entry.kind == "payout_paid", Entry.external_id == payout.stripe_payout)
    day = (find(paid) or now()).date()
    data = {
        "heading": "Payout statement", "issuer": parties.platform(), "recipient": parties.person(payout.person_id),
        "site": settings().site_name, "contract": "", "lines": _lines(payout), "corrects": None,
        "facts": _facts(payout), "notes": ["This is a statement of what was paid out. It is no invoice."],
    }  # fmt: skip
    number_all([
        {"kind": "payout_statement", "cause": cause, "issuer": PLATFORM, "issued_on": day,
         "currency": payout.currency, "total_minor": payout.amount_minor, "stream": payout.subject,
         "person_id": payout.person_id, "organisation_id": None, "data": data}
    ])  # fmt: skip


def _lines(payout: Payout) -> list[dict[str, Any]]:
    """One line a movement; they sum to what was paid out."""
    found = many(
        select(PayoutItem).where(PayoutItem.payout_id == payout.id).order_by(PayoutItem.stripe_transaction)
    )
    lines = [_line(item) for item in found]
    rest = payout.amount_minor - sum(line["minor"] for line in lines)
    return [*lines, *([{"text": REST, "about": "", "minor": rest}] if rest else [])]


def _line(item: PayoutItem) -> dict[str, Any]:
    words = KINDS.get(item.kind, item.kind.replace("_", " ").capitalize())
    named = select(Holding).join(Release, Release.holding_id == Holding.id)
    holding = find(named.where(Release.id == item.release_id)) if item.release_id else None
    if holding is None:
        return {"text": words, "about": "", "minor": item.amount_minor}
    title = parties.about(holding.stream).title
    about = ", ".join(part for part in (words, title) if part)
    return {"text": holding.title, "about": about, "minor": item.amount_minor}


def _facts(payout: Payout) -> list[list[str]]:
    bank = f"Bank account ending in {payout.bank_last4}" if payout.bank_last4 else "Your bank account"
    found = [["Paid out to", bank]]
    if payout.arrives_at:
        found.append(["At your bank on", wording.day(payout.arrives_at.date())])
    found.append(["Way", "At once" if payout.method == "instant" else "By schedule"])
    return [*found, ["Payout", payout.stripe_payout or ""]]
