"""What waits for staff, the oldest first, with its age."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from sqlalchemy import Select, bindparam, func, select, text
from sqlalchemy.orm import joinedload

from marketplace.contracts.models import OPEN_WORK, Milestone
from marketplace.kernel.clock import now
from marketplace.kernel.db import db, many
from marketplace.kernel.mail import Mail
from marketplace.kernel.money import text as amount
from marketplace.payments.models import Holding, Refund, Release, StripeCall, Webhook
from marketplace.vetting.models import Application

T = TypeVar("T")
SHOWN = 10
# Mail and messages of Stripe's are handled in seconds; after this they are late.
PATIENCE = timedelta(minutes=10)
GAVE_UP = ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


@dataclass(frozen=True)
class Waiting:
    """One thing that waits. late: past its promise."""

    words: str
    at: datetime
    url: str = ""
    late: bool = True


@dataclass(frozen=True)
class Queue:
    """One kind of waiting things: the oldest few, and how many there are."""

    title: str
    nothing: str
    rows: list[Waiting]
    total: int


def queues() -> list[Queue]:
    """Every queue, in the order of who suffers most from waiting."""
    return [
        Queue(title, nothing, *found())
        for title, nothing, found in (
            ("Payouts and refunds that wait", "No money waits.", money),
            ("Money held too long", "No milestone is near the end of its hold.", overdue),
            ("Calls to Stripe", "Every call was answered.", calls),
            ("Messages of Stripe’s", "Every message was handled.", webhooks),
            ("Applications", "Nobody waits to be read.", applications),
            ("Jobs that gave up", "No job gave up.", jobs),
            ("Mail not sent", "All mail is sent.", mails),
        )
    ]


Found = tuple[list[Waiting], int]


def first(statement: Select[T], show: Callable[[T], Waiting]) -> Found:
    """The first few rows as they are shown, and how many there are in all."""
    counted = select(func.count()).select_from(statement.order_by(None).subquery())
    return [show(row) for row in many(statement.limit(SHOWN))], db.session.scalar(counted) or 0


def applications() -> Found:
    """Sent applications, without names: readers are blind."""
    rows = select(Application).where(Application.state.in_(["submitted", "reading"]))
    return first(
        rows.order_by(Application.submitted_at),
        lambda row: Waiting(
            f"Application with {len(row.sample_ids)} samples",
            row.submitted_at or row.created_at,
            f"/admin/vetting/{row.id}",
            late=row.due_at is not None and row.due_at < now(),
        ),
    )


def webhooks() -> Found:
    """Messages of Stripe's that were set aside, failed, or lie unread."""
    stuck = Webhook.state.in_(["quarantined", "dead"])
    lying = (Webhook.state == "new") & (Webhook.created_at < now() - PATIENCE)
    return first(
        select(Webhook).where(stuck | lying).order_by(Webhook.created_at),
        lambda row: Waiting(f"{row.type} of {row.object_id}: {row.error or row.state}", row.created_at),
    )


def calls() -> Found:
    """Calls to Stripe without an answer, or refused."""
    late = StripeCall.state.in_(["ready", "sending"]) & (StripeCall.created_at < now() - PATIENCE)
    return first(
        select(StripeCall)
        .where(StripeCall.state.in_(["unknown", "rejected"]) | late)
        .order_by(StripeCall.created_at),
        lambda row: Waiting(f"{row.op}, {row.state}: {row.error or 'no answer yet'}", row.created_at),
    )


def money() -> Found:
    """Transfers that are blocked and refunds that failed: people wait for this money."""
    blocked, blocked_total = first(
        select(Release).where(Release.state == "blocked").order_by(Release.due_at), _transfer
    )
    failed, failed_total = first(
        select(Refund).where(Refund.state == "failed").order_by(Refund.created_at), _refund
    )
    return sorted([*blocked, *failed], key=lambda row: row.at)[:SHOWN], blocked_total + failed_total


def overdue() -> Found:
    """Milestones that wait for a decision when Stripe will soon hold their money no longer."""
    near = (Milestone.life_warnings > 1) & Milestone.work.in_(OPEN_WORK)
    rows = select(Milestone).where(near).options(joinedload(Milestone.contract))
    return first(
        rows.order_by(Milestone.held_at),
        lambda row: Waiting(
            f"“{row.title}” of “{row.contract.title}”",
            row.held_at or row.created_at,
            f"/contracts/{row.contract_id}",
        ),
    )


def _transfer(row: Release) -> Waiting:
    sum_ = amount(row.net_minor, row.holding.currency)
    return Waiting(f"Transfer of {sum_} for “{row.holding.title}”", row.due_at, _holding(row.holding))


def _refund(row: Refund) -> Waiting:
    sum_ = amount(row.amount_minor, row.payment.currency)
    if row.holding is None:
        return Waiting(f"Refund of {sum_} that no milestone waited for failed", row.created_at)
    return Waiting(
        f"Refund of {sum_} for “{row.holding.title}” failed", row.created_at, _holding(row.holding)
    )


def _holding(row: Holding) -> str:
    return f"/payments/holdings/{row.id}"


def jobs() -> Found:
    """Jobs that failed every time they were tried, by name only: their arguments are ids."""
    table = "workflow_status" if db.engine.dialect.name == "sqlite" else "dbos.workflow_status"
    listed = text(
        f"SELECT name, created_at, count(*) OVER () FROM {table} WHERE status IN :gave_up "  # noqa: S608
        "ORDER BY created_at LIMIT :most"
    ).bindparams(bindparam("gave_up", expanding=True))
    rows = db.session.execute(listed, {"gave_up": GAVE_UP, "most": SHOWN}).all()
    shown = [Waiting(name, datetime.fromtimestamp(at / 1000, UTC)) for name, at, _ in rows]
    return shown, rows[0][2] if rows else 0


def mails() -> Found:
    """Mail that has not gone out; addresses are not shown."""
    return first(
        select(Mail)
        .where(Mail.sent_at.is_(None), Mail.created_at < now() - PATIENCE)
        .order_by(Mail.created_at),
        lambda row: Waiting(f"Mail of kind “{row.kind}”", row.created_at),
    )
