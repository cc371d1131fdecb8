"""Signing up: one account an address, nothing to learn for strangers, no session before the mailbox."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from marketplace.accounts.models import Acceptance, Person
from marketplace.kernel.db import db
from tests import make
from tests.accounts.mailbox import letters, link_in

GOOD = {
    "side": "business",
    "name": "Dana Whitlock",
    "email": "Dana@Northgate.example",
    "password": "sixty-one late buses",
    "terms": "y",
}


def people() -> int:
    return db.session.scalar(select(func.count()).select_from(Person)) or 0


def test_dana_signs_up_and_confirms_her_address(browser: Any) -> None:
    dana = browser()
    assert dana.post("/sign-up", GOOD).status_code == 303
    path = link_in("Dana@northgate.example")
    assert "Confirm this address" in dana.get(path).text
    assert dana.post(path).status_code == 303
    row = db.session.scalars(select(Person)).one()
    assert row.is_verified
    assert db.session.scalars(select(Acceptance)).one().person_id == row.id
    assert dana.get("/settings/account").status_code == 200


def test_looking_at_the_link_does_not_use_it_up(browser: Any) -> None:
    browser().post("/sign-up", GOOD)
    path = link_in("Dana@northgate.example")
    for _ in range(3):
        assert browser().get(path).status_code == 200
    assert browser().post(path, {"password": GOOD["password"]}).status_code == 303


def test_a_link_works_once(browser: Any) -> None:
    browser().post("/sign-up", GOOD)
    path = link_in("Dana@northgate.example")
    browser().post(path, {"password": GOOD["password"]})
    again = browser().post(path)
    assert again.status_code == 404
    assert "used already" in again.text


@pytest.mark.parametrize(
    "twin", ["dana@northgate.example", "DANA@NORTHGATE.EXAMPLE", "Dana@Northgate.example "]
)
def test_one_address_is_one_account(browser: Any, twin: str) -> None:
    browser().post("/sign-up", GOOD)
    browser().post("/sign-up", {**GOOD, "email": twin})
    assert people() == 1


def test_a_known_address_gets_the_same_page_and_a_mail(browser: Any) -> None:
    known = make.person("Ines Okafor")
    fresh = browser().post("/sign-up", GOOD)
    taken = browser().post("/sign-up", {**GOOD, "email": known.email})
    assert (taken.status_code, taken.location) == (fresh.status_code, fresh.location)
    assert letters(known.email)[-1].subject_line == "You already have an account"


def test_who_registers_my_address_first_loses_their_password_when_i_confirm(browser: Any) -> None:
    browser().post("/sign-up", {**GOOD, "password": "the attacker's words"})
    browser().post("/sign-up", GOOD)
    browser().post(link_in("Dana@northgate.example"), {"password": GOOD["password"]})
    wrong = {"email": GOOD["email"], "password": "the attacker's words"}
    assert browser().post("/sign-in", wrong).status_code == 422


def test_a_password_that_somebody_else_chose_is_never_confirmed_by_my_click(browser: Any) -> None:
    dana = browser()
    dana.post("/sign-up", GOOD)
    browser().post("/sign-up", {**GOOD, "password": "the attacker's words"})
    path = link_in("Dana@northgate.example")
    refused = dana.post(path, {"password": GOOD["password"]})
    assert refused.status_code == 422
    assert "choose a new password instead" in refused.text
    assert db.session.scalars(select(Person)).one().verified_at is None


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", "", "Your name is missing."),
        ("name", "D" * 81, "at most 80 characters"),
        ("name", "Dana\x00", "control characters"),
        ("name", "Dana\u202eanaD", "invisible characters"),
        ("email", "dana", "Write one e-mail address"),
        ("email", "a@x.example,b@x.example", "Write one e-mail address"),
        ("email", "dana@northgate.example\nbcc: x@y.example", "invisible characters"),
        ("password", "short", "at least 10 characters"),
        ("password", "password123", "first that a guesser tries"),
        ("password", "dana whitlock 1", "first that a guesser tries"),
        ("password", "x" * 257, "at most 256 characters"),
        ("side", "admin", "Not a valid choice"),
        ("terms", "", "accept the terms"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    browser: Any, field: str, typed: str, sentence: str
) -> None:
    answer = browser().post("/sign-up", {**GOOD, field: typed})
    assert answer.status_code == 422
    assert sentence in answer.text
    if field not in {"name"}:
        assert 'value="Dana Whitlock"' in answer.text
    assert people() == 0


def test_names_from_right_to_left_and_with_emoji_are_welcome(browser: Any) -> None:
    assert browser().post("/sign-up", {**GOOD, "name": "ليلى 🌿 Haddad"}).status_code == 303


def test_an_old_page_keeps_what_was_typed(browser: Any) -> None:
    answer = browser().client.post("/sign-up", data={**GOOD, "csrf_token": "old"})
    assert answer.status_code == 400
    assert "send it again" in answer.text
    assert 'value="Dana Whitlock"' in answer.text
    assert people() == 0


def test_the_sixth_sign_up_within_an_hour_waits(browser: Any) -> None:
    answers = [browser().post("/sign-up", {**GOOD, "email": f"p{n}@x.example"}).status_code for n in range(6)]
    assert answers == [303] * 5 + [429]
