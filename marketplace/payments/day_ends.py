"""What stood in the ledger at the end of each day (UTC): recorded once, for the plot of money over time."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, case, func, select

from marketplace.kernel.clock import today
from marketplace.kernel.db import db, insert_new, many
from marketplace.payments.ledger import Entry, Line
from marketplace.payments.outside import DayEnd

# What is recorded, as people count it: what is owed and what was earned stands in credit, so its sign turns.
KINDS = {
    "held": ("held:", -1),
    "payable": ("payable:", -1),
    "refund_pending": ("refund_pending:", -1),
    "platform_fee": ("revenue:platform_fee", -1),
    "stripe_fee": ("expense:stripe_fee", 1),
    "stripe": ("stripe:balance", 1),
}
DAY = timedelta(days=1)
Sums = Counter[tuple[str, str]]


def record_day_ends() -> int:
    """Record every day that is over and not recorded yet; returns how many days.

    A day goes on from the one before, so each is one sum over its own entries. Days that are recorded are
    never changed.
    """
    day, sums = _last()
    count = 0
    while day is not None and day < today():
        sums.update(_moved(day))
        for (kind, currency), amount in sums.items():
            row = {"day": day, "currency": currency, "kind": kind, "amount_minor": amount}
            db.session.execute(insert_new(DayEnd, row))
        day, count = day + DAY, count + 1
    return count


def standing() -> Sums:
    """What stands in the ledger now, (kind, currency) to minor units, as a day's end would be recorded."""
    day, sums = _last()
    if day is not None:
        sums.update(_moved(day, None))
    return sums


def _last() -> tuple[date | None, Sums]:
    """The first day to record, None when nothing was ever entered, and what stood before it."""
    last = db.session.scalar(select(func.max(DayEnd.day)))
    if last is None:
        first = db.session.scalar(select(func.min(Entry.at)))
        return (first.date() if first else None), Counter()
    rows = many(select(DayEnd).where(DayEnd.day == last))
    return last + DAY, Counter({(row.kind, row.currency): row.amount_minor for row in rows})


def _moved(start: date, days: int | None = 1) -> Sums:
    """What the entries of so many days from `start` on moved; of all later ones when `days` is None."""
    since = datetime.combine(start, time(), UTC)
    tests: list[tuple[ColumnElement[bool], str]] = [
        (Line.code.startswith(prefix), kind) for kind, (prefix, _) in KINDS.items()
    ]
    kind = case(*tests, else_="")
    rows = select(kind, Line.currency, func.sum(Line.amount_minor)).join(Entry, Entry.id == Line.entry_id)
    rows = rows.where(Entry.at >= since).group_by(kind, Line.currency)
    if days is not None:
        rows = rows.where(Entry.at < since + days * DAY)
    return Counter({
        (name, currency): int(amount) * KINDS[name][1] for name, currency, amount in db.session.execute(rows) if name
    })  # fmt: skip
