"""The outbox: what must be done at Stripe is a row first, then sent outside any transaction, then recorded.

The key of a call never changes while its outcome is unknown, so sending it again is doing it once. A new
epoch, with a new key, is made only after Stripe said definitely no, or after looking there in vain.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.exc import DBAPIError

from marketplace.kernel.clock import now
from marketplace.kernel.db import db, find, flush, is_busy, lock, many, one
from marketplace.kernel.events import tell
from marketplace.kernel.jobs import later, transaction
from marketplace.payments import answers, stripe, transfers
from marketplace.payments.entering import Quarantine
from marketplace.payments.models import Payee, Payment, Refund, Release, StripeCall
from marketplace.payments.outbox import ask
from marketplace.payments.outside import Payout
from marketplace.payments.transfers import ready_payee

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
# Stripe may forget a key after a day; from then on sending again could do it twice.
KEY_LIFE = timedelta(hours=23)
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (1, 3, 10, 30, 60))
RECORDINGS = 5


def call(call_id: str) -> None:
    """Job: claim one call, send it, record what came of it; three steps, no transaction while sending."""
    with transaction():
        row = claim(UUID(call_id))
        sending = (row.op, row.params, row.idem_key) if row else None
        looking = row is not None and row.must_look
    if sending is None:
        return
    db.session.remove()
    outcome = stripe.look_up(*sending[:2]) if looking else stripe.send(*sending)
    for attempt in range(RECORDINGS):
        try:
            with transaction():
                record(UUID(call_id), outcome)
            return
        except Quarantine as reason:
            with transaction():
                return quarantine(UUID(call_id), str(reason))
        except DBAPIError as error:
            if attempt == RECORDINGS - 1 or not is_busy(error):
                raise


def quarantine(call_id: UUID, reason: str) -> None:
    """Stripe's answer is not what was asked for: nothing is entered, a person looks."""
    row = lock(one(select(StripeCall).where(StripeCall.id == call_id)))
    row.state, row.error = "done", f"Quarantined: {reason}"[:500]
    log.error("quarantined call %s %s: %s", row.op, row.ref_id, reason)
    tell("payment.quarantined", row, by=None, type=row.op, object=str(row.ref_id), reason=reason)


def claim(call_id: UUID) -> StripeCall | None:
    """Take a call for LEASE, if it is still wanted and nobody else is at it. Step of its own."""
    row = one(select(StripeCall).where(StripeCall.id == call_id))
    wanted = is_wanted(row)
    lock(row)
    if row.state not in ("ready", "unknown") and not (row.state == "sending" and _lease_over(row)):
        return None
    if not wanted and row.first_sent_at is None:
        row.state, row.error = "rejected", "It was not wanted any more when its turn came; it was never sent."
        return None
    if row.first_sent_at and now() - row.first_sent_at > KEY_LIFE:
        row.must_look = True
    row.state, row.lease_until, row.attempts = "sending", now() + LEASE, row.attempts + 1
    row.first_sent_at = row.first_sent_at or now()
    return row


def _lease_over(row: StripeCall) -> bool:
    return row.lease_until is None or row.lease_until < now()


def is_wanted(row: StripeCall) -> bool:
    """Whether what asked for the call still wants it. What can be taken back meanwhile is locked, holdings first;
    the other calls are always wanted. A transfer that is not wanted and was never sent is left to a later sweep.
    """
    match row.op:
        case "transfer":
            return _transfer_is_wanted(row)
        case "checkout":
            return lock(one(select(Payment).where(Payment.id == row.ref_id))).state == "created"
        case "refund":
            return lock(one(select(Refund).where(Refund.id == row.ref_id))).state == "authorised"
        case "payee":
            return lock(one(select(Payee).where(Payee.id == row.ref_id))).state == "new"
        case "payout":
            return _payout_is_wanted(row)
        case "hold_payouts":
            return lock(one(select(Payee).where(Payee.id == row.ref_id))).cooling_until is not None
        case "resume_payouts":
            return not transfers.is_cooling(lock(one(select(Payee).where(Payee.id == row.ref_id))))
    return True


def _payout_is_wanted(row: StripeCall) -> bool:
    """A professional's wish ends with a change of their bank account that comes before it was sent."""
    made = one(select(Payout).where(Payout.id == row.ref_id))
    payee = find(select(Payee).where(Payee.person_id == made.person_id))
    cooling = payee is not None and transfers.is_cooling(payee)
    if lock(made).state == "authorised" and cooling and row.first_sent_at is None:
        answers.rejected("payout", made.id, "Your bank account was changed before the payout was sent.")
    return made.state == "authorised"


def _transfer_is_wanted(row: StripeCall) -> bool:
    release = one(select(Release).where(Release.id == row.ref_id))
    holding = lock(release.holding)
    lock(release)
    can_go = not holding.is_frozen and ready_payee(holding) is not None
    wanted = release.state == "authorised" and can_go
    if not wanted and row.first_sent_at is None:
        release.called_at = None  # The next sweep asks anew, once nothing stops it.
    return wanted


def record(call_id: UUID, outcome: stripe.Outcome) -> None:
    """Write down what Stripe answered, and what follows from it, in one transaction."""
    row = one(select(StripeCall).where(StripeCall.id == call_id))
    if row.state == "done":
        return
    match outcome:
        case stripe.Done(answer):
            answers.answered(row.op, row.ref_id, answer)
            lock(row)
            row.state, row.object_id, row.error = "done", str(answer.get("id", "")), ""
        # A worker that was slower than its lease says it a second time: it may be asked anew by now.
        case stripe.Rejected(sentence, code) if row.state != "rejected":
            answers.rejected(row.op, row.ref_id, sentence)
            lock(row)
            row.state, row.error = "rejected", f"{code}: {sentence}"[:500]
        case stripe.Unknown(sentence, replayed):
            _unknown(lock(row), sentence)
            row.must_look = row.must_look or replayed
        case stripe.Nothing():
            _anew(lock(row))


def _unknown(row: StripeCall, sentence: str) -> None:
    row.state, row.lease_until, row.error = "unknown", None, sentence[:500]
    if row.attempts <= len(PAUSES):
        later("payments.call", str(row.id), delay=PAUSES[row.attempts - 1])


def _anew(row: StripeCall) -> None:
    """Nothing of a call exists at Stripe: ask with a new key, once it can no longer be on its way."""
    if row.first_sent_at and now() - row.first_sent_at < LEASE:
        return _unknown(row, "Stripe does not show it yet.")
    row.state, row.error = "rejected", "Nothing of it was found at Stripe, so it was asked anew."
    flush()
    ask(row.op, row.ref_id, row.params)


def drive() -> None:
    """Enqueue again what was left lying: unknown outcomes and calls whose worker died. The poller calls it."""
    stale = select(StripeCall.id).where(
        or_(
            StripeCall.state.in_(("ready", "unknown")),
            (StripeCall.state == "sending") & (StripeCall.lease_until < now()),
        )
    )
    for call_id in many(stale.limit(200)):
        later("payments.call", str(call_id))
