"""Payouts: money that leaves Stripe for a bank. Professionals' go by Stripe's schedule, or at once where offered."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Select, func, literal, select, union_all

from marketplace.accounts.models import Person
from marketplace.config import settings
from marketplace.kernel import money
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, db, find, flush, lock, many, one
from marketplace.kernel.errors import Forbidden, Refused, Stale
from marketplace.kernel.events import tell
from marketplace.kernel.jobs import later, transaction
from marketplace.payments import asking, stripe
from marketplace.payments.entering import Foreign, Obj, Quarantine, ours
from marketplace.payments.ledger import Line, is_entered, post, reversed_lines
from marketplace.payments.models import Payee, Release, StripeCall
from marketplace.payments.outbox import ask
from marketplace.payments.outside import Payout, PayoutItem

STREAM = "payouts:all"
STATES = ("pending", "in_transit", "paid", "failed", "canceled")
# Until it is paid, the books call its amount at Stripe still.
UNDER_WAY = ("authorised", "pending", "in_transit")
RANK = {"authorised": 0, "refused": 0, "pending": 1, "in_transit": 2, "paid": 3, "failed": 4, "canceled": 4}


def at_stripe(person: Person) -> list[money.Money]:
    """What stands in the professional's account at Stripe by our books: sent there and not paid out yet."""
    code = f"memo:pro_stripe:{person.id}"
    found = (
        select(Line.currency, func.sum(Line.amount_minor)).where(Line.code == code).group_by(Line.currency)
    )
    return [money.Money(int(minor), currency) for currency, minor in db.session.execute(found).all() if minor]


def free_and_leaving(person: Person) -> tuple[list[money.Money], list[money.Money]]:
    """What stands in the account at Stripe: what is free, and what was asked for or is on its way to the bank."""
    there = select(Line.currency, Line.amount_minor.label("free"), literal(0).label("leaving"))
    going = select(Payout.currency, -Payout.amount_minor, Payout.amount_minor)
    parts = union_all(
        there.where(Line.code == f"memo:pro_stripe:{person.id}"),
        going.where(Payout.person_id == person.id, Payout.state.in_(UNDER_WAY)),
    ).subquery()
    sums = select(parts.c.currency, func.sum(parts.c.free), func.sum(parts.c.leaving))
    found = db.session.execute(sums.group_by(parts.c.currency).order_by(parts.c.currency)).all()
    return (
        [money.Money(int(free), currency) for currency, free, _ in found if free],
        [money.Money(int(leaving), currency) for currency, _, leaving in found if leaving],
    )


def payouts_of(person: Person) -> Select[Payout]:
    """A professional's payouts, newest first."""
    return select(Payout).where(Payout.person_id == person.id).order_by(Payout.created_at.desc())


def pay_out_now(payee: Payee, amount_minor: int, currency: str, *, by: Person) -> Payout:
    """Pay out at once what stands at Stripe, where Stripe offers that for the bank account.

    amount_minor: at most what stands there and is not leaving already. Refuses strangers, accounts that are not
    ready, a bank account that is still cooling or failed, and a second wish while one is under way (409).
    """
    lock(payee)
    if payee.person_id != by.id:
        raise Forbidden("Only the professional can pay out their money.")
    if not settings().instant_payouts:
        raise Refused("Instant payouts are not offered here: your money is paid out by schedule.")
    if payee.state != "ready" or payee.failed_at is not None:
        raise Stale("Finish your payout account at Stripe first.")
    if payee.cooling_until is not None and payee.cooling_until > now():
        raise Stale("Your bank account is new: the next payout waits until the time for objections is over.")
    mine = select(Payout).where(Payout.person_id == by.id, Payout.state.in_(UNDER_WAY))
    if many(mine.where(Payout.automatic.is_(False))):
        raise Stale("A payout is under way already.")
    there = {amount.currency: amount.minor for amount in free_and_leaving(by)[0]}.get(currency, 0)
    if not 0 < amount_minor <= there:
        raise Refused(f"Choose an amount up to {money.text(there, currency)}, which stands in your account.")
    return _ask(Payout(person_id=by.id, currency=currency, amount_minor=amount_minor, method="instant",
                       automatic=False, by_id=by.id), payee.stripe_account or "")  # fmt: skip


def withdraw(amount_minor: int, currency: str, *, by: Person) -> Payout:
    """Pay the platform's own money to its bank. Rulings checks who may, and that nothing owed is touched."""
    made = Payout(person_id=None, currency=currency, amount_minor=amount_minor, automatic=False, by_id=by.id)
    return _ask(made, "")


def _ask(made: Payout, account: str) -> Payout:
    add(made)
    ask("payout", made.id, asking.payout(made, account))
    tell("payout.asked", made, by=None, stream=STREAM, person=str(made.person_id or ""),
         amount=money.text(made.amount_minor, made.currency))  # fmt: skip
    return made


def payout(found: Obj, account: str = "") -> None:
    """A payout, of a connected account or the platform's own: on its way, there, or come back."""
    row = _row(found, account)
    if (found["amount"], found["currency"]) != (row.amount_minor, row.currency):
        raise Quarantine(
            f"Payout {row.id} should be {row.amount_minor} {row.currency}, not what {found['id']} is."
        )
    if row.stripe_payout not in (None, found["id"]):
        raise Quarantine(f"Payout {row.id} was made twice: {row.stripe_payout} and {found['id']}.")
    row.stripe_payout = found["id"]
    bank = found["destination"] if isinstance(found.get("destination"), dict) else {}
    row.bank_last4 = str(bank.get("last4") or row.bank_last4)
    row.arrives_at = datetime.fromtimestamp(found["arrival_date"], UTC)
    state = found["status"]
    if state in STATES and RANK[state] >= RANK[row.state] and state != row.state:
        row.state = state
        flush()
    if row.person_id is None:
        _enter_platforms(row, found)
    else:
        _enter(row, found)


def _row(found: Obj, account: str) -> Payout:
    """The payout's row, locked; made here when Stripe's schedule made the payout."""
    if (found.get("metadata") or {}).get("payout_id"):
        return lock(ours(Payout, "payout_id", found))
    row = find(select(Payout).where(Payout.stripe_payout == found["id"]))
    if row is not None:
        return lock(row)
    payee = find(select(Payee).where(Payee.stripe_account == account)) if account else None
    if account and payee is None:
        raise Foreign("No payout account of ours.")
    return add(
        Payout(person_id=payee.person_id if payee else None, currency=found["currency"],
               amount_minor=found["amount"], method=found["method"], automatic=bool(found["automatic"]),
               stripe_payout=found["id"])
    )  # fmt: skip


def _enter(row: Payout, found: Obj) -> None:
    """The memo accounts of the professional: what stood at Stripe is at the bank, or came back from it."""
    lines = {"memo:world": row.amount_minor, f"memo:pro_stripe:{row.person_id}": -row.amount_minor}
    payee = one(select(Payee).where(Payee.person_id == row.person_id))
    if row.state == "paid" and post("payout_paid", found["id"], row.currency, lines, stream=STREAM):
        payee.failed_at = None
        later("payments.payout_items", str(row.id))
        _tell("payout.paid", row)
    if row.state == "failed" and not is_entered("payout_failed", found["id"]):
        # It may fail before it was called paid; then both are entered, and the books show that it went and came.
        post("payout_paid", found["id"], row.currency, lines, stream=STREAM)
        post("payout_failed", found["id"], row.currency, reversed_lines(lines), stream=STREAM)
        row.failure = found.get("failure_message") or found.get("failure_code") or ""
        payee.failed_at = now()
        _tell("payout.failed", row, reason=row.failure)
    flush()


def _enter_platforms(row: Payout, found: Obj) -> None:
    moved, back = found.get("balance_transaction"), found.get("failure_balance_transaction")
    lines = {"bank:platform": row.amount_minor, "stripe:balance": -row.amount_minor}
    if isinstance(moved, str):
        post("platform_payout", moved, row.currency, lines, stream=STREAM)
    if isinstance(back, str):
        post("platform_payout_failed", back, row.currency, reversed_lines(lines), stream=STREAM)
        row.failure = found.get("failure_message") or ""
    flush()


def _tell(name: str, row: Payout, **data: str) -> None:
    tell(name, row, by=None, stream=STREAM, person=str(row.person_id or ""), bank=row.bank_last4,
         amount=money.text(row.amount_minor, row.currency), **data)  # fmt: skip


def topup(found: Obj) -> None:
    """The platform added money of its own to its balance at Stripe."""
    moved = found.get("balance_transaction")
    if found["status"] != "succeeded" or not isinstance(moved, dict):
        return
    lines = {"stripe:balance": moved["net"], "bank:platform": -moved["net"]}
    post("topup", moved["id"], moved["currency"], lines, stream=STREAM)


def note_items(payout_id: str) -> None:
    """Job: ask Stripe which transfers a payout brought to the bank, for its statement."""
    with transaction():
        row = one(select(Payout).where(Payout.id == UUID(payout_id)))
        account = one(select(Payee.stripe_account).where(Payee.person_id == row.person_id))
        key = row.stripe_payout or ""
    db.session.remove()
    try:
        found = stripe.payout_items(key, account or "")
    except stripe.Unreachable:
        with transaction():
            later("payments.payout_items", payout_id, delay=stripe.SOON)
        return
    with transaction():
        row = lock(one(select(Payout).where(Payout.id == UUID(payout_id))))
        known = set(many(select(PayoutItem.stripe_transaction).where(PayoutItem.payout_id == row.id)))
        for moved in found:
            if moved["id"] not in known and moved["type"] != "payout":
                add(_item(row, moved))
        tell("payout.itemised", row, by=None, stream=STREAM, person=str(row.person_id or ""))


def _item(row: Payout, moved: Obj) -> PayoutItem:
    """One movement of a payout; `source` is the payment that our transfer made in the connected account."""
    source = moved["source"] if isinstance(moved["source"], dict) else {}
    sent = find(
        select(StripeCall.ref_id).where(
            StripeCall.op == "transfer", StripeCall.object_id == source.get("source_transfer")
        )
    )
    release = find(select(Release.id).where(Release.id == sent)) if sent else None
    return PayoutItem(payout_id=row.id, stripe_transaction=moved["id"], kind=moved["type"], amount_minor=moved["net"],
                      release_id=release)  # fmt: skip
