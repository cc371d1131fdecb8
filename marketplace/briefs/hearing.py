"""What a brief does when a lower room tells."""

from __future__ import annotations

from uuid import UUID

from marketplace.accounts.closing import sole_organisations
from marketplace.accounts.models import Person
from marketplace.briefs import actions
from marketplace.briefs.models import Brief, owned_by
from marketplace.kernel.db import db, many
from marketplace.kernel.events import Event


def person_left(event: Event) -> None:
    """An account closes: the open briefs of a business that nobody else acts for close with it."""
    person = db.session.get_one(Person, UUID(event.subject.partition(":")[2]))
    alone = [organisation.id for organisation in sole_organisations(person)]
    for brief in many(owned_by(person).where(Brief.organisation_id.in_(alone), Brief.state == "open")):
        actions.close(brief, "The business has left the marketplace.", by=person)
