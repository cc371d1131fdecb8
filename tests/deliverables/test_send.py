"""Saving and sending drafts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from marketplace.deliverables import actions
from marketplace.deliverables.actions import Conflict, Draft
from marketplace.kernel.clock import now
from marketplace.kernel.db import commit
from marketplace.kernel.errors import Forbidden, Missing, Refused
from tests import make
from tests.deliverables.work import TEXT, pieces, send


def test_the_first_draft_begins_the_milestone_and_the_last_submits_it(app: Any) -> None:
    contract = make.working()
    one, two = pieces(contract)
    send(one)
    assert (contract.milestones[0].work, one.state) == ("in_progress", "with_editor")
    send(two)
    milestone = contract.milestones[0]
    assert (milestone.work, milestone.reminders_sent) == ("submitted", 0)
    assert milestone.review_due_at is not None
    assert milestone.review_due_at > now() + timedelta(days=6)


def test_nothing_is_sent_before_the_money_is_held(app: Any) -> None:
    contract = make.contract()
    piece, ines = pieces(contract)[0], contract.profile.person
    actions.save(piece, TEXT, by=ines)
    assert contract.milestones[0].work == "planned"
    with pytest.raises(Refused, match="not held yet"):
        actions.send(piece, by=ines)


def test_a_save_over_another_one_is_a_conflict_and_overwrites_nothing(app: Any) -> None:
    piece = pieces(make.working())[0]
    ines = piece.milestone.contract.profile.person
    actions.save(piece, "From the first window.", revision=0, by=ines)
    with pytest.raises(Conflict):
        actions.save(piece, "From the second window.", revision=0, by=ines)
    assert piece.draft == "From the first window."


def test_the_same_text_saved_twice_is_no_conflict(app: Any) -> None:
    piece = pieces(make.working())[0]
    ines = piece.milestone.contract.profile.person
    actions.save(piece, "Once.", revision=0, by=ines)
    assert actions.save(piece, "Once.", revision=0, by=ines).draft_revision == 1


def test_a_text_over_the_platforms_limit_is_not_sent(app: Any) -> None:
    piece = pieces(make.working())[0]
    with pytest.raises(Refused, match="1 over what LinkedIn takes: 3,001 of 3,000"):
        send(piece, "x" * 3001)


def test_the_same_draft_is_not_sent_twice(app: Any) -> None:
    piece = pieces(make.working())[0]
    send(piece)
    with pytest.raises(Refused, match="nothing has changed"):
        send(piece)


def test_the_business_does_not_write_and_a_stranger_finds_nothing(app: Any) -> None:
    piece = pieces(make.working())[0]
    boss = make.owner_of(piece.milestone.contract.organisation)
    with pytest.raises(Forbidden, match="Only the professional writes"):
        actions.save(piece, TEXT, by=boss)
    with pytest.raises(Missing):
        actions.send(piece, by=make.person(), draft=Draft(TEXT))


def test_the_editor_page_saves_and_shows_both_texts_after_a_conflict(app: Any, browser: Any) -> None:
    contract = make.working()
    piece = pieces(contract)[0]
    address, window = f"/contracts/{contract.id}/pieces/{piece.id}", browser(contract.profile.person)
    assert window.get(f"{address}/edit").status_code == 200
    assert window.post(f"{address}/save", {"text": "First window.", "revision": "0"}).status_code == 303
    answer = window.post(f"{address}/save", {"text": "Second window.", "revision": "0"})
    assert answer.status_code == 409
    assert "First window." in answer.text
    assert "Second window." in answer.text


def test_htmx_saves_get_the_state_of_the_draft_only(app: Any, browser: Any) -> None:
    contract = make.working()
    piece = pieces(contract)[0]
    address, window = f"/contracts/{contract.id}/pieces/{piece.id}/save", browser(contract.profile.person)
    answer = window.post(address, {"text": "Typed.", "revision": "0"}, headers={"HX-Request": "true"})
    assert 'id="draft-state"' in answer.text
    assert 'name="revision" value="1"' in answer.text
    assert "<html" not in answer.text


def test_the_business_may_not_open_the_editor(app: Any, browser: Any) -> None:
    contract = make.working()
    piece = pieces(contract)[0]
    boss = browser(make.owner_of(contract.organisation))
    assert boss.get(f"/contracts/{contract.id}/pieces/{piece.id}/edit").status_code == 403


def test_sending_goes_to_the_desk_and_a_refusal_keeps_what_was_typed(app: Any, browser: Any) -> None:
    contract = make.working()
    piece = pieces(contract)[0]
    address, window = f"/contracts/{contract.id}/pieces/{piece.id}/send", browser(contract.profile.person)
    refused = window.post(address, {"text": "y" * 3001, "revision": "0"})
    assert (refused.status_code, "yyyy" in refused.text) == (422, True)
    sent = window.post(address, {"text": TEXT, "revision": "0"})
    assert sent.headers["Location"].endswith("?piece=1")
    commit()
    assert [version.text for version in piece.versions] == [TEXT]
