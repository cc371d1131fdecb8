"""What has waited too long: calls without an answer, messages set aside, payments under way, accounts to ask about.

Asked every hour, since it costs little; the night asks it too.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select

from marketplace.kernel.clock import now
from marketplace.kernel.db import db, many
from marketplace.payments.ledger import LedgerAccount
from marketplace.payments.models import UNDER_WAY, Payee, Payment, StripeCall, Webhook
from marketplace.payments.outbox import OPEN
from marketplace.payments.reconcile_differences import Finding, Tally, say
from marketplace.payments.reconcile_entries import looking
from marketplace.payments.reconcile_hearing import hear_payee, hear_payment

KINDS = ("call", "message", "payment_state", "payee_state")
PATIENCE = timedelta(minutes=10)
# A message is tried again for forty minutes; a Checkout page is open for a day.
UNHEARD = timedelta(hours=1)
PAGE_LIFE = timedelta(hours=24)


def compare_waiting(tally: Tally) -> None:
    """Look at everything that waits. Raises Unreachable."""
    _calls(tally)
    _messages(tally)
    _payments(tally)
    _payees(tally)


def _calls(tally: Tally) -> None:
    asked = or_(StripeCall.first_sent_at < now() - PATIENCE, StripeCall.created_at < now() - PATIENCE)
    # Answered with something else than was asked for: a person says what becomes of it.
    unfit = StripeCall.error.startswith("Quarantined")
    with looking():
        lying = select(StripeCall).where(or_(and_(StripeCall.state.in_(OPEN), asked), unfit))
        stuck = [_stuck(row) for row in many(lying)]
    for finding in stuck:
        tally.note(finding)


def _stuck(row: StripeCall) -> Finding:
    since = row.first_sent_at or row.created_at
    minutes = int((now() - since).total_seconds() // 60)
    how = "was never sent" if row.first_sent_at is None else "has no answer"
    how = f"{how}, for {minutes} minutes." if row.state in OPEN else "has an answer that does not fit."
    said = f"The call {row.op.replace('_', ' ')} of {row.ref_id} {how} {row.error}"
    return Finding("stuck_call", "call", str(row.id), said.strip())


def _messages(tally: Tally) -> None:
    lying = (Webhook.state == "new") & (Webhook.created_at < now() - UNHEARD)
    aside = Webhook.state.in_(("quarantined", "dead"))
    with looking():
        found = [
            Finding("unheard", "message", row.event_id, f"Stripe’s message {row.type} about {row.object_id} is "
                    f"{'not read' if row.state == 'new' else row.state}. {row.error}".strip())
            for row in many(select(Webhook).where(lying | aside))
        ]  # fmt: skip
    for finding in found:
        tally.note(finding)


def _payments(tally: Tally) -> None:
    """Ask Stripe about payments that have been under way for longer than a page is open."""
    old = select(Payment).where(Payment.state.in_(UNDER_WAY), Payment.created_at < now() - PAGE_LIFE)
    with looking():
        rows = [(row.id, row.session_id, row.state, row.amount_minor, row.currency) for row in many(old)]
    for key, session_id, before, amount, currency in rows:
        named = f"The payment {key} of {say(amount, currency)}"
        reason = (
            hear_payment(session_id).reason if session_id else "Stripe never answered that it has a page."
        )
        after = _state(Payment, Payment.id == key)
        if after != before:
            words = f"No message told us that the payment {key} is {after.replace('_', ' ')}."
            tally.late(Finding("late_webhook", "payment_state", str(key), words))
        elif reason:
            tally.note(Finding("state", "payment_state", str(key), f"{named} is {before} here. {reason}"))


def _payees(tally: Tally) -> None:
    """Ask Stripe about the accounts of those for whom money waits."""
    waiting = select(LedgerAccount.code).where(
        LedgerAccount.code.startswith("payable:"), LedgerAccount.balance != 0
    )
    with looking():
        people = {UUID(code.partition(":")[2]) for code in db.session.scalars(waiting)}
        known = select(Payee.stripe_account, Payee.state).where(Payee.person_id.in_(people))
        rows = [(account, state) for account, state in db.session.execute(known) if account]
    for account, before in rows:
        reason = hear_payee(account).reason
        after = _state(Payee, Payee.stripe_account == account)
        if after != before:
            words = f"No message told us that the account {account} is {after}."
            tally.late(Finding("late_webhook", "payee_state", account, words))
        if reason:
            tally.note(
                Finding("mismatched_account", "payee_state", account, f"The account {account}: {reason}")
            )


def _state(table: Any, which: Any) -> str:
    with looking():
        return str(db.session.scalar(select(table.state).where(which)))
