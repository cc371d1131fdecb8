"""Finding people and contracts, by pages that stay in place while rows are added."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload

from marketplace.accounts.models import Membership, Organisation, Person
from marketplace.contracts.models import STATES, Contract
from marketplace.kernel.db import Row, find
from marketplace.kernel.text import key
from marketplace.talent.models import Profile

PER_PAGE = 40
R = TypeVar("R", bound=Row)
# How an account stands: the words of the filter and what they mean.
STANDINGS = {
    "active": "Active",
    "suspended": "Suspended",
    "unproved": "Address not proved",
    "closed": "Closed",
}


def people(words: str, standing: str) -> Select[Person]:
    """People whose name or address holds `words`, in one standing or any, the latest first."""
    found = select(Person).options(selectinload(Person.memberships).joinedload(Membership.organisation))
    if words:
        named = Person.name.icontains(words, autoescape=True)
        found = found.where(or_(named, Person.email_key.contains(key(words), autoescape=True)))
    conditions: dict[str, Any] = {
        "active": and_(Person.suspended_at.is_(None), Person.closed_at.is_(None)),
        "suspended": Person.suspended_at.is_not(None),
        "unproved": and_(Person.verified_at.is_(None), Person.closed_at.is_(None)),
        "closed": Person.closed_at.is_not(None),
    }
    return found.where(conditions[standing]) if standing in conditions else found


def contracts(words: str, state: str) -> Select[Contract]:
    """Contracts whose title, business or professional holds `words`, in one state or any, the latest first."""
    found = select(Contract).options(joinedload(Contract.organisation), joinedload(Contract.profile))
    if words:
        found = found.where(
            or_(
                Contract.title.icontains(words, autoescape=True),
                Contract.organisation_id.in_(
                    select(Organisation.id).where(Organisation.name.icontains(words, autoescape=True))
                ),
                Contract.profile_id.in_(
                    select(Profile.id).where(Profile.name.icontains(words, autoescape=True))
                ),
            )
        )
    return found.where(Contract.state == state) if state in STATES else found


def contracts_of(person: Person) -> Select[Contract]:
    """The contracts in which `person` is the professional, or acts for the business."""
    mine = select(Profile.id).where(Profile.person_id == person.id)
    ours = Contract.organisation_id.in_(person.organisation_ids)
    return (
        contracts("", "").where(or_(Contract.profile_id.in_(mine), ours)).order_by(Contract.created_at.desc())
    )


def after(statement: Select[R], table: type[R], last_id: UUID | None) -> Select[R]:
    """The page of `statement` that follows the row `last_id`, the latest first, with one row more to tell if
    there is a next page."""
    at: InstrumentedAttribute[Any] = table.created_at
    last = find(select(table).where(table.id == last_id)) if last_id else None
    if last is not None:
        later = and_(at == last.created_at, table.id < last.id)
        statement = statement.where(or_(at < last.created_at, later))
    return statement.order_by(at.desc(), table.id.desc()).limit(PER_PAGE + 1)
