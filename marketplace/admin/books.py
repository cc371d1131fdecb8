"""The books as staff read them: what differs from Stripe's, since when, why, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from marketplace.config import settings
from marketplace.currencies import CURRENCIES
from marketplace.kernel.clock import now, shift
from marketplace.kernel.db import db, many
from marketplace.payments import reconcile
from marketplace.payments.ledger import Entry, Line
from marketplace.payments.models import Freeze, Holding
from marketplace.payments.outside import Difference
from marketplace.payments.reconcile_causes import CAUSES, Cause
from marketplace.payments.reconcile_differences import say
from marketplace.payments.reconcile_entries import MOVING

__all__ = ["CAUSES", "CURRENCIES", "say", "settings"]
PER_PAGE = 40
STATES = {"open": "Open", "over": "Over"}
# The night's comparison is missed after this.
LATE = timedelta(hours=36)
LATE_AGE = timedelta(days=1)
# Where Stripe's own pages show an object, by how its id begins.
PAGES = {
    "ch_": "payments", "py_": "payments", "pi_": "payments", "re_": "refunds", "tr_": "connect/transfers",
    "du_": "disputes", "dp_": "disputes", "po_": "payouts", "tu_": "topups", "acct_": "connect/accounts",
}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What of the differences is asked for; a part that is empty asks for everything. after: the last row seen."""

    state: str = "open"
    cause: str = ""
    currency: str = ""
    after: UUID | None = None

    @property
    def kept(self) -> dict[str, str]:
        """The parts that go along in links."""
        parts = {"state": self.state, "cause": self.cause, "currency": self.currency}
        return {name: value for name, value in parts.items() if value}


def asked(args: Mapping[str, str]) -> Wanted:
    """The filter of an address; what is on no list asks for everything."""
    state, cause, currency = args.get("state", "open"), args.get("cause", ""), args.get("currency", "")
    try:
        after = UUID(args.get("after", ""))
    except ValueError:
        after = None
    return Wanted(
        state if state in STATES else "",
        cause if cause in CAUSES else "",
        currency if currency in settings().currencies else "",
        after,
    )


def differences(wanted: Wanted) -> Select[Difference, Holding]:
    """The differences that fit, each with its milestone's money: open ones oldest first, else the latest first."""
    found = select(Difference, Holding).outerjoin(Holding, Holding.id == Difference.holding_id)
    if wanted.state:
        is_open = Difference.resolved_at.is_(None)
        found = found.where(is_open if wanted.state == "open" else ~is_open)
    if wanted.cause:
        found = found.where(Difference.cause == wanted.cause)
    if wanted.currency:
        found = found.where(Difference.currency == wanted.currency)
    oldest_first = wanted.state == "open"
    at, key = Difference.created_at, Difference.id
    found = found.order_by(at, key) if oldest_first else found.order_by(at.desc(), key.desc())
    last = db.session.get(Difference, wanted.after) if wanted.after else None
    if last is not None:
        found = found.where(_beyond(last, oldest_first))
    return found


def _beyond(last: Difference, oldest_first: bool) -> ColumnElement[bool]:
    at, key = Difference.created_at, Difference.id
    if oldest_first:
        return or_(at > last.created_at, and_(at == last.created_at, key > last.id))
    return or_(at < last.created_at, and_(at == last.created_at, key < last.id))


def page_of(wanted: Wanted) -> tuple[list[tuple[Difference, Holding]], bool]:
    """One page of differences with their holdings (None where there is none), and whether there are more."""
    rows = [(row[0], row[1]) for row in db.session.execute(differences(wanted).limit(PER_PAGE + 1)).unique()]
    return rows[:PER_PAGE], len(rows) > PER_PAGE


def open_by_cause() -> list[tuple[str, Cause, int]]:
    """How many are open of each cause, in the order of the list of causes."""
    counted = select(Difference.cause, func.count()).where(Difference.resolved_at.is_(None))
    counts = {cause: count for cause, count in db.session.execute(counted.group_by(Difference.cause))}
    return [(name, cause, counts[name]) for name, cause in CAUSES.items() if name in counts]


def compared() -> tuple[datetime | None, bool]:
    """When the books were last compared to the end, and whether that is too long ago. As our clock counts."""
    last = reconcile.last_run()
    moment = last + shift() if last else None
    return moment, moment is None or moment < now() - LATE


def is_late(row: Difference) -> bool:
    """Whether a difference has been open for too long."""
    return row.resolved_at is None and row.created_at < now() - LATE_AGE


def stripe_page(row: Difference) -> str:
    """Where Stripe's own pages show what a difference is about; empty for the sandbox and for our own rows."""
    ours = settings()
    place = next((page for prefix, page in PAGES.items() if row.object_id.startswith(prefix)), "")
    if ours.payments_mode != "stripe" or not place:
        return ""
    mode = "" if ours.stripe_secret_key.startswith(("sk_live_", "rk_live_")) else "test/"
    return f"https://dashboard.stripe.com/{mode}{place}/{row.object_id}"


@dataclass(frozen=True)
class Booked:
    """An entry that names the object of a difference, or that repaired it, with its lines."""

    entry: Entry
    lines: list[Line]


def entries_about(row: Difference) -> list[Booked]:
    """The entries about a difference's object, oldest first."""
    named = or_(and_(Entry.kind.in_(MOVING), Entry.external_id == row.object_id), Entry.id == row.entry_id)
    entries = many(select(Entry).where(named).order_by(Entry.at, Entry.id).limit(20))
    lines = many(select(Line).where(Line.entry_id.in_([one.id for one in entries])).order_by(Line.number))
    return [Booked(one, [line for line in lines if line.entry_id == one.id]) for one in entries]


def frozen_by(row: Difference) -> list[tuple[Freeze, Holding]]:
    """What a difference froze, with whether it still is."""
    made = select(Freeze, Holding).join(Holding, Holding.id == Freeze.holding_id)
    found = db.session.execute(made.where(Freeze.cause == row.subject).order_by(Freeze.created_at)).unique()
    return [(one[0], one[1]) for one in found]
