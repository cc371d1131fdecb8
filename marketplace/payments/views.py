"""Statements, paying, releasing, payouts, and the door at which Stripe knocks."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, Response, flash, request, url_for
from sqlalchemy import Select, select

from marketplace.accounts.access import audience, fresh, me
from marketplace.config import settings
from marketplace.contracts.models import Contract, Milestone
from marketplace.contracts.models import visible_to as contracts_visible_to
from marketplace.kernel import money
from marketplace.kernel.db import find, many, one
from marketplace.kernel.errors import Missing, Refused, Stale
from marketplace.kernel.forms import Act
from marketplace.kernel.htmx import go, page, see, wants_fragment
from marketplace.payments import actions, bill, statement, stripe
from marketplace.payments import webhook as inbox
from marketplace.payments.forms import ReleaseForm
from marketplace.payments.ledger import Entry, Line
from marketplace.payments.models import (
    Holding,
    Payment,
    holding_of,
    holdings_visible_to,
    payee_of,
    payments_visible_to,
)
from marketplace.talent.models import Profile

bp = Blueprint("payments", __name__)


@bp.get("/payments")
@audience("person")
def index() -> Any:
    number = max(1, request.args.get("page", 1, type=int))
    lines, words = _mine()
    total = statement.count(lines)
    shown = lines.limit(statement.SIZE).offset((number - 1) * statement.SIZE)
    return page("payments/index.html", rows=statement.rows(shown, words, titles_of), pages=_pages(number, total),
                **_standing())  # fmt: skip


@bp.get("/payments.csv")
@audience("person")
def export() -> Any:
    lines, words = _mine()
    written = io.StringIO()
    csv.writer(written).writerows(
        statement.table(statement.rows(lines.limit(statement.MOST), words, titles_of))
    )
    return Response(
        written.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="payments.csv"', "Cache-Control": "no-store"},
    )


@bp.get("/payments/print")
@audience("person")
def printed() -> Any:
    lines, words = _mine()
    return page("payments/print.html", rows=statement.rows(lines.limit(statement.MOST), words, titles_of))


@bp.get("/payments/return")
@audience("person")
def back() -> Any:
    """Where Stripe's page leads back to: on to the payment, which says what is known."""
    payment_id = request.args.get("payment", type=UUID)
    if payment_id is None:
        raise Missing
    left = {"left": 1} if request.args.get("left") else {"back": 1}
    return see("payments.payment", payment_id=payment_id, **left)


@bp.route("/payments/payouts", methods=["GET", "POST"])
@audience("settling")
@fresh
def payouts() -> Any:
    form, payee = Act(), find(payee_of(me()))
    if form.sent():
        with form.refusing():
            profile = find(select(Profile).where(Profile.person_id == me().id))
            actions.set_up_payouts(me(), profile.country if profile else "")
            return see("payments.payouts")
    resting = request.args.get("again") or (payee is not None and payee.state in ("ready", "restricted"))
    leaving = payee.link_url if payee and not resting and not request.args.get("back") else ""
    if leaving and wants_fragment():
        return go(leaving)
    return page("payments/payouts.html", fragment="payments/_payouts.html", form=form, payee=payee,
                leaving=leaving, resting=resting)  # fmt: skip


@bp.get("/payments/<uuid:payment_id>")
@audience("person")
def payment(payment_id: UUID) -> Any:
    """Waits for Stripe's page and leads there; afterwards says what came of it."""
    found = one(payments_visible_to(me()).where(Payment.id == payment_id))
    here = bool(request.args.get("back") or request.args.get("left"))
    leaving = found.url if found.state == "requires_action" and not here else ""
    if leaving and wants_fragment():
        return go(leaving)
    return page("payments/payment.html", fragment="payments/_payment.html", payment=found, leaving=leaving,
                left=bool(request.args.get("left")), contract=contract_of(found.stream))  # fmt: skip


@bp.post("/payments/<uuid:payment_id>/cancel")
@audience("settling")
def cancel(payment_id: UUID) -> Any:
    found, form = one(payments_visible_to(me()).where(Payment.id == payment_id)), Act()
    if not form.sent():
        raise Refused(form.refusal, status=form.status)
    actions.cancel_funding(found, by=me())
    return see("payments.payment", payment_id=payment_id, back=1)


@bp.get("/payments/holdings/<uuid:holding_id>")
@audience("person")
def holding(holding_id: UUID) -> Any:
    found = one(holdings_visible_to(me()).where(Holding.id == holding_id))
    return page("payments/holding.html", holding=found, events=statement.timeline(found),
                contract=contract_of(found.stream))  # fmt: skip


@bp.route("/contracts/<uuid:contract_id>/milestones/<int:number>/fund", methods=["GET", "POST"])
@audience("verified")
@fresh
def fund(contract_id: UUID, number: int) -> Any:
    milestone, held = milestone_of(contract_id, number)
    form, over = Act(), not milestone.is_open or milestone.contract.state != "active"
    if form.sent():
        with form.refusing():
            if over:
                raise Stale("This milestone is over, so no money is needed for it.")
            made = actions.fund([held], by=me())
            return see("payments.payment", payment_id=made.id)
    return page("payments/fund.html", form=form, holding=held, milestone=milestone, contract=milestone.contract,
                bill=bill.of_holdings([held]), over=over,
                may=_acts(held, actions.FUNDING_ROLES))  # fmt: skip


@bp.route("/contracts/<uuid:contract_id>/milestones/<int:number>/release", methods=["GET", "POST"])
@audience("settling")
@fresh
def release(contract_id: UUID, number: int) -> Any:
    milestone, held = milestone_of(contract_id, number)
    form = ReleaseForm(wanted=uuid4(), amount=held.left_minor)
    if form.sent():
        with form.refusing():
            asked, once = int(form.amount.data or 0), str(form.wanted.data)
            actions.release(held, asked, by=me(), reason="Released early by the business", request_id=once)
            flash(f"{money.text(asked, held.currency)} released.", "ok")
            return see("payments.holding", holding_id=held.id)
    fee = money.fee(held.left_minor, held.fee_bps, held.released_minor, money.step_of(held.currency))
    return page("payments/release.html", form=form, holding=held, milestone=milestone, fee_minor=fee,
                contract=milestone.contract, may=_acts(held, actions.RELEASING_ROLES))  # fmt: skip


@bp.post("/webhooks/stripe")
@audience("anyone")
def webhook() -> Any:
    """Stripe's messages: verified, kept once, answered at once."""
    if not (settings().stripe_webhook_secret or settings().stripe_connect_webhook_secret):
        raise Missing
    try:
        source, event = stripe.verify(
            request.get_data(cache=False), request.headers.get("Stripe-Signature", "")
        )
        inbox.keep(source, event)
    except (stripe.Forged, KeyError, ValueError):
        return Response("This message is not for us.\n", 400, mimetype="text/plain")
    return Response("Kept.\n", mimetype="text/plain")


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


def _mine() -> tuple[Select[Entry, Line], dict[str, tuple[str, str, str]]]:
    if _earns():
        return statement.earning_lines(me()), statement.EARNINGS
    return statement.business_lines(me()), statement.BUSINESS


def _earns() -> bool:
    """Whether to show earnings; a professional who also acts for a business may ask for that side."""
    return me().is_professional and not (request.args.get("side") == "business" and me().organisation_ids)


def _standing() -> dict[str, Any]:
    if _earns():
        return {"earnings": statement.earnings(me()), "payee": find(payee_of(me()))}
    standing = statement.standing(me())
    return {"standing": standing, "titles": titles_of({row.stream for row in standing})}


def _pages(number: int, total: int) -> dict[str, Any]:
    first, last = (number - 1) * statement.SIZE + 1, min(number * statement.SIZE, total)
    return {
        "first": min(first, total), "last": last, "total": total,
        "prev_url": url_for("payments.index", page=number - 1, side=request.args.get("side")) if number > 1 else None,
        "next_url": url_for("payments.index", page=number + 1, side=request.args.get("side")) if last < total else None,
    }  # fmt: skip


def _acts(held: Holding, roles: tuple[str, ...]) -> bool:
    return me().is_admin or me().acts_for(held.organisation_id, *roles)
