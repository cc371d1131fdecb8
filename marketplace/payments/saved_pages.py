"""The ways to pay that a business keeps at Stripe: seen and removed here, kept and used on Stripe's own page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash
from sqlalchemy import select

from marketplace.accounts.access import audience, fresh, me
from marketplace.accounts.models import Organisation
from marketplace.kernel.db import db, many, one
from marketplace.kernel.errors import Stale
from marketplace.kernel.forms import Act
from marketplace.kernel.htmx import page, see
from marketplace.payments import saved
from marketplace.payments.actions import FUNDING_ROLES
from marketplace.payments.outside import Payer, SavedMethod

KINDS = {"us_bank_account": "Bank account", "sepa_debit": "SEPA debit", "bacs_debit": "Bacs debit"}


def add_to(bp: Blueprint) -> None:
    """Put these pages into the room's blueprint, in the order of their addresses."""
    bp.add_url_rule("/payments/methods", "methods", methods)
    address = "/payments/methods/<uuid:saved_method_id>/remove"
    bp.add_url_rule(address, "remove", remove, methods=["GET", "POST"])


@audience("person")
def methods() -> Any:
    """What each business keeps for which the person here may pay."""
    ours = [key for key in me().organisation_ids if me().acts_for(key, *FUNDING_ROLES)]
    kept = (
        select(Organisation, SavedMethod)
        .outerjoin(Payer, Payer.organisation_id == Organisation.id)
        .outerjoin(SavedMethod, (SavedMethod.payer_id == Payer.id) & SavedMethod.removed_at.is_(None))
        .where(Organisation.id.in_(ours))
        .order_by(Organisation.name, Organisation.id, SavedMethod.created_at.desc())
    )
    businesses: dict[Organisation, list[SavedMethod]] = {}
    for row in db.session.execute(kept).all():
        method: SavedMethod | None = row[1]
        businesses.setdefault(row[0], []).extend([method] if method else [])
    return page("payments/methods.html", businesses=businesses, name=name_of)


@audience("settling")
@fresh
def remove(saved_method_id: UUID) -> Any:
    """Ask once more, then forget a way to pay."""
    ours = select(Payer.id).where(Payer.organisation_id.in_(me().organisation_ids))
    method = one(select(SavedMethod).where(SavedMethod.id == saved_method_id, SavedMethod.payer_id.in_(ours)))
    form, payer = Act(), one(select(Payer).where(Payer.id == method.payer_id))
    may = me().acts_for(payer.organisation_id, *FUNDING_ROLES)
    if form.sent():
        with form.refusing():
            saved.remove(method, by=me())
            flash(f"{name_of(method)} is removed.", "ok")
            return see("payments.methods")
    elif method.removed_at is not None:
        raise Stale("This was removed already.")
    business = many(select(Organisation.name).where(Organisation.id == payer.organisation_id))[0]
    name = name_of(method) if may else "a way to pay"
    return page("payments/remove.html", form=form, method=method, name=name, business=business, may=may)


def name_of(method: SavedMethod) -> str:
    """What people call a way to pay: `Visa ending in 4242`."""
    what = KINDS.get(method.kind, "") if method.kind != "card" else ""
    brand = " ".join(word for word in (method.brand.replace("_", " ").title(), what) if word)
    return f"{brand or 'Card'} ending in {method.last4}" if method.last4 else brand or "A way to pay"
