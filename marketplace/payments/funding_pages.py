"""The pages on which a business holds money: for one milestone or several, and what became of the payment."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from marketplace.accounts.access import audience, fresh, me
from marketplace.contracts.models import Contract, Milestone
from marketplace.contracts.models import visible_to as contracts_visible_to
from marketplace.kernel.db import find, many, one
from marketplace.kernel.errors import Missing, Refused, Stale
from marketplace.kernel.forms import Act
from marketplace.kernel.htmx import go, page, see, wants_fragment
from marketplace.payments import actions, bill
from marketplace.payments.forms import FundForm, FundSeveral
from marketplace.payments.models import (
    Holding,
    Payment,
    Refund,
    holding_of,
    holdings_of,
    payments_visible_to,
)

# Within how many business days a bank answers a debit, by the currency it pays; cards answer at once.
DEBIT_DAYS = {"usd": 5, "eur": 14, "gbp": 7}


def add_to(bp: Blueprint) -> None:
    """Put these pages into the room's blueprint, in the order of their addresses."""
    for address, view, methods in ROUTES:
        bp.add_url_rule(address, view.__name__, view, methods=methods)


@audience("verified")
@fresh
def fund_several(contract_id: UUID) -> Any:
    """Hold the money of the milestones that are ticked, in one payment."""
    contract = one(contracts_visible_to(me()).where(Contract.id == contract_id))
    free = unpaid(contract)
    form = FundSeveral(request.args if "numbers" in request.args else None) if looks() else FundSeveral()
    form.numbers.choices = [(milestone.number, milestone.title) for milestone, _ in free]
    if looks() and "numbers" not in request.args:
        form.numbers.data = [milestone.number for milestone, _ in free]
    chosen = [held for milestone, held in free if milestone.number in (form.numbers.data or [])]
    sums = bill.of_holdings(chosen) if chosen else None
    if form.sent() and not request.form.get("reckon"):
        with form.refusing():
            made = actions.fund(_some(chosen), by=me(), amount_minor=int(form.amount.data or 0))
            return see("payments.payment", payment_id=made.id)
    return page("payments/fund_several.html", form=form, contract=contract, free=free, bill=sums,
                may=may_pay(contract.organisation_id))  # fmt: skip


@audience("verified")
@fresh
def fund(contract_id: UUID, number: int) -> Any:
    milestone, held = milestone_of(contract_id, number)
    form, over = FundForm(), not milestone.is_open or milestone.contract.state != "active"
    if form.sent():
        with form.refusing():
            if over:
                raise Stale("This milestone is over, so no money is needed for it.")
            made = actions.fund([held], by=me(), amount_minor=form.shown)
            return see("payments.payment", payment_id=made.id)
    others = [pair for pair in unpaid(milestone.contract) if pair[0].number != number]
    part = held.live_allocation
    return page("payments/fund.html", form=form, holding=held, milestone=milestone, contract=milestone.contract,
                bill=bill.of_holdings([held]), over=over, others=others, running=part.payment if part else None,
                may=may_pay(held.organisation_id))  # fmt: skip


@audience("person")
def back() -> Any:
    """Where Stripe's page leads back to: on to the payment, which says what is known."""
    payment_id = request.args.get("payment", type=UUID)
    if payment_id is None:
        raise Missing
    left = {"left": 1} if request.args.get("left") else {"back": 1}
    return see("payments.payment", payment_id=payment_id, **left)


@audience("person")
def payment(payment_id: UUID) -> Any:
    """Waits for Stripe's page and leads there whoever may pay and does not only look; then says what came of it."""
    found = one(payments_visible_to(me()).where(Payment.id == payment_id).options(joinedload(Payment.by)))
    left = bool(request.args.get("left") or request.args.get("look"))
    here = left or bool(request.args.get("back"))
    may = may_pay(found.organisation_id)
    leaving = found.url if found.state == "requires_action" and may and not here else ""
    if leaving and wants_fragment():
        return go(leaving)
    returned = find(select(Refund).where(Refund.payment_id == found.id, Refund.kind == "surplus"))
    return page("payments/payment.html", fragment="payments/_payment.html", payment=found, leaving=leaving, may=may,
                left=left, contract=contract_of(found.stream), returned=returned,
                days=DEBIT_DAYS.get(found.currency, 5))  # fmt: skip


@audience("settling")
def cancel(payment_id: UUID) -> Any:
    found, form = one(payments_visible_to(me()).where(Payment.id == payment_id)), Act()
    if not form.sent():
        raise Refused(form.refusal, status=form.status)
    actions.cancel_funding(found, by=me())
    return see("payments.payment", payment_id=payment_id, back=1)


def looks() -> bool:
    """Whether this request only looks."""
    return request.method != "POST"


def may_pay(organisation_id: UUID) -> bool:
    """Whether the person here may hold money of this business."""
    return me().acts_for(organisation_id, *actions.FUNDING_ROLES)


def unpaid(contract: Contract) -> list[tuple[Milestone, Holding]]:
    """The open milestones of a contract in force for which no money is held or on its way, in their order."""
    if contract.state != "active":
        return []
    money_of = {row.subject: row for row in many(holdings_of(contract.subject))}
    pairs = [(row, money_of[row.subject]) for row in contract.milestones if row.subject in money_of]
    return [
        (row, held)
        for row, held in pairs
        if row.is_open and held.money_state == "unfunded" and not held.is_frozen
    ]


def _some(chosen: list[Holding]) -> list[Holding]:
    if not chosen:
        raise Refused("Tick at least one milestone to pay for.", field="numbers")
    return chosen


def milestone_of(contract_id: UUID, number: int) -> tuple[Milestone, Holding]:
    """The milestone at this address and its money, if the person here may see its contract."""
    contract = one(contracts_visible_to(me()).where(Contract.id == contract_id))
    milestone = one(select(Milestone).where(Milestone.contract_id == contract.id, Milestone.number == number))
    return milestone, one(holding_of(milestone.subject))


def contract_of(stream: str) -> Contract | None:
    """The contract that a stream names, if the person here may see it."""
    kind, _, key = stream.partition(":")
    return find(contracts_visible_to(me()).where(Contract.id == UUID(key))) if kind == "contract" else None


def titles_of(streams: set[str]) -> dict[str, str]:
    """The titles of the contracts that `streams` name."""
    ids = [UUID(stream.partition(":")[2]) for stream in streams if stream.startswith("contract:")]
    return {row.subject: row.title for row in many(contracts_visible_to(me()).where(Contract.id.in_(ids)))}


ROUTES: tuple[tuple[str, Any, list[str]], ...] = (
    ("/contracts/<uuid:contract_id>/fund", fund_several, ["GET", "POST"]),
    ("/contracts/<uuid:contract_id>/milestones/<int:number>/fund", fund, ["GET", "POST"]),
    ("/payments/return", back, ["GET"]),
    ("/payments/<uuid:payment_id>", payment, ["GET"]),
    ("/payments/<uuid:payment_id>/cancel", cancel, ["POST"]),
)
