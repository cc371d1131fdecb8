"""What closing an account means for its applications: the letters go along, what waits is taken back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from marketplace.accounts.models import Person
from marketplace.kernel.db import find, flush, many
from marketplace.talent.models import Profile
from marketplace.vetting.models import Application, applications_of, open_application


def export(person: Person) -> list[dict[str, Any]]:
    """One's applications, what was decided, and the letters with their reasons."""
    mine = select(Application).join(Profile).where(Profile.person_id == person.id)
    return [
        {"state": row.state, "decision": row.decision, "sent": row.submitted_at, "decided": row.decided_at,
         "letter": row.letter, "try_again": row.reapply_at}
        for row in many(mine.order_by(Application.created_at))
    ]  # fmt: skip


def remove(person: Person) -> None:
    """Take an open application out of the queue, and delete what letters say of the samples."""
    profile = find(select(Profile).where(Profile.person_id == person.id))
    if profile is None:
        return
    for application in many(open_application(profile.id)):
        application.state = "withdrawn"
    for application in many(applications_of(profile.id)):
        application.letter = ""
    flush()
