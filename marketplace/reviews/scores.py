"""The public formula of a score, with every input. Pure: numbers in, numbers out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from marketplace.config import rules
from marketplace.reviews.models import LINES, Review


@dataclass(frozen=True)
class Score:
    """One line's average, and the marks that made it, the latest first."""

    line: str
    value: Decimal
    inputs: list[int]


@dataclass(frozen=True)
class Summary:
    """What stands above the reviews of one profile or business.

    is_new: too few contracts for an average; then `overall` and the lines' values are not shown.
    again: of `asked` businesses so many would hire again.
    """

    count: int
    least: int
    overall: Decimal
    inputs: list[Decimal]
    lines: list[Score]
    again: int
    asked: int
    removed: int

    @property
    def is_new(self) -> bool:
        """Whether there are too few contracts to speak of an average."""
        return self.count < self.least

    @property
    def formula(self) -> str:
        """How an average is reckoned, as the page says it."""
        weight, prior = rules().prior_weight, rules().prior_mean
        return f"({prior} × {weight} + the sum of the marks) ÷ (the number of marks + {weight})"


def average(marks: Iterable[int | Fraction], prior_mean: float, prior_weight: int) -> Fraction:
    """(prior_mean × prior_weight + sum) / (n + prior_weight), exactly.

    A newcomer's single mark moves it little; many marks outweigh the prior. Raises ValueError when there
    is neither a mark nor a prior.
    """
    known = list(marks)
    if not known and not prior_weight:
        raise ValueError("No marks and no prior: there is no average.")
    prior = Fraction(str(prior_mean)) * prior_weight
    return (prior + sum(known, Fraction(0))) / (len(known) + prior_weight)


def rounded(value: Fraction) -> Decimal:
    """One decimal, half up, as people round."""
    tenths = Decimal(value.numerator) / Decimal(value.denominator)
    return tenths.quantize(Decimal("0.1"), ROUND_HALF_UP)


def mean(scores: Iterable[int]) -> Fraction:
    """The plain mean of one review's marks."""
    marks = list(scores)
    return Fraction(sum(marks), len(marks))


def summary(reviews: Sequence[Review]) -> Summary:
    """The averages over the shown reviews of one side; hidden ones must not be passed, removed ones do not count.

    reviews: all by businesses, or all by professionals; the latest first.
    """
    counted = [review for review in reviews if review.is_shown and not review.is_removed]
    means = [mean(review.scores.values()) for review in counted]
    answers = [review.hire_again for review in counted if review.hire_again is not None]
    return Summary(
        count=len(counted),
        least=rules().averages_from,
        overall=shown(means),
        inputs=[rounded(value) for value in means],
        lines=lines_of(counted),
        again=sum(answers),
        asked=len(answers),
        removed=sum(review.is_removed for review in reviews),
    )


def lines_of(reviews: Sequence[Review]) -> list[Score]:
    """Each line's average and its marks."""
    if not reviews:
        return []
    marks = {line: [int(r.scores[line]) for r in reviews] for line in LINES[reviews[0].side]}
    return [Score(line, shown(row), row) for line, row in marks.items()]


def shown(marks: Iterable[int | Fraction]) -> Decimal:
    """The average by the rules in force, rounded for the page."""
    return rounded(average(marks, rules().prior_mean, rules().prior_weight))
