"""The pages on which an admin ends a difference in the books: by an entry of its own, or in words."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, flash
from sqlalchemy import select

from marketplace.accounts.access import audience, fresh, me
from marketplace.admin import money_forms as f
from marketplace.admin.money_deciding import decided
from marketplace.kernel import money
from marketplace.kernel.db import one
from marketplace.kernel.htmx import page, see
from marketplace.payments import reconcile_repairs
from marketplace.payments.outside import Difference
from marketplace.payments.reconcile_causes import CAUSES

# How people call the accounts that a repair may touch.
ACCOUNTS = {
    "suspense:unknown": "In suspense: nobody knows yet what it is",
    "stripe:balance": "The platform’s balance at Stripe",
    "bank:platform": "The platform’s bank account",
    "expense:loss": "The platform’s loss",
    "expense:stripe_fee": "Stripe’s fees",
}


def add_to(bp: Blueprint) -> None:
    """Put these pages into the room's blueprint."""
    bp.add_url_rule("/admin/books/<uuid:difference_id>/explain", "explain", explain, methods=["GET", "POST"])
    bp.add_url_rule("/admin/books/<uuid:difference_id>/repair", "repair", repair, methods=["GET", "POST"])


@audience("admin")
@fresh
def repair(difference_id: UUID) -> Any:
    """Enter what a difference means: an amount from one account into another."""
    row = one(select(Difference).where(Difference.id == difference_id))
    reconcile_repairs.check_counted(row)
    form = repair_form(row)
    if form.sent():
        with form.refusing():
            minor, out, into = form.amount.minor or 0, form.out_of.data, form.into.data
            reconcile_repairs.check_lines({out: -minor, into: minor} if out != into else {})
            return decided(form, "repair", row.subject, minor, row.currency, lines={out: -minor, into: minor})
    return page("admin/repair.html", form=form, row=row, cause=CAUSES[row.cause])


def repair_form(row: Difference) -> f.Repair:
    """The form of a repair: at first what the two sides differ by."""
    differs = abs((row.theirs_minor or 0) - (row.ours_minor or 0))
    form = f.Repair(wanted=uuid4(), data={"amount": money.plain(differs, row.currency)})
    form.amount.currency = row.currency
    form.out_of.choices = form.into.choices = [("", "Choose an account"), *ACCOUNTS.items()]
    return form


@audience("admin")
@fresh
def explain(difference_id: UUID) -> Any:
    """End a difference that needs no entry."""
    row, form = one(select(Difference).where(Difference.id == difference_id)), f.Explaining()
    if form.sent():
        with form.refusing():
            reconcile_repairs.explain(row, by=me(), reason=form.sentence.data)
            flash("Explained: this difference is over.", "ok")
            return see("admin.difference", difference_id=row.id)
    of_money = reconcile_repairs.needs_entry(row)
    return page("admin/explain.html", form=form, row=row, cause=CAUSES[row.cause], of_money=of_money)
