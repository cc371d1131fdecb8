"""Signing in and out: growing waits that lock nobody out, sessions that end on the server."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from marketplace.accounts import passwords
from marketplace.accounts.models import Person
from marketplace.kernel import clock
from marketplace.kernel.db import commit
from tests import make

WORDS = "sixty-one late buses"


@pytest.fixture
def dana(app: Any) -> Person:
    row = make.person("Dana Whitlock")
    row.password_hash = passwords.make(WORDS)
    commit()
    return row


def enter(browser: Any, email: str, password: str, **kwargs: Any) -> Any:
    return browser.post("/sign-in", {"email": email, "password": password}, **kwargs)


def test_the_right_password_opens_the_door(browser: Any, dana: Person) -> None:
    visitor = browser()
    assert enter(visitor, dana.email, WORDS).location == "/"
    assert visitor.get("/settings/account").status_code == 200


def test_unknown_and_wrong_get_the_same_answer(browser: Any, dana: Person) -> None:
    wrong = enter(browser(), dana.email, "not the words")
    unknown = enter(browser(), "nobody@nowhere.example", "not the words")
    assert wrong.status_code == unknown.status_code == 422
    assert "do not belong together" in wrong.text
    assert strip(wrong.text, dana.email) == strip(unknown.text, "nobody@nowhere.example")


def strip(page: str, email: str) -> str:
    import re

    return re.sub(r'value="[^"]*"', "", page.replace(email, ""))


def test_after_five_failures_this_address_waits_but_another_gets_in(browser: Any, dana: Person) -> None:
    for _ in range(5):
        enter(browser(), dana.email, "guess")
    refused = enter(browser(), dana.email, WORDS)
    assert refused.status_code == 429
    assert "Wait 1 minute" in refused.text
    elsewhere = enter(browser(), dana.email, WORDS, environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert elsewhere.status_code == 303


def test_the_wait_grows_and_ends(browser: Any, dana: Person) -> None:
    for _ in range(5):
        enter(browser(), dana.email, "guess")
    clock.move_to(clock.now() + timedelta(minutes=6))
    assert enter(browser(), dana.email, WORDS).status_code == 303


def test_one_address_may_not_spray_many_accounts(browser: Any, dana: Person) -> None:
    for number in range(10):
        enter(browser(), f"p{number}@x.example", "guess")
    assert enter(browser(), dana.email, WORDS).status_code == 429


def test_neighbours_in_one_ipv6_network_are_one_address(browser: Any, dana: Person) -> None:
    for number in range(5):
        enter(browser(), dana.email, "guess", environ_base={"REMOTE_ADDR": f"2001:db8::{number + 1}"})
    again = enter(browser(), dana.email, WORDS, environ_base={"REMOTE_ADDR": "2001:db8::ffff"})
    assert again.status_code == 429


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "/\\evil.example", "/%09/evil.example", "\t//evil.example", "https:evil.example",
     "javascript:alert(1)", "/@evil.example//x", "///evil.example", "/\r\nSet-Cookie: a=b", "https://evil.example",
     "/a\\b"],
)  # fmt: skip
def test_afterwards_people_stay_on_this_site(browser: Any, dana: Person, target: str) -> None:
    visitor = browser()
    data = {"email": dana.email, "password": WORDS}
    answer = visitor.post("/sign-in", data, query_string={"next": target})
    assert answer.status_code == 303
    assert answer.location == "/"


def test_afterwards_people_come_back_to_their_page(browser: Any, dana: Person) -> None:
    answer = browser().get("/settings/sessions")
    assert answer.location == "/sign-in?next=/settings/sessions"
    back = browser().post(answer.location, {"email": dana.email, "password": WORDS})
    assert back.location == "/settings/sessions"


def test_a_cookie_replayed_after_signing_out_is_worth_nothing(browser: Any, dana: Person) -> None:
    visitor = browser(dana)
    with visitor.client.session_transaction() as cookie:
        kept = dict(cookie)
    gone = visitor.post("/sign-out")
    assert '"cache"' in gone.headers["Clear-Site-Data"]
    thief = browser()
    with thief.client.session_transaction() as cookie:
        cookie.update(kept)
    assert thief.get("/settings/account").status_code == 303


def test_signing_in_makes_a_new_session(browser: Any, dana: Person) -> None:
    visitor = browser()
    with visitor.client.session_transaction() as cookie:
        cookie["planted"] = "by an attacker"
    enter(visitor, dana.email, WORDS)
    with visitor.client.session_transaction() as cookie:
        assert "planted" not in cookie


@pytest.mark.parametrize("age", [timedelta(days=15), timedelta(days=61)])
def test_an_idle_or_old_session_ends(browser: Any, dana: Person, age: timedelta) -> None:
    visitor = browser(dana)
    clock.move_to(clock.now() + age)
    assert visitor.get("/settings/account").status_code == 303


def test_a_closed_door_answers_htmx_with_the_way_in(browser: Any) -> None:
    answer = browser().get("/settings/account", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"].startswith("/sign-in")
