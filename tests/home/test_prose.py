"""Help and policies: every page opens, and its sums are the product's."""

from __future__ import annotations

from typing import Any

import pytest

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


def test_robots_are_kept_from_what_is_private(app: Any, browser: Any) -> None:
    answer = browser().get("/robots.txt")
    assert "Disallow: /contracts" in answer.text
    assert answer.mimetype == "text/plain"


def test_settings_begin_with_the_account(app: Any, browser: Any) -> None:
    answer = browser(make.person()).get("/settings")
    assert answer.headers["Location"] == "/settings/account"
    assert browser().get("/settings").headers["Location"].startswith("/sign-in")
