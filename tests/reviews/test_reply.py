"""The reviewed side answers once, in time."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.config import rules
from marketplace.kernel.clock import move_to, now
from marketplace.kernel.db import commit, one
from marketplace.kernel.errors import Stale
from marketplace.reviews import actions
from marketplace.reviews.models import Review, of_contract, window_of
from tests import make
from tests.reviews import ended

SAID = {"body": "Thank you. I shall warn you earlier next time."}


def shown() -> Review:
    """A review by a business that everybody may read."""
    contract = ended.contract()
    actions.write(contract, scores=ended.MARKS, body="Good, but one was late.", hire_again=True,
                  quote=ended.LINE, by=make.owner_of(contract.organisation))  # fmt: skip
    actions.show(one(window_of(contract.id)))
    commit()
    return one(of_contract(contract.id))


def test_the_professional_answers(app: Any, browser: Any) -> None:
    review = shown()
    ines = browser(review.profile.person)
    assert ines.post(f"/reviews/{review.id}/reply", SAID).status_code == 303
    assert "warn you earlier" in ines.get(f"/contracts/{review.contract_id}/review").text


def test_only_once(app: Any) -> None:
    review = shown()
    actions.reply(review, SAID["body"], by=review.profile.person)
    with pytest.raises(Stale):
        actions.reply(review, SAID["body"], by=review.profile.person)


def test_not_after_twenty_eight_days(app: Any) -> None:
    review = shown()
    move_to(now() + rules().reply_window)
    with pytest.raises(Stale):
        actions.reply(review, SAID["body"], by=review.profile.person)


def test_its_writer_does_not_answer(app: Any, browser: Any) -> None:
    review = shown()
    owner = browser(make.owner_of(review.organisation))
    assert owner.post(f"/reviews/{review.id}/reply", SAID).status_code == 403


def test_a_stranger_finds_nothing(app: Any, browser: Any) -> None:
    assert browser(make.person()).post(f"/reviews/{shown().id}/reply", SAID).status_code == 404


def test_a_hidden_review_cannot_be_found(app: Any, browser: Any) -> None:
    contract = ended.contract()
    row = actions.write(contract, scores=ended.THEIRS, body="Answers came late.", by=contract.profile.person)
    commit()
    owner = browser(make.owner_of(contract.organisation))
    assert owner.get(f"/reviews/{row.id}/reply").status_code == 404


def test_too_short_an_answer_is_kept_in_the_form(app: Any, browser: Any) -> None:
    review = shown()
    answer = browser(review.profile.person).post(f"/reviews/{review.id}/reply", {"body": "No."})
    assert answer.status_code == 422
    assert "No.</textarea>" in answer.text.replace("\r\n", "")
