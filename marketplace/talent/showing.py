"""What the public page says in numbers: pure sums over reviews, with every input kept to be shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from marketplace.config import rules


@dataclass(frozen=True)
class Score:
    """One line's average: (prior * weight + sum) / (count + weight)."""

    line: str
    marks: list[int]
    average: float


def scores(rated: Iterable[Mapping[str, Any]], lines: Iterable[str]) -> list[Score]:
    """The averages by line over the reviews `rated`; empty until there are enough reviews to average.

    The prior keeps one friendly review from making five out of five; it is stated on the page.
    """
    rows = list(rated)
    if len(rows) < rules().averages_from:
        return []
    return [averaged(line, [int(row[line]) for row in rows if line in row]) for line in lines]


def averaged(line: str, marks: list[int]) -> Score:
    """The average of `marks`, drawn towards the prior."""
    prior = rules().prior_mean * rules().prior_weight
    return Score(line, marks, round((prior + sum(marks)) / (len(marks) + rules().prior_weight), 1))
