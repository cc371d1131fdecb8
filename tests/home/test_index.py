"""The first page: a landing for strangers, whose turn it is for people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from marketplace.briefs.models import BriefInvitation, Question
from marketplace.contracts.models import Contract
from marketplace.home.turns import turns_of
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, commit
from marketplace.reviews.models import Window
from marketplace.vetting.models import Application
from tests import make
from tests.counting import queries
from tests.home.work import contract
from tests.search.people import writer


def yours(person: Any) -> list[str]:
    return [turn.text for turn in turns_of(person).yours]


def waiting(person: Any) -> list[str]:
    return [turn.text for turn in turns_of(person).waiting]


def boss_of(row: Contract) -> Any:
    return make.owner_of(row.organisation)


def test_a_stranger_reads_four_writers_and_no_more(app: Any, browser: Any) -> None:
    assert "Read first. Hire second." not in browser().get("/").text
    for number in range(6):
        writer(f"Writer{number} Name")
    page = browser().get("/").text
    assert page.count('<article class="result">') == 4
    assert "not an echo." in page


def test_nobody_has_nothing_to_do_without_being_told(app: Any, browser: Any) -> None:
    page = browser(make.owner_of(make.business())).get("/").text
    assert "Nothing waits for you" in page


def test_a_newcomer_is_led_to_what_comes_first(app: Any) -> None:
    assert yours(make.person("Nora New")) == ["Set up your business"]
    person = make.person("Vera Unproved", side="professional")
    person.verified_at = None
    assert yours(person) == ["Confirm your e-mail address", "Finish your application"]


def test_a_business_finishes_reads_and_answers(app: Any) -> None:
    org = make.business()
    make.brief(org, state="draft", title="Half a thought")
    brief = make.brief(org)
    make.proposal(brief)
    add(Question(brief_id=brief.id, by_id=make.person().id, body="Why?"))
    commit()
    assert set(yours(make.owner_of(org))) == {
        "Finish ‘Half a thought’",
        "Read 1 new pitch for ‘Launch week, told straight’",
        "Answer a question about ‘Launch week, told straight’",
    }


def test_a_business_is_not_told_who_wrote_a_pitch(app: Any, browser: Any) -> None:
    pitch = make.proposal()
    assert "Ines" not in browser(make.owner_of(pitch.brief.organisation)).get("/").text


def test_a_professional_is_invited_and_waits_for_answers(app: Any) -> None:
    profile, asked = make.professional(), make.brief(title="Winter")
    add(BriefInvitation(brief_id=asked.id, profile_id=profile.id, by_id=asked.by_id))
    make.proposal(by=profile)
    assert "Northgate Transit invites you to pitch for ‘Winter’" in yours(profile.person)
    assert "Northgate Transit decides on your pitch for ‘Launch week, told straight’" in waiting(
        profile.person
    )


def test_an_offer_waits_for_the_side_whose_turn_it_is(app: Any) -> None:
    row = contract("offered", due_at=now() + timedelta(days=7))
    assert "Answer Northgate Transit: ‘Launch week’" in yours(row.profile.person)
    assert waiting(boss_of(row)) == ["Ines Okafor to answer the offer ‘Launch week’"]


def test_money_is_held_first(app: Any) -> None:
    row = contract()
    assert yours(boss_of(row)) == ["Hold $480 for ‘Four posts’"]
    assert "Northgate Transit to hold $480 for ‘Four posts’" in waiting(row.profile.person)


@pytest.mark.parametrize(
    ("pieces", "writes", "reviews"),
    [
        ((), "Write ‘Four posts’", None),
        (("with_writer", "approved"), "Write 1 piece of ‘Four posts’", None),
        (
            ("changes_asked", "with_editor"),
            "Change a piece of ‘Four posts’",
            "Review 1 draft of ‘Four posts’",
        ),
        (("with_editor", "with_editor"), None, "Review 2 drafts of ‘Four posts’"),
    ],
)
def test_drafts_are_written_and_reviewed(app: Any, pieces: Any, writes: Any, reviews: Any) -> None:
    row = contract(held=True, pieces=pieces)
    assert [text for text in yours(row.profile.person) if "posts" in text] == ([writes] if writes else [])
    assert yours(boss_of(row)) == ([reviews] if reviews else [])


def test_only_who_may_act_has_the_turn(app: Any) -> None:
    row = contract()
    viewer = make.member(row.organisation, "viewer")
    assert yours(viewer) == []
    assert waiting(viewer) == ["Your colleagues to hold $480 for ‘Four posts’"]


def test_a_writer_on_an_audition_stays_a_letter(app: Any) -> None:
    pitch = make.proposal()
    row = contract(
        kind="audition", profile=pitch.profile, org=pitch.brief.organisation, proposal_id=pitch.id, held=True
    )
    assert "Writer A writes ‘Four posts’" in waiting(boss_of(row))


def test_both_review_each_other_after_the_end(app: Any) -> None:
    row = contract("ended", ended_at=now())
    add(Window(contract_id=row.id, due_at=now() + timedelta(days=14)))
    commit()
    assert "Review Northgate Transit for ‘Launch week’" in yours(row.profile.person)
    assert yours(boss_of(row)) == ["Review Ines Okafor for ‘Launch week’"]


def test_staff_see_how_much_waits_to_be_read(app: Any) -> None:
    profile = make.professional(admitted=False)
    add(Application(profile_id=profile.id, state="submitted", submitted_at=now(), due_at=now()))
    commit()
    assert yours(make.staff("reader")) == ["1 application to read"]
    assert waiting(profile.person) == ["Two readers decide about your application"]


def test_other_peoples_work_is_nobodys_turn(app: Any) -> None:
    contract(held=True, pieces=("with_editor",))
    assert yours(make.staff("admin")) == []
    assert yours(make.owner_of(make.business("Other Org", "Olga Other"))) == []


def test_the_list_costs_the_same_whatever_waits(app: Any, browser: Any) -> None:
    org, spent = make.business(), []
    reader = browser(make.owner_of(org))
    for number in (1, 5):
        for _ in range(number):
            make.proposal(make.brief(org))
            contract(org=org, held=True, pieces=("with_editor",))
        with queries(app) as sent:
            assert reader.get("/").status_code == 200
        spent.append(len(sent))
    assert spent[0] == spent[1] <= 12
