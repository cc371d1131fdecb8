"""One's own account: passwords, addresses, sessions, closing."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from marketplace.accounts import closing, passwords
from marketplace.accounts.models import Person
from marketplace.kernel import clock
from marketplace.kernel.db import commit, db
from tests import make
from tests.accounts.mailbox import letters, link_in

WORDS = "sixty-one late buses"


@pytest.fixture
def dana(app: Any) -> Person:
    row = make.person("Dana Whitlock")
    row.password_hash = passwords.make(WORDS)
    commit()
    return row


def test_a_new_password_ends_the_other_browsers(browser: Any, dana: Person) -> None:
    here, there = browser(dana), browser(dana)
    answer = here.post("/settings/password", {"old": WORDS, "password": "a new sentence to keep"})
    assert answer.status_code == 303
    assert here.get("/settings/account").status_code == 200
    assert there.get("/settings/account").status_code == 303
    assert "Your password was changed" in letters(dana.email)[-1].body


def test_the_present_password_is_asked(browser: Any, dana: Person) -> None:
    answer = browser(dana).post("/settings/password", {"old": "wrong", "password": "a new sentence to keep"})
    assert answer.status_code == 422
    assert "not your present password" in answer.text


def test_a_new_address_counts_when_its_link_is_opened_here(browser: Any, dana: Person) -> None:
    here, old = browser(dana), dana.email
    here.post("/settings/email", {"email": "dana@new.example"})
    path = link_in("dana@new.example")
    assert browser(make.person("Nadia Stranger")).post(path).status_code == 404
    assert here.post(path).status_code == 303
    assert dana.email == "dana@new.example"
    assert len(letters(old)) == 2


def test_an_address_taken_meanwhile_is_refused(browser: Any, dana: Person) -> None:
    here = browser(dana)
    here.post("/settings/email", {"email": "dana@new.example"})
    rival = make.person("Rival Holder")
    rival.email = rival.email_key = "dana@new.example"
    commit()
    assert here.post(link_in("dana@new.example")).status_code == 422


@pytest.mark.parametrize("path", ["/settings/email", "/settings/password", "/settings/close"])
def test_after_a_while_the_password_is_asked_again_and_nothing_typed_is_lost(
    browser: Any, dana: Person, path: str
) -> None:
    here = browser(dana)
    clock.move_to(clock.now() + timedelta(minutes=16))
    asked = here.post(path, {"email": "dana@new.example"})
    assert asked.status_code == 403
    assert 'value="dana@new.example"' in asked.text
    wrong = here.post(path, {"email": "dana@new.example", "again": "wrong"})
    assert "not your password" in wrong.text
    right = here.post(path, {"email": "dana@new.example", "again": WORDS})
    assert right.status_code != 403


def test_one_ends_ones_own_sessions_only(browser: Any, dana: Person) -> None:
    here, there = browser(dana), browser(dana)
    nadia = make.person("Nadia Stranger")
    with there.cookie() as cookie:
        secret = cookie["_user_id"]
    from marketplace.accounts.models import by_secret
    from marketplace.kernel.db import one
    from marketplace.kernel.text import sha256

    row = one(by_secret(sha256(secret.encode())))
    path = f"/settings/sessions/{row.id}/end"
    assert browser(nadia).post(path).status_code == 404
    assert here.post(path).status_code == 303
    assert there.get("/settings/account").status_code == 303


def test_the_export_holds_ones_own_things(browser: Any, dana: Person) -> None:
    make.person("Nadia Stranger")
    answer = browser(dana).get("/settings/export")
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    account = json.loads(archive.read("account.json"))
    assert account[0]["email"] == dana.email
    assert all(b"Nadia" not in archive.read(name) for name in archive.namelist())


def test_a_closed_account_is_a_former_member(browser: Any, dana: Person) -> None:
    here, email = browser(dana), dana.email
    assert here.post("/settings/close", {"sure": "y"}).status_code == 303
    assert here.get("/settings/account").status_code == 303
    assert browser().post("/sign-in", {"email": email, "password": WORDS}).status_code == 422
    assert dana.name == "Former member"
    assert email not in str(db.session.execute(db.select(Person.email)).all())


def test_the_last_owner_hands_over_before_closing(browser: Any) -> None:
    org = make.business()
    make.member(org, "editor")
    answer = browser(make.owner_of(org)).post("/settings/close", {"sure": "y"})
    assert answer.status_code == 409
    assert "needs another owner" in answer.text


def test_closing_alone_closes_the_business(browser: Any) -> None:
    org = make.business()
    assert closing.sole_organisations(make.owner_of(org)) == [org]
    browser(make.owner_of(org)).post("/settings/close", {"sure": "y"})
    assert org.closed_at is not None


def test_the_first_admin_is_appointed_by_command(app: Any, dana: Person) -> None:
    runner = app.test_cli_runner()
    assert "is admin now" in runner.invoke(args=["people", "appoint", dana.email, "admin"]).output
    assert runner.invoke(args=["people", "appoint", "nobody@x.example", "admin"]).exit_code == 1
    db.session.expire_all()
    assert dana.is_admin
