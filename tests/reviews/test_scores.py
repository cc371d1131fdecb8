"""The formula, whatever the marks."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.clock import now
from marketplace.reviews.models import Review
from marketplace.reviews.scores import average, rounded, summary
from tests import make
from tests.reviews.ended import MARKS

marks = st.lists(st.integers(1, 5), max_size=60)


@given(marks)
def test_an_average_lies_between_one_and_five(given_marks: list[int]) -> None:
    assert 1 <= average(given_marks, 4.0, 3) <= 5


@given(marks, st.integers(1, 5))
def test_a_better_mark_never_lowers_it(given_marks: list[int], mark: int) -> None:
    assert average([*given_marks, mark], 4.0, 3) <= average([*given_marks, min(5, mark + 1)], 4.0, 3)


@given(marks)
def test_the_order_of_marks_is_nothing(given_marks: list[int]) -> None:
    assert average(given_marks, 4.0, 3) == average(sorted(given_marks), 4.0, 3)


@given(marks)
def test_it_is_the_stated_formula(given_marks: list[int]) -> None:
    assert average(given_marks, 4.0, 3) == Fraction(12 + sum(given_marks), len(given_marks) + 3)


def test_halves_are_rounded_up() -> None:
    assert str(rounded(Fraction(17, 4))) == "4.3"
    assert str(rounded(Fraction(5))) == "5.0"


def review(**also: Any) -> Review:
    """One shown review in memory."""
    profile, org = make.professional(), make.business()
    row = Review(contract_id=org.id, side="business", by_id=profile.person_id, profile_id=profile.id,
                 organisation_id=org.id, scores=MARKS, body="Fine work.", hire_again=True, shown_at=now())  # fmt: skip
    for name, value in also.items():
        setattr(row, name, value)
    return row


def test_newcomers_have_no_average_before_three_contracts(app: Any) -> None:
    assert summary([]).is_new
    assert summary([review(), review()]).is_new
    assert not summary([review(), review(), review()]).is_new


def test_a_summary_shows_every_input(app: Any) -> None:
    made = summary([review(), review(hire_again=False), review(scores=dict.fromkeys(MARKS, 1))])
    assert [str(value) for value in made.inputs] == ["4.0", "4.0", "1.0"]
    assert str(made.overall) == "3.5"
    assert made.lines[1].inputs == [5, 5, 1]
    assert (made.again, made.asked) == (2, 3)


def test_hidden_and_removed_reviews_do_not_count(app: Any) -> None:
    made = summary([review(), review(shown_at=None), review(removed_at=now())])
    assert (made.count, made.removed) == (1, 1)


def test_the_fragment_says_new_here_then_every_mark(app: Any) -> None:
    from flask import render_template

    rows = [review() for _ in range(3)]
    with app.test_request_context():
        few = render_template("reviews/_reviews.html", reviews=[], summary=summary([]))
        assert "New here" in few
        for row in rows:
            row.organisation, row.profile = make.business(), make.professional()
        assert "4.0 of 5" in render_template("reviews/_reviews.html", reviews=rows, summary=summary(rows))
