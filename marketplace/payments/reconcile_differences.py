"""Differences: how one is written down, what it stops, and how it ends. What is repaired, is repaired by entries."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Select, func, select

from marketplace.accounts.models import Person
from marketplace.currencies import CURRENCIES
from marketplace.kernel import money
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, db, find, flush, lock, many
from marketplace.kernel.errors import Stale
from marketplace.kernel.events import tell
from marketplace.kernel.jobs import transaction
from marketplace.payments import freezing
from marketplace.payments.differences import differ
from marketplace.payments.models import Freeze, Holding
from marketplace.payments.outside import Difference
from marketplace.payments.reconcile_causes import LASTING, OF_MONEY
from marketplace.payments.reconcile_entries import holdings_of

log = logging.getLogger(__name__)

FROZEN = "Our books and Stripe’s differ about this money: a person is looking at it."


@dataclass(frozen=True)
class Finding:
    """One difference as a look at both sides finds it. Amounts are minor units, None where a side has none.

    holdings: whose money it is, where that is known; entries: ours that it is about, which may know.
    """

    cause: str
    kind: str
    object_id: str
    sentence: str
    currency: str = ""
    ours_minor: int | None = None
    theirs_minor: int | None = None
    holdings: tuple[UUID, ...] = ()
    entries: tuple[UUID, ...] = ()

    @property
    def key(self) -> str:
        """By which a later look finds the same row."""
        return f"{self.cause}:{self.kind}:{self.object_id}:{self.currency}"

    @property
    def loses(self) -> bool:
        """Whether less money is at Stripe than our books say, in the currency of the milestone."""
        less = (self.theirs_minor or 0) < (self.ours_minor or 0)
        return self.cause in ("currency", "mismatched_account") or (self.cause in OF_MONEY and less)


def still_open() -> Select[Difference]:
    """The open differences, oldest first."""
    return (
        select(Difference)
        .where(Difference.resolved_at.is_(None))
        .order_by(Difference.created_at, Difference.key)
    )


def open_count() -> int:
    """How many differences are open: while there are any, the platform withdraws nothing."""
    return db.session.scalar(select(func.count()).where(Difference.resolved_at.is_(None))) or 0


def say(amount_minor: int, currency: str) -> str:
    """An amount in any currency, also in those that are not offered here."""
    if currency in CURRENCIES:
        return money.text(amount_minor, currency)
    return f"{amount_minor} minor units of {currency.upper()}"


def note(finding: Finding, entry_id: UUID | None = None) -> bool:
    """Write down a difference, or that it is still there; freezes its holdings when money is missing.

    entry_id: the entry that put it into suspense. Returns whether it is new. One that a person has settled as
    it stands is not written down again.
    """
    if is_settled(finding):
        return False
    known = find(still_open().where(Difference.key == finding.key))
    concerned = _holdings(finding.holdings or holdings_of(finding.entries))
    row = differ(
        finding.cause, finding.kind, finding.object_id, finding.currency, finding.ours_minor,
        finding.theirs_minor, finding.sentence, concerned[0].id if len(concerned) == 1 else None,
    )  # fmt: skip
    row.entry_id = entry_id or row.entry_id
    flush()
    for holding in concerned if finding.loses else ():
        freezing.freeze_once(holding, FROZEN, "books", row.subject)
    if known is None:
        log.error("books differ: %s", finding.sentence)
    return known is None


def is_settled(finding: Finding) -> bool:
    """Whether a person has settled this very difference as it stands."""
    same = (
        Difference.key == finding.key,
        Difference.by_id.is_not(None),
        Difference.resolved_at.is_not(None),
        Difference.ours_minor.is_not_distinct_from(finding.ours_minor),
        Difference.theirs_minor.is_not_distinct_from(finding.theirs_minor),
    )
    return bool(db.session.scalar(select(func.count()).where(*same)))


def _holdings(ids: Collection[UUID]) -> list[Holding]:
    return many(select(Holding).where(Holding.id.in_(ids)).order_by(Holding.id)) if ids else []


def heard(finding: Finding, entry_id: UUID | None) -> None:
    """Write down what was heard late and is entered now: a difference that is over already."""
    add(
        Difference(
            key=finding.key, cause=finding.cause, kind=finding.kind, object_id=finding.object_id,
            currency=finding.currency, ours_minor=finding.ours_minor, theirs_minor=finding.theirs_minor,
            sentence=finding.sentence, holding_id=None, seen_at=now(), resolved_at=now(),
            resolution="It was fetched from Stripe and entered.", entry_id=entry_id,
        )
    )  # fmt: skip
    log.warning("heard late: %s", finding.sentence)


def resolve(row: Difference, words: str, *, by: Person | None, entry_id: UUID | None = None) -> None:
    """End a difference, and the freezes it made.

    words: what became of it. by: who settled it; None when a look did not find it any more. entry_id: the
    entry that repaired it. Refuses one that is over (409).
    """
    for frozen in many(select(Freeze).where(Freeze.cause == row.subject, Freeze.until_at.is_(None))):
        freezing.thaw(frozen, by=by)
    lock(row)
    if row.resolved_at is not None:
        raise Stale("This difference is over already.")
    row.resolved_at, row.resolution = now(), words
    row.by_id = by.id if by else None
    row.entry_id = entry_id or row.entry_id
    flush()
    tell("books.agreed", row, by=by, cause=row.cause, kind=row.kind, object=row.object_id, words=words)


def close_unfound(kinds: Collection[str], found: Collection[str]) -> int:
    """End the open differences of `kinds` whose key is not in `found`; returns how many."""
    gone = [row for row in open_of(kinds) if row.key not in found and row.cause not in LASTING]
    for row in gone:
        resolve(row, "A later comparison did not find it any more.", by=None)
    return len(gone)


def open_of(kinds: Collection[str]) -> list[Difference]:
    """The open differences about objects of `kinds`, oldest first."""
    return many(still_open().where(Difference.kind.in_(list(kinds))))


@dataclass
class Tally:
    """What one comparison found, for its report and for closing what it did not find."""

    found: set[str] = field(default_factory=set)
    new: int = 0
    heard: int = 0
    closed: int = 0
    read: int = 0

    def note(self, finding: Finding, entry_id: UUID | None = None) -> None:
        """Write down a difference, in a transaction of its own."""
        with transaction():
            self.new += note(finding, entry_id)
        self.found.add(finding.key)

    def late(self, finding: Finding, entry_id: UUID | None = None) -> None:
        """Write down what was heard late, in a transaction of its own."""
        with transaction():
            heard(finding, entry_id)
        self.heard += 1

    def close(self, kinds: Collection[str]) -> None:
        """End what this comparison, which covered all objects of `kinds`, did not find."""
        with transaction():
            self.closed += close_unfound(kinds, self.found)
