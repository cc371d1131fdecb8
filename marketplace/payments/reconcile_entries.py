"""Entries that name an object of Stripe's, as reconciliation reads them: by the page, never all at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import and_, or_, select

from marketplace.kernel.db import db, reading, rollback
from marketplace.payments.ledger import Entry, Line

T = TypeVar("T")
BALANCE = "stripe:balance"
PAGE = 1000
# Every kind of entry that moves what stands at Stripe names the movement, or the object that made it.
MOVING = (
    "fund",
    "fund_surplus",
    "stripe_fee",
    "refund",
    "refund_failed",
    "refund_external",
    "transfer",
    "reversal",
    "dispute_hold",
    "dispute_back",
    "platform_payout",
    "platform_payout_failed",
    "topup",
    "suspense",
    "suspense_back",
)
Name = tuple[str, str]


class Entered(NamedTuple):
    """One entry: what it did to the balance at Stripe, in minor units of its currency."""

    id: UUID
    kind: str
    key: str
    currency: str
    amount: int


@contextmanager
def looking() -> Iterator[None]:
    """A transaction that only reads, over before anybody speaks to the network."""
    token = reading.set(True)
    try:
        rollback()
        yield
    finally:
        rollback()
        reading.reset(token)


# Half of all lines have this code: its index would be the slow way, which SQLite takes unless it cannot.
_MOVED = and_(Line.entry_id == Entry.id, Line.code.concat("") == BALANCE)
_COLUMNS = (Entry.id, Entry.kind, Entry.external_id, Line.currency, Line.amount_minor)


def entered(names: Iterable[Name]) -> dict[Name, list[Entered]]:
    """The entries with these kinds and external ids; one that touches several currencies comes once for each."""
    by_kind: dict[str, set[str]] = defaultdict(set)
    for kind, key in names:
        by_kind[kind].add(key)
    tests = [and_(Entry.kind == kind, Entry.external_id.in_(keys)) for kind, keys in sorted(by_kind.items())]
    found: dict[Name, list[Entered]] = defaultdict(list)
    if not tests:
        return found
    for row in db.session.execute(select(*_COLUMNS).outerjoin(Line, _MOVED).where(or_(*tests))):
        one = Entered(row[0], row[1], row[2], row[3] or "", int(row[4] or 0))
        found[one.kind, one.key].append(one)
    return found


def holdings_of(entry_ids: Collection[UUID]) -> tuple[UUID, ...]:
    """The holdings whose accounts these entries touch."""
    codes = select(Line.code).where(Line.entry_id.in_(entry_ids))
    own = or_(Line.code.startswith("held:"), Line.code.startswith("refund_pending:"))
    found = db.session.scalars(codes.where(own)).all() if entry_ids else ()
    return tuple(sorted({UUID(code.partition(":")[2]) for code in found}))


def pages_between(start: datetime | None, end: datetime | None) -> Iterator[list[Entered]]:
    """The entries made from `start` until before `end`, oldest first, by the page, each page read for itself.

    None for either is no bound.
    """
    last: tuple[datetime, UUID] | None = None
    while True:
        wanted = select(*_COLUMNS, Entry.at).outerjoin(Line, _MOVED).where(Entry.kind.in_(MOVING))
        if start is not None:
            wanted = wanted.where(Entry.at >= start)
        if end is not None:
            wanted = wanted.where(Entry.at < end)
        if last is not None:
            later = or_(Entry.at > last[0], and_(Entry.at == last[0], Entry.id > last[1]))
            wanted = wanted.where(Entry.at >= last[0], later)
        with looking():
            rows = db.session.execute(wanted.order_by(Entry.at, Entry.id).limit(PAGE)).all()
        if rows:
            yield [Entered(row[0], row[1], row[2], row[3] or "", int(row[4] or 0)) for row in rows]
        if len(rows) < PAGE:
            return
        last = (rows[-1][5], rows[-1][0])


def batches(found: Iterable[T], size: int) -> Iterator[list[T]]:
    """`found` in lists of `size`, the last one shorter; only one is in memory."""
    each = iter(found)
    while some := list(islice(each, size)):
        yield some
