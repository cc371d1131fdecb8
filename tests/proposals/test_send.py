"""Sending a proposal: who may, what it must hold, how many places there are."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from marketplace.accounts.models import Membership
from marketplace.briefs.models import Brief
from marketplace.config import rules
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, commit, many
from marketplace.kernel.errors import Forbidden, Refused, Stale
from marketplace.proposals import actions
from marketplace.proposals.models import Proposal
from marketplace.proposals.terms import check
from marketplace.talent.models import Profile
from tests import make
from tests.proposals import pitches


def test_a_sent_pitch_stands_on_its_own_page_and_on_the_shelf(browser: Any) -> None:
    brief, ines = make.brief(), make.professional()
    answer = browser(ines.person).post(f"/briefs/{brief.id}/proposals/new", pitches.typed(ines))
    assert answer.status_code == 303, answer.text
    assert "six minutes are the apology" in browser(ines.person).get(answer.headers["Location"]).text
    assert "Writer A" in browser(make.owner_of(brief.organisation)).get(f"/briefs/{brief.id}/proposals").text


def test_the_form_asks_the_briefs_questions(browser: Any) -> None:
    brief, ines = make.brief(questions=["What do you say at 02:50?"]), make.professional()
    web = browser(ines.person)
    assert "What do you say at 02:50?" in web.get(f"/briefs/{brief.id}/proposals/new").text
    refused = web.post(f"/briefs/{brief.id}/proposals/new", pitches.typed(ines, **{"answers-0": ""}))
    assert refused.status_code == 422
    assert "six minutes are the apology" in refused.text
    sent = web.post(
        f"/briefs/{brief.id}/proposals/new", pitches.typed(ines, **{"answers-0": "That it is off."})
    )
    assert sent.status_code == 303


def test_another_milestone_keeps_what_was_typed(browser: Any) -> None:
    brief, ines = make.brief(), make.professional()
    more = browser(ines.person).post(f"/briefs/{brief.id}/proposals/new", pitches.typed(ines, then="add"))
    assert more.status_code == 200
    assert 'name="milestones-1-price"' in more.text
    assert "six minutes are the apology" in more.text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"pitch": "Too short."}, "this one has 2"),
        ({"milestones-0-price": "4.99"}, "A milestone costs"),
        ({"milestones-0-due_on": "2020-01-01"}, "a day in the future"),
        ({"milestones-0-title": ""}, "Say what you deliver."),
        ({"ai_declaration": "allowed"}, "Not a valid choice"),
        ({"sample": "00000000-0000-0000-0000-000000000000"}, "Not a valid choice"),
    ],
)
def test_a_wrong_pitch_is_refused_and_kept(browser: Any, change: dict[str, str], sentence: str) -> None:
    brief, ines = make.brief(), make.professional()
    refused = browser(ines.person).post(f"/briefs/{brief.id}/proposals/new", pitches.typed(ines, **change))
    assert refused.status_code == 422
    assert sentence in refused.text


@pytest.mark.parametrize("who", ["not admitted", "not payable", "own business", "suspended"])
def test_some_may_read_but_not_pitch(app: Any, who: str) -> None:
    brief = make.brief()
    ines = make.professional(admitted=who != "not admitted")
    if who == "not payable":
        ines.country = "KP"
    if who == "suspended":
        ines.person.suspended_at = now()
    if who == "own business":
        add(Membership(organisation_id=brief.organisation_id, person_id=ines.person_id, role="viewer"))
    commit()
    with pytest.raises(Forbidden):
        actions.send(brief, ines, pitches.bid(ines), by=ines.person)


def test_who_may_not_pitch_is_told_why(browser: Any) -> None:
    brief, web = make.brief(), browser(make.professional("Not Yet", admitted=False).person)
    path = f"/briefs/{brief.id}/proposals/new"
    assert "Only admitted professionals pitch here." in web.get(path).text
    assert web.post(path, {"pitch": make.PITCH}).status_code == 403


def test_a_second_pitch_and_one_on_a_closed_brief_come_too_late(app: Any) -> None:
    brief, ines = make.brief(), make.professional()
    make.proposal(brief, ines)
    with pytest.raises(Stale):
        actions.send(brief, ines, pitches.bid(ines), by=ines.person)
    with pytest.raises(Stale):
        actions.send(make.brief(state="closed"), ines, pitches.bid(ines), by=ines.person)


def test_places_are_counted(app: Any) -> None:
    brief = make.brief()
    for number in range(rules().proposals_per_brief):
        make.proposal(brief, make.professional(f"Writer{number} Full"))
    late = make.professional("Late Comer")
    with pytest.raises(Refused, match="All places"):
        actions.send(brief, late, pitches.bid(late), by=late.person)
    actions.withdraw(many(select(Proposal))[0], by=many(select(Proposal))[0].profile.person)
    assert actions.send(brief, late, pitches.bid(late), by=late.person).letter == "M"


def test_open_pitches_are_counted_by_person(app: Any) -> None:
    org, ines = make.business(), make.professional()
    for _ in range(rules().proposals_per_person):
        make.proposal(make.brief(org), ines)
    with pytest.raises(Refused, match="8 open pitches"):
        actions.send(make.brief(org), ines, pitches.bid(ines), by=ines.person)


def test_a_repeated_pitch_asks_once_and_never_blocks(browser: Any) -> None:
    ines = make.professional()
    make.proposal(make.brief(), ines)
    brief, web = make.brief(), browser(ines.person)
    asked = web.post(f"/briefs/{brief.id}/proposals/new", pitches.typed(ines))
    assert asked.status_code == 422
    assert "repeats much of one you sent" in asked.text
    assert 'name="confirmed"' in asked.text
    sent = web.post(f"/briefs/{brief.id}/proposals/new", pitches.typed(ines, confirmed="y"))
    assert sent.status_code == 303


def test_a_brief_for_invited_people_is_not_there_for_others(browser: Any) -> None:
    brief, ines = make.brief(visibility="invited"), make.professional()
    assert browser(ines.person).get(f"/briefs/{brief.id}/proposals/new").status_code == 404
    assert browser().get(f"/briefs/{brief.id}/proposals/new").status_code == 303


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(count=st.integers(0, 400), gap=st.sampled_from([" ", "\n", "  ", "\t", "\n\n"]))
def test_only_60_to_150_words_make_a_pitch(app: Any, count: int, gap: str) -> None:
    brief, ines = _pair()
    text = gap.join(f"w{at}" for at in range(count))
    sound = rules().pitch_words_least <= count <= rules().pitch_words_most
    if sound:
        check(pitches.bid(ines, pitch=text), brief, ines)
    else:
        with pytest.raises(Refused, match=f"this one has {count}"):
            check(pitches.bid(ines, pitch=text), brief, ines)


def _pair() -> tuple[Any, Any]:
    found = many(select(Brief)), many(select(Profile))
    return (found[0][0], found[1][0]) if found[0] and found[1] else (make.brief(), make.professional())
