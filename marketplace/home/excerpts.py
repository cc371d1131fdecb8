"""The four writers on the landing page: the first four of today's order."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.search import finding, offers
from marketplace.talent.models import PLATFORMS, Profile

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
        subject=offers.about(profile),
        price=offers.price(profile),
        free=offers.free(profile),
        tone=profile.tone,
        initials=profile.initials,
    )
