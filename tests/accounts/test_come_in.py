"""A form that arrives after its session ended: one signs in, and what was typed goes on."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.accounts.models import Person
from marketplace.accounts.passwords import make as hashed
from marketplace.kernel.db import commit
from marketplace.kernel.http import Marketplace
from tests import make

WORDS = "correct horse battery"
TYPED = {"name": "Dana W.", "timezone": "Europe/Oslo", "theme": ""}


@pytest.fixture
def dana(app: Marketplace) -> Person:
    """Somebody with a password."""
    person = make.person("Dana Whitlock")
    person.password_hash = hashed(WORDS)
    commit()
    return person


def test_what_was_typed_without_a_session_is_kept(browser: Any, dana: Person) -> None:
    answer = browser().post("/settings/account", TYPED)
    assert answer.status_code == 403
    assert "You are not signed in any more" in answer.text
    assert 'name="timezone" value="Europe/Oslo"' in answer.text


def test_signing_in_sends_it(browser: Any, dana: Person) -> None:
    here = browser()
    answer = here.post("/settings/account", {**TYPED, "again_email": dana.email, "again": WORDS})
    assert answer.status_code == 303
    assert (dana.name, dana.timezone) == ("Dana W.", "Europe/Oslo")
    assert here.get("/settings/account").status_code == 200


def test_one_is_signed_in_even_when_the_form_is_refused(browser: Any, dana: Person) -> None:
    here = browser()
    sent = {**TYPED, "name": "", "again_email": dana.email, "again": WORDS}
    assert here.post("/settings/account", sent).status_code == 422
    assert here.get("/settings/account").status_code == 200


def test_a_wrong_password_lets_nobody_in(browser: Any, dana: Person) -> None:
    answer = browser().post("/settings/account", {**TYPED, "again_email": dana.email, "again": "no"})
    assert answer.status_code == 403
    assert "do not belong together" in answer.text
    assert 'name="timezone" value="Europe/Oslo"' in answer.text
    assert dana.name == "Dana Whitlock"


def test_somebody_elses_form_stays_theirs(browser: Any, dana: Person) -> None:
    contract = make.contract()
    sent = {"reason": "Mine now.", "again_email": dana.email, "again": WORDS}
    assert browser().post(f"/contracts/{contract.id}/end", sent).status_code == 404


def test_a_button_without_a_form_leads_to_sign_in(browser: Any) -> None:
    assert browser().post("/inbox/read-all").location == "/sign-in"
