"""Lists compare prices of several currencies by round figures, and say so."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.config import settings
from marketplace.kernel.db import commit
from marketplace.search import finding
from marketplace.search.facets import beside_dollars
from marketplace.search.indexing import reindex_professional
from tests.search.people import writer


def priced(name: str, currency: str, minor: int) -> None:
    """A listed writer whose lowest rate is this."""
    profile = writer(name)
    profile.currency, profile.rates[0].amount_minor = currency, minor
    commit()
    reindex_professional(str(profile.id))


@pytest.mark.parametrize(
    ("minor", "currency", "cents"), [(9_900, "eur", 9_900), (9_900, "jpy", 9_900), (30_000, "kwd", 10_000)]
)
def test_a_hundred_of_one_stands_beside_its_figure_in_another(minor: int, currency: str, cents: int) -> None:
    assert beside_dollars(minor, currency) == cents
    assert beside_dollars(None, currency) is None


def test_a_rate_in_dinars_falls_into_the_band_and_the_order_of_its_figure(app: Any) -> None:
    priced("Ada Dinar", "kwd", 75_000)
    priced("Bea Dollar", "usd", 20_000)
    priced("Cyd Yen", "jpy", 30_000)
    found = [row.row.name for row in finding.professionals(sort="rate").found]
    assert found == ["Bea Dollar", "Ada Dinar", "Cyd Yen"]
    assert finding.professionals().counts["rate"] == {"high": 3}
    priced("Dee Cheap", "kwd", 29_000)
    assert finding.professionals(facets={"rate": ["low"]}).total == 1


def test_the_list_says_what_stands_beside_a_hundred(
    app: Any, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    priced("Ada Yen", "jpy", 30_000)
    assert "read 100 as ¥10,000." in browser().get("/professionals").text
    monkeypatch.setattr(settings(), "currencies", ["usd", "eur"])
    assert "In the currency shown." in browser().get("/professionals").text
