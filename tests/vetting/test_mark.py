"""Saving marks: the second or third reading decides."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from marketplace.kernel.clock import now
from marketplace.kernel.db import commit, db, many
from marketplace.kernel.errors import Missing, Refused, Stale
from marketplace.kernel.mail import Mail
from marketplace.talent import samples
from marketplace.vetting import actions
from marketplace.vetting.models import LINES, Application, Reading
from tests import make
from tests.talent.test_samples import FIELDS


def give(application: Application, name: str, mark: int = 4, **also: Any) -> None:
    reader = make.reader(name)
    reading = actions.claim(application, by=reader)
    given = {line: also.pop(line, mark) for line in LINES}
    actions.mark(reading, given, {line: f"{name} on {line}." for line in LINES}, by=reader, **also)
    commit()


def test_two_good_readings_admit_and_the_letter_says_why(app: Any) -> None:
    application = make.application()
    give(application, "Ana", substance=3, note="Send her bad news.")
    give(application, "Ben")
    assert (application.state, application.decision) == ("decided", "admitted")
    assert application.profile.is_listed
    assert application.note == "Send her bad news."
    letter = many(select(Mail))[0]
    assert letter.to == application.profile.person.email
    assert "Ana on substance." in letter.body
    assert "3 and 4 of 5" in letter.body
    assert "&#39;" not in letter.body


def test_a_low_average_is_not_yet_with_a_date(app: Any) -> None:
    application = make.application()
    give(application, "Ana", mark=3)
    give(application, "Ben", mark=3)
    assert application.decision == "not_yet"
    assert not application.profile.is_admitted
    assert "You may send samples again from" in application.letter


def test_one_weak_line_is_enough_for_not_yet(app: Any) -> None:
    application = make.application()
    give(application, "Ana", mark=5, judgement=2)
    give(application, "Ben", mark=5, judgement=3)
    assert application.decision == "not_yet"


def test_two_readers_far_apart_call_a_third_and_all_three_count(app: Any) -> None:
    application = make.application()
    give(application, "Ana", voice=2)
    give(application, "Ben", voice=4)
    assert application.state == "reading"
    assert application.has_room
    give(application, "Cem", voice=4)
    assert application.decision == "admitted"
    assert "2 and 4 and 4 of 5" in application.letter


def test_saved_marks_do_not_change(app: Any) -> None:
    application = make.application()
    give(application, "Ana")
    reading = application.readings[0]
    with pytest.raises(Stale):
        actions.mark(reading, dict.fromkeys(LINES, 1), dict.fromkeys(LINES, "No."), by=reading.reader)


def test_another_readers_reading_is_not_mine_to_mark(app: Any) -> None:
    application = make.application()
    reading = actions.claim(application, by=make.reader())
    with pytest.raises(Missing):
        actions.mark(reading, dict.fromkeys(LINES, 1), dict.fromkeys(LINES, "No."), by=make.staff())


def test_marks_come_too_late_after_a_withdrawal(app: Any) -> None:
    application, reader = make.application(), make.reader()
    reading = actions.claim(application, by=reader)
    application.state = "withdrawn"
    commit()
    with pytest.raises((Stale, Missing)):
        actions.mark(reading, dict.fromkeys(LINES, 4), dict.fromkeys(LINES, "Yes."), by=reader)


@pytest.mark.parametrize("mark", [0, 6, -1])
def test_marks_beyond_the_scale_are_refused(app: Any, mark: int) -> None:
    with pytest.raises(Refused, match="from 1 to 5"):
        give(make.application(), "Ana", voice=mark)


def test_a_note_stands_on_exact_words_that_the_reader_saw(app: Any) -> None:
    application = make.application()
    row = application.profile.samples[0]
    give(application, "Ana", margins=[actions.Note(row.id, "find his dog.", "A real dog.")])
    for quote in ("a cat", "Northgate"):
        with pytest.raises(Refused, match="is not in the sample"):
            give(application, "Ben", margins=[actions.Note(row.id, quote, "Hm.")])
        db.session.rollback()
    assert application.readings[0].margins[0].quote == "find his dog."


def test_a_refused_reading_keeps_what_was_typed(app: Any, browser: Any) -> None:
    application, reader = make.application(), make.reader()
    actions.claim(application, by=reader)
    commit()
    sent = {
        "lucidity": "4",
        "why_lucidity": "Clear as water.",
        "margins-0-quote": "a cat",
        "margins-0-note": "Hm.",
    }
    answer = browser(reader).post(f"/admin/vetting/{application.id}", sent)
    assert answer.status_code == 422
    assert "Clear as water." in answer.text
    assert "Give voice a mark from 1 to 5." in answer.text
    assert 'value="a cat"' in answer.text


def test_saving_leads_to_the_next(app: Any, browser: Any) -> None:
    first, reader = make.application(), make.reader()
    second = make.application(make.professional("Bram Second", admitted=False))
    actions.claim(first, by=reader)
    commit()
    sent = {line: "4" for line in LINES} | {f"why_{line}": "Good." for line in LINES}
    answer = browser(reader).post(f"/admin/vetting/{first.id}", sent | {"then": "next"})
    assert answer.headers["Location"].endswith(str(second.id))


def test_reading_again_shows_the_changed_sample_only_once_admitted(app: Any) -> None:
    profile = make.professional()
    old = profile.samples[0]
    new = samples.revise_sample(old, by=profile.person, **FIELDS)
    again = actions.begin(profile.person)
    actions.submit(again, by=profile.person)
    commit()
    assert (new.state, old.state) == ("waiting", "frozen")
    give(again, "Ana")
    give(again, "Ben")
    assert (new.state, old.state) == ("frozen", "replaced")


def behind_the_back(reading: Reading) -> None:
    """Save a reading as another request would, unseen by the rows that are loaded here."""
    marks = dict.fromkeys(LINES, 4)
    saved = update(Reading).where(Reading.id == reading.id)
    saved = saved.values(saved_at=now(), marks=marks, reasons=dict.fromkeys(LINES, "Fine."))
    db.session.execute(saved.execution_options(synchronize_session=False))


def test_two_readers_who_save_at_the_same_moment_still_decide(app: Any) -> None:
    application, ana, ben = make.application(), make.reader("Ana"), make.reader("Ben")
    first, second = (actions.claim(application, by=reader) for reader in (ana, ben))
    behind_the_back(first)
    actions.mark(second, dict.fromkeys(LINES, 4), dict.fromkeys(LINES, "Good."), by=ben)
    assert application.decision == "admitted"


def test_one_reading_sent_twice_is_saved_once(app: Any) -> None:
    application, ana = make.application(), make.reader("Ana")
    reading = actions.claim(application, by=ana)
    behind_the_back(reading)
    with pytest.raises(Stale):
        actions.mark(reading, dict.fromkeys(LINES, 1), dict.fromkeys(LINES, "Bad."), by=ana)


def test_an_admin_refuses_with_a_reason(app: Any, browser: Any) -> None:
    application = make.application()
    address = f"/admin/vetting/{application.id}/refuse"
    assert browser(make.reader()).get(address).status_code == 404
    boss = browser(make.staff())
    assert boss.post(address, {"reason": "Too short."}).status_code == 422
    assert boss.post(address, {"reason": "Two samples were written by somebody else."}).status_code == 303
    assert boss.post(address, {"reason": "Two samples were written by somebody else."}).status_code == 409
    db.session.expire_all()
    assert application.decision == "refused"
    page = browser(application.profile.person).get("/apply").text
    assert "Two samples were written by somebody else." in page
