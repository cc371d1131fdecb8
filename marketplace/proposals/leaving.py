"""What goes along of pitches when an account is exported."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from marketplace.accounts.models import Person
from marketplace.kernel.db import many
from marketplace.proposals.models import Proposal
from marketplace.talent.models import Profile


def export(person: Person) -> list[dict[str, Any]]:
    """Every version of every pitch one sent."""
    found = (
        select(Proposal)
        .join(Profile, Profile.id == Proposal.profile_id)
        .where(Profile.person_id == person.id)
        .options(joinedload(Proposal.brief), selectinload(Proposal.versions))
        .order_by(Proposal.created_at)
    )
    return [
        {
            "brief": proposal.brief.title, "state": proposal.state, "reason": proposal.reason,
            "version": version.number, "pitch": version.pitch, "answers": version.answers,
            "milestones": version.milestones, "ai": version.ai_declaration, "at": version.created_at,
        }
        for proposal in many(found)
        for version in proposal.versions
    ]  # fmt: skip
