"""What people and businesses want on their papers, as they gave it; and whether invoices may be made in a name."""

from __future__ import annotations

from typing import Any

from marketplace.accounts.models import Organisation, Person
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, flush, lock
from marketplace.kernel.errors import Forbidden, Missing, Refused
from marketplace.kernel.events import tell
from marketplace.payments.documents import make_for
from marketplace.payments.papers import TaxDetails
from marketplace.payments.parties import details_of

NEEDED = {"legal_name": "your legal name", "address": "your address", "country": "your country"}


def describe(owner: Person | Organisation, *, by: Person, consents: bool = False, **said: Any) -> TaxDetails:
    """Keep what `owner`'s papers say from now on; papers that were made stay as they are.

    consents: the professional lets the platform make invoices in their name; those of earlier releases are made
    then. said: legal_name, address, country (ISO code), tax_id, rate_bps. Refuses strangers (404), people of a
    business without the finance role (403), and consent without what an invoice has to name (422).
    """
    _may(owner, by)
    row = details_of(owner) or add(_empty(owner))
    lock(row)
    for name, value in said.items():
        setattr(row, name, value)
    begins = consents and row.consent_at is None
    if consents:
        _check_complete(row)
    row.consent_at = (row.consent_at or now()) if consents else None
    flush()
    tell("papers.described", owner, by=by, consents=consents)
    if begins and isinstance(owner, Person):
        make_for(owner)
    return row


def _may(owner: Person | Organisation, by: Person) -> None:
    if isinstance(owner, Person):
        if owner.id != by.id:
            raise Missing
        return
    if by.acts_for(owner.id, "finance"):
        return
    if by.acts_for(owner.id):
        raise Forbidden("Only an owner or someone with the finance role can say what the papers name.")
    raise Missing


def _empty(owner: Person | Organisation) -> TaxDetails:
    human = isinstance(owner, Person)
    return TaxDetails(person_id=owner.id if human else None, organisation_id=None if human else owner.id)


def _check_complete(row: TaxDetails) -> None:
    missing = [words for name, words in NEEDED.items() if not getattr(row, name)]
    if missing:
        raise Refused(
            f"An invoice in your name has to give {' and '.join(missing)}: please fill that in too."
        )
