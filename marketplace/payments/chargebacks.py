"""Chargebacks: what a bank takes back from a payment, what that stops, and who bears it when it is lost.

Our own disputes, between the two sides of a contract, are another matter; winning one does not thaw the other.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Select, func, select

from marketplace.accounts.models import Person
from marketplace.config import rules
from marketplace.kernel import money
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, db, find, flush, lock, many
from marketplace.kernel.errors import Forbidden, Refused, Stale
from marketplace.kernel.events import tell
from marketplace.payments import asking, debts, freezing
from marketplace.payments.claims import CHARGEBACK_RANKS, Chargeback, ChargebackPart
from marketplace.payments.differences import differ
from marketplace.payments.entering import Obj, Quarantine, payment_of_charge, report
from marketplace.payments.entering import text as amount_text
from marketplace.payments.ledger import Lines, balance_of, is_entered, lines_of, post, reversed_lines
from marketplace.payments.models import Freeze, Holding, Payment, Refund
from marketplace.payments.outbox import ask
from marketplace.payments.refunds import take_surplus


def answer(chargeback: Chargeback, words: str, *, by: Person) -> Chargeback:
    """Send our evidence to the bank, once: what was agreed, delivered and approved, and when.

    Refuses people who are not admins, an empty answer, and a chargeback that takes no answer any more (409).
    """
    _answerable(chargeback, by)
    if not words.strip():
        raise Refused("Write what was agreed, delivered and approved: the bank decides by this text alone.")
    chargeback.evidence, chargeback.answered_at, chargeback.answered_by_id = words, now(), by.id
    flush()
    ask("evidence", chargeback.id, asking.evidence(chargeback.stripe_dispute, words))
    tell("chargeback.answered", chargeback, by=by)
    return chargeback


def concede(chargeback: Chargeback, reason: str, *, by: Person) -> Chargeback:
    """Let the bank have it: the money stays with the business. reason: why, for the record. Refuses as `answer`."""
    _answerable(chargeback, by)
    chargeback.answered_at, chargeback.answered_by_id = now(), by.id
    flush()
    ask("concede", chargeback.id, {"dispute": chargeback.stripe_dispute})
    tell("chargeback.conceded", chargeback, by=by, reason=reason)
    return chargeback


def _answerable(chargeback: Chargeback, by: Person) -> None:
    if not by.is_admin:
        raise Forbidden("Only an admin answers a bank.")
    lock(chargeback)
    if chargeback.is_over or chargeback.answered_at is not None:
        raise Stale("This chargeback was answered, or is over: the bank takes no further answer.")


def dispute(found: Obj) -> None:
    """A dispute at Stripe, as it stands: money taken or given back, freezes, and the end."""
    payment = payment_of_charge(found["charge"])
    row = _known(payment, found)
    # What was taken first: what is given back comes out of that.
    for moved in sorted(found["balance_transactions"], key=lambda moved: int(moved["amount"])):
        _enter_movement(row, payment, moved)
    _advance(row, payment, found)


def _known(payment: Payment, found: Obj) -> Chargeback:
    row = find(select(Chargeback).where(Chargeback.stripe_dispute == found["id"]))
    if row is not None:
        return lock(row)
    due = (found.get("evidence_details") or {}).get("due_by")
    row = add(
        Chargeback(
            payment_id=payment.id, stripe_dispute=found["id"], currency=found["currency"],
            amount_minor=found["amount"], reason=found["reason"], state=_state(found),
            answer_by=datetime.fromtimestamp(due, UTC) if due else None,
        )
    )  # fmt: skip
    for holding in _holdings(payment):
        report("chargeback.opened", holding, chargeback=str(row.id), reason=row.reason.replace("_", " "),
               amount=money.text(row.amount_minor, row.currency))  # fmt: skip
    return row


def _state(found: Obj) -> str:
    state: str = found["status"]
    if state not in CHARGEBACK_RANKS:
        raise Quarantine(f"The dispute {found['id']} is {state}, a word we do not know.")
    return state


def _holdings(payment: Payment) -> list[Holding]:
    return [part.holding for part in sorted(payment.allocations, key=lambda part: part.holding_id)]


def _stopped(payment: Payment) -> list[Holding]:
    """The holdings that have the money of this payment; those of a surplus have another's, or none."""
    return _holdings(payment) if payment.state == "succeeded" else []


def _enter_movement(row: Chargeback, payment: Payment, moved: Obj) -> None:
    """One balance transaction of a dispute: the bank took (negative) or gave back."""
    if moved["currency"] != payment.currency:
        raise Quarantine(
            f"The dispute {row.stripe_dispute} moved {moved['currency']}, not {payment.currency}."
        )
    amount, fee, kept = moved["amount"], moved["fee"], f"dispute_held:{row.stripe_dispute}"
    lines = {"stripe:balance": amount - fee, kept: -amount, "expense:dispute_fee": fee}
    kind = "dispute_hold" if amount < 0 else "dispute_back"
    if balance_of(kept, payment.currency) < amount and not is_entered(kind, moved["id"]):
        _regain(row, payment, amount)
    post(kind, moved["id"], payment.currency, lines, stream=payment.stream)


def _advance(row: Chargeback, payment: Payment, found: Obj) -> None:
    """Take over a later word of the bank's, and do what it means. The last word is kept."""
    state = _state(found)
    if CHARGEBACK_RANKS[state] >= CHARGEBACK_RANKS[row.state] and not row.is_over:
        row.state, row.amount_minor = state, found["amount"]
        flush()
    if not row.is_over:
        for holding in _stopped(payment):
            freezing.freeze_once(
                holding, "The bank of the business disputes the payment.", "chargeback", row.subject
            )
        return
    if row.state == "lost":
        _lose(row, payment)
    if row.closed_at is None:
        row.closed_at = now()
        for holding in _holdings(payment):
            freezing.thaw_cause(holding, row.subject)
            report(f"chargeback.{'lost' if row.state == 'lost' else 'won'}", holding, chargeback=str(row.id),
                   amount=money.text(row.amount_minor, row.currency))  # fmt: skip


def _lose(row: Chargeback, payment: Payment) -> None:
    """The bank keeps the money: what is held pays first, then what was released, by the rule of the cover."""
    kept = f"dispute_held:{row.stripe_dispute}"
    taken = balance_of(kept, payment.currency)
    if not taken or is_entered("dispute_lost", row.stripe_dispute):
        return
    lines: Lines = {kept: -taken}
    apart = take_surplus(lines, payment, taken, state="voided")
    parts = payment.allocations if payment.state == "succeeded" else []
    shares = _shares(payment, taken) if parts else []
    made = [_bear(row, part.holding, share, lines) for part, share in zip(parts, shares, strict=True)]
    # What the holdings cannot bear, such as a fee of the client's or money that went back already.
    borne = apart + sum(part.amount_minor for part in made)
    lines["expense:loss"] = lines.get("expense:loss", 0) + taken - borne
    post("dispute_lost", row.stripe_dispute, payment.currency, lines, stream=payment.stream)
    for part in made:
        if part.owed_minor:
            debts.owe(db.session.get_one(Holding, part.holding_id), part.owed_minor,
                      cause=f"chargeback_part:{part.id}", reason="A chargeback was lost.")  # fmt: skip


def _bear(row: Chargeback, holding: Holding, share: int, lines: Lines) -> ChargebackPart:
    """What one holding bears of a lost chargeback, in its counters and in `lines`."""
    held = min(share, holding.left_minor)
    clawed = min(share - held, holding.released_minor - holding.clawed_minor)
    holding.lost_minor += held
    holding.version += 1
    fee = debts.claw(holding, clawed) if clawed else 0
    carried = min(clawed - fee, _cover_left(holding))
    owed = clawed - fee - carried
    for code, amount in (
        (f"held:{holding.id}", held),
        ("revenue:platform_fee", fee),
        ("expense:loss", carried),
        (f"receivable:{holding.payee_id}", owed),
    ):
        lines[code] = lines.get(code, 0) + amount
    return add(
        ChargebackPart(chargeback_id=row.id, holding_id=holding.id, amount_minor=held + clawed, held_minor=held,
                       fee_minor=fee, carried_minor=carried, owed_minor=owed)
    )  # fmt: skip


def _regain(row: Chargeback, payment: Payment, amount: int) -> None:
    """The bank gives back what it had kept for good: the loss is undone, and an admin hears of it.

    Quarantined unless it is the whole of the loss, nobody paid for it yet, and it was no surplus.
    """
    loss, said = lines_of("dispute_lost", row.stripe_dispute), money.text(amount, payment.currency)
    parts = many(select(ChargebackPart).where(ChargebackPart.chargeback_id == row.id))
    whole = row.state == "lost" and loss.get(f"dispute_held:{row.stripe_dispute}") == -amount
    apart = f"unapplied:{payment.id}" in loss
    if not whole or apart or not all(debts.forgive_whole(f"chargeback_part:{part.id}") for part in parts):
        raise Quarantine(
            f"The bank gave {said} of the dispute {row.stripe_dispute} back after it was over. Not the whole loss came "
            "back, or some of it was paid for already: find out whose it is, then repair the books by hand."
        )
    lines = reversed_lines(loss)
    for part in parts:
        holding = db.session.get_one(Holding, part.holding_id)
        # A refund that was never made is in the holding's loss by now, and was the platform's.
        code, since = f"held:{holding.id}", part.held_minor - loss.get(f"held:{part.holding_id}", 0)
        lines[code] = lines.get(code, 0) - since
        lines["expense:loss"] = lines.get("expense:loss", 0) + since
        holding.lost_minor -= part.held_minor
        holding.clawed_minor -= part.amount_minor - part.held_minor
        holding.fee_minor += part.fee_minor
        holding.version += 1
    row.state = "won"
    post("dispute_regained", row.stripe_dispute, payment.currency, lines, stream=payment.stream)
    for holding in _holdings(payment):
        report("chargeback.won", holding, chargeback=str(row.id), amount=said)
    differ("outside_action", "dispute", row.stripe_dispute, payment.currency, None, amount,
           f"The bank gave back {said} that it had kept (a chargeback that was lost). It is entered: what is held "
           "again waits for a release or a ruling.")  # fmt: skip


def lose_refund(refund: Refund, payment: Payment, holding: Holding) -> int:
    """Of a refund that is never made: what lost chargebacks of its payment took meanwhile, in minor units.

    Until then it was nobody's, and the platform's loss. Of held money, it counts as lost by the holding from now on;
    its entry and the counters are the caller's.
    """
    left = refund.amount_minor
    for part in many(parts_of(holding).order_by(ChargebackPart.created_at)):
        row = db.session.get_one(Chargeback, part.chargeback_id)
        gone = min(left, max(0, _share(row, payment, holding) - part.amount_minor))
        left -= gone
        if refund.kind == "held":
            part.held_minor += gone
            part.amount_minor += gone
    return refund.amount_minor - left


def _share(row: Chargeback, payment: Payment, holding: Holding) -> int:
    """What a holding paid in of what a lost chargeback took of its payment, in minor units."""
    taken = -lines_of("dispute_lost", row.stripe_dispute).get(f"dispute_held:{row.stripe_dispute}", 0)
    shares = dict(
        zip((part.holding_id for part in payment.allocations), _shares(payment, taken), strict=True)
    )
    paid_in = {part.holding_id: part.amount_minor for part in payment.allocations}
    return min(shares[holding.id], paid_in[holding.id])


def _shares(payment: Payment, taken: int) -> list[int]:
    """What each allocation of a payment bears of what was taken.

    In whole steps of the currency, so that what stays held can still be moved; banks may take other amounts.
    """
    step = money.step_of(payment.currency) if taken % money.step_of(payment.currency) == 0 else 1
    return money.allocate(taken, [part.amount_minor for part in payment.allocations], step)


def _cover_left(holding: Holding) -> int:
    """What the platform still carries of approved work in this milestone, in minor units."""
    used = parts_of(holding).with_only_columns(func.sum(ChargebackPart.carried_minor))
    return max(0, rules().chargeback_cover[holding.currency] - int(db.session.scalar(used) or 0))


def warning(found: Obj) -> None:
    """An early warning of fraud: nothing moved yet, so nothing leaves before a person has looked."""
    payment = payment_of_charge(found["charge"])
    cause = f"warning:{found['id']}"
    for holding in _stopped(payment):
        earlier = find(select(Freeze).where(Freeze.holding_id == holding.id, Freeze.cause == cause))
        if earlier is None:
            freezing.freeze_once(holding, "The bank warns that this payment may be fraud.", "warning", cause)
            report("payment.warned", holding, payment=str(payment.id),
                   amount=amount_text(holding, holding.funded_minor))  # fmt: skip


def chargebacks_of(payment: Payment) -> list[Chargeback]:
    """The chargebacks of a payment, oldest first."""
    return many(select(Chargeback).where(Chargeback.payment_id == payment.id).order_by(Chargeback.created_at))


def parts_of(holding: Holding) -> Select[ChargebackPart]:
    """What a holding bears of lost chargebacks; what a bank gave back after all is not among it."""
    lost = select(ChargebackPart).join(Chargeback, Chargeback.id == ChargebackPart.chargeback_id)
    return lost.where(ChargebackPart.holding_id == holding.id, Chargeback.state == "lost")
