"""Payees: what Stripe says of a professional's account, and whether money can be sent there."""

from __future__ import annotations

from sqlalchemy import select, update

from marketplace.config import rules
from marketplace.kernel.clock import now
from marketplace.kernel.db import db, flush, lock
from marketplace.kernel.events import tell
from marketplace.payments.entering import Obj, Quarantine, ours
from marketplace.payments.models import Holding, Payee, Release


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
    """A changed bank account cools: nothing is transferred until its owner had time to say that it is not theirs."""
    bank = str(destination.get("id") or "")
    if not bank or bank == row.bank_id:
        return
    known, row.bank_id = row.bank_id, bank
    row.bank_last4, row.failed_at = str(destination.get("last4") or row.bank_last4), None
    if known:
        row.cooling_until = now() + rules().bank_cooling
        flush()
        tell(
            "payee.bank_changed", row, by=None, person=str(row.person_id), until=row.cooling_until.isoformat()
        )


def _unblock(row: Payee) -> None:
    """What Stripe refused to transfer is tried anew by the next sweep, as a new call."""
    mine = select(Holding.id).where(Holding.payee_id == row.person_id)
    db.session.execute(
        update(Release)
        .where(Release.holding_id.in_(mine), Release.state == "blocked")
        .values(state="authorised", called_at=None)
    )
