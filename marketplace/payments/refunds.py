"""Refunds as Stripe makes them: ours, a payment nobody waited for, and those made there by somebody's own hand."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from marketplace.kernel import money
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, db, find, flush, lock, one
from marketplace.kernel.events import tell
from marketplace.payments import asking, debts
from marketplace.payments.differences import differ
from marketplace.payments.entering import Obj, Quarantine, ours, payment_of_charge, report, text
from marketplace.payments.ledger import Lines, balance_of, is_entered, lines_of, post, reversed_lines
from marketplace.payments.models import Holding, Payment, Refund
from marketplace.payments.outbox import ask

# Failed is the last word; Stripe calls a refund that its maker took back canceled.
STATES = {"pending": "pending", "requires_action": "pending", "succeeded": "succeeded",
          "failed": "failed", "canceled": "failed"}  # fmt: skip


def return_surplus(payment: Payment, intent_id: str, charge_id: str) -> None:
    """Money came that nobody waits for any more: it is entered apart, and goes back whole. The locks are held."""
    payment.state, payment.intent_id, payment.charge_id = "surplus", intent_id, charge_id
    payment.paid_at, payment.url = now(), ""
    lines = {"stripe:balance": payment.amount_minor, f"unapplied:{payment.id}": -payment.amount_minor}
    post("fund_surplus", charge_id, payment.currency, lines, stream=payment.stream)
    made = add(
        Refund(holding_id=None, payment_id=payment.id, request_id=f"surplus:{charge_id}", kind="surplus",
               reason="The milestones no longer waited for this payment.", amount_minor=payment.amount_minor)
    )  # fmt: skip
    ask("refund", made.id, asking.refund(made, payment))
    for part in payment.allocations:
        report("payment.surplus", part.holding, payment=str(payment.id),
               amount=money.text(payment.amount_minor, payment.currency))  # fmt: skip


def refund(found: Obj) -> None:
    """A refund: on its way or there (money left), or failed (it came back and waits for a person)."""
    if not (found.get("metadata") or {}).get("refund_id"):
        return _from_outside(found)
    row = ours(Refund, "refund_id", found)
    payment = db.session.get_one(Payment, row.payment_id)
    if row.holding is not None:
        lock(row.holding)
    lock(row)
    if (found["amount"], found["currency"]) != (row.amount_minor, payment.currency):
        raise Quarantine(f"Refund {row.id} should be {row.amount_minor} {payment.currency}.")
    if is_entered("refund_failed", found["id"]):
        return  # An attempt that is over; there may be a newer one.
    if row.stripe_refund not in (None, found["id"]):
        raise Quarantine(f"Refund {row.id} was made twice: {row.stripe_refund} and {found['id']}.")
    row.stripe_refund = found["id"]
    _enter(row, payment, found)


def _enter(row: Refund, payment: Payment, found: Obj) -> None:
    waiting = f"refund_pending:{row.holding_id}" if row.holding_id else f"unapplied:{payment.id}"
    amount, state = row.amount_minor, STATES.get(found["status"], "")
    about: dict[str, Any] = {"stream": payment.stream, "holding_id": row.holding_id}
    lines = {waiting: amount, "stripe:balance": -amount}
    left = bool(state) and post("refund", found["id"], payment.currency, lines, **about)
    if left and state != "failed":
        _tell("payment.refunded", row, payment)
    if state == "failed":
        post("refund_failed", found["id"], payment.currency, reversed_lines(lines), **about)
        row.failure = found.get("failure_reason") or "unknown"
        _tell("payment.refund_failed", row, payment, reason=row.failure.replace("_", " "))
    # Succeeded is not followed by pending.
    if state and (state, row.state) != ("pending", "succeeded"):
        row.state = state
    flush()


def _tell(name: str, row: Refund, payment: Payment, **data: str) -> None:
    amount = money.text(row.amount_minor, payment.currency)
    if row.holding is not None:
        report(name, row.holding, refund=str(row.id), amount=amount, **data)
    else:
        tell(f"{name.replace('payment.', 'payment.surplus_')}", payment, by=None, stream=payment.stream,
             refund=str(row.id), amount=amount, **data)  # fmt: skip


def _from_outside(found: Obj) -> None:
    """A refund that nobody here asked for. One that failed before we heard of it is entered there and back."""
    payment = payment_of_charge(found["charge"])
    failed = STATES.get(found["status"]) == "failed"
    moved = found["status"] in STATES and (not failed or found.get("balance_transaction"))
    if moved and not is_entered("refund_external", found["id"]):
        _take_outside(payment, found)
    if failed:
        _outside_failed(payment, found)


def _take_outside(payment: Payment, found: Obj) -> None:
    """What is held gives first, then what was released; of a surplus, what stands apart."""
    left, lines = found["amount"], {"stripe:balance": -found["amount"]}
    made: list[tuple[Refund, int]] = []
    # The holdings of a surplus have the money of another payment, or none.
    holdings = [part.holding for part in payment.allocations] if payment.state == "succeeded" else []
    left -= take_surplus(lines, payment, left, state="succeeded", stripe_refund=found["id"], failure="")
    for holding in holdings:
        taken = min(left, holding.left_minor)
        left -= taken
        _give(lines, made, holding, payment, found, taken)
    for holding in holdings:
        taken = min(left, holding.released_minor - holding.clawed_minor)
        left -= taken
        _give_back(lines, made, holding, payment, found, taken)
    if left:
        lines["expense:loss"] = left  # More than the holdings have, such as the client's fee.
    post("refund_external", found["id"], payment.currency, lines, stream=payment.stream)
    for row, owed in made:
        if owed:
            holding = db.session.get_one(Holding, row.holding_id)
            debts.owe(holding, owed, cause=row.subject, reason="A refund was made at Stripe by hand.")
    differ("outside_action", "refund", found["id"], payment.currency, None, found["amount"],
           f"A refund of {money.text(found['amount'], payment.currency)} was made at Stripe, not here.")  # fmt: skip


def take_surplus(lines: Lines, payment: Payment, most: int, **ended: str) -> int:
    """Take up to `most` minor units, in `lines`, of what stands apart of a surplus; returns how much.

    Our own refund of it has less to bring then; when nothing is left for it, it gets the columns `ended`.
    """
    apart = f"unapplied:{payment.id}"
    taken = min(most, -balance_of(apart, payment.currency)) if payment.state == "surplus" else 0
    if taken:
        lines[apart] = taken
        row = lock(_surplus_of(payment))
        if taken < row.amount_minor:
            row.amount_minor -= taken
        else:
            for name, value in ended.items():
                setattr(row, name, value)
    return taken


def _surplus_of(payment: Payment) -> Refund:
    """The one refund by which a surplus goes back."""
    return one(select(Refund).where(Refund.payment_id == payment.id, Refund.kind == "surplus"))


def _give(
    lines: Lines, made: list[tuple[Refund, int]], holding: Holding, payment: Payment, found: Obj, taken: int
) -> None:
    if not taken:
        return
    holding.refunded_minor += taken
    holding.version += 1
    lines[f"held:{holding.id}"] = taken
    made.append((_outside(holding, payment, found, taken, "external", 0), 0))


def _give_back(
    lines: Lines, made: list[tuple[Refund, int]], holding: Holding, payment: Payment, found: Obj, taken: int
) -> None:
    if not taken:
        return
    fee = debts.claw(holding, taken)
    lines["revenue:platform_fee"] = lines.get("revenue:platform_fee", 0) + fee
    owed = f"receivable:{holding.payee_id}"
    lines[owed] = lines.get(owed, 0) + taken - fee
    made.append((_outside(holding, payment, found, taken, "released", fee), taken - fee))


def _outside(holding: Holding, payment: Payment, found: Obj, amount: int, kind: str, fee: int) -> Refund:
    first = find(select(Refund.id).where(Refund.stripe_refund == found["id"])) is None
    row = add(
        Refund(holding_id=holding.id, payment_id=payment.id, request_id=f"{found['id']}:{kind}", kind=kind,
               reason="Made at Stripe by hand", amount_minor=amount, fee_minor=fee,
               state="succeeded", stripe_refund=found["id"] if first else None)
    )  # fmt: skip
    report("payment.refunded", holding, refund=str(row.id), amount=text(holding, amount))
    return row


def _outside_failed(payment: Payment, found: Obj) -> None:
    """A refund made by hand came back: everything about it is taken back, as far as nobody has paid for it.

    What the professional has paid of it stays the business's: it waits for a person to send it anew.
    """
    entered = lines_of("refund_external", found["id"])
    if not entered or is_entered("refund_failed", found["id"]):
        return
    made = select(Refund).where(
        Refund.payment_id == payment.id, Refund.request_id.startswith(f"{found['id']}:")
    )
    lines = reversed_lines(entered)
    if back := -lines.get(f"unapplied:{payment.id}", 0):
        _surplus_came_back(lock(_surplus_of(payment)), found, back)
    for row in db.session.scalars(made).all():
        if row.holding is None or row.state == "voided":
            continue
        row.failure = found.get("failure_reason") or "unknown"
        if row.kind == "released" and not debts.forgive_whole(row.subject):
            _keep_waiting(lines, row, row.holding)
            continue
        row.state = "voided"
        row.holding.version += 1
        if row.kind == "external":
            row.holding.refunded_minor -= row.amount_minor
        else:
            row.holding.clawed_minor -= row.amount_minor
            row.holding.fee_minor += row.fee_minor
    flush()
    post("refund_failed", found["id"], payment.currency, lines, stream=payment.stream)


def _surplus_came_back(row: Refund, found: Obj, amount_minor: int) -> None:
    """The surplus stands apart again and waits: a person sends it anew."""
    if row.stripe_refund == found["id"]:
        row.state, row.failure = "failed", found.get("failure_reason") or "unknown"
    else:
        row.amount_minor += amount_minor


def _keep_waiting(lines: Lines, row: Refund, holding: Holding) -> None:
    """The debt for this part was paid, so it stays taken back; the money waits as any refund that failed does."""
    row.state = "failed"
    owed = f"receivable:{holding.payee_id}"
    # An entry keeps no line of nothing.
    lines["revenue:platform_fee"] = lines.get("revenue:platform_fee", 0) + row.fee_minor
    lines[owed] = lines.get(owed, 0) + row.amount_minor - row.fee_minor
    lines[f"refund_pending:{holding.id}"] = -row.amount_minor
    report("payment.refund_failed", holding, refund=str(row.id), amount=text(holding, row.amount_minor),
           reason=row.failure.replace("_", " "))  # fmt: skip
