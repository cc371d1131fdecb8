"""What a professional offers, in the few words of a result."""

from __future__ import annotations

from marketplace.kernel import money
from marketplace.kernel.clock import today
from marketplace.kernel.show import day
from marketplace.talent.models import KINDS, SUBJECTS, Profile


def price(profile: Profile) -> str:
    """The lowest rate: `From $140 a post`."""
    if not profile.rates:
        return "Rates on request"
    rate = profile.rates[0]
    kind = KINDS[rate.kind].lower()
    article = "an" if kind[0] in "aeiou" else "a"
    return f"From {money.short(rate.amount_minor, profile.currency)} {article} {kind}"


def free(profile: Profile) -> str:
    """When they can start: `Free now`, `Free 1 December`."""
    if profile.free_from is None:
        return "Ask when free"
    return "Free now" if profile.free_from <= today() else f"Free {day(profile.free_from).striptags()}"


def about(profile: Profile) -> str:
    """Their first two subjects."""
    return ", ".join(SUBJECTS[key] for key in profile.subjects[:2] if key in SUBJECTS)
