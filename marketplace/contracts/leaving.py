"""What closing an account means for contracts: what runs is settled first, what was agreed goes along."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from marketplace.accounts.closing import sole_organisations
from marketplace.accounts.models import Person
from marketplace.contracts.models import NEGOTIATED, Contract, Terms
from marketplace.kernel.db import many
from marketplace.talent.models import Profile


def objections(person: Person) -> list[str]:
    """The contracts and offers that nobody else could finish, in sentences."""
    alone = [organisation.id for organisation in sole_organisations(person)]
    mine = select(Profile.id).where(Profile.person_id == person.id)
    open_ones = (
        select(Contract)
        .where(or_(Contract.profile_id.in_(mine), Contract.organisation_id.in_(alone)))
        .where(Contract.state.in_((*NEGOTIATED, "active")))
        .order_by(Contract.created_at)
        .limit(20)
    )
    return [sentence(contract) for contract in many(open_ones)]


def sentence(contract: Contract) -> str:
    """What is to be done about one of them."""
    if contract.is_offer:
        return f"The offer “{contract.title}” is open: it has to be answered or taken back."
    return f"The contract “{contract.title}” is running: finish it or end it."


def export(person: Person) -> list[dict[str, Any]]:
    """The terms of one's contracts, version by version, with who signed them."""
    mine = select(Profile.id).where(Profile.person_id == person.id)
    owned = [id_ for id_ in person.organisation_ids if person.acts_for(id_, "owner")]
    found = (
        select(Contract)
        .where(or_(Contract.profile_id.in_(mine), Contract.organisation_id.in_(owned)))
        .options(joinedload(Contract.organisation), joinedload(Contract.profile))
        .options(selectinload(Contract.terms).selectinload(Terms.signatures))
        .order_by(Contract.created_at)
    )
    return [
        {
            "contract": contract.title, "business": contract.organisation.name, "professional": contract.profile.name,
            "state": contract.state, "version": terms.number, "terms": terms.data, "sha256": terms.sha256,
            "signed": [{"by": signed.name, "for": signed.side, "at": signed.created_at} for signed in terms.signatures],
        }
        for contract in many(found)
        for terms in contract.terms
    ]  # fmt: skip
