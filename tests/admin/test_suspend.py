"""Suspending and restoring: with a reason, never oneself, only with a fresh sign-in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from marketplace.accounts.models import Person, Session
from marketplace.kernel.clock import now
from marketplace.kernel.db import commit, db, many, one
from marketplace.kernel.events import Event
from marketplace.kernel.mail import Mail
from tests import make

SAID = {"reason": "fraud", "sentence": "Three cards with three names in one hour."}
LIFTED = {"reason": "mistake", "sentence": "The cards were of one family."}


def again(person: Person) -> Person:
    """The person as the database has them now."""
    db.session.expire_all()
    return one(select(Person).where(Person.id == person.id))


def test_a_person_is_stopped_and_told_why(app: Any, browser: Any) -> None:
    nadia = make.person()
    answer = browser(make.staff()).post(f"/admin/people/{nadia.id}/suspend", SAID)
    assert answer.status_code == 303
    assert again(nadia).suspended_reason == "Suspected fraud. Three cards with three names in one hour."
    assert "Three cards" in many(select(Mail).where(Mail.to == nadia.email))[0].body
    assert many(select(Event).where(Event.name == "person.suspended"))[0].subject == nadia.subject


def test_they_may_act_again(app: Any, browser: Any) -> None:
    nadia, admin = make.person(), browser(make.staff())
    admin.post(f"/admin/people/{nadia.id}/suspend", SAID)
    assert admin.post(f"/admin/people/{nadia.id}/restore", LIFTED).status_code == 303
    assert not again(nadia).is_suspended


def test_nobody_suspends_or_restores_themselves(app: Any, browser: Any) -> None:
    admin = make.staff()
    assert browser(admin).post(f"/admin/people/{admin.id}/suspend", SAID).status_code == 422
    assert browser(admin).post(f"/admin/people/{admin.id}/restore", LIFTED).status_code == 422
    assert not again(admin).is_suspended


def test_twice_is_told_as_stale(app: Any, browser: Any) -> None:
    nadia, admin = make.person(), browser(make.staff())
    admin.post(f"/admin/people/{nadia.id}/suspend", SAID)
    assert admin.post(f"/admin/people/{nadia.id}/suspend", SAID).status_code == 409


def test_a_reason_is_needed_and_the_sentence_kept(app: Any, browser: Any) -> None:
    nadia = make.person()
    answer = browser(make.staff()).post(f"/admin/people/{nadia.id}/suspend", {**SAID, "reason": "mood"})
    assert answer.status_code == 422
    assert "Three cards" in answer.text
    assert not again(nadia).is_suspended


def test_an_old_sign_in_asks_for_the_password(app: Any, browser: Any) -> None:
    nadia, admin = make.person(), make.staff()
    here = browser(admin)
    one(select(Session).where(Session.person_id == admin.id)).fresh_at = now() - timedelta(hours=1)
    commit()
    assert here.post(f"/admin/people/{nadia.id}/suspend", SAID).status_code == 403
    assert not again(nadia).is_suspended


def test_nobody_else_can(app: Any, browser: Any) -> None:
    nadia = make.person()
    for person in (make.person(), make.staff("reader")):
        assert browser(person).post(f"/admin/people/{nadia.id}/suspend", SAID).status_code == 404
