"""Adding up the ledger and reading the rows beside it: what the checks of the books have in common."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Executable, func, select
from sqlalchemy.orm import lazyload

from marketplace.kernel.db import db, many
from marketplace.payments.ledger import Entry, Line
from marketplace.payments.models import Holding

Sums = dict[tuple[str, str], int]


def balances() -> Sums:
    """By account code and currency: the sum of all its lines, in minor units."""
    rows = select(Line.code, Line.currency, func.sum(Line.amount_minor)).group_by(Line.code, Line.currency)
    return {(code, currency): int(amount) for code, currency, amount in everything(rows)}


def everything(rows: Executable) -> Any:
    """All rows of a statement."""
    return db.session.execute(rows).all()


def holdings() -> list[Holding]:
    """Every holding, by itself."""
    return many(select(Holding).options(lazyload("*")))


def entered_by(kind: str, code: str) -> dict[str, int]:
    """By external id: what the entries of `kind` have in accounts whose code begins with `code`."""
    rows = (
        select(Entry.external_id, func.sum(Line.amount_minor))
        .join(Line, Line.entry_id == Entry.id)
        .where(Entry.kind == kind, Line.code.startswith(code))
        .group_by(Entry.external_id)
    )
    return {key: int(amount) for key, amount in everything(rows)}


def name_of(row: Holding) -> str:
    """How a sentence names a holding."""
    return f"The holding “{row.title}” ({row.id})"
