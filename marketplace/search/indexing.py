"""Keeping the index: jobs that get an id and read again what stands there now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from marketplace.briefs.models import Brief
from marketplace.kernel.db import add, db, find, flush, many
from marketplace.kernel.jobs import transaction
from marketplace.search.facets import BUDGETS, RATES, band, beside_dollars
from marketplace.search.folding import joined
from marketplace.search.models import BriefEntry, BriefFacet, ProfessionalEntry, ProfessionalFacet
from marketplace.talent.models import PLATFORMS, REGISTERS, SUBJECTS, Profile, Sample, shown_samples


def reindex_professional(profile_id: str) -> None:
    """Job: read one professional again. The lock puts jobs for the same one after each other."""
    with transaction():
        profile = find(select(Profile).where(Profile.id == UUID(profile_id)).with_for_update())
        entry = find(select(ProfessionalEntry).where(ProfessionalEntry.profile_id == UUID(profile_id)))
        if profile is None or not profile.is_admitted:
            return forget(entry)
        entry = entry or add(ProfessionalEntry(profile_id=profile.id))
        describe_professional(entry, profile, public_samples(profile.id))


def reindex_brief(brief_id: str) -> None:
    """Job: read one brief again."""
    with transaction():
        brief = find(select(Brief).where(Brief.id == UUID(brief_id)).with_for_update())
        entry = find(select(BriefEntry).where(BriefEntry.brief_id == UUID(brief_id)))
        if brief is None or brief.state == "draft":
            return forget(entry)
        describe_brief(entry or add(BriefEntry(brief_id=brief.id)), brief)


def rebuild() -> tuple[int, int]:
    """Read everything again, one transaction a row. Returns how many professionals and briefs there are."""
    with transaction():
        profiles, briefs = many(select(Profile.id)), many(select(Brief.id))
    for profile_id in profiles:
        reindex_professional(str(profile_id))
    for brief_id in briefs:
        reindex_brief(str(brief_id))
    return len(profiles), len(briefs)


def public_samples(profile_id: UUID) -> list[Sample]:
    """The samples whose words anybody may find: read by vetting and not sealed."""
    return many(shown_samples(profile_id).where(Sample.permission != "sealed"))


def describe_professional(entry: ProfessionalEntry, profile: Profile, samples: list[Sample]) -> None:
    """Write what is known of a professional into their entry."""
    head = [profile.name, profile.statement, *named(profile.subjects, SUBJECTS)]
    facts = [*named(profile.registers, REGISTERS), *named(profile.platforms, PLATFORMS)]
    entry.head = f" {joined(head)} "
    entry.words = joined([*head, *facts, profile.biography, *(f"{s.client} {s.text}" for s in samples)])
    lowest = min((rate.amount_minor for rate in profile.rates), default=None)
    entry.rate_minor = beside_dollars(lowest, profile.currency)
    entry.free_from = profile.free_from
    facets = {
        "subject": profile.subjects,
        "voice": profile.registers,
        "platform": profile.platforms,
        "language": [str(language["code"]) for language in profile.languages],
        "rate": [band(entry.rate_minor, RATES)],
    }
    replace(ProfessionalFacet, entry.number, facets)


def describe_brief(entry: BriefEntry, brief: Brief) -> None:
    """Write what is known of a published brief into its entry."""
    head = [brief.title, brief.brand.name, *named([brief.subject_area], SUBJECTS)]
    platforms = [piece.platform for piece in brief.pieces]
    entry.head = f" {joined(head)} "
    texts = [brief.goal, brief.result, brief.learns, brief.audience, *named(platforms, PLATFORMS)]
    entry.words = joined([*head, brief.organisation.name, *texts])
    facets = {
        "platform": platforms,
        "subject": [brief.subject_area],
        "kind": [piece.kind for piece in brief.pieces],
        "budget": [band(beside_dollars(brief.high_minor or brief.low_minor, brief.currency), BUDGETS)],
        "language": brief.languages,
    }
    replace(BriefFacet, entry.number, facets)


def named(keys: Iterable[str], words: dict[str, str]) -> list[str]:
    """What people read for stored words."""
    return [words[key] for key in keys if key in words]


def replace(table: Any, number: int, facets: dict[str, list[str]]) -> None:
    """Put `facets` in the place of what was known."""
    db.session.execute(delete(table).where(table.number == number))
    for facet, values in facets.items():
        db.session.add_all(table(number=number, facet=facet, value=value) for value in {*values} - {""})
    flush()


def forget(entry: ProfessionalEntry | BriefEntry | None) -> None:
    """Take out what is no longer to be found; its facts go with it."""
    if entry is not None:
        db.session.delete(entry)
        flush()
