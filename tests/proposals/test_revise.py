"""Revising before and after the first reading; withdrawing."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.kernel.clock import now
from marketplace.kernel.db import commit, db
from marketplace.kernel.errors import Forbidden, Missing, Stale
from marketplace.proposals import actions
from tests import make
from tests.proposals import pitches


def test_before_the_first_reading_an_edit_replaces(browser: Any) -> None:
    row = make.proposal()
    web = browser(row.profile.person)
    typed = pitches.typed(row.profile, pitch=pitches.words(70))
    assert "six minutes are the apology" in web.get(f"/proposals/{row.id}/revise").text
    assert web.post(f"/proposals/{row.id}/revise", typed).status_code == 303
    db.session.expire_all()
    assert [version.pitch for version in row.versions] == [pitches.words(70)]


def test_after_it_an_edit_is_a_new_version_and_both_can_be_read(browser: Any) -> None:
    row = make.proposal(read_at=now())
    typed = pitches.typed(row.profile, pitch=pitches.words(70))
    browser(row.profile.person).post(f"/proposals/{row.id}/revise", typed)
    db.session.expire_all()
    assert (row.version, len(row.versions)) == (2, 2)
    page = browser(make.owner_of(row.brief.organisation)).get(f"/proposals/{row.id}").text
    assert "Version 2" in page
    assert "six minutes are the apology" in page


def test_only_its_writer_revises_and_only_while_it_is_open(app: Any) -> None:
    row = make.proposal()
    new = pitches.bid(row.profile)
    with pytest.raises(Missing):
        actions.revise(row, new, by=make.person())
    with pytest.raises(Forbidden):
        actions.revise(row, new, by=make.owner_of(row.brief.organisation))
    actions.decline(row, "Not this time.", by=make.owner_of(row.brief.organisation))
    with pytest.raises(Stale):
        actions.revise(row, new, by=row.profile.person)


def test_withdrawing_gives_the_place_back(browser: Any) -> None:
    row = make.proposal()
    web, path = browser(row.profile.person), f"/proposals/{row.id}/withdraw"
    assert browser(make.owner_of(row.brief.organisation)).post(path).status_code == 404
    assert "Withdraw your pitch?" in web.get(path).text
    assert web.post(path).status_code == 303
    assert web.post(path).status_code == 409
    again = actions.send(row.brief, row.profile, pitches.bid(row.profile), by=row.profile.person)
    commit()
    assert (row.state, again.letter) == ("withdrawn", "B")
