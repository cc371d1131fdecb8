"""Transfers at Stripe beside our releases: each went to the account of whom it is for, and its release knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select

from marketplace.kernel.clock import now
from marketplace.kernel.db import db
from marketplace.payments import asking, stripe
from marketplace.payments.entering import Obj
from marketplace.payments.models import Holding, Payee, Release
from marketplace.payments.reconcile_differences import Finding, Tally, say
from marketplace.payments.reconcile_entries import batches, looking
from marketplace.payments.reconcile_movements import GRACE

KINDS = ("transfer_state",)
PAGE = 500
UNSENT = ("authorised", "blocked", "voided")


class Sent(NamedTuple):
    """What our books know of a release: its state, its last transfer, where its money should be."""

    id: UUID
    state: str
    transfer_id: str | None
    stream: str
    holding_id: UUID
    account: str | None


def compare_transfers(tally: Tally, since: datetime) -> None:
    """Compare all transfers since `since`, by the page. Raises Unreachable."""
    created = {"gte": int(since.timestamp())}
    for some in batches(stripe.list_all("transfer", created=created), PAGE):
        tally.read += len(some)
        with looking():
            ours = _releases(some)
        for finding in _differing(some, ours):
            tally.note(finding)


def _release_of(found: Obj) -> UUID | None:
    try:
        return UUID((found.get("metadata") or {}).get("release_id") or "")
    except ValueError:
        return None


def _releases(some: list[Obj]) -> dict[UUID, Sent]:
    wanted: Any = (
        select(
            Release.id, Release.state, Release.transfer_id, Holding.stream, Holding.id, Payee.stripe_account
        )
        .join(Holding, Holding.id == Release.holding_id)
        .outerjoin(Payee, Payee.person_id == Holding.payee_id)
        .where(Release.id.in_({key for found in some if (key := _release_of(found))}))
    )
    return {row[0]: Sent(*row) for row in db.session.execute(wanted)}


def _differing(some: list[Obj], ours: dict[UUID, Sent]) -> Iterator[Finding]:
    for found in some:
        key = _release_of(found)
        sent = ours.get(key) if key else None
        if sent is None:
            continue  # Its movement is in suspense, or it is of another program.
        kept = found["amount"] - found["amount_reversed"]
        if kept and found["destination"] != sent.account:
            sentence = f"The transfer {found['id']} went to {found['destination']}, not to {sent.account}."
            yield _finding("mismatched_account", found, sent, f"{say(kept, found['currency'])}: {sentence}")
        elif found["transfer_group"] != asking.group(sent.stream):
            sentence = f"is filed under {found['transfer_group']}, not under {asking.group(sent.stream)}."
            yield _finding("state", found, sent, f"The transfer {found['id']} {sentence}")
        elif words := _state(found, sent):
            yield _finding("state", found, sent, f"The transfer {found['id']} {words}")


def _state(found: Obj, sent: Sent) -> str:
    """In what a release differs from its transfer; empty when it does not."""
    back, whole = found["amount_reversed"], found["amount"]
    old = datetime.fromtimestamp(found["created"], UTC) < now() - GRACE
    if old and back == 0 and sent.state in UNSENT and sent.transfer_id in (None, found["id"]):
        return f"is paid at Stripe, but its release is {sent.state} here."
    if old and back == whole and sent.state == "paid" and sent.transfer_id == found["id"]:
        return "was taken back whole at Stripe, but its release is called paid here."
    return ""


def _finding(cause: str, found: Obj, sent: Sent, sentence: str) -> Finding:
    return Finding(cause, "transfer_state", found["id"], sentence, holdings=(sent.holding_id,))
