"""Stopping the money of a holding, and letting it go: while any freeze is open, nothing leaves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from marketplace.accounts.models import Person
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, db, find, lock, many, one
from marketplace.kernel.errors import Stale
from marketplace.kernel.events import tell
from marketplace.payments.models import Freeze, Holding


def freeze(
    holding: Holding,
    reason: str,
    *,
    by: Person | None,
    kind: str = "review",
    cause: str = "",
    request_id: str = "",
) -> Freeze:
    """Stop all money of `holding`, transfers not yet sent included, until `thaw`.

    kind: dispute, chargeback, warning, books or review. cause: the row whose end thaws it by itself. request_id:
    from the form, in place of a cause, so that pressing twice is one freeze.
    """
    lock(holding)
    cause = f"request:{request_id}" if request_id else cause
    mine = select(Freeze).where(Freeze.holding_id == holding.id, Freeze.cause == cause)
    if request_id and (earlier := find(mine)):
        return earlier
    row = Freeze(holding_id=holding.id, reason=reason, by_id=by.id if by else None, kind=kind, cause=cause)
    made = add(row)
    db.session.refresh(holding)
    tell("holding.frozen", holding, by=by, stream=holding.stream, title=holding.title, reason=reason)
    return made


def freeze_once(holding: Holding, reason: str, kind: str, cause: str) -> None:
    """Freeze for `cause`, unless that is done and still open."""
    if not any(one.cause == cause and one.until_at is None for one in holding.freezes):
        freeze(holding, reason, by=None, kind=kind, cause=cause)


def thaw(frozen: Freeze, *, by: Person | None) -> None:
    """End one freeze; the holding stays frozen while another is open. Refuses one that has ended."""
    holding = lock(one(select(Holding).where(Holding.id == frozen.holding_id)))
    lock(frozen)
    if frozen.until_at is not None:
        raise Stale("This was thawed already.")
    frozen.until_at = now()
    db.session.flush()
    db.session.refresh(holding)
    since = _since(holding, frozen)
    if not holding.is_frozen:
        _resume(holding, since)
    tell(
        "holding.thawed", holding, by=by, stream=holding.stream, title=holding.title, since=since.isoformat()
    )


def _resume(holding: Holding, since: datetime) -> None:
    """The hold before each transfer goes on: it gets back the time for which it stood still."""
    for release in holding.releases:
        stopped = max(since, release.created_at)
        if release.is_unsent and release.due_at > stopped:
            release.due_at += now() - stopped
    db.session.flush()


def _since(holding: Holding, frozen: Freeze) -> datetime:
    """Since when the money has stood still without a break, by this freeze or one that came before it ended."""
    since, rows = frozen.created_at, many(select(Freeze).where(Freeze.holding_id == holding.id))
    for row in sorted(rows, key=lambda row: row.created_at, reverse=True):
        if row.created_at < since and (row.until_at is None or row.until_at >= since):
            since = row.created_at
    return since


def thaw_cause(holding: Holding, cause: str) -> None:
    """End every open freeze of `holding` that `cause` made."""
    mine = select(Freeze).where(Freeze.holding_id == holding.id, Freeze.cause == cause)
    for frozen in many(mine.where(Freeze.until_at.is_(None))):
        thaw(frozen, by=None)
