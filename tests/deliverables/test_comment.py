"""Notes on exact words."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from marketplace.deliverables import actions, notes
from marketplace.deliverables.models import Comment
from marketplace.kernel.db import commit, many
from marketplace.kernel.errors import Forbidden, Missing, Refused, Stale
from tests import make
from tests.deliverables.work import pieces, send


def sent() -> Any:
    """A sent version and its editor."""
    contract = make.working()
    return send(pieces(contract)[0]), make.owner_of(contract.organisation)


def test_a_note_finds_its_words_where_they_are(app: Any) -> None:
    version, boss = sent()
    assert notes.comment(version, "Which is it?", "61 times", 3, by=boss).start == version.text.index(
        "61 times"
    )


def test_words_that_are_not_there_are_refused(app: Any) -> None:
    version, boss = sent()
    with pytest.raises(Refused, match="not in draft 1"):
        notes.comment(version, "Hm.", "63 times", by=boss)


def test_a_suggestion_needs_words_to_replace(app: Any) -> None:
    version, boss = sent()
    with pytest.raises(Refused, match="which words"):
        notes.comment(version, "Hm.", suggestion="Better.", by=boss)


def test_viewers_read_and_strangers_find_nothing(app: Any) -> None:
    version, _ = sent()
    viewer = make.member(version.piece.milestone.contract.organisation, "viewer")
    with pytest.raises(Forbidden):
        notes.comment(version, "Hm.", by=viewer)
    with pytest.raises(Missing):
        notes.comment(version, "Hm.", by=make.person())


def test_taking_a_suggestion_is_the_professionals_new_draft(app: Any) -> None:
    version, boss = sent()
    note = notes.comment(version, "Softer.", "61 times", suggestion="often", by=boss)
    commit()
    made = notes.accept_suggestion(note, by=version.by)
    commit()
    assert made is not None
    assert (made.number, made.by_id, "late often in October" in made.text) == (2, version.by_id, True)
    assert note.resolved_at is not None


def test_the_business_does_not_take_its_own_suggestion(app: Any) -> None:
    version, boss = sent()
    note = notes.comment(version, "Softer.", "61 times", suggestion="often", by=boss)
    with pytest.raises(Forbidden, match="Only the professional"):
        notes.accept_suggestion(note, by=boss)


def test_resolving_twice_is_stale(app: Any) -> None:
    version, boss = sent()
    note = notes.comment(version, "Which is it?", "61 times", by=boss)
    notes.resolve(note, by=version.by)
    with pytest.raises(Stale, match="resolved already"):
        notes.resolve(note, by=boss)


def test_htmx_gets_the_paper_with_the_note_beside_its_words(app: Any, browser: Any) -> None:
    version, boss = sent()
    piece = version.piece
    address = f"/contracts/{piece.milestone.contract_id}/pieces/{piece.id}/comments"
    typed = {"body": "Which is it?", "quote": "61 times", "start": "16", "suggestion": ""}
    answer = browser(boss).post(address, typed, headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith("<article")
    assert '<mark>61 times</mark><a class="anchor" id="m1" href="#t1"' in answer.text


def test_without_script_a_note_leads_back_to_itself(app: Any, browser: Any) -> None:
    version, boss = sent()
    piece, editor = version.piece, browser(boss)
    address = f"/contracts/{piece.milestone.contract_id}/pieces/{piece.id}/comments"
    assert editor.get(address).status_code == 200
    refused = editor.post(address, {"body": "Keep this.", "quote": "never said"})
    assert (refused.status_code, "Keep this." in refused.text) == (422, True)
    done = editor.post(address, {"body": "Which is it?", "quote": "61 times"})
    assert f"#note-{many(select(Comment))[0].id}" in done.headers["Location"]


def test_replying_resolving_and_using_by_their_addresses(app: Any, browser: Any) -> None:
    version, boss = sent()
    note = notes.comment(version, "Softer.", "61 times", suggestion="often", by=boss)
    commit()
    writer, address = browser(version.by), f"/comments/{note.id}"
    assert browser(make.person()).post(f"{address}/reply", {"body": "Hm."}).status_code == 404
    assert writer.post(f"{address}/reply", {"body": "Your call."}).status_code == 303
    assert writer.post(f"{address}/use").status_code == 303
    assert writer.post(f"{address}/resolve").status_code == 409


def test_taking_a_suggestion_sends_no_link_that_was_not_sent(app: Any) -> None:
    version, boss = sent()
    note = notes.comment(version, "Softer.", "61 times", suggestion="often", by=boss)
    actions.save(version.piece, version.text, link="https://late.example", revision=1, by=version.by)
    commit()
    made = notes.accept_suggestion(note, by=version.by)
    assert made is not None
    assert (made.link, version.piece.draft_link) == ("", "https://late.example")
