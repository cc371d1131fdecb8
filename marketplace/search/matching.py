"""The one place that knows how each database finds words."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    case,
    cast,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from marketplace.kernel.clock import today
from marketplace.kernel.db import db
from marketplace.search.folding import Query
from marketplace.search.models import FULL_TEXT, Entry

PRIME = 99_991


def matches(entry: Entry, query: Query) -> ColumnElement[bool]:
    """That an entry holds every whole term of `query`, and a term that begins as the last one does.

    Terms are letters and digits only, so nothing typed is ever syntax.
    """
    index = FULL_TEXT[entry.__tablename__]
    if db.engine.dialect.name == "sqlite":
        wanted = " ".join([*(f'"{term}"' for term in query.whole), f'"{query.begun}"*'])
        found: Select[Any] = select(column("rowid")).select_from(table(index))
        return entry.number.in_(found.where(literal_column(index).op("MATCH")(wanted)))
    wanted = " & ".join([*(f"'{term}'" for term in query.whole), f"'{query.begun}':*"])
    vector = func.array_to_tsvector(func.string_to_array(entry.words, literal_column("' '")))
    return vector.op("@@")(cast(wanted, TSQUERY))


def weight(entry: Entry, query: Query) -> ColumnElement[int]:
    """How many of the asked terms stand in the entry's head."""
    patterns = [f"% {term} %" for term in query.whole] + [f"% {query.begun}%"]
    hits = [case((entry.head.like(pattern), 1), else_=0) for pattern in patterns]
    total: ColumnElement[Any] = literal(0)
    for hit in hits:
        total = total + hit
    return total


def turn(entry: Entry) -> ColumnElement[int]:
    """An order among equals that is another one every day and the same for everybody."""
    factor = today().toordinal() * 7919 % (PRIME - 1) + 1
    return cast(entry.number, BigInteger) * factor % PRIME
