"""Reconciliation: Stripe's books and ours, compared object by object and both ways.

What Stripe did and we did not hear is entered by the functions that enter it always. What nothing explains is
set apart in suspense, and written down as a difference with its cause, which staff are told. Money that is
missing freezes its milestone; any open difference keeps the platform's own money where it is. Nothing is ever
repaired by changing what was entered.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import func, select

from marketplace.kernel.clock import now
from marketplace.kernel.db import add, db, find
from marketplace.kernel.jobs import transaction
from marketplace.payments import (
    reconcile_movements,
    reconcile_states,
    reconcile_sums,
    reconcile_transfers,
    reconcile_waiting,
    stripe,
)
from marketplace.payments.day_ends import record_day_ends
from marketplace.payments.ledger import Entry
from marketplace.payments.models import Cursor
from marketplace.payments.reconcile_differences import Finding, Tally, open_count
from marketplace.payments.reconcile_entries import looking
from marketplace.payments.reconcile_movements import Reading, WrongAccount

__all__ = ["hourly", "last_run", "nightly", "open_count", "run", "since_last"]
log = logging.getLogger(__name__)

CURSOR = "reconcile"
# Stripe repeats a message for three days.
OVERLAP = timedelta(days=3)
SUNDAY = 6
ACCOUNT = ("account",)


def nightly() -> None:
    """Job, every night: what moved since the last comparison, on Sundays everything; and the day's end."""
    with transaction():
        record_day_ends()
    since = None if now().weekday() == SUNDAY else since_last()
    try:
        tally = run(since)
    except stripe.Unreachable as reason:
        log.error("Stripe could not be reached, so the books were not compared to the end: %s", reason)
        return
    log.info(
        "compared %s objects: %s new, %s heard late, %s over",
        tally.read,
        tally.new,
        tally.heard,
        tally.closed,
    )


def hourly() -> None:
    """Job, every hour: what waits for an answer, and whether what is owed is there."""
    tally = Tally()
    try:
        _waiting(tally)
    except stripe.Unreachable as reason:
        log.warning("Stripe could not be reached: %s", reason)


def run(since: datetime | None = None) -> Tally:
    """Compare everything that moved since `since`, by Stripe's clock; everything ever when left out.

    Safe to repeat and to interrupt: the next comparison finds the same. Outside of any transaction, since it
    speaks to the network. Raises Unreachable.
    """
    tally = Tally()
    _waiting(tally)
    reading = Reading(tally, whole=since is None)
    try:
        reading.all_since(since or _first())
    except WrongAccount:
        most = reconcile_movements.MOST_UNEXPLAINED
        said = f"More than {most} movements at Stripe are unknown here, so the comparison stopped: the key is of "
        said += "another account, or the database is an old one."
        tally.note(Finding("mismatched_account", "account", "stripe", said))
        return tally
    reading.look_again()
    tally.close((*reconcile_movements.COVERED, *ACCOUNT))
    start = since or _first() - OVERLAP
    reconcile_transfers.compare_transfers(tally, start)
    reconcile_states.compare_states(tally, start)
    tally.close((*reconcile_transfers.KINDS, *reconcile_states.KINDS))
    reconcile_sums.compare_counters(tally)
    if reconcile_sums.compare_sums(tally, reading):
        tally.close(reconcile_sums.SUMS)
    tally.close(reconcile_sums.COUNTERS)
    _remember(reading.begun)
    return tally


def _waiting(tally: Tally) -> None:
    reconcile_waiting.compare_waiting(tally)
    reconcile_sums.compare_solvency(tally)
    tally.close((*reconcile_waiting.KINDS, *reconcile_sums.SOLVENCY))


def _first() -> datetime:
    """When the first entry was made; now when there is none."""
    with looking():
        return db.session.scalar(select(func.min(Entry.at))) or now()


def last_run() -> datetime | None:
    """When the last comparison began that came to its end, by Stripe's clock."""
    cursor = find(select(Cursor).where(Cursor.name == CURSOR))
    return cursor.at if cursor else None


def since_last() -> datetime | None:
    """From when on to compare: some days before the last comparison; None when there was none."""
    with looking():
        last = last_run()
    return last - OVERLAP if last else None


def _remember(moment: datetime) -> None:
    with transaction():
        cursor = find(select(Cursor).where(Cursor.name == CURSOR)) or add(Cursor(name=CURSOR, at=moment))
        cursor.at = max(cursor.at, moment)
