"""Professionals and briefs that are found, and hidden ones that must not be."""

from __future__ import annotations

from typing import Any

from marketplace.briefs.models import Brief
from marketplace.kernel.db import add, commit
from marketplace.search import indexing
from marketplace.talent.models import Profile, Sample
from tests import make


def writer(name: str = "Ines Okafor", text: str = "", **also: Any) -> Profile:
    """A listed, indexed professional; `text` becomes the first sample, facts of the profile come in `also`."""
    profile = make.professional(name)
    for field, value in also.items():
        setattr(profile, field, value)
    if text:
        profile.samples[0].text = text
    commit()
    indexing.reindex_professional(str(profile.id))
    return profile


def wanted(title: str = "Launch week, told straight", **also: Any) -> Brief:
    """An indexed brief."""
    brief = make.brief(title=title, **also)
    indexing.reindex_brief(str(brief.id))
    return brief


def seal(sample: Sample) -> None:
    """Put a sample under an agreement of silence."""
    sample.permission = "sealed"
    add(sample)
    commit()
