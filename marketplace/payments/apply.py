"""What Stripe did, entered into our books. Workers, webhooks and the poller all come here.

Each function takes Stripe's object as it is now, holds the locks it needs (holdings first), changes nothing
when it comes a second time or too late, and tells. What does not match what we asked for is quarantined.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from marketplace.kernel import money
from marketplace.kernel.clock import now
from marketplace.kernel.db import db, find, flush, lock, one
from marketplace.kernel.events import tell
from marketplace.payments.ledger import post
from marketplace.payments.models import Holding, Payee, Payment, Refund, Release

Obj = dict[str, Any]


class Quarantine(Exception):
    """Stripe says something that we did not ask for: nothing is entered, a person looks."""


class Foreign(Exception):
    """This object is not ours: another program uses the same account at Stripe."""


def checkout(session: Obj) -> None:
    """A Checkout Session: open, paid or expired."""
    payment = _payment(session)
    _compare(payment, session["amount_total"], session["currency"])
    if session["status"] == "expired":
        _over(payment)
    elif session["payment_status"] == "paid":
        intent = session["payment_intent"]
        if isinstance(intent, dict):
            payment.session_id = session["id"]
            _settle(payment, intent)
    elif payment.state == "created":
        payment.state, payment.session_id, payment.url = (
            "requires_action",
            session["id"],
            session["url"] or "",
        )
        flush()


def intent(found: Obj) -> None:
    """A payment intent; only a succeeded one changes anything: a declined card may be tried again."""
    payment = _payment(found)
    _compare(payment, found["amount"], found["currency"])
    if found["status"] == "succeeded":
        _settle(payment, found)
    elif found["status"] == "processing" and payment.state == "requires_action":
        payment.state = "processing"
        flush()


def charge(found: Obj) -> None:
    """A charge that got its balance transaction: Stripe's fee is known now."""
    payment = _payment(found)
    if payment.charge_id == found["id"]:
        _take_fee(payment, found)


def _payment(found: Obj) -> Payment:
    """The payment an object is about, its holdings and itself locked."""
    known = (found.get("metadata") or {}).get("payment_id")
    payment = find(select(Payment).where(Payment.id == _uuid(known)))
    if payment is None:
        raise Foreign("No payment of ours.")
    for part in sorted(payment.allocations, key=lambda part: part.holding_id):
        lock(part.holding)
    return lock(payment)


def _uuid(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        raise Foreign("It carries no id of ours.") from None


def _compare(payment: Payment, amount: int, currency: str) -> None:
    if (amount, currency) != (payment.amount_minor, payment.currency):
        asked = money.text(payment.amount_minor, payment.currency)
        raise Quarantine(f"Asked for {asked}, but Stripe says {amount} {currency} (payment {payment.id}).")


def _settle(payment: Payment, found: Obj) -> None:
    """Credit a succeeded intent, once."""
    paid = found["latest_charge"]
    if not isinstance(paid, dict):
        raise Quarantine(f"The intent {found['id']} succeeded without a charge.")
    if payment.state == "succeeded":
        if payment.charge_id != paid["id"]:
            raise Quarantine(f"Payment {payment.id} was paid twice: {payment.charge_id} and {paid['id']}.")
        return _take_fee(payment, paid)
    if found["amount_received"] != payment.amount_minor:
        raise Quarantine(f"Payment {payment.id} received {found['amount_received']}, not what was asked.")
    credit(payment, intent_id=found["id"], charge_id=paid["id"], receipt_url=paid.get("receipt_url") or "")
    _take_fee(payment, paid)


def credit(payment: Payment, *, intent_id: str, charge_id: str, receipt_url: str = "") -> None:
    """Hold the money of a payment that came through, in every holding it is for. The locks are held."""
    parts = sorted(payment.allocations, key=lambda part: part.holding_id)
    if not all(part.is_live for part in parts) or any(part.holding.funded_minor for part in parts):
        raise Quarantine(f"Money came for payment {payment.id}, but its milestones no longer wait for it.")
    payment.state, payment.intent_id, payment.charge_id = "succeeded", intent_id, charge_id
    payment.receipt_url, payment.paid_at, payment.url = receipt_url, now(), ""
    lines = {"stripe:balance": payment.amount_minor}
    for part in parts:
        part.holding.funded_minor += part.amount_minor
        part.holding.version += 1
        lines[f"held:{part.holding_id}"] = -part.amount_minor
    single = parts[0].holding_id if len(parts) == 1 else None
    post("fund", charge_id, payment.currency, lines, stream=payment.stream, holding_id=single)
    for part in parts:
        _tell(
            "payment.held",
            part.holding,
            payment=str(payment.id),
            amount=_text(part.holding, part.amount_minor),
        )


def _take_fee(payment: Payment, paid: Obj) -> None:
    booked = paid.get("balance_transaction")
    if not isinstance(booked, dict):
        return  # It comes with charge.updated.
    if booked["currency"] != payment.currency:
        raise Quarantine(f"Payment {payment.id} settled in {booked['currency']}, not {payment.currency}.")
    fee = booked["fee"]
    lines = {"expense:stripe_fee": fee, "stripe:balance": -fee}
    if fee:
        post("stripe_fee", booked["id"], payment.currency, lines, stream=payment.stream)


def _over(payment: Payment) -> None:
    """Stripe closed the page unpaid: the holdings may be paid for anew."""
    if payment.state in ("succeeded", "surplus", "canceled"):
        return
    _close(payment, "payment.expired")


def _close(payment: Payment, event: str, **data: str) -> None:
    payment.state, payment.url = "canceled", ""
    for part in payment.allocations:
        part.is_live = False
    flush()
    for part in payment.allocations:
        _tell(event, part.holding, payment=str(payment.id), **data)


def refund(found: Obj) -> None:
    """A refund: on its way or there (money left), or failed (it came back and waits for a person)."""
    known = (found.get("metadata") or {}).get("refund_id")
    row = find(select(Refund).where(Refund.id == _uuid(known)))
    if row is None:
        raise Foreign("No refund of ours.")
    holding = lock(row.holding)
    lock(row)
    if (found["amount"], found["currency"]) != (row.amount_minor, holding.currency):
        raise Quarantine(f"Refund {row.id} should be {row.amount_minor} {holding.currency}.")
    if row.stripe_refund not in (None, found["id"]):
        raise Quarantine(f"Refund {row.id} was made twice: {row.stripe_refund} and {found['id']}.")
    row.stripe_refund = found["id"]
    pending, balance = f"refund_pending:{holding.id}", "stripe:balance"
    about: dict[str, Any] = {"stream": holding.stream, "holding_id": holding.id}
    amount, status = row.amount_minor, found["status"]
    if status in ("succeeded", "pending", "failed"):
        left = post("refund", found["id"], holding.currency, {pending: amount, balance: -amount}, **about)
        if left and status != "failed":
            _tell("payment.refunded", holding, refund=str(row.id), amount=_text(holding, amount))
    if status == "failed" and row.state != "failed":
        post("refund_failed", found["id"], holding.currency, {balance: amount, pending: -amount}, **about)
        _tell("payment.refund_failed", holding, refund=str(row.id), amount=_text(holding, amount))
    # Failed is the last word, and succeeded is not followed by pending.
    if row.state != "failed" and (status, row.state) != ("pending", "succeeded") and status in _REFUNDS:
        row.state = status
    flush()


_REFUNDS = ("pending", "succeeded", "failed")


def transfer(found: Obj) -> None:
    """A transfer to a professional's account: its release is paid."""
    known = (found.get("metadata") or {}).get("release_id")
    row = find(select(Release).where(Release.id == _uuid(known)))
    if row is None:
        raise Foreign("No release of ours.")
    holding = lock(row.holding)
    lock(row)
    payee = one(select(Payee).where(Payee.person_id == holding.payee_id))
    asked = (row.net_minor, holding.currency, payee.stripe_account)
    if (found["amount"], found["currency"], found["destination"]) != asked:
        raise Quarantine(f"The transfer {found['id']} is not what release {row.id} asked for.")
    if row.transfer_id not in (None, found["id"]):
        raise Quarantine(f"Release {row.id} was transferred twice: {row.transfer_id} and {found['id']}.")
    net, person = row.net_minor, holding.payee_id
    lines = {f"payable:{person}": net, "stripe:balance": -net, f"memo:pro_stripe:{person}": net,
             "memo:world": -net}  # fmt: skip
    about: dict[str, Any] = {"stream": holding.stream, "holding_id": holding.id}
    if post("transfer", found["id"], holding.currency, lines, **about):
        row.state, row.transfer_id, row.paid_at = "paid", found["id"], now()
        flush()
        _tell("transfer.sent", holding, release=str(row.id), amount=_text(holding, net))


def payee(account: Obj) -> None:
    """A connected account: what it may do decides whether money can be sent to it."""
    known = (account.get("metadata") or {}).get("payee_id")
    row = find(select(Payee).where(Payee.id == _uuid(known)))
    if row is None:
        raise Foreign("No payout account of ours.")
    lock(row)
    if row.stripe_account not in (None, account["id"]):
        raise Quarantine(f"{row.id} has two accounts: {row.stripe_account} and {account['id']}.")
    row.stripe_account, before = account["id"], row.state
    recipient = (account.get("configuration") or {}).get("recipient") or {}
    balance = (recipient.get("capabilities") or {}).get("stripe_balance") or {}
    status = (balance.get("stripe_transfers") or {}).get("status")
    usual = "restricted" if before in ("ready", "restricted") else "onboarding"
    row.state = "ready" if status == "active" else usual
    flush()
    if row.state == "ready" and before != "ready":
        _unblock(row.person_id)
        tell("payee.ready", row, by=None, person=str(row.person_id))


def _unblock(person_id: UUID) -> None:
    """What Stripe refused to transfer is tried anew by the next sweep, as a new call."""
    mine = select(Holding.id).where(Holding.payee_id == person_id)
    db.session.execute(
        update(Release)
        .where(Release.holding_id.in_(mine), Release.state == "blocked")
        .values(state="authorised", called_at=None)
    )


def answered(op: str, ref_id: UUID, answer: Obj) -> None:
    """What follows from Stripe's answer to a call of the outbox."""
    match op:
        case "checkout" | "expire":
            checkout(answer)
        case "refund":
            refund(answer)
        case "transfer":
            transfer(answer)
        case "payee":
            payee(answer)
        case "link":
            row = lock(one(select(Payee).where(Payee.id == ref_id)))
            row.link_url = answer["url"]


def rejected(op: str, ref_id: UUID, sentence: str) -> None:
    """What follows from a definite no. Nothing is undone in the books: a person decides."""
    match op:
        case "checkout":
            payment = one(select(Payment).where(Payment.id == ref_id))
            for part in sorted(payment.allocations, key=lambda part: part.holding_id):
                lock(part.holding)
            if lock(payment).state == "created":
                _close(payment, "payment.failed", reason=sentence)
        case "transfer":
            row = one(select(Release).where(Release.id == ref_id))
            holding = lock(row.holding)
            if lock(row).state == "authorised":
                row.state = "blocked"
                _tell("transfer.blocked", holding, release=str(row.id), reason=sentence)


def _tell(name: str, holding: Holding, **data: str) -> None:
    tell(name, holding, by=None, stream=holding.stream, title=holding.title, **data)


def _text(holding: Holding, amount_minor: int) -> str:
    return money.text(amount_minor, holding.currency)
