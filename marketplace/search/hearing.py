"""What the index hears: that something about a professional or brief changed. It gets the id, not the news."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select

from marketplace.kernel.db import find
from marketplace.kernel.events import Event
from marketplace.kernel.jobs import later
from marketplace.talent.models import Rate, Sample
from marketplace.vetting.models import Application


def heard(event: Event) -> None:
    """After any event: have what it touches read again, once its transaction has lasted."""
    noun, _, row_id = event.subject.partition(":")
    if noun == "brief":
        later("search.reindex_brief", row_id)
    elif noun == "profile":
        later("search.reindex_professional", row_id)
    elif noun in OWNERS and (profile_id := find(OWNERS[noun](UUID(row_id)))):
        later("search.reindex_professional", str(profile_id))


def of_sample(row_id: UUID) -> Select[UUID]:
    """Whose sample it is."""
    return select(Sample.profile_id).where(Sample.id == row_id)


def of_rate(row_id: UUID) -> Select[UUID]:
    """Whose rate it is."""
    return select(Rate.profile_id).where(Rate.id == row_id)


def of_application(row_id: UUID) -> Select[UUID]:
    """Whose application it is."""
    return select(Application.profile_id).where(Application.id == row_id)


OWNERS = {"sample": of_sample, "rate": of_rate, "application": of_application}
