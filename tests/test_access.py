"""Every door: who comes in, with what, and that looking changes nothing. Cases C01, C04, C09, Z01, Z03."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from marketplace.kernel import matrix
from marketplace.kernel.http import Marketplace
from tests.browsing import Browser
from tests.crawling import KINDS, World, addresses, fingerprint, furnish, unchanged

COMMITTED = Path(__file__).resolve().parent.parent / "docs" / "ACCESS.md"
STRANGE = ("PUT", "PATCH", "DELETE", "TRACE", "PROPFIND")


@pytest.fixture
def world(app: Marketplace) -> World:
    """One person of each kind and a contract under way."""
    return furnish()


def public(app: Marketplace) -> set[str]:
    """The endpoints open to strangers."""
    return {door.endpoint for door in matrix.doors(app) if door.audience in {"anyone", "signature"}}


def test_every_door_names_its_audience(app: Marketplace) -> None:
    assert [door.endpoint for door in matrix.doors(app) if not door.audience] == []


def test_the_access_matrix_in_the_docs_is_the_one_of_the_routes(app: Marketplace) -> None:
    made = app.test_cli_runner().invoke(args=["access"]).output
    assert made == COMMITTED.read_text(), "Run: flask --app app access > docs/ACCESS.md"


def test_c09_only_stripes_door_needs_no_form_token(app: Marketplace) -> None:
    signed = [door.address for door in matrix.doors(app) if door.audience == "signature"]
    assert signed == list(app.doors) == ["/webhooks/stripe"]


def test_z01_strangers_are_sent_to_sign_in_wherever_it_is_private(
    app: Marketplace, world: World, browser: Any
) -> None:
    stranger = browser()
    for rule, path in addresses(app, world):
        if rule.endpoint not in public(app):
            answer = stranger.get(path)
            assert (answer.status_code, answer.location or "") >= (303, "/sign-in"), path
            assert "/sign-in" in answer.location, path


@pytest.mark.parametrize("kind", KINDS)
def test_c04_looking_twice_changes_nothing_and_breaks_nothing(
    app: Marketplace, world: World, browser: Any, kind: str
) -> None:
    visitor, paths = browser(world.people[kind]), [path for _, path in addresses(app, world)]
    before = fingerprint()
    seen = {path: [visitor.get(path).status_code for _ in range(2)] for path in paths}
    assert {path: both for path, both in seen.items() if both[0] != both[1] or both[0] >= 500} == {}
    changing = paths if fingerprint() != before else []
    assert [path for path in changing if not unchanged(partial(visitor.get, path))] == []
    assert fingerprint() == before


@pytest.mark.parametrize("kind", KINDS)
def test_c01_no_post_acts_without_its_token(app: Marketplace, world: World, browser: Any, kind: str) -> None:
    posts = [(path, browser(world.people[kind])) for _, path in addresses(app, world, "POST")]
    before = fingerprint()
    seen = {path: bare_post(visitor, path) for path, visitor in posts}
    assert {path: status for path, status in seen.items() if status >= 500} == {}
    changing = posts if fingerprint() != before else []
    assert [path for path, visitor in changing if not unchanged(partial(bare_post, visitor, path))] == []
    assert fingerprint() == before


def bare_post(visitor: Browser, path: str) -> int:
    """The status of a POST with a guessed password and no token."""
    status: int = visitor.client.post(path, data={"again": "a guess"}).status_code
    return status


def test_a_change_would_be_seen(world: World, browser: Any) -> None:
    saved = partial(
        browser(world.people["owner"]).post, "/settings/account", {"name": "D", "timezone": "UTC"}
    )
    assert not unchanged(saved)


@pytest.mark.parametrize("method", STRANGE)
def test_z03_strange_methods_open_no_door(app: Marketplace, world: World, browser: Any, method: str) -> None:
    admin: Browser = browser(world.people["admin"])
    paths = {path for wanted in ("GET", "POST") for _, path in addresses(app, world, wanted)}
    assert unchanged(lambda: [admin.client.open(path, method=method) for path in paths])
    answers = {path: admin.client.open(path, method=method).status_code for path in paths}
    assert {path: status for path, status in answers.items() if status not in {404, 405}} == {}


@pytest.mark.parametrize("name", ["_method", "X-HTTP-Method-Override"])
def test_c06_methods_cannot_be_overridden(app: Marketplace, browser: Any, name: str) -> None:
    answer = browser().get(
        "/sign-out", query_string={name: "POST"}, headers={"X-HTTP-Method-Override": "POST"}
    )
    assert answer.status_code == 405
