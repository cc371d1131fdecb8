"""Sending samples for reading, and taking them back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from marketplace.kernel import clock
from marketplace.kernel.clock import now
from marketplace.kernel.db import commit, db
from marketplace.kernel.errors import Missing, Refused, Stale
from marketplace.talent import samples
from marketplace.vetting import actions
from tests import make
from tests.talent.test_samples import FIELDS


def test_what_is_missing_is_listed(app: Any, browser: Any) -> None:
    person = make.person("Ines Okafor", side="professional")
    her = browser(person)
    her.post("/apply")
    page = her.get("/apply").text
    assert "Give at least one rate" in page
    assert "Opens when everything above is done" in page
    answer = her.post("/apply/send")
    assert answer.status_code == 422
    assert "Choose 3 to 8 samples" in answer.text


def test_sending_fixes_the_words_and_shows_the_place(app: Any, browser: Any) -> None:
    make.application()
    profile = make.professional("Bram Second", admitted=False)
    application = make.application(profile, state="draft")
    her = browser(profile.person)
    assert her.post("/apply/send").status_code == 303
    db.session.expire_all()
    assert application.sample_ids == [str(row.id) for row in profile.samples]
    assert {row.state for row in profile.samples} == {"frozen"}
    assert "Place 2 in the queue" in her.get("/apply").text
    assert her.post("/apply/send").status_code == 409


def test_an_edit_after_sending_is_not_what_readers_read(app: Any) -> None:
    application = make.application()
    profile = application.profile
    new = samples.revise_sample(profile.samples[0], by=profile.person, **FIELDS)
    commit()
    assert str(new.id) not in application.sample_ids
    assert new.state == "waiting"


def test_a_stranger_sends_nothing_of_mine(app: Any) -> None:
    application = make.application(state="draft")
    with pytest.raises(Missing):
        actions.submit(application, by=make.person())


def test_nobody_sends_again_before_the_date_in_the_letter(app: Any) -> None:
    profile = make.professional(admitted=False)
    make.application(profile, state="decided", decision="not_yet", decided_at=now(), letter="Not yet.",
                     reapply_at=now() + timedelta(days=90))  # fmt: skip
    again = actions.begin(profile.person)
    commit()
    with pytest.raises(Refused, match="You may send samples again from"):
        actions.submit(again, by=profile.person)
    clock.move_to(now() + timedelta(days=91))
    assert actions.submit(again, by=profile.person).state == "submitted"


def test_withdrawing_stops_the_readers(app: Any, browser: Any) -> None:
    application = make.application()
    her = browser(application.profile.person)
    assert her.post("/apply/withdraw").status_code == 303
    assert her.post("/apply/withdraw").status_code == 404
    with pytest.raises(Missing):
        actions.claim(application, by=make.reader())
    db.session.rollback()


def test_beginning_twice_is_beginning_once(app: Any) -> None:
    person = make.person("Ines Okafor", side="professional")
    assert actions.begin(person) is actions.begin(person)


def test_a_decided_application_is_not_withdrawn(app: Any) -> None:
    application = make.application(state="decided", decision="not_yet", decided_at=now())
    with pytest.raises(Stale):
        actions.withdraw(application, by=application.profile.person)
