"""The four writers on the landing page: the first four of today's order."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.kernel import money
from marketplace.kernel.clock import today
from marketplace.kernel.show import day
from marketplace.search import finding
from marketplace.talent.models import KINDS, PLATFORMS, SUBJECTS, Profile

NUMBER = 4


@dataclass(frozen=True)
class Excerpt:
    """What the landing page shows of one professional."""

    text: str
    platform_name: str
    client: str
    month: str
    name: str
    href: str
    subject: str
    price: str
    free: str
    tone: int
    initials: str


def todays() -> list[Excerpt]:
    """Four listed professionals, other ones tomorrow; none who has no sample that anybody may read."""
    found = [one for one in finding.professionals().found if one.sample is not None]
    return [excerpt(one) for one in found[:NUMBER]]


def excerpt(found: finding.Found[Profile]) -> Excerpt:
    """A result as the landing page shows it."""
    profile, sample = found.row, found.sample
    assert sample is not None
    return Excerpt(
        text=found.excerpt,
        platform_name=PLATFORMS[sample.platform],
        client=sample.client,
        month=f"{sample.written_on:%B %Y}",
        name=profile.name,
        href=f"/professionals/{profile.handle}",
        subject=", ".join(SUBJECTS[key] for key in profile.subjects[:2] if key in SUBJECTS),
        price=price(profile),
        free=free(profile),
        tone=profile.tone,
        initials=profile.initials,
    )


def price(profile: Profile) -> str:
    """The lowest rate in words."""
    if not profile.rates:
        return "Rates on request"
    rate = profile.rates[0]
    return f"From {money.short(rate.amount_minor, profile.currency)} a {KINDS[rate.kind].lower()}"


def free(profile: Profile) -> str:
    """When they can start, in words."""
    if profile.free_from is None:
        return "Ask when free"
    return "Free now" if profile.free_from <= today() else f"Free {day(profile.free_from).striptags()}"
