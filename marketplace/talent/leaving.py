"""What closing an account means for a profile: it is taken along, and then nothing of it is left to read."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from sqlalchemy import select

from marketplace.accounts.models import Person
from marketplace.kernel import files
from marketplace.kernel.clock import now
from marketplace.kernel.db import find, flush, many
from marketplace.kernel.events import tell
from marketplace.talent.models import Profile, Sample, profile_of

TOLD = (
    "handle", "name", "statement", "biography", "country", "city", "timezone", "hours", "currency", "platforms",
    "subjects", "registers", "languages", "free_from", "ai_policy", "admitted_at", "paused_at",
)  # fmt: skip
OF_SAMPLE = (
    "platform", "client", "role", "written_on", "text", "brief", "learns", "link", "permission", "alt", "state",
)  # fmt: skip


def export(person: Person) -> list[dict[str, Any]]:
    """The profile with its rates, and every sample."""
    profile = find(profile_of(person))
    if profile is None:
        return []
    rates = [{"kind": r.kind, "includes": r.includes, "amount_minor": r.amount_minor} for r in profile.rates]
    head = {name: getattr(profile, name) for name in TOLD} | {"rates": rates}
    samples = many(select(Sample).where(Sample.profile_id == profile.id).order_by(Sample.created_at))
    return [head, *({name: getattr(row, name) for name in OF_SAMPLE} for row in samples)]


def remove(person: Person) -> None:
    """Empty and hide the profile; the words and images of all samples go. Contracts keep who was hired."""
    profile = find(profile_of(person))
    if profile is None:
        return
    for sample in many(select(Sample).where(Sample.profile_id == profile.id)):
        sample.text = sample.brief = sample.learns = sample.link = sample.alt = sample.client = ""
        sample.state, sample.image_id = "removed", None
    flush()
    files.forget_all(person)
    clear(profile)
    tell("profile.removed", profile, by=person)


def clear(profile: Profile) -> None:
    """Take out what a profile says of its person."""
    profile.name, profile.handle = "Former member", f"former-{uuid4().hex[:12]}"
    profile.statement = profile.biography = profile.city = profile.hours = ""
    profile.platforms, profile.subjects, profile.registers, profile.languages = [], [], [], []
    profile.rates.clear()
    profile.hidden_at = profile.hidden_at or now()
    flush()
