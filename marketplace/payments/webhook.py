"""The inbox: a message of Stripe's is verified, kept once, answered at once, and worked on by a job.

Its content is only a hint: the job fetches the object as it is now, so order and repetition do not matter.
The poller reads Stripe's own list of events into the same inbox, which makes up for lost messages.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, cast
from uuid import UUID, uuid4

from sqlalchemy import Table, or_, select
from sqlalchemy.exc import IntegrityError

from marketplace.config import settings
from marketplace.kernel import bell
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, db, find, lock, many, one, put
from marketplace.kernel.errors import Missing, Refused
from marketplace.kernel.events import tell
from marketplace.kernel.jobs import later, transaction
from marketplace.kernel.machines import Message
from marketplace.payments import apply, calls, chargebacks, payees, payouts, refunds, stripe, transfers
from marketplace.payments.entering import Early, Foreign, Quarantine
from marketplace.payments.models import Cursor, Payee, Webhook

log = logging.getLogger(__name__)

Obj = dict[str, Any]
OVERLAP = timedelta(hours=1)
# How many messages one job takes in, and how long each is left to its own job.
AT_ONCE, PATIENCE = 500, timedelta(minutes=2)
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 30, 120, 600, 1800))


class Handling(NamedTuple):
    """How an object is fetched (by its id and the connected account it is in), and how it is entered."""

    fetch: Callable[[str, str], Obj]
    enter: Callable[[Obj, str], None]
    in_accounts: bool = False


def _ours(fetch: Callable[[str], Obj], enter: Callable[[Obj], None]) -> Handling:
    """An object of the platform's own account."""
    return Handling(lambda key, _: fetch(key), lambda found, _: enter(found))


CHECKOUT = _ours(lambda key: stripe.retrieve_checkout(key), apply.checkout)
INTENT = _ours(lambda key: stripe.fetch_intent(key), apply.intent)
CHARGE = _ours(lambda key: stripe.fetch_charge(key), apply.charge)
REFUND = _ours(lambda key: stripe.fetch_refund(key), refunds.refund)
TRANSFER = _ours(lambda key: stripe.fetch_transfer(key), transfers.transfer)
DISPUTE = _ours(lambda key: stripe.fetch_dispute(key), chargebacks.dispute)
WARNING = _ours(lambda key: stripe.fetch_warning(key), chargebacks.warning)
TOPUP = _ours(lambda key: stripe.fetch_topup(key), payouts.topup)
PAYEE = _ours(lambda key: stripe.fetch_payee(key), payees.payee)
PAYOUT = Handling(lambda key, account: stripe.fetch_payout(key, account), payouts.payout, in_accounts=True)
HANDLED = {
    **dict.fromkeys(("checkout.session.completed", "checkout.session.async_payment_succeeded",
                     "checkout.session.async_payment_failed", "checkout.session.expired"), CHECKOUT),
    **dict.fromkeys(("payment_intent.succeeded", "payment_intent.processing", "payment_intent.payment_failed",
                     "payment_intent.canceled"), INTENT),
    "charge.updated": CHARGE,
    **dict.fromkeys(("charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed",
                     "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated"), DISPUTE),
    "radar.early_fraud_warning.created": WARNING,
    **dict.fromkeys(("refund.created", "refund.updated", "refund.failed"), REFUND),
    **dict.fromkeys(("transfer.created", "transfer.updated", "transfer.reversed"), TRANSFER),
    **dict.fromkeys(("payout.created", "payout.updated", "payout.paid", "payout.failed", "payout.canceled"), PAYOUT),
    "topup.succeeded": TOPUP,
}  # fmt: skip


def handling_of(kind: str) -> Handling | None:
    """What to do on an event of this type; None for those that change nothing here."""
    return PAYEE if kind.startswith("v2.core.account") else HANDLED.get(kind)


def hear(message: Message) -> None:
    """The door for Stripe's messages: verified, kept once, answered at once.

    Raises Missing while no secret is set, and Refused (400) for what is not signed by Stripe for us.
    """
    if not (settings().stripe_webhook_secret or settings().stripe_connect_webhook_secret):
        raise Missing
    try:
        keep(*stripe.verify(message.body, message.signature))
    except (stripe.Forged, KeyError, ValueError, TypeError, AttributeError) as reason:
        raise Refused("This message is not for us.", status=400) from reason


def keep(source: str, event: Obj) -> None:
    """Put an event into the inbox, for good, unless it is there; the bell has it worked on."""
    thin = event.get("object") == "v2.core.event"
    about = event.get("related_object") if thin else event.get("data", {}).get("object")
    values = {
        "id": uuid4(), "created_at": now(), "source": "thin" if thin else source, "event_id": event["id"],
        "type": event["type"], "object_id": str((about or {}).get("id") or ""),
        "account": str(event.get("account") or ""), "payload": event, "attempts": 0, "error": "",
        "state": "new" if _concerns_us(event) else "ignored",
    }  # fmt: skip
    new = put(WEBHOOKS, values, "id") is not None
    if new and values["state"] == "new":
        bell.ring("payments.take_in")


WEBHOOKS = cast("Table", Webhook.__table__)


def _concerns_us(event: Obj) -> bool:
    """Whether anything here follows from an event: in a connected account only its payouts do."""
    handling = handling_of(event["type"])
    return handling is not None and (handling.in_accounts or not event.get("account"))


def take_in() -> None:
    """Job, on the bell and every minute: give each message that nobody works on a job of its own."""
    with transaction():
        _wake()


def inbox(webhook_id: str) -> None:
    """Job: fetch what a message is about, then enter it and mark the message, in one transaction."""
    with transaction():
        row = one(select(Webhook).where(Webhook.id == UUID(webhook_id)))
        state, kind, object_id, account = row.state, row.type, row.object_id, row.account
    handling = handling_of(kind)
    if state != "new" or handling is None:
        return
    db.session.remove()
    try:
        found = handling.fetch(object_id, account)
        with transaction():
            handling.enter(found, account)
            _mark(webhook_id, "done")
    except (Foreign, stripe.Absent) as reason:
        with transaction():
            _mark(webhook_id, "ignored", str(reason))
    except Quarantine as reason:
        with transaction():
            _quarantine(_mark(webhook_id, "quarantined", str(reason)))
    except (Early, stripe.Unreachable) as reason:
        with transaction():
            _again(_mark(webhook_id, "new", str(reason)))
    except (Refused, IntegrityError) as reason:
        log.warning("the books refuse %s %s: %s", kind, object_id, reason)
        with transaction():
            _again(_mark(webhook_id, "new", f"The books refuse it: {reason}"))


def _mark(webhook_id: str, state: str, error: str = "") -> Webhook:
    row = lock(one(select(Webhook).where(Webhook.id == UUID(webhook_id))))
    row.state, row.error = state, error[:500]
    return row


def _quarantine(row: Webhook) -> None:
    log.error("quarantined %s %s: %s", row.type, row.object_id, row.error)
    tell("payment.quarantined", row, by=None, type=row.type, object=row.object_id, reason=row.error)


def _again(row: Webhook) -> None:
    row.attempts += 1
    if row.attempts > len(PAUSES):
        row.state = "dead"
        tell("payment.unheard", row, by=None, type=row.type, object=row.object_id, reason=row.error)
        return
    pause = PAUSES[row.attempts - 1]
    row.next_at = now() + pause
    later("payments.inbox", str(row.id), delay=pause)


def poll() -> None:
    """Job, every five minutes: what webhooks missed, what calls were left lying, who finished onboarding."""
    with transaction():
        cursor = find(select(Cursor).where(Cursor.name == "events"))
        since = cursor.at - OVERLAP if cursor else BEGINNING
        calls.drive()
        _wake()
    db.session.remove()
    try:
        found = stripe.events_since(since, list(HANDLED))
    except stripe.Unreachable as reason:
        log.warning("Stripe's list of events could not be read: %s", reason)
        return
    for event in found:
        keep("platform", event)
    if found:
        _advance(datetime.fromtimestamp(found[-1]["created"], UTC))
    _look_at_payees()


def _advance(moment: datetime) -> None:
    """Remember the newest event by Stripe's own clock, which need not be ours."""
    with transaction():
        cursor = find(select(Cursor).where(Cursor.name == "events")) or add(Cursor(name="events", at=moment))
        cursor.at = max(cursor.at, moment)


def _wake() -> None:
    """A job for each message that is new, or whose job was lost; for a while it is nobody else's."""
    due = or_(Webhook.next_at.is_(None), Webhook.next_at <= now())
    waiting = select(Webhook).where(Webhook.state == "new", due).order_by(Webhook.created_at).limit(AT_ONCE)
    for row in many(waiting.with_for_update(skip_locked=True)):
        row.next_at = now() + PATIENCE
        later("payments.inbox", str(row.id))


def _look_at_payees() -> None:
    """Ask about accounts that were being set up: Accounts v2 has no list of events to catch up with."""
    with transaction():
        open_ones = select(Payee.stripe_account).where(Payee.state == "onboarding")
        accounts = [account for account in many(open_ones.limit(50)) if account]
    for account in accounts:
        db.session.remove()
        try:
            found = stripe.fetch_payee(account)
        except (stripe.Unreachable, stripe.Absent):
            return
        with transaction():
            payees.payee(found)
