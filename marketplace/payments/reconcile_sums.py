"""The sums: what stands at Stripe, in the ledger and in the counters, and whether it covers what is owed."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from marketplace.kernel.db import db, many
from marketplace.payments import stripe
from marketplace.payments.ledger import OWED, LedgerAccount, Line
from marketplace.payments.models import Holding
from marketplace.payments.outside import Difference
from marketplace.payments.reconcile_causes import OF_MONEY
from marketplace.payments.reconcile_comparing import Movement, movement
from marketplace.payments.reconcile_differences import Finding, Tally, say, still_open
from marketplace.payments.reconcile_entries import BALANCE, entered, looking
from marketplace.payments.reconcile_movements import RECENT, Reading, is_whole

log = logging.getLogger(__name__)

SUMS, COUNTERS = ("balance",), ("holding",)
SOLVENCY = ("solvency",)
# Money moves while we look: so often we look for a quiet moment.
LOOKS = 5
PAGE = 1000
Sums = Counter[str]


def compare_sums(tally: Tally, reading: Reading) -> bool:
    """Compare the balances, after the movements were: what no single difference explains is one of its own.

    Returns whether there was a quiet moment for it. Raises Unreachable.
    """
    moment = _quiet_moment(reading.begun)
    if moment is None:
        log.warning("Money moved all the time: the balances were not compared.")
        return False
    theirs, recent = moment
    with looking():
        ours = _ledger()
        ours.update(_on_the_way([*reading.young, *recent]))
        ours.update(_explained_by_differences())
    for finding in _unequal(ours, theirs, "stripe", "our books, with all that is known to differ, explain"):
        tally.note(finding)
    if reading.whole:
        listed = Counter(reading.sums)
        listed.update(_net(one for one in recent if one.id not in reading.recent))
        for finding in _unequal(listed, theirs, "list", "the movements that Stripe lists sum to"):
            tally.note(finding)
    return True


def _quiet_moment(begun: datetime) -> tuple[Sums, list[Movement]] | None:
    """Stripe's balance, and the movements since shortly before `begun`, at a moment when nothing moved."""
    for _ in range(LOOKS):
        before, balance, after = _recent(begun), _balance(), _recent(begun)
        if [one.id for one in before] == [one.id for one in after]:
            return balance, after
    return None


def _recent(begun: datetime) -> list[Movement]:
    created = {"gte": int((begun - RECENT).timestamp())}
    return [movement(found) for found in stripe.list_all("balance_transaction", created=created)]


def _balance() -> Sums:
    sums: Sums = Counter()
    found = stripe.fetch_balance()
    for part in (*found["available"], *found["pending"]):
        sums[part["currency"]] += part["amount"]
    return sums


def _net(some: Any) -> Sums:
    sums: Sums = Counter()
    for moved in some:
        sums[moved.currency] += moved.net
    return sums


def _ledger() -> Sums:
    rows = (
        select(Line.currency, func.sum(Line.amount_minor)).where(Line.code == BALANCE).group_by(Line.currency)
    )
    return Counter({currency: int(amount) for currency, amount in db.session.execute(rows)})


def _on_the_way(some: list[Movement]) -> Sums:
    """What moved, but whose message may still come."""
    sums: Sums = Counter()
    by_id = {moved.id: moved for moved in some}
    found = entered(name for moved in by_id.values() for name in moved.names)
    for moved in by_id.values():
        if not is_whole(moved, found) and ("suspense", moved.id) not in found:
            ours = [one for name in moved.names for one in found.get(name, ())]
            sums[moved.currency] += moved.net - sum(one.amount for one in ours)
    return sums


def _explained_by_differences() -> Sums:
    sums: Sums = Counter()
    unposted = still_open().where(Difference.cause.in_(OF_MONEY), Difference.entry_id.is_(None))
    for row in many(unposted):
        sums[row.currency] += (row.theirs_minor or 0) - (row.ours_minor or 0)
    return sums


def _unequal(ours: Sums, theirs: Sums, where: str, words: str) -> Iterator[Finding]:
    for currency in sorted({*ours, *theirs}):
        there, here = theirs[currency], ours[currency]
        if there != here:
            sentence = f"At Stripe stand {say(there, currency)}, but {words} {say(here, currency)}."
            yield Finding("balance", "balance", where, sentence, currency, here, there)


def compare_counters(tally: Tally) -> None:
    """Compare each milestone's counters with its account, by the page."""
    last: UUID | None = None
    while True:
        with looking():
            rows = _holdings(last)
            found = list(_drifted(rows))
        for finding in found:
            tally.note(finding)
        if len(rows) < PAGE:
            return
        last = rows[-1][0]


def _holdings(after: UUID | None) -> list[Any]:
    left = Holding.funded_minor - Holding.released_minor - Holding.refunded_minor - Holding.lost_minor
    rows = select(Holding.id, Holding.title, Holding.currency, left).order_by(Holding.id).limit(PAGE)
    return list(db.session.execute(rows.where(Holding.id > after) if after else rows).all())


def _drifted(rows: list[Any]) -> Iterator[Finding]:
    codes = [f"held:{row[0]}" for row in rows]
    held = select(LedgerAccount.code, LedgerAccount.currency, LedgerAccount.balance)
    balances = {(code, currency): -amount for code, currency, amount in db.session.execute(
        held.where(LedgerAccount.code.in_(codes)))}  # fmt: skip
    for key, title, currency, left in rows:
        held_minor = balances.get((f"held:{key}", currency), 0)
        if held_minor != left:
            said = f"“{title}” counts {say(left, currency)} held, but its account holds {say(held_minor, currency)}."
            yield Finding("counter", "holding", str(key), said, currency, left, held_minor, (key,))


def compare_solvency(tally: Tally) -> None:
    """Compare what stands at Stripe by our books with what is owed to others."""
    owed = or_(*[LedgerAccount.code.startswith(f"{kind}:") for kind in OWED])
    rows = (
        select(LedgerAccount.currency, func.sum(LedgerAccount.balance))
        .where(owed)
        .group_by(LedgerAccount.currency)
    )
    with looking():
        there, ours = _ledger(), {currency: -int(amount) for currency, amount in db.session.execute(rows)}
    for currency, amount in sorted(ours.items()):
        short = amount - there[currency]
        if short > 0:
            said = (f"{say(short, currency)} are missing at Stripe: {say(amount, currency)} are owed to others, "
                    f"{say(there[currency], currency)} stand there.")  # fmt: skip
            tally.note(Finding("solvency", "solvency", "platform", said, currency, amount, there[currency]))
