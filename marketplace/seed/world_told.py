"""The whole story, in the order in which its parts depend on one another."""

from __future__ import annotations

from marketplace.seed import hires, needs, people, readings
from marketplace.seed.story import Story


def tell_all(story: Story) -> None:
    """Everything that the files of world/ tell."""
    people.staff(story)
    people.businesses(story)
    people.professionals(story)
    readings.readings(story)
    needs.needs(story)
    hires.hires(story)
