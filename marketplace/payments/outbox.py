"""Asking for something at Stripe: a row with frozen parameters, written in the verb's own transaction."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from marketplace.config import settings
from marketplace.kernel.db import add, db, find
from marketplace.kernel.jobs import later
from marketplace.payments.models import StripeCall

OPEN = ("ready", "sending", "unknown")


def ask(op: str, ref_id: UUID, params: dict[str, Any]) -> StripeCall:
    """Write down one call about the row `ref_id`, to be sent after commit.

    op: what `stripe.send` knows. An open call of the same kind is returned as it is.
    """
    same = (StripeCall.op == op, StripeCall.ref_id == ref_id)
    waiting = find(select(StripeCall).where(*same, StripeCall.state.in_(OPEN)))
    if waiting is not None:
        return waiting
    epoch = db.session.scalar(select(func.count()).select_from(StripeCall).where(*same)) or 0
    key = f"{settings().install}:{op}:{ref_id}:{epoch}"
    row = add(StripeCall(op=op, ref_id=ref_id, epoch=epoch, idem_key=key, params=params))
    later("payments.call", str(row.id))
    return row


def last_call(op: str, ref_id: UUID) -> StripeCall | None:
    """The newest call of one kind about a row."""
    same = select(StripeCall).where(StripeCall.op == op, StripeCall.ref_id == ref_id)
    return find(same.order_by(StripeCall.epoch.desc()).limit(1))
