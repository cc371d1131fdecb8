"""The rules of the papers: no number is missing or twice, and together they say what the ledger says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import case, func, or_, select

from marketplace.kernel.money import text
from marketplace.payments import moves
from marketplace.payments.ledger import Entry
from marketplace.payments.models import Holding
from marketplace.payments.papers import Document, Papered, Series
from marketplace.payments.parties import PLATFORM
from marketplace.payments.tally import everything


def numbers_have_no_gaps() -> Iterator[str]:
    """Each issuer's year has the numbers from 1 to its last, each once (the database sees to that)."""
    counted = select(Document.issuer, Document.year, func.count(), func.max(Document.number))
    found = {(issuer, year): (count, last) for issuer, year, count, last in
             everything(counted.group_by(Document.issuer, Document.year))}  # fmt: skip
    for issuer, year, last in everything(select(Series.issuer, Series.year, Series.last)):
        if found.pop((issuer, year), (0, 0)) != (last, last):
            yield f"The papers of {issuer} in {year} do not have every number from 1 to {last}."
    for issuer, year in found:
        yield f"The papers of {issuer} in {year} have numbers that no series gave."


def papers_say_what_the_ledger_says() -> Iterator[str]:
    """By contract: receipts, invoices and fee invoices, less what corrects them, are what the holdings count.

    Contracts with entries whose papers are still to be made are left out; so are invoices that wait for consent.
    """
    unmade, waiting = _unfinished()
    said = {(stream, name): int(minor) for stream, name, minor in everything(_said())}
    for stream, currency, *counts in everything(_counted()):
        for name, counted in zip(("held", "fee", "sold"), map(int, counts), strict=True):
            late = stream in unmade or (name == "sold" and stream in waiting)
            if not late and said.get((stream, name), 0) != counted:
                says, is_ = text(said.get((stream, name), 0), currency), text(counted, currency)
                yield f"The papers of {stream} say {says} {name}, but the ledger says {is_}."


def _unfinished() -> tuple[set[str], set[str]]:
    """The streams with entries that have no papers yet, and those where some wait."""
    found = select(Entry.stream, Papered.waits).outerjoin(Papered).where(Entry.kind.in_(moves.READERS))
    rows = everything(found.where(or_(Papered.entry_id.is_(None), Papered.waits != "")))
    return {stream for stream, waits in rows if waits is None}, {stream for stream, waits in rows if waits}


def _said() -> Any:
    """By stream and name: what papers say, in minor units; a fee on top that the business pays is no part of it."""
    name = case(
        (Document.kind.in_(("fee_invoice", "fee_credit_note")), "fee"),
        (Document.issuer == PLATFORM, "held"),
        else_="sold",
    )
    signed = case(
        (Document.kind.in_(("credit_note", "fee_credit_note")), -Document.total_minor),
        else_=Document.total_minor,
    )
    mine = Document.kind.in_(("receipt", "invoice", "fee_invoice", "credit_note", "fee_credit_note"))
    on_top = (Document.kind == "fee_invoice") & Document.person_id.is_(None)
    return (
        select(Document.stream, name, func.sum(signed)).where(mine, ~on_top).group_by(Document.stream, name)
    )


def _counted() -> Any:
    """By stream: what was paid in and not returned, the fee, what was released and not taken back."""
    held = func.sum(Holding.funded_minor - Holding.refunded_minor - Holding.lost_minor)
    sold = func.sum(Holding.released_minor - Holding.clawed_minor)
    return select(Holding.stream, Holding.currency, held, func.sum(Holding.fee_minor), sold).group_by(
        Holding.stream, Holding.currency
    )


RULES: tuple[Callable[[], Iterator[str]], ...] = (numbers_have_no_gaps, papers_say_what_the_ledger_says)
