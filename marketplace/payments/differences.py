"""Writing down that our books and Stripe's differ, or that somebody acted there by hand. One open row a matter."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from marketplace.kernel.clock import now
from marketplace.kernel.db import add, find, flush
from marketplace.kernel.events import tell
from marketplace.payments.outside import Difference


def differ(
    cause: str,
    kind: str,
    object_id: str,
    currency: str,
    ours_minor: int | None,
    theirs_minor: int | None,
    sentence: str,
    holding_id: UUID | None = None,
) -> Difference:
    """Note one difference, or that it is still there. ours_minor and theirs_minor: what each side says, if it does.

    Staff are told of a new one.
    """
    key = f"{cause}:{kind}:{object_id}:{currency}"
    row = find(select(Difference).where(Difference.key == key, Difference.resolved_at.is_(None)))
    if row is not None:
        row.seen_at, row.ours_minor, row.theirs_minor, row.sentence = (
            now(),
            ours_minor,
            theirs_minor,
            sentence,
        )
        flush()
        return row
    row = add(
        Difference(key=key, cause=cause, kind=kind, object_id=object_id, currency=currency, ours_minor=ours_minor,
                   theirs_minor=theirs_minor, sentence=sentence, holding_id=holding_id, seen_at=now())
    )  # fmt: skip
    tell("books.differ", row, by=None, cause=cause, kind=kind, object=object_id, sentence=sentence)
    return row
