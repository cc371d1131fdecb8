"""Sums of the ledger over one calendar year (UTC): what stood in accounts, what moved, and what that meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from marketplace.kernel.db import db, many
from marketplace.payments import moves
from marketplace.payments.ledger import Entry, Line

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip


@dataclass
class Year:
    """What some accounts did in a year: `before` stood in them at its start, then sums by kind of entry."""

    before: int
    by_kind: dict[str, int]

    def of(self, *kinds: str) -> int:
        """The sum of these kinds of entries; debit is positive."""
        return sum(self.by_kind.get(kind, 0) for kind in kinds)

    @property
    def moved(self) -> int:
        """The sum of all entries."""
        return sum(self.by_kind.values())

    @property
    def after(self) -> int:
        """What stood in the accounts at the end of the year."""
        return self.before + self.moved


@dataclass
class Meant:
    """What the entries of some streams meant in a year: held, sold and fee, each way, and by month."""

    came: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    went: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    client_fee: int = 0
    months: list[dict[str, Any]] = field(
        default_factory=lambda: [{"month": month, "held": 0, "sold": 0, "fee": 0} for month in MONTHS]
    )

    def net(self, name: str) -> int:
        """What came of `name` (held, sold or fee), less what went back."""
        return self.came[name] - self.went[name]


def bounds(year: int) -> tuple[datetime, datetime]:
    """The first moment of `year` and of the next."""
    return datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)


def accounts(codes: Iterable[str], year: int, currency: str) -> Year:
    """What stood in and moved through the accounts `codes` in `year`, in minor units."""
    start, end = bounds(year)
    amount = func.sum(Line.amount_minor)
    mine = (Line.code.in_(list(codes)), Line.currency == currency)
    earlier = select(amount).join(Entry, Entry.id == Line.entry_id).where(*mine, Entry.at < start)
    before = int(db.session.scalar(earlier) or 0)
    found = select(Entry.kind, amount).join(Line, Line.entry_id == Entry.id)
    during = found.where(*mine, Entry.at >= start, Entry.at < end).group_by(Entry.kind)
    return Year(before, {kind: int(minor) for kind, minor in db.session.execute(during).all()})


def meant(streams: Iterable[str], year: int) -> Meant:
    """What the entries of `streams` (of one currency) meant in `year`."""
    start, end = bounds(year)
    mine = (Entry.stream.in_(list(streams)), Entry.kind.in_(moves.READERS))
    made = Meant()
    for entry in many(select(Entry).where(*mine, Entry.at >= start, Entry.at < end)):
        moved = moves.of(entry)
        made.client_fee += moved.client_fee
        for name, sums in (("held", moved.held), ("sold", moved.sold), ("fee", moved.fee)):
            for minor in sums.values():
                made.months[entry.at.month - 1][name] += minor
                (made.came if minor > 0 else made.went)[name] += abs(minor)
    return made
