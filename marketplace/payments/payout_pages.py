"""The pages on which a professional says where money goes, and sees what went there."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request
from sqlalchemy import select

from marketplace.accounts.access import audience, fresh, me
from marketplace.config import rules, settings
from marketplace.kernel import money
from marketplace.kernel.db import find, many, one
from marketplace.kernel.errors import Missing
from marketplace.kernel.forms import Act
from marketplace.kernel.htmx import go, page, see, wants_fragment
from marketplace.payments import actions
from marketplace.payments import payouts as paying
from marketplace.payments.forms import PayOutForm
from marketplace.payments.models import Payee, payee_of
from marketplace.payments.papers import Document
from marketplace.payments.transfers import is_cooling
from marketplace.talent.models import Profile

SHOWN = 50


def add_to(bp: Blueprint) -> None:
    """Put these pages into the room's blueprint, in the order of their addresses."""
    bp.add_url_rule("/payments/payouts", "payouts", payouts, methods=["GET", "POST"])
    bp.add_url_rule("/payments/payouts/now", "pay_out_now", pay_out_now, methods=["GET", "POST"])


@audience("settling")
@fresh
def payouts() -> Any:
    """Set up the account, finish that later, change the bank account; and the payouts so far."""
    form, payee = Act(), find(payee_of(me()))
    if form.sent():
        with form.refusing():
            profile = find(select(Profile).where(Profile.person_id == me().id))
            actions.set_up_payouts(me(), profile.country if profile else "")
            return see("payments.payouts", going=1)
    there = payee is not None and payee.state in ("ready", "restricted", "rejected")
    resting = bool(request.args.get("again")) or (there and not request.args.get("going"))
    leaving = payee.link_url if payee and not resting and not request.args.get("back") else ""
    if leaving and wants_fragment():
        return go(leaving)
    return page("payments/payouts.html", fragment="payments/_payouts.html", form=form, payee=payee, leaving=leaving,
                resting=resting, **_so_far(payee))  # fmt: skip


@audience("settling")
@fresh
def pay_out_now() -> Any:
    """Pay out at once, where that is offered."""
    payee = one(payee_of(me()))
    there, _ = paying.free_and_leaving(me())
    currency = request.args.get("currency", there[0].currency if there else settings().currencies[0])
    if not settings().instant_payouts or currency not in settings().currencies:
        raise Missing
    stands = next((amount for amount in there if amount.currency == currency), money.Money(0, currency))
    form = PayOutForm(data={"amount": money.plain(stands.minor, currency)})
    form.amount.currency = currency
    if form.sent():
        with form.refusing():
            made = paying.pay_out_now(payee, form.amount.minor or 0, currency, by=me())
            flash(
                f"{money.text(made.amount_minor, currency)} is asked for: Stripe sends it to your bank at once.",
                "ok",
            )
            return see("payments.payouts")
    return page("payments/pay_out_now.html", form=form, payee=payee, stands=stands, currency=currency)


def _so_far(payee: Payee | None) -> dict[str, Any]:
    """The last payouts with their statements, what may be paid out at once, and what waits why."""
    made = many(paying.payouts_of(me()).limit(SHOWN))
    there, going = paying.free_and_leaving(me())
    causes = [row.subject for row in made]
    papers = many(select(Document).where(Document.cause.in_(causes), Document.person_id == me().id))
    return {
        "made": made,
        "statements": {paper.cause: paper for paper in papers},
        "failed": next((row for row in made if row.state in ("failed", "refused")), None),
        "there": there,
        "going": going,
        "instant": settings().instant_payouts,
        "cooling": payee is not None and is_cooling(payee),
        "cooling_days": rules().bank_cooling.days,
    }
