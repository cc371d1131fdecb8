"""The pages on which an admin decides about money: each makes one decision, which stays on record with its reason."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, flash, request
from sqlalchemy import select

from marketplace.accounts.access import audience, fresh, me
from marketplace.admin import money_forms as f
from marketplace.admin import previews
from marketplace.admin.money import holding_at
from marketplace.config import rules, settings
from marketplace.kernel import money
from marketplace.kernel.db import one
from marketplace.kernel.errors import Missing
from marketplace.kernel.htmx import page, see
from marketplace.payments import backward, check, rulings
from marketplace.payments.claims import Debt
from marketplace.payments.models import Holding, Refund, Release
from marketplace.payments.reconcile_differences import open_count


def add_to(bp: Blueprint) -> None:
    """Put these pages into the room's blueprint, in the order of their addresses."""
    for address, view in ROUTES:
        bp.add_url_rule(address, view.__name__, view, methods=["GET", "POST"])


@audience("admin")
@fresh
def rule(holding_id: UUID) -> Any:
    """Split the money of a milestone; what that does is shown before it is done."""
    on = holding_at(holding_id)
    form = ruling_form(on)
    if request.form.get("reckon"):
        form.reckon()
    elif form.sent():
        with form.refusing():
            form.agree()
            return decided(form, "ruling", f"holding:{on.id}", sum(form.split), on.currency,
                           to_professional=form.split[0], to_business=form.split[1])  # fmt: skip
    return page("admin/rule.html", form=form, holding=on, preview=previews.ruling(on, *form.split),
                split="{}:{}".format(*form.split), limit=rules().two_admins_from[on.currency])  # fmt: skip


def ruling_form(on: Holding) -> f.Ruling:
    """The form of a ruling: at first nothing moves."""
    asked = request.args if "to_professional" in request.args else None
    form = f.Ruling() if request.method == "POST" else f.Ruling(asked, wanted=uuid4())
    form.to_professional.currency = form.to_business.currency = on.currency
    for field in (form.to_professional, form.to_business) if request.method != "POST" else ():
        if asked is not None:
            field.validate(form)
        else:
            field.data, field.minor = money.plain(0, on.currency), 0
    return form


@audience("admin")
@fresh
def thaw(holding_id: UUID) -> Any:
    """End what the marketplace itself froze, without moving anything."""
    on, form = holding_at(holding_id), f.Deciding(wanted=uuid4())
    if form.sent():
        with form.refusing():
            return decided(
                form, "ruling", f"holding:{on.id}", 0, on.currency, to_professional=0, to_business=0
            )
    return page("admin/money_decide.html", form=form, holding=on, title=f"Thaw the money of “{on.title}”",
                lead="The freezes by warnings, disputes and admins end; a bank’s chargeback and a difference in the "
                "books end by themselves. Nothing is moved.", button="Thaw this money")  # fmt: skip


@audience("admin")
@fresh
def claw_back(holding_id: UUID) -> Any:
    """Return to the business what was released already."""
    on = holding_at(holding_id)
    most = backward.returnable(on)
    form = amount_form(on.currency, most)
    if form.sent():
        with form.refusing():
            return decided(form, "claw_back", f"holding:{on.id}", form.amount.minor or 0, on.currency)
    return page("admin/money_decide.html", form=form, holding=on, title=f"Take back what was released of “{on.title}”",
                lead=f"Up to {money.text(most, on.currency)} can go back to the business. {on.payee.name} then owes it "
                "less our fee: first it is taken out of their account at Stripe, then kept from later releases.",
                button="Take it back", bad=True)  # fmt: skip


@audience("admin")
@fresh
def send_again(release_id: UUID) -> Any:
    """Transfer anew what Stripe refused or took back."""
    row = one(select(Release).where(Release.id == release_id))
    form, due = f.Deciding(wanted=uuid4()), money.text(row.due_minor, row.holding.currency)
    if form.sent():
        with form.refusing():
            return decided(form, "send_again", row.subject, max(0, row.due_minor), row.holding.currency)
    return page("admin/money_decide.html", form=form, holding=row.holding, title=f"Send {due} again",
                lead=f"The transfer for “{row.holding.title}” is {row.state.replace('_', ' ')}. It is asked for anew "
                "with a key of its own, once the payout account can take it.", button=f"Send {due} again")  # fmt: skip


@audience("admin")
@fresh
def retry_refund(refund_id: UUID) -> Any:
    """Refund anew what failed."""
    row = one(select(Refund).where(Refund.id == refund_id))
    form, sum_ = f.Deciding(wanted=uuid4()), money.text(row.amount_minor, row.payment.currency)
    if form.sent():
        with form.refusing():
            return decided(form, "retry_refund", row.subject, row.amount_minor, row.payment.currency)
    why = f" The last try failed: {row.failure.replace('_', ' ')}." if row.failure else ""
    return page("admin/money_decide.html", form=form, holding=row.holding, title=f"Refund {sum_} again", refund=row,
                lead=f"It goes back the way it came.{why} If the card is gone, take the refund back instead, and pay "
                "the business by another way.", button=f"Refund {sum_} again")  # fmt: skip


@audience("admin")
@fresh
def void_refund(refund_id: UUID) -> Any:
    """Take back a refund that Stripe cannot make."""
    row = one(select(Refund).where(Refund.id == refund_id))
    form, sum_ = f.Deciding(wanted=uuid4()), money.text(row.amount_minor, row.payment.currency)
    if form.sent():
        with form.refusing():
            return decided(form, "void_refund", row.subject, row.amount_minor, row.payment.currency)
    return page("admin/money_decide.html", form=form, holding=row.holding, title=f"Take the refund of {sum_} back",
                lead="The money is held again for the milestone, or the professional’s again where it had been "
                "released. Both sides are told.", button="Take the refund back", bad=True)  # fmt: skip


@audience("admin")
@fresh
def write_off(debt_id: UUID) -> Any:
    """Give up what a professional owes."""
    row = one(select(Debt).where(Debt.id == debt_id))
    on, form = holding_at(row.holding_id), amount_form(row.currency, row.left_minor)
    if form.sent():
        with form.refusing():
            return decided(form, "write_off", row.subject, form.amount.minor or 0, row.currency)
    return page("admin/money_decide.html", form=form, holding=on, title=f"Give up what {on.payee.name} owes",
                lead=f"{money.text(row.left_minor, row.currency)} of {money.text(row.amount_minor, row.currency)} is "
                f"open for “{on.title}”. {row.reason} What is given up is the platform’s loss.",
                button="Give it up", bad=True)  # fmt: skip


@audience("admin")
@fresh
def withdraw() -> Any:
    """Pay the platform's own money to its bank."""
    free = {amount.currency: amount for amount in check.headroom()}
    currency = request.args.get("currency", next(iter(free), settings().currencies[0]))
    if currency not in settings().currencies:
        raise Missing
    own = free.get(currency, money.Money(0, currency))
    form = amount_form(currency, max(0, own.minor))
    if form.sent():
        with form.refusing():
            return decided(form, "withdraw", f"platform:{currency}", form.amount.minor or 0, currency)
    lead = f"{own} stands at Stripe beyond all that is held, payable or on its way back."
    if open_count():
        lead += " The books and Stripe’s differ somewhere: nothing can be withdrawn before that is explained."
    return page("admin/money_decide.html", form=form, holding=None, title="Withdraw the platform’s own money",
                lead=lead, button="Withdraw")  # fmt: skip


def amount_form(currency: str, minor: int) -> f.DecidingAmount:
    """A decision about an amount, at first `minor` units."""
    form = f.DecidingAmount(wanted=uuid4(), data={"amount": money.plain(minor, currency)})
    form.amount.currency = currency
    return form


def decided(form: f.Deciding, kind: str, about: str, minor: int, currency: str, **params: Any) -> Any:
    """Make the decision, and go to its page."""
    row = rulings.decide(kind, about, minor, currency, by=me(), reason=form.words, request_id=str(form.wanted.data),
                         **params)  # fmt: skip
    flash("Done." if row.state == "done" else "Kept: a second admin has to confirm it before it is done.",
          "ok" if row.state == "done" else "warn")  # fmt: skip
    return see("admin.decision", decision_id=row.id)


ROUTES: tuple[tuple[str, Any], ...] = (
    ("/admin/money/debts/<uuid:debt_id>/write-off", write_off),
    ("/admin/money/holdings/<uuid:holding_id>/claw-back", claw_back),
    ("/admin/money/holdings/<uuid:holding_id>/rule", rule),
    ("/admin/money/holdings/<uuid:holding_id>/thaw", thaw),
    ("/admin/money/refunds/<uuid:refund_id>/retry", retry_refund),
    ("/admin/money/refunds/<uuid:refund_id>/void", void_refund),
    ("/admin/money/releases/<uuid:release_id>/send-again", send_again),
    ("/admin/money/withdraw", withdraw),
)
