"""Only admins find these pages, and what they look at is recorded."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from marketplace.kernel.clock import now
from marketplace.kernel.db import commit, many
from marketplace.kernel.events import Event
from tests import make
from tests.reviews import ended

PAGES = ["/admin", "/admin/people", "/admin/contracts", "/admin/books", "/admin/audit", "/admin/audit.csv"]


@pytest.mark.parametrize("path", PAGES)
def test_an_admin_finds_it_and_nobody_else(app: Any, browser: Any, path: str) -> None:
    assert browser(make.staff()).get(path).status_code == 200
    for person in (make.staff("reader"), make.person(), make.professional().person):
        assert browser(person).get(path).status_code == 404
    assert browser().get(path).status_code == 303


def test_a_suspended_admin_finds_nothing(app: Any, browser: Any) -> None:
    admin = make.staff()
    admin.suspended_at = now()
    commit()
    assert browser(admin).get("/admin").status_code == 404


def readings(subject: str) -> list[Event]:
    """That somebody of the staff looked at `subject`."""
    return many(select(Event).where(Event.name == "admin.read", Event.subject == subject))


def test_looking_at_a_person_is_recorded_once_an_hour(app: Any, browser: Any) -> None:
    admin, ines = make.staff(), make.professional().person
    here = browser(admin)
    for _ in range(3):
        assert here.get(f"/admin/people/{ines.id}").status_code == 200
    found = readings(ines.subject)
    assert [event.by_id for event in found] == [admin.id]


def test_looking_at_a_contract_in_another_room_is_recorded(app: Any, browser: Any) -> None:
    contract = ended.contract()
    browser(make.staff()).get(f"/contracts/{contract.id}/review")
    browser(make.owner_of(contract.organisation)).get(f"/contracts/{contract.id}/review")
    assert len(readings(contract.subject)) == 1


def test_what_is_not_there_is_not_recorded(app: Any, browser: Any) -> None:
    browser(make.staff()).get("/admin/people/00000000-0000-0000-0000-000000000000")
    assert not many(select(Event).where(Event.name == "admin.read"))
