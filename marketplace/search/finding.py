"""Finding: one function a kind, the same answer on every database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

from markupsafe import Markup
from sqlalchemy import CTE, ColumnElement, Select, Text, case, func, literal, or_, select, union_all
from sqlalchemy.orm import joinedload, selectinload

from marketplace.accounts.models import Person
from marketplace.briefs.models import Brief, BriefInvitation, visible_to
from marketplace.kernel.clock import today
from marketplace.kernel.db import db, many
from marketplace.search.excerpts import shown
from marketplace.search.facets import FREE
from marketplace.search.folding import Query, terms
from marketplace.search.matching import matches, turn, weight
from marketplace.search.models import BriefEntry, BriefFacet, Entry, ProfessionalEntry, ProfessionalFacet
from marketplace.talent.models import Profile, Sample, listed

PAGE = 20
T = TypeVar("T", Profile, Brief)
Wanted = Mapping[str, Sequence[str]]
Computed = dict[str, dict[str, Callable[[CTE], ColumnElement[bool]]]]


@dataclass(frozen=True)
class Found(Generic[T]):
    """One result. excerpt: escaped, with marks. sample: where it is from, if from a sample. why: a sentence."""

    row: T
    excerpt: Markup
    sample: Sample | None = None
    why: str = ""


@dataclass(frozen=True)
class Results(Generic[T]):
    """One page of results. counts: how many each value of each facet would leave, by facet and value."""

    found: list[Found[T]]
    total: int
    page: int
    counts: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def first(self) -> int:
        """The number of the first result shown."""
        return (self.page - 1) * PAGE + 1 if self.found else 0

    @property
    def last(self) -> int:
        """The number of the last result shown."""
        return (self.page - 1) * PAGE + len(self.found)


def professionals(
    words: str = "", facets: Wanted | None = None, sort: str = "match", page: int = 1
) -> Results[Profile]:
    """The listed professionals who have all of `words` (the last may be only begun) and fit `facets`.

    facets: values by facet key, any of a facet, all facets. sort: match, free or rate. page: from 1.
    """
    entry, query = ProfessionalEntry, Query.of(words)
    scope = select(entry.number, entry.free_from).join(Profile, Profile.id == entry.profile_id)
    scope = scope.join(Person, Person.id == Profile.person_id).where(
        Profile.id.in_(listed().with_only_columns(Profile.id)),
        Person.suspended_at.is_(None),
        Person.closed_at.is_(None),
    )
    filtered = Filtered(scoped(scope, entry, query), ProfessionalFacet, set_only(facets), free_to_start())
    counts = filtered.tally()
    rows = many(
        select(Profile)
        .join(entry, entry.profile_id == Profile.id)
        .where(entry.number.in_(filtered.numbers()))
        .order_by(*professional_order(sort, query))
        .options(selectinload(Profile.rates))
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    samples = samples_of(rows)
    found = [found_professional(profile, samples.get(profile.id, []), query) for profile in rows]
    return Results(found, counts.pop("total").get("", 0), page, counts)


def briefs(
    words: str = "",
    facets: Wanted | None = None,
    viewer: Person | None = None,
    sort: str = "match",
    page: int = 1,
) -> Results[Brief]:
    """The open briefs that `viewer` (None: a stranger) may see, by words and facets; invitations come first.

    sort: match, new or closing.
    """
    entry, query = BriefEntry, Query.of(words)
    seen = visible_to(viewer).with_only_columns(Brief.id).where(Brief.state == "open")
    scope = scoped(select(entry.number).where(entry.brief_id.in_(seen)), entry, query)
    filtered = Filtered(scope, BriefFacet, set_only(facets), {})
    counts = filtered.tally()
    rows = many(
        select(Brief)
        .join(entry, entry.brief_id == Brief.id)
        .where(entry.number.in_(filtered.numbers()))
        .order_by(*brief_order(sort, query, viewer))
        .options(selectinload(Brief.pieces), joinedload(Brief.brand), joinedload(Brief.organisation))
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    found = [Found(brief, shown(best([brief.goal, brief.audience], query), query)) for brief in rows]
    return Results(found, counts.pop("total").get("", 0), page, counts)


def scoped(scope: Any, entry: Entry, query: Query | None) -> CTE:
    """What facets choose from: all that this person may see and that holds the words."""
    chosen: CTE = (scope if query is None else scope.where(matches(entry, query))).cte("scope")
    return chosen


@dataclass(frozen=True)
class Filtered:
    """The entries in `scope` that fit what is wanted (no empty lists). computed: facets that depend on the day."""

    scope: CTE
    table: Any
    wanted: Wanted
    computed: Computed

    def numbers(self, without: str = "") -> Select[int]:
        """The entries that fit every facet, or every one but `without`."""
        fits = [self.fits(facet, values) for facet, values in self.wanted.items() if facet != without]
        return select(self.scope.c.number).where(*fits)

    def fits(self, facet: str, values: Sequence[str]) -> ColumnElement[bool]:
        """That an entry has one of `values`."""
        if facet in self.computed:
            return or_(*(self.computed[facet][value](self.scope) for value in values))
        having = select(self.table.number).where(self.table.facet == facet, self.table.value.in_(values))
        return self.scope.c.number.in_(having)

    def tally(self) -> dict[str, dict[str, int]]:
        """In one query: how many fit, and how many each value would leave were its own facet not set."""
        arms = [self.arm("total", "", self.numbers())]
        arms += [self.arm_of(facet) for facet in self.wanted if facet not in self.computed]
        arms.append(self.arm_of(None))
        for facet, values in self.computed.items():
            left = self.numbers(without=facet)
            arms += [self.arm(facet, value, left.where(is_(self.scope))) for value, is_ in values.items()]
        counts: dict[str, dict[str, int]] = {}
        for facet, value, count in db.session.execute(union_all(*arms)):
            counts.setdefault(facet, {})[value] = count
        return counts

    def arm(self, facet: str, value: str, numbers: Select[Any]) -> Select[Any]:
        """One count with its name."""
        counted = select(func.count()).select_from(numbers.subquery()).scalar_subquery()
        return select(literal(facet, Text()), literal(value, Text()), counted)

    def arm_of(self, facet: str | None) -> Select[Any]:
        """The counts of the values of a facet that is set; for None, of all that are not."""
        table = self.table
        chosen = table.facet == facet if facet else table.facet.not_in(list(self.wanted))
        counted = select(table.facet, table.value, func.count()).where(chosen)
        return counted.where(table.number.in_(self.numbers(without=facet or ""))).group_by(
            table.facet, table.value
        )


def set_only(facets: Wanted | None) -> Wanted:
    """The facets in which something is chosen."""
    return {facet: values for facet, values in (facets or {}).items() if values}


def free_to_start() -> Computed:
    """Who is free within a week or a month of today."""
    return {"free": {name: free_by(name) for name in FREE}}


def free_by(name: str) -> Callable[[CTE], ColumnElement[bool]]:
    """That somebody is free by the end of the span `name`."""
    return lambda scope: scope.c.free_from <= today() + FREE[name]


def professional_order(sort: str, query: Query | None) -> list[ColumnElement[Any]]:
    """What was asked for, then everybody's turn of the day."""
    entry = ProfessionalEntry
    # Free for long is not free sooner than free today.
    free = case((entry.free_from < today(), today()), else_=entry.free_from)
    orders: dict[str, list[ColumnElement[Any]]] = {
        "free": [free.is_(None), free],
        "rate": [entry.rate_minor.is_(None), entry.rate_minor.asc()],
    }
    relevance = [weight(entry, query).desc()] if query else []
    return [*orders.get(sort, relevance), turn(entry), entry.number]


def brief_order(sort: str, query: Query | None, viewer: Person | None) -> list[ColumnElement[Any]]:
    """Invitations, then what was asked for, then the newest."""
    orders: dict[str, list[ColumnElement[Any]]] = {
        "new": [Brief.published_at.desc()],
        "closing": [Brief.closes_at.is_(None), Brief.closes_at.asc()],
    }
    relevance = [weight(BriefEntry, query).desc()] if query else []
    first = [case((Brief.id.in_(invited(viewer)), 0), else_=1)] if viewer else []
    return [*first, *orders.get(sort, relevance), Brief.published_at.desc(), BriefEntry.number]


def invited(person: Person) -> Select[UUID]:
    """The briefs for which a professional holds an invitation that they have not declined."""
    return (
        select(BriefInvitation.brief_id)
        .join(Profile, Profile.id == BriefInvitation.profile_id)
        .where(Profile.person_id == person.id, BriefInvitation.state == "sent")
    )


def samples_of(profiles: list[Profile]) -> dict[UUID, list[Sample]]:
    """The public samples of each of `profiles`, in their own order."""
    chosen = (
        select(Sample)
        .where(
            Sample.profile_id.in_([profile.id for profile in profiles]),
            Sample.state == "frozen",
            Sample.permission != "sealed",
        )
        .order_by(Sample.position, Sample.created_at)
    )
    grouped: dict[UUID, list[Sample]] = {}
    for sample in many(chosen) if profiles else []:
        grouped.setdefault(sample.profile_id, []).append(sample)
    return grouped


def found_professional(profile: Profile, samples: list[Sample], query: Query | None) -> Found[Profile]:
    """A professional with the passage that fits best: from a sample, else what they say of themselves."""
    texts = [sample.text for sample in samples] + [profile.statement, profile.biography]
    text = best(texts, query) if query else texts[0]
    place = texts.index(text)
    sample = samples[place] if place < len(samples) else None
    return Found(profile, shown(text, query), sample, reason(text, profile, query))


def best(texts: list[str], query: Query | None) -> str:
    """The text that holds most of what was asked, the last word rather whole; the first among equals."""
    if query is None:
        return texts[0]
    return max(texts, key=lambda text: (query.hits(text), query.begun in terms(text)))


def reason(text: str, profile: Profile, query: Query | None) -> str:
    """Why this result is here, in one line, where neither their turn nor the marks say it."""
    asked = len(query.all) if query else 0
    if query is None or query.hits(text) == asked:
        return ""
    if query.hits(f"{profile.name} {profile.statement}") == asked:
        return "Found in name or statement"
    return "Found across profile and samples"
