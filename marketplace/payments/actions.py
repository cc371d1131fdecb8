"""What people do with held money. Every change locks the holding first; nothing here speaks to Stripe:
what must happen there is written to the outbox (`calls`) in the same transaction."""

from __future__ import annotations

from datetime import timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm.attributes import set_committed_value

from marketplace.accounts.models import Person
from marketplace.config import settings
from marketplace.kernel import money
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, db, find, flush, lock, one
from marketplace.kernel.errors import Forbidden, Missing, Refused, Stale
from marketplace.kernel.events import tell
from marketplace.payments import asking, saved, transfers
from marketplace.payments.entering import text
from marketplace.payments.freezing import freeze, thaw
from marketplace.payments.ledger import post
from marketplace.payments.models import (
    LIVE,
    Allocation,
    Freeze,
    Holding,
    Payee,
    Payment,
    Refund,
    Release,
    payee_of,
)
from marketplace.payments.outbox import ask, last_call

__all__ = ["cancel_funding", "freeze", "fund", "open_holding", "refund", "release", "set_up_payouts", "thaw"]

FUNDING_ROLES = ("finance",)
RELEASING_ROLES = ("finance", "editor")


def open_holding(
    subject: str,
    *,
    stream: str,
    organisation_id: UUID,
    payee_id: UUID,
    title: str,
    amount_minor: int,
    currency: str,
    fee_bps: int,
    hold: timedelta,
    by: Person | None,
    client_fee_bps: int = 0,
) -> Holding:
    """Make the empty holding of a milestone.

    subject: `milestone:<uuid>`. stream: `contract:<uuid>`. fee_bps: frozen at acceptance, in hundredths of a
    percent. hold: how long a release waits before its transfer. Refuses a currency that is not offered.
    """
    if currency not in settings().currencies:
        raise Refused(f"{currency.upper()} is not offered here.")
    holding = add(
        Holding(
            subject=subject, stream=stream, organisation_id=organisation_id, payee_id=payee_id, title=title,
            amount_minor=amount_minor, currency=currency, fee_bps=fee_bps,
            hold_seconds=int(hold.total_seconds()), client_fee_bps=client_fee_bps,
        )
    )  # fmt: skip
    tell("holding.opened", holding, by=by, stream=stream, title=title, amount=text(holding, amount_minor))
    return holding


def client_fee(holding: Holding) -> int:
    """What the business pays on top of the milestone, in minor units."""
    return money.fee_until(holding.amount_minor, holding.client_fee_bps, money.step_of(holding.currency))


def fund(holdings: list[Holding], *, by: Person, amount_minor: int | None = None) -> Payment:
    """Ask for the money of `holdings` (of one contract) in one payment; its page leads to Stripe.

    amount_minor: what the page showed; something else by now is refused (409). Pressed twice, it is the same
    payment. Refuses strangers (404), people without the finance role (403), money that is held already or on
    its way (409), and frozen holdings (409).
    """
    locked = lock_all(holdings)
    if len({(row.stream, row.currency) for row in locked}) != 1:
        raise Refused("One payment can be for the milestones of one contract only.")
    _may(locked[0], by, FUNDING_ROLES, "Only an owner or someone with the finance role can hold money.")
    if running := _running(locked):
        return _open_page(running)
    for holding in locked:
        _check_unfunded(holding)
    parts = [(row, client_fee(row)) for row in locked]
    total = sum(row.amount_minor + fee for row, fee in parts)
    if amount_minor not in (None, total):
        raise Stale(f"The amount is {text(locked[0], total)} now: please look at the page again.")
    if total > (most := money.CURRENCIES[locked[0].currency].max_minor):
        raise Refused(f"One payment can be at most {text(locked[0], most)}: choose fewer milestones.")
    payment = _start(parts, total, by)
    for holding in locked:
        tell("payment.started", holding, by=by, stream=holding.stream, payment=str(payment.id),
             title=holding.title, amount=text(holding, holding.amount_minor))  # fmt: skip
    return _open_page(payment)


def _open_page(payment: Payment) -> Payment:
    """Ask for the page of a new payment; of one that has none yet once more, should that have been lost."""
    if payment.state == "created" and last_call("checkout", payment.id) is None:
        payer = saved.payer_for(payment.organisation_id)
        if payer.stripe_customer:
            ask("checkout", payment.id, asking.checkout(payment, payer.stripe_customer))
    return payment


def _running(holdings: list[Holding]) -> Payment | None:
    """The open payment that is for exactly these holdings."""
    live = {part.payment_id for holding in holdings if (part := holding.live_allocation)}
    if len(live) != 1:
        return None
    payment = one(select(Payment).where(Payment.id == live.pop()))
    same = {part.holding_id for part in payment.allocations} == {holding.id for holding in holdings}
    return payment if same and payment.state != "succeeded" else None


def _check_unfunded(holding: Holding) -> None:
    if holding.funded_minor:
        raise Stale(f"The money for “{holding.title}” is already held.")
    if holding.is_frozen:
        raise Stale(f"The money for “{holding.title}” is frozen, so nothing can be done with it now.")
    part = holding.live_allocation
    if part is not None and part.payment.state == "failed":
        raise Stale("The last payment failed and is being closed at Stripe: try again in a moment.")
    if part is not None:
        raise Stale(f"A payment for “{holding.title}” is already under way.")


def _start(parts: list[tuple[Holding, int]], total: int, by: Person) -> Payment:
    first = parts[0][0]
    payment = add(
        Payment(organisation_id=first.organisation_id, stream=first.stream, currency=first.currency,
                amount_minor=total, by_id=by.id)
    )  # fmt: skip
    for row, fee in parts:
        db.session.add(
            Allocation(
                payment_id=payment.id, holding_id=row.id, amount_minor=row.amount_minor, client_fee_minor=fee
            )
        )
    flush()
    db.session.refresh(payment)
    return payment


def cancel_funding(payment: Payment, *, by: Person) -> Payment:
    """Have Stripe close a payment page that nobody has paid. Only Stripe's answer frees the holdings."""
    holdings = lock_all([part.holding for part in payment.allocations])
    _may(holdings[0], by, FUNDING_ROLES, "Only an owner or someone with the finance role can stop a payment.")
    lock(payment)
    if payment.state not in LIVE or payment.state == "succeeded":
        raise Stale("This payment is over already.")
    if payment.session_id is None:
        raise Stale("This payment is still being prepared: try again in a moment.")
    ask("expire", payment.id, {"session": payment.session_id})
    return payment


def release(
    holding: Holding, amount_minor: int, *, by: Person | None, reason: str, request_id: str
) -> Release:
    """Give `amount_minor` of what is held to the professional, less the fee; it is transferred after the hold.

    request_id: from the form or the deed that asks, so that asking twice is one release. by: None for the
    marketplace's own clock. Refuses frozen money, more than is held, and nothing (409 or 422).
    """
    lock(holding)
    if by is not None:
        _may(holding, by, RELEASING_ROLES, "Only an owner, an editor or finance can release money.")
    numbers = _numbers(holding)
    if request_id in numbers:
        return one(select(Release).where(Release.holding_id == holding.id, Release.request_id == request_id))
    _check_available(holding, amount_minor)
    fee = fee_of(holding, amount_minor)
    _count(holding, released_minor=holding.released_minor + amount_minor, fee_minor=holding.fee_minor + fee)
    made = add(
        Release(
            holding_id=holding.id, number=len(numbers) + 1, request_id=request_id, reason=reason,
            gross_minor=amount_minor, fee_minor=fee, net_minor=amount_minor - fee,
            due_at=now() + holding.hold, by_id=by.id if by else None,
        )
    )  # fmt: skip
    lines = {f"held:{holding.id}": amount_minor, "revenue:platform_fee": -fee,
             f"payable:{holding.payee_id}": fee - amount_minor}  # fmt: skip
    post("release", str(made.id), holding.currency, lines, stream=holding.stream, holding_id=holding.id)
    db.session.expire(holding, ["releases"])
    tell("payment.released", holding, by=by, stream=holding.stream, title=holding.title, reason=reason,
         release=str(made.id), amount=text(holding, amount_minor), fee=text(holding, fee),
         net=text(holding, made.net_minor), due_at=made.due_at.isoformat())  # fmt: skip
    return made


def _numbers(holding: Holding) -> dict[str, int]:
    """The numbers of the releases there are, by what asked for them."""
    return {asked: number for asked, number in db.session.connection().execute(NUMBERS, {"id": holding.id})}


# Made once: a release waits for them.
NUMBERS = select(Release.request_id, Release.number).where(Release.holding_id == bindparam("id"))
FROZEN = select(Freeze.id).where(Freeze.holding_id == bindparam("id"), Freeze.until_at.is_(None)).limit(1)


def fee_of(holding: Holding, amount_minor: int) -> int:
    """Our fee on releasing `amount_minor` now, in minor units, between 0 and that amount.

    It brings the fee taken so far to the fee of all that is released, so that any split of a milestone, with
    whatever was taken back in between, costs what the whole would.
    """
    kept = holding.released_minor - holding.clawed_minor + amount_minor
    whole = money.fee_until(kept, holding.fee_bps, money.step_of(holding.currency))
    return min(amount_minor, max(0, whole - holding.fee_minor))


def refund(holding: Holding, amount_minor: int, *, by: Person | None, reason: str, request_id: str) -> Refund:
    """Give `amount_minor` of what is held back to the card of the business.

    Who may decide that is the caller's to check: contracts and disputes call it. request_id: as for
    `release`. Refuses frozen money, more than is held, and nothing.
    """
    lock(holding)
    earlier = find(select(Refund).where(Refund.holding_id == holding.id, Refund.request_id == request_id))
    if earlier is not None:
        return earlier
    _check_available(holding, amount_minor)
    payment = transfers.payment_of(holding)
    _count(holding, refunded_minor=holding.refunded_minor + amount_minor)
    made = add(
        Refund(holding_id=holding.id, payment_id=payment.id, request_id=request_id, reason=reason,
               amount_minor=amount_minor, by_id=by.id if by else None)
    )  # fmt: skip
    lines = {f"held:{holding.id}": amount_minor, f"refund_pending:{holding.id}": -amount_minor}
    post("refund_auth", str(made.id), holding.currency, lines, stream=holding.stream, holding_id=holding.id)
    db.session.expire(holding, ["refunds"])
    ask("refund", made.id, asking.refund(made, payment))
    tell("payment.refund_started", holding, by=by, stream=holding.stream, title=holding.title, reason=reason,
         refund=str(made.id), amount=text(holding, amount_minor))  # fmt: skip
    return made


def set_up_payouts(person: Person, country: str = "") -> Payee:
    """Begin, go on with or change the account at Stripe to which `person`'s money goes.

    country: ISO code, of the first call only; the platform's own when left out. The page of payouts
    leads on to Stripe once the link is there; a new bank account cools before the next transfer. Refuses people
    who do not earn here, and accounts that Stripe closed (409).
    """
    if not person.is_professional:
        raise Forbidden("Payouts are for professionals.")
    payee = find(payee_of(person))
    if payee is None:
        payee = add(Payee(person_id=person.id, country=(country or settings().platform_country).lower()))
    lock(payee)
    if payee.state == "rejected":
        raise Stale("Stripe closed this payout account. Write to us: your money stays yours, and waits.")
    payee.link_url = ""
    if payee.stripe_account is None:
        ask("payee", payee.id, asking.payee(payee, person))
    else:
        ask("link", payee.id, asking.link(payee))
    return payee


def lock_all(holdings: list[Holding]) -> list[Holding]:
    """Lock several holdings in the one order that everybody uses. Raises Missing when there are none."""
    if not holdings:
        raise Missing
    return [lock(row) for row in sorted(holdings, key=lambda row: row.id)]


def _may(holding: Holding, person: Person, roles: tuple[str, ...], otherwise: str) -> None:
    if person.is_admin or person.acts_for(holding.organisation_id, *roles):
        return
    if person.acts_for(holding.organisation_id) or person.id == holding.payee_id:
        raise Forbidden(otherwise)
    raise Missing


def _check_available(holding: Holding, amount_minor: int) -> None:
    if db.session.connection().scalar(FROZEN, {"id": holding.id}):
        raise Stale("This money is frozen, so nothing can be done with it now.")
    if holding.left_minor == 0:
        raise Stale("No money is held for this milestone now.")
    if not 0 < amount_minor <= holding.left_minor:
        raise Refused(f"Choose an amount up to {text(holding, holding.left_minor)}, which is held.")


def _count(holding: Holding, **counters: int) -> None:
    """Move counters if nobody moved any since they were read; the lock makes that sure, this proves it."""
    values = {**counters, "version": holding.version + 1}
    db.session.flush()
    changed = db.session.connection().execute(COUNT, {**values, "key": holding.id, "read": holding.version})
    if changed.rowcount != 1:
        raise Stale("Somebody was faster: please look at the page again.")
    for name, value in values.items():
        set_committed_value(holding, name, value)


HOLDINGS = cast("Table", Holding.__table__)
COUNT = update(HOLDINGS).where(HOLDINGS.c.id == bindparam("key"), HOLDINGS.c.version == bindparam("read"))
