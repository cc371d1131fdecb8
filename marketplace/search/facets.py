"""What lists are filtered by: names, words and bands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from babel import Locale

from marketplace.config import settings
from marketplace.currencies import CURRENCIES
from marketplace.kernel.money import short
from marketplace.talent.models import KINDS, PLATFORMS, REGISTERS, SUBJECTS

LANGUAGES: Mapping[str, str] = Locale("en").languages
# Upper ends in cents; amounts in other currencies are put beside dollars by the round figures of the table of
# currencies: 100 dollars stand beside 100 euros and 10,000 yen, since nobody here guesses exchange rates.
RATES = {"low": 10_000, "middle": 20_000, "high": None}
BUDGETS = {"low": 50_000, "middle": 150_000, "high": None}
FREE = {"week": timedelta(days=7), "month": timedelta(days=30)}


@dataclass(frozen=True)
class Facet:
    """One group of filters. key: in addresses. label: what people read. values: word by stored value."""

    key: str
    label: str
    values: Mapping[str, str]


PROFESSIONALS = (
    Facet("subject", "Subject", SUBJECTS),
    Facet("voice", "Voice", REGISTERS),
    Facet("platform", "Platform", PLATFORMS),
    Facet("free", "Free to start", {"week": "Within a week", "month": "Within a month"}),
    Facet("rate", "Lowest rate", {"low": "Under 100", "middle": "100 to 199", "high": "200 and more"}),
    Facet("language", "Language", LANGUAGES),
)
BRIEFS = (
    Facet("platform", "Platform", PLATFORMS),
    Facet("subject", "Subject", SUBJECTS),
    Facet("kind", "Kind of piece", KINDS),
    Facet("budget", "Budget up to", {"low": "Under 500", "middle": "500 to 1,499", "high": "1,500 and more"}),
    Facet("language", "Language", LANGUAGES),
)
PROFESSIONAL_SORTS = {"match": "Best match", "free": "Free soonest", "rate": "Rate, low to high"}
BRIEF_SORTS = {"match": "Best match", "new": "Newest", "closing": "Closing soonest"}


def beside_dollars(minor: int | None, currency: str) -> int | None:
    """What lists compare: `minor` units of `currency` by its round figure, in cents."""
    return None if minor is None else minor * 10_000 // CURRENCIES[currency].beside_100


def scale() -> str:
    """What stands beside 100 in the currencies whose figures are others: `¥10,000 and KWD 30`, or empty."""
    odd = [CURRENCIES[code] for code in settings().currencies]
    figures = [short(row.beside_100, row.code) for row in odd if row.beside_100 != 100 * 10**row.exponent]
    return " and ".join(figures)


def band(minor: int | None, bands: Mapping[str, int | None]) -> str:
    """The name of the band that `minor` falls into, or empty for no amount."""
    if minor is None:
        return ""
    return next(name for name, end in bands.items() if end is None or minor < end)
