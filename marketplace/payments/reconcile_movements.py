"""Movements at Stripe (balance transactions) beside our entries, both ways: each explains the other, or differs.

Read by windows of time, a page at a time: what is in memory does not grow with the years.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from marketplace.currencies import CURRENCIES
from marketplace.kernel.clock import now, shift
from marketplace.kernel.jobs import transaction
from marketplace.payments import stripe
from marketplace.payments.entering import Obj
from marketplace.payments.ledger import post
from marketplace.payments.reconcile_comparing import (
    KINDS,
    NOUN_OF,
    Found,
    Movement,
    compare,
    explained_by,
    fee_of,
    movement,
)
from marketplace.payments.reconcile_differences import Finding, Tally, is_settled, open_of, say
from marketplace.payments.reconcile_entries import (
    BALANCE,
    MOVING,
    Entered,
    batches,
    entered,
    looking,
    pages_between,
)
from marketplace.payments.reconcile_hearing import Heard, hear_source
from marketplace.payments.reconcile_sources import about

# How long a message may be on its way before its movement is called unexplained.
GRACE = timedelta(hours=1)
# How far Stripe's clock may be ahead of ours.
SKEW = timedelta(minutes=5)
RECENT = timedelta(minutes=1)
WINDOW = timedelta(days=7)
BATCH = 500
# So many unexplained movements are not accidents: the key is of another account.
MOST_UNEXPLAINED = 500
COVERED = (*KINDS, "fee", "clock")
SUSPENDED = "suspense:unknown"
STREAM = "books:all"


class WrongAccount(Exception):
    """Hardly anything at Stripe is ours: the comparison stops before it floods the books."""


class Reading:
    """One comparison of movements and entries.

    whole: whether it reads all movements ever made. begun: when, by Stripe's clock. sums: the net of all that
    was listed, by currency; recent: the ids of the newest. young: what is unexplained, but whose message may
    still be on its way.
    """

    def __init__(self, tally: Tally, *, whole: bool) -> None:
        self.tally, self.whole = tally, whole
        self.begun = now() - shift()
        self.sums: Counter[str] = Counter()
        self.recent: set[str] = set()
        self.young: list[Movement] = []
        self._seen: set[int] = set()
        self._unexplained = 0

    def all_since(self, since: datetime) -> None:
        """Compare everything since `since`, window by window. Raises Unreachable and WrongAccount."""
        start = None if self.whole else since
        while since + WINDOW < now():
            since += WINDOW
            earlier = self._window(start, since)
            # What was entered late has its movement in the window before.
            self._seen, start = earlier, since
        self._window(start, None)

    def _window(self, start: datetime | None, end: datetime | None) -> set[int]:
        """Compare one window; returns what was seen in it."""
        before, self._seen = self._seen, set()
        created: dict[str, Any] = {"gte": int(start.timestamp())} if start else {}
        if end is not None:
            created["lt"] = int(end.timestamp())
        listed = stripe.list_all("balance_transaction", created=created)
        for some in batches(map(movement, listed), BATCH):
            self.tally.read += len(some)
            for moved in some:
                self.sums[moved.currency] += moved.net
                if moved.created >= self.begun - RECENT:
                    self.recent.add(moved.id)
            self._page(some)
        seen, self._seen = self._seen, self._seen | before
        for page in pages_between(start, end):
            for one in page:
                self._entry(one)
        return seen

    def look_again(self) -> None:
        """Look at the open differences that this comparison did not come across, each by itself."""
        with looking():
            left = [row.object_id for row in open_of(COVERED) if row.key not in self.tally.found]
        for key in left:
            self._page(_movements_of(key))
            with looking():
                named = entered([(kind, key) for kind in MOVING])
            for some in named.values():
                self._entry(some[0])

    def _page(self, some: list[Movement]) -> None:
        with looking():
            found = entered(name for moved in some for name in moved.names)
        for moved in some:
            self._look(moved, found)

    def _look(self, moved: Movement, found: Found) -> None:
        self._mark(moved, found)
        if moved.created > now() + SKEW:
            self.tally.note(Finding("clock", "clock", "stripe", "Stripe’s clock is ahead of this server’s."))
        if is_whole(moved, found):
            return self._judge(moved, found)
        if moved.created > now() - GRACE and not is_suspended(moved, found):
            return self.young.append(moved)
        self._hear(moved, found)

    def _mark(self, moved: Movement, found: Found) -> None:
        self._seen.update(hash(name) for name in moved.names if name in found)

    def _hear(self, moved: Movement, before: Found) -> None:
        """No message explained it: fetch what made it, and enter that as ever; else it is a difference."""
        source = stripe.fetch_movement(moved.id)["source"]
        made = isinstance(source, dict)
        heard = hear_source(source) if made else Heard("It names nothing that made it.", foreign=True)
        with looking():
            found = entered(moved.names)
        self._mark(moved, found)
        if is_whole(moved, found):
            fresh = [one for name in moved.names for one in found.get(name, ()) if name not in before]
            self.tally.late(_late(moved), fresh[0].id if fresh else None)
        if explained_by(moved, found):
            return self._judge(moved, found)
        with looking():
            finding = _missing_here(moved, source if made else {}, heard)
            # What a person has settled is explained, though not by an entry of its own.
            self._unexplained += not is_settled(finding)
        if self._unexplained > MOST_UNEXPLAINED:
            raise WrongAccount
        self.tally.note(finding, _suspend(moved))

    def _judge(self, moved: Movement, found: Found) -> None:
        if is_suspended(moved, found):
            _take_back(moved)
        for finding in compare(moved, found):
            self.tally.note(finding)

    def _entry(self, one: Entered) -> None:
        """The other way: what an entry names must have moved at Stripe."""
        name = (one.kind, one.key)
        if hash(name) in self._seen:
            return
        self._page(_movements_of(one.key))
        if hash(name) in self._seen:
            return
        noun = NOUN_OF.get(one.kind, "movement")
        self.tally.note(
            Finding("missing_at_stripe", noun, one.key, f"Our books have the {noun.replace('_', ' ')} {one.key} of "
                    f"{say(abs(one.amount), one.currency)}, but Stripe has no movement for it.",
                    one.currency, one.amount, None, entries=(one.id,))
        )  # fmt: skip


def is_whole(moved: Movement, found: Found) -> bool:
    """Whether entries explain the movement and its fee; whether rightly, `compare` says."""
    main = explained_by(moved, found)
    fee_is_there = moved.fee == 0 or fee_of(moved, found) is not None
    return bool(main) and (fee_is_there or sum(one.amount for one in main) == moved.net)


def is_suspended(moved: Movement, found: Found) -> bool:
    """Whether the movement stands in suspense."""
    return ("suspense", moved.id) in found and ("suspense_back", moved.id) not in found


def _movements_of(key: str) -> list[Movement]:
    """What moved at Stripe by this object, or this movement itself."""
    if not key.startswith("txn_"):
        return [movement(found) for found in stripe.list_all("balance_transaction", source=key)]
    try:
        return [movement(stripe.fetch_movement(key))]
    except stripe.Absent:
        return []


def _late(moved: Movement) -> Finding:
    return Finding("late_webhook", moved.sort.noun, moved.object_id, f"No message told us of {moved.words} of "
                   f"{say(abs(moved.amount), moved.currency)}.", moved.currency, None, moved.net)  # fmt: skip


def _missing_here(moved: Movement, source: Obj, heard: Heard) -> Finding:
    known = about(source)
    of = f"{moved.words} of {say(abs(moved.amount), moved.currency)}"
    if known.earlier:
        cause, sentence = "duplicate", f"Stripe has {of}, which was done before: see {known.earlier}."
    elif heard.foreign:
        cause, sentence = "unknown_object", f"Stripe has {of}, which is not ours. {heard.reason}"
    else:
        cause, sentence = "missing_here", f"Stripe has {of}, but our books do not. {heard.reason}"
    return Finding(cause, moved.sort.noun, moved.object_id, sentence.strip(), moved.currency, None, moved.net,
                   known.holdings)  # fmt: skip


def _suspend(moved: Movement) -> UUID | None:
    """Enter what nothing explains apart, so that the ledger says what stands at Stripe; returns the entry."""
    if moved.currency not in CURRENCIES or not moved.net:
        return None
    return _post("suspense", moved, moved.net)


def _take_back(moved: Movement) -> None:
    """It is explained after all: what stood in suspense for it is taken out again."""
    _post("suspense_back", moved, -moved.net)


def _post(kind: str, moved: Movement, amount_minor: int) -> UUID:
    with transaction():
        post(kind, moved.id, moved.currency, {BALANCE: amount_minor, SUSPENDED: -amount_minor}, stream=STREAM)
        return entered([(kind, moved.id)])[kind, moved.id][0].id
