"""What Stripe says in a race in which it is not asked: its objects, made from our own rows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marketplace.kernel.db import db
from marketplace.kernel.jobs import transaction
from marketplace.payments import apply, payees, transfers
from marketplace.payments.models import Payee, Payment, Release

Obj = dict[str, Any]


def intent(payment: Payment) -> Obj:
    """The payment came through."""
    booked = {"id": f"txn_{payment.id.hex}", "currency": payment.currency, "fee": 1422}
    charge = {"id": f"ch_{payment.id.hex}", "balance_transaction": booked, "receipt_url": ""}
    return {"id": f"pi_{payment.id.hex}", "status": "succeeded", "amount": payment.amount_minor,
            "currency": payment.currency, "amount_received": payment.amount_minor, "latest_charge": charge,
            "metadata": {"payment_id": str(payment.id)}}  # fmt: skip


def canceled(payment: Payment) -> Obj:
    """The page was closed unpaid."""
    return {**intent(payment), "status": "canceled", "latest_charge": None}


def transfer(release: Release, account: str) -> Obj:
    """The transfer of a release is done."""
    return {"id": f"tr_{release.id.hex}", "amount": release.transfer_minor, "currency": release.holding.currency,
            "destination": account, "reversals": {"data": []}, "metadata": {"release_id": str(release.id)}}  # fmt: skip


def account(payee: Payee, bank: str) -> Obj:
    """A connected account that may be sent money, with a bank account."""
    balance = {"stripe_transfers": {"status": "active"}}
    recipient = {"capabilities": {"stripe_balance": balance},
                 "default_outbound_destination": {"id": bank, "last4": bank[-4:]}}  # fmt: skip
    return {"id": f"acct_{payee.id.hex}", "configuration": {"recipient": recipient},
            "metadata": {"payee_id": str(payee.id)}}  # fmt: skip


def enter(what: str, row_id: str) -> None:
    """Job: enter one of these about a row, in one transaction."""
    with transaction():
        match what:
            case "intent":
                apply.intent(intent(db.session.get_one(Payment, UUID(row_id))))
            case "canceled":
                apply.intent(canceled(db.session.get_one(Payment, UUID(row_id))))
            case "transfer":
                row = db.session.get_one(Release, UUID(row_id))
                account_id = db.session.query(Payee.stripe_account).filter_by(person_id=row.holding.payee_id)
                transfers.transfer(transfer(row, account_id.scalar() or ""))
            case "new_bank":
                payees.payee(account(db.session.get_one(Payee, UUID(row_id)), "ba_2222"))
