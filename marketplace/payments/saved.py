"""Saved ways to pay: kept at Stripe for a business, known here by brand and last figures only."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import select

from marketplace.accounts.models import Organisation, Person
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, db, find, insert_new, lock, many, one
from marketplace.kernel.errors import Forbidden, Missing, Stale
from marketplace.kernel.events import tell
from marketplace.kernel.jobs import transaction
from marketplace.payments import asking, stripe
from marketplace.payments.entering import Quarantine, ours
from marketplace.payments.outbox import ask
from marketplace.payments.outside import Payer, SavedMethod


def payer_of(organisation_id: UUID) -> Payer | None:
    """The business as Stripe's customer, once it has paid."""
    return find(select(Payer).where(Payer.organisation_id == organisation_id))


def payer_for(organisation_id: UUID) -> Payer:
    """The business as Stripe's customer, written down and asked for when it has none yet; its row is locked."""
    values = {"id": uuid4(), "created_at": now(), "organisation_id": organisation_id}
    db.session.execute(insert_new(Payer, values))
    payer = lock(one(select(Payer).where(Payer.organisation_id == organisation_id)))
    if payer.stripe_customer is None:
        organisation = db.session.get_one(Organisation, organisation_id)
        ask("customer", payer.id, asking.customer(payer, organisation.name))
    return payer


def customer(found: stripe.Obj) -> None:
    """A customer at Stripe: the business has its place for saved ways to pay."""
    payer = lock(ours(Payer, "payer_id", found))
    if payer.stripe_customer not in (None, found["id"]):
        raise Quarantine(f"{payer.id} has two customers: {payer.stripe_customer} and {found['id']}.")
    payer.stripe_customer = found["id"]


def remove(method: SavedMethod, *, by: Person) -> SavedMethod:
    """Forget a way to pay, here at once and then at Stripe. Refuses strangers (404) and roles that do not pay (403)."""
    payer = one(select(Payer).where(Payer.id == method.payer_id))
    if not by.acts_for(payer.organisation_id):
        raise Missing
    if not by.acts_for(payer.organisation_id, "finance"):
        raise Forbidden("Only an owner or someone with the finance role can remove a way to pay.")
    lock(method)
    if method.removed_at is not None:
        raise Stale("This was removed already.")
    method.removed_at = now()
    ask("detach", method.id, {"method": method.stripe_method})
    tell("method.removed", method, by=by, organisation=str(payer.organisation_id), last4=method.last4)
    return method


def detached(method_id: UUID) -> None:
    """Stripe forgot a way to pay."""
    method = lock(db.session.get_one(SavedMethod, method_id))
    method.removed_at = method.removed_at or now()


def look(payer_id: str) -> None:
    """Job: ask Stripe which ways to pay a business keeps, and know the same."""
    with transaction():
        known_as = one(select(Payer).where(Payer.id == UUID(payer_id))).stripe_customer or ""
    db.session.remove()
    try:
        found = {method["id"]: method for method in stripe.saved_methods(known_as)}
    except (stripe.Unreachable, stripe.Absent):
        return  # The next payment looks again; nothing depends on it.
    with transaction():
        known = {
            row.stripe_method: row
            for row in many(select(SavedMethod).where(SavedMethod.payer_id == UUID(payer_id)))
        }
        for row in known.values():
            if row.stripe_method not in found:
                row.removed_at = row.removed_at or now()
        for key in found.keys() - known.keys():
            add(_kept(UUID(payer_id), found[key]))


def _kept(payer_id: UUID, method: stripe.Obj) -> SavedMethod:
    shown = method.get(method["type"]) or {}
    expires = f"{shown['exp_month']:02d}/{shown['exp_year'] % 100:02d}" if shown.get("exp_month") else ""
    return SavedMethod(
        payer_id=payer_id, stripe_method=method["id"], kind=method["type"], last4=shown.get("last4") or "",
        brand=shown.get("display_brand") or shown.get("brand") or shown.get("bank_name") or "", expires=expires,
    )  # fmt: skip
