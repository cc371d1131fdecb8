"""An admin removes with a ground; the note stays and the mark no longer counts."""

from __future__ import annotations

from typing import Any

from marketplace.kernel.db import db, many
from marketplace.kernel.events import feed
from marketplace.reviews.models import shown_on
from marketplace.reviews.scores import summary
from tests import make
from tests.reviews.test_reply import shown

SAID = {"ground": "private", "sentence": "It names a child of the owner."}


def test_an_admin_removes_and_a_note_stays(app: Any, browser: Any) -> None:
    review = shown()
    admin = browser(make.staff())
    assert admin.post(f"/reviews/{review.id}/remove", SAID).status_code == 303
    text = browser(review.profile.person).get(f"/contracts/{review.contract_id}/review").text
    assert "It tells private things" in text
    assert "one was late" not in text


def test_a_removed_mark_does_not_count(app: Any, browser: Any) -> None:
    review = shown()
    browser(make.staff()).post(f"/reviews/{review.id}/remove", SAID)
    db.session.expire_all()
    made = summary(many(shown_on(review.profile_id)))
    assert (made.count, made.removed) == (0, 1)


def test_it_stands_in_the_trail(app: Any, browser: Any) -> None:
    review = shown()
    browser(make.staff()).post(f"/reviews/{review.id}/remove", SAID)
    event = many(feed(review.contract.subject))[0]
    assert event.name == "review.removed"
    assert event.data["ground"] == "private"


def test_nobody_else_finds_the_page(app: Any, browser: Any) -> None:
    review = shown()
    for person in (make.person(), make.staff("reader"), make.owner_of(review.organisation)):
        assert browser(person).post(f"/reviews/{review.id}/remove", SAID).status_code == 404


def test_an_admin_of_that_business_leaves_it_to_another(app: Any, browser: Any) -> None:
    review = shown()
    boss = make.owner_of(review.organisation)
    boss.staff = "admin"
    db.session.commit()
    assert browser(boss).post(f"/reviews/{review.id}/remove", SAID).status_code == 403


def test_a_ground_is_needed_and_it_happens_once(app: Any, browser: Any) -> None:
    review, admin = shown(), browser(make.staff())
    assert admin.post(f"/reviews/{review.id}/remove", {**SAID, "ground": ""}).status_code == 422
    assert admin.post(f"/reviews/{review.id}/remove", {**SAID, "ground": "dislike"}).status_code == 422
    assert admin.post(f"/reviews/{review.id}/remove", SAID).status_code == 303
    assert admin.post(f"/reviews/{review.id}/remove", SAID).status_code == 409
