"""Choosing a new password by a mailed link."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from marketplace.accounts.models import Person
from marketplace.kernel import clock
from tests import make
from tests.accounts.mailbox import letters, link_in

NEW = {"password": "a new sentence to keep"}


@pytest.fixture
def dana(app: Any) -> Person:
    return make.person("Dana Whitlock")


def ask(browser: Any, email: str, **kwargs: Any) -> Any:
    return browser().post("/reset", {"email": email}, **kwargs)


def test_dana_chooses_a_new_password(browser: Any, dana: Person) -> None:
    ask(browser, dana.email)
    visitor = browser()
    moved = visitor.get(link_in(dana.email))
    assert (moved.status_code, moved.headers["Referrer-Policy"]) == (303, "no-referrer")
    assert visitor.post(moved.location, NEW).status_code == 303
    assert browser().post("/sign-in", {"email": dana.email, **NEW}).status_code == 303


def test_strangers_learn_nothing(browser: Any, dana: Person) -> None:
    known, unknown = ask(browser, dana.email), ask(browser, "nobody@nowhere.example")
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert not letters("nobody@nowhere.example")


def test_links_use_our_own_address_whatever_the_request_names(browser: Any, dana: Person) -> None:
    ask(browser, dana.email, headers={"X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in letters(dana.email)[-1].body
    assert ask(browser, dana.email, headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("after", ["newer", "hour", "used", "email"])
def test_a_link_dies(browser: Any, dana: Person, after: str) -> None:
    ask(browser, dana.email)
    path = link_in(dana.email)
    visitor = browser()
    if after == "newer":
        ask(browser, dana.email)
    if after == "hour":
        clock.move_to(clock.now() + timedelta(minutes=61))
    if after in {"used", "email"}:
        visitor.post(visitor.get(path).location, NEW)
    assert browser().get(path).status_code == 404


def test_every_open_session_ends(browser: Any, dana: Person) -> None:
    elsewhere = browser(dana)
    ask(browser, dana.email)
    visitor = browser()
    visitor.post(visitor.get(link_in(dana.email)).location, NEW)
    assert elsewhere.get("/settings/account").status_code == 303


def test_the_mail_goes_to_the_stored_address_only(browser: Any, dana: Person) -> None:
    ask(browser, dana.email.upper())
    assert len(letters(dana.email)) == 1
    assert not letters(dana.email.upper())
