"""Who may write in the thread of a contract."""

from __future__ import annotations

from uuid import UUID

from marketplace.accounts.models import Person
from marketplace.contracts.models import Contract, visible_to
from marketplace.contracts.parties import side
from marketplace.kernel.db import one
from marketplace.kernel.errors import Forbidden
from marketplace.messaging.doors import Door


def door(contract_id: UUID, person: Person) -> Door:
    """Both sides of a contract write in its thread; viewers of the business only read."""
    contract = one(visible_to(person).where(Contract.id == contract_id))
    found = side(contract, person)
    if found == "business" and not person.acts_for(contract.organisation_id, "editor", "hiring", "finance"):
        raise Forbidden("Your role lets you read this contract, not write in it.")
    page = "terms" if contract.accepted_at is None else ""
    return Door(contract.subject, f"/contracts/{contract.id}/{page}".rstrip("/"))
