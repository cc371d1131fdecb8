"""Help and policies: every page opens, and its sums are the product's."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.config import rules
from marketplace.home.prose import PAGES
from tests import make


@pytest.mark.parametrize("address", [page.address for page in PAGES])
def test_every_page_opens_for_everybody(app: Any, browser: Any, address: str) -> None:
    assert browser().get(address).status_code == 200
    assert browser(make.person()).get(address).status_code == 200


def test_the_fees_page_works_an_example_through(app: Any, browser: Any) -> None:
    page = browser().get("/help/fees").text
    for amount in ("$480.00", "$48.00", "$432.00", "$240.00", "$24.00", "$216.00"):
        assert amount in page
    assert "escrow" not in page


def test_the_fees_page_says_how_fees_are_rounded(app: Any, browser: Any) -> None:
    page = browser().get("/help/fees").text
    assert "rounded half up" in page
    for amount in ("$480.05", "$48.01", "$48.00", "$16.01", "¥48,005", "¥4,801", "¥43,204", "¥50,000"):
        assert amount in page


def test_a_fee_for_the_business_is_told_of_when_there_is_one(
    app: Any, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "pays on top" not in browser().get("/help/fees").text
    monkeypatch.setattr(rules(), "client_fee_bps", 250)
    assert "2.5\N{NO-BREAK SPACE}% that the business pays on top" in browser().get("/help/fees").text


def test_robots_are_kept_from_what_is_private(app: Any, browser: Any) -> None:
    answer = browser().get("/robots.txt")
    assert "Disallow: /contracts" in answer.text
    assert answer.mimetype == "text/plain"


def test_settings_begin_with_the_account(app: Any, browser: Any) -> None:
    answer = browser(make.person()).get("/settings")
    assert answer.headers["Location"] == "/settings/account"
    assert browser().get("/settings").headers["Location"].startswith("/sign-in")
