"""Weighted kappa, against a slow reckoning straight from the definition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.vetting.agreement import in_words, weighted_kappa

MARK = st.integers(1, 5)
PAIRS = st.lists(st.tuples(MARK, MARK), min_size=1, max_size=60)


def slow(pairs: list[tuple[int, int]]) -> float | None:
    """Cohen 1968, by the whole matrix of proportions."""
    scale, n = range(1, 6), len(pairs)
    weights = {(i, j): (i - j) ** 2 / 16 for i in scale for j in scale}
    rows = {i: sum(a == i for a, _ in pairs) / n for i in scale}
    columns = {j: sum(b == j for _, b in pairs) / n for j in scale}
    observed = sum(weights[cell] * sum(pair == cell for pair in pairs) / n for cell in weights)
    expected = sum(weights[i, j] * rows[i] * columns[j] for i, j in weights)
    return None if expected == 0 else 1 - observed / expected


@given(PAIRS)
def test_it_is_what_the_definition_says(pairs: list[tuple[int, int]]) -> None:
    fast, reckoned = weighted_kappa(pairs), slow(pairs)
    assert (fast is None) == (reckoned is None)
    assert fast is None or fast == pytest.approx(reckoned)


@given(PAIRS)
def test_it_lies_between_minus_one_and_one_and_does_not_ask_who_was_first(
    pairs: list[tuple[int, int]],
) -> None:
    kappa, turned = weighted_kappa(pairs), weighted_kappa([(b, a) for a, b in pairs])
    assert kappa == turned
    assert kappa is None or -1 - 1e-9 <= kappa <= 1


@given(st.lists(MARK, min_size=2).filter(lambda marks: len(set(marks)) > 1))
def test_equal_marks_are_perfect_agreement(marks: list[int]) -> None:
    assert weighted_kappa([(mark, mark) for mark in marks]) == 1


def test_without_pairs_or_without_difference_it_is_undefined() -> None:
    assert weighted_kappa([]) is None
    assert weighted_kappa([(4, 4), (4, 4)]) is None


def test_words() -> None:
    assert in_words(-0.1) == "poor"
    assert in_words(0.5) == "moderate"
    assert in_words(1.0) == "almost perfect"
