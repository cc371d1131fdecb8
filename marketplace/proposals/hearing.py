"""What a proposal does when a lower room tells."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from marketplace.accounts.models import Person
from marketplace.briefs.models import Brief
from marketplace.kernel.db import db, many
from marketplace.kernel.events import Event
from marketplace.proposals import actions
from marketplace.proposals.models import LIVE, Proposal
from marketplace.talent.models import Profile


def brief_ended(event: Event) -> None:
    """A brief was closed or expired: what is open on it ends, with the reason."""
    brief = db.session.get_one(Brief, _id(event))
    by = db.session.get(Person, event.by_id) if event.by_id else None
    actions.close_others(brief, by=by, reason=brief.close_reason)


def person_left(event: Event) -> None:
    """An account closes: its open pitches are withdrawn."""
    person = db.session.get_one(Person, _id(event))
    mine = select(Proposal).join(Profile).where(Profile.person_id == person.id, Proposal.state.in_(LIVE))
    for proposal in many(mine):
        actions.withdraw(proposal, by=person)


def _id(event: Event) -> UUID:
    return UUID(event.subject.partition(":")[2])
