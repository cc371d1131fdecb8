"""The terms are accepted by version: when they change, people accept them anew before they act."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from marketplace.accounts.models import Acceptance, Person
from marketplace.accounts.passwords import make as hashed
from marketplace.config import settings
from marketplace.kernel.db import commit, many
from marketplace.kernel.http import Marketplace
from tests import make

WORDS = "correct horse battery"
FOUND = {"name": "Fjord Warmth", "country": "GB", "currency": "usd"}


@pytest.fixture
def dana(app: Marketplace, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Somebody who accepted the terms before they changed."""
    person = make.person("Dana Whitlock")
    person.password_hash = hashed(WORDS)
    commit()
    monkeypatch.setattr(settings(), "terms_version", "2027-01", raising=False)
    return person


def versions(person: Person) -> list[str]:
    """The versions that `person` accepted."""
    found = select(Acceptance.version).where(Acceptance.person_id == person.id)
    return many(found.order_by(Acceptance.created_at))


def test_who_signs_in_after_a_change_is_asked_first(browser: Any, dana: Person) -> None:
    here = browser()
    answer = here.post("/sign-in?next=/briefs", {"email": dana.email, "password": WORDS})
    assert answer.location == "/settings/terms?next=/briefs"
    assert "version 2027-01 is in force" in here.get("/settings/terms").text
    assert here.post("/settings/terms?next=/briefs").location == "/briefs"
    assert versions(dana) == ["2026-11", "2027-01"]


def test_who_was_signed_in_is_asked_when_acting_and_loses_nothing(browser: Any, dana: Person) -> None:
    here = browser(dana)
    answer = here.post("/settings/business/found", FOUND)
    assert answer.status_code == 403
    assert "The terms have changed" in answer.text
    assert 'name="name" value="Fjord Warmth"' in answer.text
    assert here.post("/settings/business/found", {**FOUND, "agreed": "2027-01"}).status_code == 303
    assert versions(dana)[-1] == "2027-01"


def test_accepting_lasts_when_the_form_is_refused(browser: Any, dana: Person) -> None:
    here = browser(dana)
    assert (
        here.post("/settings/business/found", {**FOUND, "name": "", "agreed": "2027-01"}).status_code == 422
    )
    assert versions(dana)[-1] == "2027-01"


def test_another_version_is_not_accepted(browser: Any, dana: Person) -> None:
    answer = browser(dana).post("/settings/business/found", {**FOUND, "agreed": "2026-11"})
    assert answer.status_code == 403
    assert versions(dana) == ["2026-11"]


def test_reading_exporting_and_leaving_stay_open(browser: Any, dana: Person) -> None:
    here = browser(dana)
    assert here.get("/contracts").status_code == 200
    assert here.get("/settings/export").status_code == 200
    assert here.post("/settings/close", {"sure": "y"}).status_code == 303
