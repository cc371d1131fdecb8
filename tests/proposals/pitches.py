"""What a professional types into the pitch form, and bids for tests that call verbs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marketplace.kernel.clock import today
from marketplace.proposals.terms import Bid
from marketplace.talent.models import Profile
from tests import make


def day(ahead: int = 20) -> str:
    """A day in the future."""
    return (today() + timedelta(days=ahead)).isoformat()


def words(number: int) -> str:
    """A text of so many different words."""
    return " ".join(f"word{at}" for at in range(number))


def typed(profile: Profile, **also: Any) -> dict[str, Any]:
    """The form for a brief without questions."""
    return {
        "pitch": make.PITCH,
        "sample": str(profile.samples[0].id),
        "milestones-0-title": "Four posts",
        "milestones-0-price": "480",
        "milestones-0-due_on": day(),
        "ai_declaration": "none",
        **also,
    }


def bid(profile: Profile, **also: Any) -> Bid:
    """A sound bid."""
    fields = {
        "pitch": make.PITCH,
        "answers": [],
        "sample": profile.samples[0],
        "milestones": [{"title": "Four posts", "amount_minor": 48000, "due_on": day()}],
        "ai_declaration": "none",
    }
    return Bid(**{**fields, **also})
