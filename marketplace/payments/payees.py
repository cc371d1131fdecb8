"""Payees: what Stripe says of a professional's account, and whether money can be sent there."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, select, update

from marketplace.config import rules
from marketplace.kernel.clock import now
from marketplace.kernel.db import db, flush, lock
from marketplace.kernel.events import tell
from marketplace.payments import asking
from marketplace.payments.entering import Obj, Quarantine, ours
from marketplace.payments.models import Holding, Payee, Release, StripeCall
from marketplace.payments.outbox import ask, last_call
from marketplace.payments.transfers import is_cooling

# How long after a definite no Stripe is asked again to go on paying out.
PATIENCE = timedelta(days=1)


def payee(account: Obj) -> None:
    """A connected account: what it may do decides whether money can be sent to it."""
    row = lock(ours(Payee, "payee_id", account))
    if row.stripe_account not in (None, account["id"]):
        raise Quarantine(f"{row.id} has two accounts: {row.stripe_account} and {account['id']}.")
    row.stripe_account, before = account["id"], row.state
    recipient = (account.get("configuration") or {}).get("recipient") or {}
    _bank(row, recipient.get("default_outbound_destination") or {})
    row.state = _state(account, recipient, before)
    flush()
    if row.state == "ready" and before != "ready":
        _unblock(row)
        tell("payee.ready", row, by=None, person=str(row.person_id))
    elif row.state in ("restricted", "rejected") and before != row.state:
        tell(f"payee.{row.state}", row, by=None, person=str(row.person_id))


def _state(account: Obj, recipient: Obj, before: str) -> str:
    if account.get("closed"):
        return "rejected"
    balance = (recipient.get("capabilities") or {}).get("stripe_balance") or {}
    transfers = balance.get("stripe_transfers") or {}
    if transfers.get("status") == "active":
        return "ready"
    codes = {detail.get("code") for detail in transfers.get("status_details") or []}
    if codes & {"rejected", "account_rejected"}:
        return "rejected"
    return "restricted" if before in ("ready", "restricted", "rejected") else "onboarding"


def _bank(row: Payee, destination: Obj) -> None:
    """A changed bank account cools: nothing goes there until its owner had time to say that it is not theirs.

    We transfer nothing meanwhile, and Stripe pays out nothing of what stands in the account already.
    """
    bank = str(destination.get("id") or "")
    if not bank or bank == row.bank_id:
        return
    known, row.bank_id = row.bank_id, bank
    row.bank_last4, row.failed_at = str(destination.get("last4") or row.bank_last4), None
    if known:
        row.cooling_until = now() + rules().bank_cooling
        flush()
        ask("hold_payouts", row.id, asking.schedule(row, "manual"))
        tell(
            "payee.bank_changed", row, by=None, person=str(row.person_id), until=row.cooling_until.isoformat()
        )


def cooled(moment: datetime) -> Select[UUID]:
    """Payout accounts that Stripe was told to hold, and whose new bank account has waited long enough."""
    held = select(StripeCall.ref_id).where(StripeCall.op == "hold_payouts")
    return (
        select(Payee.id)
        .where(Payee.cooling_until <= moment, Payee.state != "rejected", Payee.id.in_(held))
        .order_by(Payee.cooling_until)
        .limit(200)
    )


def resume_payouts(payee_id: UUID) -> None:
    """Have Stripe pay out by its schedule again; until it said yes the wait is not over for us either."""
    row = lock(db.session.get_one(Payee, payee_id))
    last = last_call("resume_payouts", row.id)
    refused = last is not None and last.state == "rejected" and last.created_at > now() - PATIENCE
    if row.cooling_until is not None and not is_cooling(row) and not refused:
        ask("resume_payouts", row.id, asking.schedule(row, "daily"))


def scheduled(payee_id: UUID, op: str) -> None:
    """Stripe holds an account's payouts, or makes them again. What was overtaken meanwhile is asked anew."""
    row = lock(db.session.get_one(Payee, payee_id))
    if op == "resume_payouts" and is_cooling(row):
        ask("hold_payouts", row.id, asking.schedule(row, "manual"))
    elif op == "resume_payouts":
        row.cooling_until = None
    elif row.cooling_until is None:
        ask("resume_payouts", row.id, asking.schedule(row, "daily"))


def _unblock(row: Payee) -> None:
    """What Stripe refused to transfer is tried anew by the next sweep, as a new call."""
    mine = select(Holding.id).where(Holding.payee_id == row.person_id)
    db.session.execute(
        update(Release)
        .where(Release.holding_id.in_(mine), Release.state == "blocked")
        .values(state="authorised", called_at=None)
    )
