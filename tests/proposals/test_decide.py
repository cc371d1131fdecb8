"""Shortlisting, declining, archiving; and what contracts calls."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.accounts import closing
from marketplace.kernel.clock import now
from marketplace.kernel.db import commit, db
from marketplace.kernel.errors import Stale
from marketplace.proposals import actions
from tests import make

WHY = {"reason": "Another opening fits our readers better."}


def test_declining_tells_the_writer_why_without_opening_the_blind(browser: Any) -> None:
    row = make.proposal(read_at=now())
    web, path = browser(make.owner_of(row.brief.organisation)), f"/proposals/{row.id}/decline"
    assert web.post(path, {"reason": "No."}).status_code == 422
    assert web.post(path, WHY).status_code == 303
    assert WHY["reason"] in browser(row.profile.person).get(f"/proposals/{row.id}").text
    assert row.profile.name not in web.get(f"/briefs/{row.brief_id}/proposals?tab=archived").text
    assert web.post(path, WHY).status_code == 409


@pytest.mark.parametrize("verb", ["shortlist", "archive", "restore", "decline"])
def test_who_may_decide(browser: Any, verb: str) -> None:
    row = make.proposal()
    path = f"/proposals/{row.id}/{verb}"
    assert browser(make.person()).post(path, WHY).status_code == 404
    assert browser(row.profile.person).post(path, WHY).status_code in {403, 404}
    assert browser(make.member(row.brief.organisation, "viewer")).post(path, WHY).status_code == 403
    assert browser(make.member(row.brief.organisation, "hiring")).post(path, WHY).status_code == 303


def test_shortlisting_twice_is_too_late(browser: Any) -> None:
    row = make.proposal()
    web = browser(make.owner_of(row.brief.organisation))
    assert web.post(f"/proposals/{row.id}/shortlist").status_code == 303
    assert web.post(f"/proposals/{row.id}/shortlist").status_code == 409
    assert "On the shortlist" in browser(row.profile.person).get(f"/proposals/{row.id}").text


def test_archiving_only_hides(browser: Any) -> None:
    row = make.proposal(read_at=now())
    web, shelf = browser(make.owner_of(row.brief.organisation)), f"/briefs/{row.brief_id}/proposals"
    web.post(f"/proposals/{row.id}/archive")
    assert "six minutes" not in web.get(shelf).text
    assert "six minutes" in web.get(f"{shelf}?tab=archived").text
    assert "Opened" in browser(row.profile.person).get(f"/proposals/{row.id}").text
    web.post(f"/proposals/{row.id}/restore")
    assert "six minutes" in web.get(shelf).text


def test_an_unknown_tab_is_not_there(browser: Any) -> None:
    brief = make.brief()
    assert (
        browser(make.owner_of(brief.organisation)).get(f"/briefs/{brief.id}/proposals?tab=best").status_code
        == 404
    )


def test_a_hire_closes_the_others_and_gives_their_places_back(app: Any) -> None:
    brief = make.brief()
    boss = make.owner_of(brief.organisation)
    chosen, other, gone = (make.proposal(brief, make.professional(f"W{at} Riter")) for at in range(3))
    actions.withdraw(gone, by=gone.profile.person)
    actions.accept(chosen, by=boss)
    actions.close_others(brief, by=boss)
    assert [row.state for row in (chosen, other, gone)] == ["accepted", "closed", "withdrawn"]
    with pytest.raises(Stale):
        actions.accept(other, by=boss)


def test_reading_all_marks_every_new_pitch_once(browser: Any) -> None:
    brief = make.brief()
    rows = [make.proposal(brief, make.professional(f"W{at} Riter")) for at in range(3)]
    web = browser(make.owner_of(brief.organisation))
    assert "Read all 3 new pitches" in web.get(f"/briefs/{brief.id}/proposals").text
    assert web.post(f"/briefs/{brief.id}/proposals/read").status_code == 303
    db.session.expire_all()
    first = [row.read_at for row in rows]
    assert all(first)
    web.post(f"/briefs/{brief.id}/proposals/read")
    db.session.expire_all()
    assert [row.read_at for row in rows] == first


def test_leaving_withdraws_pitches_and_closes_lone_businesses(app: Any) -> None:
    row = make.proposal()
    boss = make.owner_of(row.brief.organisation)
    closing.close(boss, by=boss)
    commit()
    assert (row.brief.state, row.state) == ("closed", "closed")
    other = make.proposal(make.brief(), make.professional("Leaving Soon"))
    closing.close(other.profile.person, by=other.profile.person)
    assert other.state == "withdrawn"
