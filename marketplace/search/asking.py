"""What a list's address asks for, and the addresses of the lists next to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from marketplace.search.facets import Facet
from marketplace.search.finding import Results

LONGEST = 200  # characters of a query that are read
DEEPEST = 500  # pages that can be turned to


@dataclass(frozen=True)
class Value:
    """One tick of a facet."""

    key: str
    label: str
    count: int
    is_on: bool


@dataclass(frozen=True)
class Chip:
    """A filter that is on, and the page without it."""

    label: str
    href: str


@dataclass(frozen=True)
class Asked:
    """Words, filters, order and page of one list. Unknown values are left out, never an error."""

    endpoint: str
    facets: tuple[Facet, ...]
    words: str
    chosen: dict[str, list[str]]
    sort: str
    page: int

    @classmethod
    def of(cls, endpoint: str, facets: tuple[Facet, ...], sorts: Mapping[str, str]) -> Asked:
        """Read from the address of this request."""
        given = request.args
        chosen = {f.key: [v for v in dict.fromkeys(given.getlist(f.key)) if v in f.values] for f in facets}
        number = given.get("page", "")
        return cls(
            endpoint=endpoint,
            facets=facets,
            words=given.get("q", "").strip()[:LONGEST],
            chosen={key: values for key, values in chosen.items() if values},
            sort=given.get("sort", "") if given.get("sort", "") in sorts else next(iter(sorts)),
            page=min(int(number), DEEPEST)
            if number.isascii() and number.isdigit() and int(number[:9])
            else 1,
        )

    def url(self, page: int = 1, **instead: Any) -> str:
        """This list's address with other filters, order or page."""
        kept: dict[str, Any] = {
            "q": self.words,
            "sort": self.sort if self.sort != "match" else "",
            **self.chosen,
        }
        kept |= {"mine": request.args.get("mine", ""), "page": page if page > 1 else ""} | instead
        return url_for(self.endpoint, **{key: value for key, value in kept.items() if value})

    def chips(self) -> list[Chip]:
        """Each filter that is on."""
        return [
            Chip(facet.values[value], self.without(facet.key, value))
            for facet in self.facets
            for value in self.chosen.get(facet.key, [])
        ]

    def without(self, key: str, value: str) -> str:
        """The list without one tick."""
        left: dict[str, Any] = {key: [other for other in self.chosen[key] if other != value]}
        return self.url(**left)

    @property
    def cleared(self) -> str:
        """The same words without any filter."""
        bare: dict[str, Any] = {key: [] for key in self.chosen}
        return self.url(**bare)

    def groups(self, counts: dict[str, dict[str, int]]) -> list[tuple[Facet, list[Value]]]:
        """Each facet with the values that would leave something, and those that are on."""
        return [
            (facet, ticks) for facet in self.facets if (ticks := self.ticks(facet, counts.get(facet.key, {})))
        ]

    def ticks(self, facet: Facet, counts: dict[str, int]) -> list[Value]:
        """The values of one facet."""
        chosen = self.chosen.get(facet.key, [])
        shown = [key for key in facet.values if counts.get(key) or key in chosen]
        return [Value(key, facet.values[key], counts.get(key, 0), key in chosen) for key in shown]


@dataclass(frozen=True)
class Pages:
    """Where a page of results stands among the others."""

    first: int
    last: int
    total: int
    prev_url: str | None
    next_url: str | None

    @classmethod
    def of(cls, results: Results[Any], asked: Asked) -> Pages:
        """The pages around `results`."""
        before = asked.url(page=asked.page - 1) if asked.page > 1 else None
        after = asked.url(page=asked.page + 1) if results.found and results.last < results.total else None
        return cls(results.first, results.last, results.total, before, after)
