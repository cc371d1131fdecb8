"""The two lists: professionals to read, briefs to pitch for."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from marketplace.accounts.access import audience, viewer
from marketplace.accounts.models import Person
from marketplace.briefs.models import Brief, owned_by
from marketplace.config import rules
from marketplace.kernel.db import many
from marketplace.kernel.htmx import page
from marketplace.search import facets, finding, offers
from marketplace.search.asking import Asked, Pages
from marketplace.talent.models import KINDS, PLATFORMS, SUBJECTS, Profile, Shortlisting

bp = Blueprint("search", __name__)
SAY = {
    "search.professionals": ("writer", "No writer is listed yet: the first are being read."),
    "search.briefs": ("brief", "No brief is open at the moment."),
}
OURS = 100  # of its own briefs that a business sees at once, the newest first
STATES = {
    "open": "Open",
    "draft": "Drafts",
    "hired": "Hired",
    "closed": "Closed",
    "expired": "Closed by itself",
}


@bp.route("/professionals")
@audience("anyone")
def professionals() -> Any:
    """Read professionals, by words and filters."""
    asked = Asked.of("search.professionals", facets.PROFESSIONALS, facets.PROFESSIONAL_SORTS)
    results = finding.professionals(asked.words, asked.chosen, asked.sort, asked.page)
    kept = shortlisted([found.row for found in results.found], viewer())
    return listing("search/professionals.html", asked, results, facets.PROFESSIONAL_SORTS, kept=kept)


@bp.route("/briefs")
@audience("anyone")
def briefs() -> Any:
    """Open briefs; for a business first its own, by state."""
    person = viewer()
    if person is not None and person.organisation_ids and request.args.get("mine") != "0":
        return page("search/ours.html", groups=own_briefs(person))
    asked = Asked.of("search.briefs", facets.BRIEFS, facets.BRIEF_SORTS)
    results = finding.briefs(asked.words, asked.chosen, person, asked.sort, asked.page)
    invited = set(many(finding.invited(person))) if person is not None else set()
    most = rules().proposals_per_brief
    return listing("search/briefs.html", asked, results, facets.BRIEF_SORTS, invited=invited, most=most)


def listing(template: str, asked: Asked, results: finding.Results[Any], sorts: Any, **also: Any) -> Any:
    """A list as a page, or its results alone when htmx asks."""
    what, nothing = SAY[asked.endpoint]
    words = {"platforms": PLATFORMS, "subjects": SUBJECTS, "kinds": KINDS, "offers": offers, "sorts": sorts}
    return page(
        template,
        fragment="search/_found.html",
        asked=asked,
        results=results,
        pages=Pages.of(results, asked),
        what=what,
        nothing=nothing,
        rows=template.replace("search/", "search/_"),
        scale=facets.scale(),
        **words,
        **also,
    )


def shortlisted(profiles: list[Profile], person: Person | None) -> set[Any]:
    """Which of `profiles` a business of `person` keeps in mind."""
    if person is None or not person.organisation_ids or not profiles:
        return set()
    ids = [profile.id for profile in profiles]
    kept = select(Shortlisting.profile_id).where(
        Shortlisting.profile_id.in_(ids), Shortlisting.organisation_id.in_(person.organisation_ids)
    )
    return set(many(kept))


def own_briefs(person: Person) -> list[tuple[str, list[Brief]]]:
    """The briefs of a person's businesses under the words for their states."""
    newest = owned_by(person).order_by(Brief.created_at.desc()).limit(OURS)
    rows = many(newest.options(joinedload(Brief.brand), selectinload(Brief.pieces)))
    groups = [(words, [brief for brief in rows if brief.state == state]) for state, words in STATES.items()]
    return [(words, found) for words, found in groups if found]
