"""The ground holds: the application starts, says it is well, and commits only good answers."""

from __future__ import annotations

from typing import Any


def test_a_healthy_marketplace_says_so(browser: Any) -> None:
    assert browser().get("/healthz").status_code == 200


def test_an_unknown_address_is_answered_with_a_sentence(browser: Any) -> None:
    answer = browser().get("/no-such-page")
    assert answer.status_code == 404
    assert "nothing at this address" in answer.text
