"""What goes along of reviews when an account is exported: they stay, under “Former member”."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from marketplace.accounts.models import Person
from marketplace.kernel.db import many
from marketplace.reviews.models import Review
from marketplace.talent.models import Profile


def export(person: Person) -> list[dict[str, Any]]:
    """The reviews one wrote, and those about one's work that are shown."""
    mine = select(Profile.id).where(Profile.person_id == person.id)
    about_me = Review.profile_id.in_(mine) & (Review.side == "business") & Review.shown_at.is_not(None)
    found = (
        select(Review)
        .where(or_(Review.by_id == person.id, about_me))
        .options(joinedload(Review.contract))
        .order_by(Review.created_at)
    )
    return [
        {
            "contract": row.contract.title, "by": "me" if row.by_id == person.id else row.side,
            "scores": row.scores, "body": row.body, "quote": row.quote, "hire_again": row.hire_again,
            "reply": row.reply, "at": row.created_at,
        }
        for row in many(found)
    ]  # fmt: skip
