"""Five steps from an empty page to a published brief."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from marketplace.briefs.models import Brief
from marketplace.kernel.db import db, many
from tests import make
from tests.briefs import drafts


def begun(browser: Any) -> tuple[Any, Brief]:
    """A business's browser with a new draft."""
    org = make.business()
    web = browser(make.owner_of(org))
    web.post("/briefs/new", {"brand": str(org.brands[0].id)})
    return web, many(select(Brief))[0]


def test_five_steps_make_a_published_brief(browser: Any) -> None:
    web, brief = begun(browser)
    went = [web.post(f"/briefs/{brief.id}/edit/{step}", typed) for step, typed in drafts.steps().items()]
    assert [answer.status_code for answer in went] == [303] * 4
    assert went[-1].headers["Location"].endswith("/edit/check")
    assert "All rights on payment." in web.get(f"/briefs/{brief.id}/edit/check").text
    assert web.post(f"/briefs/{brief.id}/edit/check").headers["Location"] == f"/briefs/{brief.id}"
    db.session.expire_all()
    assert brief.is_taking
    assert brief.sheet["sounds_like"] == ["The bus is late.", "Here is why."]
    assert [piece.count for piece in brief.pieces] == [4]
    assert (brief.low_minor, brief.high_minor, brief.questions) == (
        30000,
        90000,
        ["What would you say first?"],
    )
    assert "Pitch for this brief" in browser().get(f"/briefs/{brief.id}").text


@pytest.mark.parametrize("step", ["goal", "voice", "pieces", "money", "check"])
def test_every_step_opens_and_shows_what_was_saved(browser: Any, step: str) -> None:
    web, brief = begun(browser)
    for name, typed in drafts.steps().items():
        web.post(f"/briefs/{brief.id}/edit/{name}", typed)
    shown = web.get(f"/briefs/{brief.id}/edit/{step}")
    assert shown.status_code == 200
    assert {"goal": "nobody believes it", "voice": "Exciting news", "pieces": 'value="4"', "money": "900.00",
            "check": "Carrow Street"}[step] in shown.text  # fmt: skip


def test_going_on_without_what_is_needed_is_refused_and_keeps_what_was_typed(browser: Any) -> None:
    web, brief = begun(browser)
    answer = web.post(f"/briefs/{brief.id}/edit/goal", {"title": "Half a thought"})
    assert answer.status_code == 422
    assert "Say what you need and why." in answer.text
    assert 'value="Half a thought"' in answer.text


@pytest.mark.parametrize(("then", "to"), [("back", "/edit/goal"), ("later", "/briefs/new")])
def test_leaving_keeps_a_half_filled_step(browser: Any, then: str, to: str) -> None:
    web, brief = begun(browser)
    answer = web.post(f"/briefs/{brief.id}/edit/voice", {"audience": "Riders", "then": then})
    assert answer.headers["Location"].endswith(to)
    db.session.expire_all()
    assert brief.audience == "Riders"


def test_adding_and_removing_rows_loses_nothing(browser: Any) -> None:
    web, brief = begun(browser)
    more = web.post(f"/briefs/{brief.id}/edit/pieces", {**drafts.pieces(), "then": "add"})
    assert more.status_code == 200
    assert 'name="pieces-1-count"' in more.text
    assert 'value="4"' in more.text
    fewer = web.post(f"/briefs/{brief.id}/edit/pieces", {**drafts.pieces(), "drop": "pieces-0"})
    assert 'value="4"' not in fewer.text


def test_a_wish_for_followers_is_refused_with_the_reason(browser: Any) -> None:
    web, brief = begun(browser)
    answer = web.post(f"/briefs/{brief.id}/edit/goal", {**drafts.GOAL, "goal": "Gain 10k followers by June."})
    assert answer.status_code == 422
    assert "whether a reader understood" in answer.text
    assert "Gain 10k followers" in answer.text


def test_strangers_find_no_draft(browser: Any) -> None:
    _web, brief = begun(browser)
    stranger = browser(make.person())
    assert stranger.get(f"/briefs/{brief.id}/edit/goal").status_code == 404
    assert stranger.get(f"/briefs/{brief.id}").status_code == 404
    assert browser().get(f"/briefs/{brief.id}/edit/goal").status_code == 303


def test_a_viewer_may_look_but_not_write(browser: Any) -> None:
    _web, brief = begun(browser)
    looking = browser(make.member(brief.organisation, "viewer"))
    assert looking.get(f"/briefs/{brief.id}/edit/goal").status_code == 200
    assert looking.post(f"/briefs/{brief.id}/edit/goal", drafts.GOAL).status_code == 403


def test_a_published_brief_is_not_changed(browser: Any) -> None:
    brief = make.brief()
    web = browser(make.owner_of(brief.organisation))
    assert web.post(f"/briefs/{brief.id}/edit/goal", drafts.GOAL).status_code == 409
    assert web.get(f"/briefs/{brief.id}/edit/goal").status_code == 303


def test_somebody_without_a_business_founds_one_first(browser: Any) -> None:
    assert "/settings/business/found" in browser(make.person()).get("/briefs/new").headers["Location"]
