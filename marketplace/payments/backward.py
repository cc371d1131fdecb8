"""Money that goes back: releases taken back before they are sent, and after; refunds and transfers tried anew.

An admin decides each of these; rulings.py keeps the decision, and asks for a second admin where the rules do.
"""

from __future__ import annotations

from sqlalchemy import select

from marketplace.accounts.models import Person
from marketplace.kernel import money
from marketplace.kernel.db import add, db, find, flush, lock, many
from marketplace.kernel.errors import Refused, Stale
from marketplace.kernel.events import tell
from marketplace.payments import asking, chargebacks, debts, transfers
from marketplace.payments.claims import Debt, Decision, Reversal, Void
from marketplace.payments.entering import text
from marketplace.payments.ledger import Lines, lines_of, post, reversed_lines
from marketplace.payments.models import Holding, Payment, Refund, Release
from marketplace.payments.outbox import ask, last_call


def take_back(
    release: Release, amount_minor: int, *, by: Person | None, reason: str, request_id: str
) -> Void:
    """Take `amount_minor` (gross) of a release back before its transfer is sent: it is held again.

    The fee in it goes back too, so that what stays released costs the fee of the whole. Refuses a release that
    was handed to Stripe (409), and more than is left of it.
    """
    holding = lock(release.holding)
    lock(release)
    earlier = find(select(Void).where(Void.release_id == release.id, Void.request_id == request_id))
    if earlier is not None:
        return earlier
    if not release.is_unsent:
        raise Stale("This release is on its way already, so it cannot be taken back any more.")
    # What was refunded or lost after the release is out of it already, and took its part of the fee along.
    fee_left = min(release.fee_minor - release.voided_fee_minor, holding.fee_minor)
    kept = holding.released_minor - holding.clawed_minor
    left = min(release.gross_minor - release.voided_minor, release.due_minor + fee_left, kept)
    if not 0 < amount_minor <= left:
        raise Refused(f"Choose an amount up to {text(holding, left)}, which is left of this release.")
    fee = _fee_in(holding, release, amount_minor)
    holding.released_minor -= amount_minor
    holding.fee_minor -= fee
    holding.version += 1
    release.voided_minor += amount_minor
    release.voided_fee_minor += fee
    if release.voided_minor == release.gross_minor:
        release.state = "voided"
    made = add(
        Void(release_id=release.id, request_id=request_id, reason=reason, gross_minor=amount_minor, fee_minor=fee,
             net_minor=amount_minor - fee, by_id=by.id if by else None)
    )  # fmt: skip
    lines = {f"held:{holding.id}": -amount_minor, "revenue:platform_fee": fee,
             f"payable:{holding.payee_id}": amount_minor - fee}  # fmt: skip
    post("release_void", str(made.id), holding.currency, lines, stream=holding.stream, holding_id=holding.id)
    tell("payment.release_voided", holding, by=by, stream=holding.stream, title=holding.title, reason=reason,
         release=str(release.id), amount=text(holding, amount_minor))  # fmt: skip
    return made


def _fee_in(holding: Holding, release: Release, amount_minor: int) -> int:
    """The fee to give back with `amount_minor` of a release, in minor units.

    It brings the fee down to that of what stays released, as far as this release has it to give: neither its
    fee nor its net part may fall below zero.
    """
    kept = holding.released_minor - holding.clawed_minor - amount_minor
    wanted = holding.fee_minor - money.fee_until(kept, holding.fee_bps, money.step_of(holding.currency))
    fee_left = release.fee_minor - release.voided_fee_minor
    least = max(0, amount_minor - release.due_minor)
    return max(least, min(wanted, fee_left, amount_minor))


def claw_back(holding: Holding, amount_minor: int, *, by: Person, reason: str, request_id: str) -> Refund:
    """Refund `amount_minor` of what was released: the professional owes it, and their transfers are reversed.

    Refuses frozen money (409), more than was released and not taken back, and what was not sent yet: of that a
    ruling takes back the release itself.
    """
    lock(holding)
    earlier = find(select(Refund).where(Refund.holding_id == holding.id, Refund.request_id == request_id))
    if earlier is not None:
        return earlier
    if holding.is_frozen:
        raise Stale("This money is frozen, so nothing can be done with it now.")
    released = holding.released_minor - holding.clawed_minor
    if not 0 < amount_minor <= released:
        raise Refused(f"Choose an amount up to {text(holding, released)}, which was released.")
    if amount_minor > (sent := returnable(holding)):
        unsent = text(holding, released - sent)
        raise Refused(f"{unsent} of it was not sent yet: take that back by a ruling instead.")
    fee = debts.claw(holding, amount_minor)
    payment = transfers.payment_of(holding)
    made = add(
        Refund(holding_id=holding.id, payment_id=payment.id, request_id=request_id, reason=reason, kind="released",
               amount_minor=amount_minor, fee_minor=fee, by_id=by.id)
    )  # fmt: skip
    lines: Lines = {f"receivable:{holding.payee_id}": amount_minor - fee, "revenue:platform_fee": fee,
                    f"refund_pending:{holding.id}": -amount_minor}  # fmt: skip
    post("clawback", str(made.id), holding.currency, lines, stream=holding.stream, holding_id=holding.id)
    if amount_minor > fee:
        _reverse(holding, debts.owe(holding, amount_minor - fee, cause=made.subject, reason=reason))
    ask("refund", made.id, asking.refund(made, payment))
    tell("payment.clawed_back", holding, by=by, stream=holding.stream, title=holding.title, reason=reason,
         refund=str(made.id), amount=text(holding, amount_minor))  # fmt: skip
    return made


def returnable(holding: Holding) -> int:
    """What of the releases of `holding` went out and was not taken back since, in minor units."""
    unsent = sum(row.gross_minor - row.voided_minor for row in holding.releases if row.is_unsent)
    return max(0, holding.released_minor - holding.clawed_minor - unsent)


def _reverse(holding: Holding, debt: Debt) -> None:
    """Ask Stripe to take a debt out of the transfers of its holding, the newest first."""
    left = debt.amount_minor
    paid = select(Release).where(Release.holding_id == holding.id, Release.transfer_id.is_not(None))
    for release in many(paid.order_by(Release.number.desc())):
        lock(release)
        asked = select(Reversal).where(Reversal.release_id == release.id, Reversal.debt_id.is_not(None))
        taken = sum(row.amount_minor for row in many(asked.where(Reversal.state != "refused")))
        # What somebody took back at Stripe was sent anew: only the last transfer can be reversed.
        part = min(left, release.transfer_minor or 0, release.sent_minor - taken)
        if part > 0:
            left -= part
            wished = add(Reversal(release_id=release.id, debt_id=debt.id, amount_minor=part))
            ask("reverse", wished.id, asking.reverse(wished, release))


def retry_refund(refund: Refund, *, by: Person, reason: str) -> Refund:
    """Send a refund anew that failed or was refused. Refuses one that is on its way or done (409)."""
    payment = _stuck(refund)
    refund.state, refund.stripe_refund, refund.failure = "authorised", None, ""
    flush()
    ask("refund", refund.id, asking.refund(refund, payment))
    tell("payment.refund_retried", refund.holding or payment, by=by, stream=payment.stream, reason=reason,
         refund=str(refund.id), amount=money.text(refund.amount_minor, payment.currency))  # fmt: skip
    return refund


def _stuck(refund: Refund) -> Payment:
    """The payment of a refund that waits for a person; its locks are taken."""
    payment = db.session.get_one(Payment, refund.payment_id)
    if refund.holding is not None:
        lock(refund.holding)
    lock(refund)
    call = last_call("refund", refund.id)
    refused = refund.state == "authorised" and call is not None and call.state == "rejected"
    if refund.state != "failed" and not refused:
        raise Stale("This refund is on its way, or done.")
    return payment


def void_refund(refund: Refund, *, by: Person, reason: str) -> Refund:
    """Take back a refund that Stripe cannot make: the money is held again, or the professional's again.

    What a bank kept of it meanwhile is lost instead of held. Refuses a refund that is on its way or done, a surplus
    (it belongs to nobody here), and one of released money whose debt was paid in part, or that a bank kept (409).
    """
    payment, holding = _stuck(refund), refund.holding
    if holding is None or refund.kind not in ("held", "released"):
        raise Refused("This money waits for nobody here: it can only be sent back.")
    gone = chargebacks.lose_refund(refund, payment, holding)
    if refund.kind == "held":
        holding.refunded_minor -= refund.amount_minor
        holding.lost_minor += gone
    else:
        _undo_clawback(holding, refund, gone)
    holding.version += 1
    refund.state = "voided"
    flush()
    lines = reversed_lines(lines_of("refund_auth" if refund.kind == "held" else "clawback", str(refund.id)))
    if gone:
        lines |= {f"held:{holding.id}": gone - refund.amount_minor, "expense:loss": -gone}
    post("refund_void", str(refund.id), payment.currency, lines, stream=payment.stream, holding_id=holding.id)
    tell("payment.refund_voided", holding, by=by, stream=holding.stream, title=holding.title, reason=reason,
         refund=str(refund.id), amount=text(holding, refund.amount_minor))  # fmt: skip
    return refund


def _undo_clawback(holding: Holding, refund: Refund, gone: int) -> None:
    if gone:
        raise Stale("It cannot be the professional's again: the bank took it back from us meanwhile.")
    if not debts.forgive_whole(refund.subject):
        raise Stale("The professional has paid some of it back already: send the refund anew instead.")
    holding.clawed_minor -= refund.amount_minor
    holding.fee_minor += refund.fee_minor


def send_again(release: Release, *, by: Person, reason: str) -> Release:
    """Transfer anew what Stripe refused, or what somebody took back there. Refuses what is not due (409)."""
    holding = lock(release.holding)
    lock(release)
    if release.state not in ("blocked", "reversed", "partially_reversed") or release.due_minor <= 0:
        raise Stale("Nothing of this release waits to be sent.")
    release.state, release.called_at, release.transfer_id = "authorised", None, None
    flush()
    tell("transfer.sent_again", holding, by=by, stream=holding.stream, title=holding.title, reason=reason,
         release=str(release.id), amount=text(holding, release.due_minor))  # fmt: skip
    return release


def write_off(debt: Debt, amount_minor: int, decision: Decision, *, by: Person) -> Debt:
    """Give up `amount_minor` of what a professional owes: it is the platform's loss. Refuses more than is owed."""
    holding = lock(db.session.get_one(Holding, debt.holding_id))
    lock(debt)
    if not 0 < amount_minor <= debt.left_minor:
        raise Refused(f"Choose an amount up to {money.text(debt.left_minor, debt.currency)}, which is owed.")
    debt.written_off_minor += amount_minor
    flush()
    lines = {"expense:loss": amount_minor, f"receivable:{debt.person_id}": -amount_minor}
    post("write_off", str(decision.id), debt.currency, lines, stream=holding.stream, holding_id=holding.id)
    tell("debt.written_off", holding, by=by, stream=holding.stream, title=holding.title, debt=str(debt.id),
         reason=decision.reason, amount=money.text(amount_minor, debt.currency))  # fmt: skip
    return debt
