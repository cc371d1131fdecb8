"""Plots as numbers: where lines, ticks and words stand in a drawing, for templates/macros/plot.html."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from marketplace.kernel import money
from marketplace.kernel.clock import today
from marketplace.kernel.db import many
from marketplace.payments.outside import DayEnd

DAYS = 90
# The drawing, in its own units: a phone shows it at half its size, with larger words.
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 280, 110, 14, 22, 40
SHOWN = {"held": "Held", "payable": "Payable", "platform_fee": "Our fees so far"}
# An axis spans at least so many minor units.
FLOOR = 100
Amounts = Mapping[tuple[str, str, date], int]


@dataclass(frozen=True)
class Series:
    """One line: its points as SVG writes them, and where its last one stands."""

    label: str
    points: str
    end: tuple[float, float]
    last: str


@dataclass(frozen=True)
class Tick:
    """A word on an axis."""

    at: float
    words: str


@dataclass(frozen=True)
class Plot:
    """One currency over time. rows: the same as a table, the latest day first, (day, amounts)."""

    currency: str
    series: list[Series]
    across: list[Tick]
    up: list[Tick]
    rows: list[tuple[date, list[str]]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    base: int = HEIGHT - BOTTOM


def money_over_time(standing: Mapping[tuple[str, str], int]) -> list[Plot]:
    """A plot for each currency in which money moved in the last 90 days.

    standing: what stands now, (kind, currency) to minor units, as the day's end would be recorded.
    """
    rows = many(select(DayEnd).where(DayEnd.day >= today() - timedelta(days=DAYS), DayEnd.kind.in_(SHOWN)))
    amounts = {(row.kind, row.currency, row.day): row.amount_minor for row in rows}
    amounts |= {
        (kind, currency, today()): minor for (kind, currency), minor in standing.items() if kind in SHOWN
    }
    currencies = sorted({currency for (_, currency, _), minor in amounts.items() if minor})
    return [
        plot(code, {key: minor for key, minor in amounts.items() if key[1] == code}) for code in currencies
    ]


def plot(currency: str, amounts: Amounts) -> Plot:
    """Place one currency's lines. amounts: (kind, currency, day) to minor units."""
    days = sorted({day for _, _, day in amounts})
    low, high, step = scale(amounts.values())
    lines = []
    for kind, label in SHOWN.items():
        known = [(day, amounts.get((kind, currency, day), 0)) for day in days]
        points = [(_x(day, days), _y(minor, low, high)) for day, minor in known]
        written = " ".join(f"{x:g},{y:g}" for x, y in points)
        lines.append(Series(label, written, points[-1], money.text(known[-1][1], currency)))
    up = [Tick(_y(minor, low, high), money.short(minor, currency)) for minor in range(low, high + 1, step)]
    return Plot(currency, lines, list(_dates(days)), up, _table(days, currency, amounts))


def scale(amounts: Iterable[int]) -> tuple[int, int, int]:
    """(lowest, highest, step) of an axis that holds all `amounts`: round figures, four or five of them."""
    found = [0, *amounts]
    span = max(max(found) - min(found), FLOOR)
    step = next(width for width in _round_figures() if width * 4 >= span)
    low, high = min(found) // step * step, -(-max(max(found), FLOOR) // step) * step
    return low, high, step


def _round_figures() -> Iterator[int]:
    size = 1
    while True:
        yield from (size, 2 * size, 5 * size)
        size *= 10


def _x(day: date, days: list[date]) -> float:
    span = max((days[-1] - days[0]).days, 1)
    part = (day - days[0]).days / span if len(days) > 1 else 1
    return round(LEFT + part * (WIDTH - LEFT - RIGHT), 1)


def _y(minor: int, low: int, high: int) -> float:
    return round(TOP + (high - minor) / (high - low) * (HEIGHT - TOP - BOTTOM), 1)


def _dates(days: list[date]) -> Iterator[Tick]:
    """The first day, the last, and the one between, as far as they are apart."""
    chosen = (
        dict.fromkeys((days[0], days[len(days) // 2], days[-1]))
        if len(days) > 6
        else dict.fromkeys(days[-1:])
    )
    for day in chosen:
        yield Tick(_x(day, days), f"{day.day} {day:%b}")


def _table(days: list[date], currency: str, amounts: Amounts) -> list[tuple[date, list[str]]]:
    def words(day: date) -> list[str]:
        return [money.text(amounts.get((kind, currency, day), 0), currency) for kind in SHOWN]

    return [(day, words(day)) for day in reversed(days)]
