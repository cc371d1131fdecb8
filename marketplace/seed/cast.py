"""Who and what the story speaks of, found again by the names of its files. Each deed reads fresh rows."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from marketplace.accounts.models import Organisation, Person, by_email
from marketplace.briefs.models import Brief
from marketplace.contracts.models import Contract
from marketplace.kernel.db import one
from marketplace.kernel.text import key
from marketplace.proposals.models import Proposal
from marketplace.talent.models import Profile
from marketplace.vetting.models import Application, applications_of

# The file's name of a business, brief or contract, and its row.
known: dict[str, UUID] = {}


def person(email: str) -> Person:
    """The person with this address."""
    return one(by_email(key(email)))


def profile(handle: str) -> Profile:
    """The professional with this handle."""
    return one(select(Profile).where(Profile.handle == handle))


def business(slug: str) -> Organisation:
    """The business of this file."""
    return one(select(Organisation).where(Organisation.id == known[f"business {slug}"]))


def brief(slug: str) -> Brief:
    """The brief of this file."""
    return one(select(Brief).where(Brief.id == known[f"brief {slug}"]))


def contract(slug: str) -> Contract:
    """The contract of this file."""
    return one(select(Contract).where(Contract.id == known[f"contract {slug}"]))


def application(handle: str) -> Application:
    """The latest application of a professional."""
    return one(applications_of(profile(handle).id).limit(1))


def proposal(slug: str, handle: str) -> Proposal:
    """What a professional sent for a brief."""
    found = (
        select(Proposal)
        .join(Profile)
        .where(Proposal.brief_id == known[f"brief {slug}"], Profile.handle == handle)
    )
    return one(found)


def with_role(slug: str, *roles: str) -> Person:
    """Somebody of a business who holds one of `roles`; its owner when nobody else does."""
    people = business(slug).people(*roles)
    exact = [who for who in people if any(m.role in roles for m in who.memberships)]
    return (exact or people)[0]
