"""Asking for changes: two rounds are included, a third takes consent."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.contracts import amendments
from marketplace.deliverables import actions
from marketplace.kernel.db import commit
from marketplace.kernel.errors import Forbidden, Refused, Stale
from tests import make
from tests.deliverables.work import pieces, send


def asked(rounds: int) -> Any:
    """A piece with so many rounds of changes, answered each time, and its editor."""
    contract = make.working(pieces=1)
    piece, boss = pieces(contract)[0], make.owner_of(contract.organisation)
    send(piece, "Draft 0.")
    for number in range(rounds):
        actions.ask_changes(piece, "Say it straight.", by=boss)
        commit()
        send(piece, f"Draft {number + 1}.")
    return piece, boss


def test_changes_stop_the_review_window_and_the_next_draft_restarts_it(app: Any) -> None:
    piece, boss = asked(0)
    actions.ask_changes(piece, "Say it straight.", by=boss)
    commit()
    assert (piece.state, piece.milestone.work, piece.milestone.review_due_at) == (
        "changes_asked",
        "changes_asked",
        None,
    )
    send(piece, "Straight.")
    assert piece.milestone.work == "submitted"
    assert piece.milestone.review_due_at is not None


def test_a_third_round_is_refused_until_the_professional_gives_it(app: Any) -> None:
    piece, boss = asked(2)
    with pytest.raises(Refused, match="2 agreed rounds"):
        actions.ask_changes(piece, "Once more.", by=boss)
    actions.allow_round(piece.milestone, by=piece.milestone.contract.profile.person)
    assert actions.ask_changes(piece, "Once more.", by=boss).rounds_used == 3


def test_an_amendment_gives_a_further_round(app: Any) -> None:
    piece, boss = asked(2)
    contract = piece.milestone.contract
    laid = amendments.propose_amendment(contract, {**contract.current_terms.data, "rounds": 3}, by=boss)
    amendments.agree_amendment(contract, by=contract.profile.person, sha256=laid.sha256)
    commit()
    assert actions.ask_changes(piece, "Once more.", by=boss).rounds_used == 3


def test_the_business_cannot_give_itself_a_round(app: Any) -> None:
    piece, boss = asked(2)
    with pytest.raises(Forbidden, match="Only the professional"):
        actions.allow_round(piece.milestone, by=boss)


def test_a_round_is_not_given_while_one_is_left(app: Any) -> None:
    piece, _ = asked(1)
    with pytest.raises(Stale, match="still a round left"):
        actions.allow_round(piece.milestone, by=piece.milestone.contract.profile.person)


def test_asking_twice_for_the_same_draft_is_stale(app: Any) -> None:
    piece, boss = asked(0)
    actions.ask_changes(piece, "Say it straight.", by=boss)
    with pytest.raises(Stale, match="with the writer already"):
        actions.ask_changes(piece, "Again.", by=boss)


def test_the_page_asks_and_the_writer_reads_it(app: Any, browser: Any) -> None:
    piece, boss = asked(0)
    contract_id, address = (
        piece.milestone.contract_id,
        f"/contracts/{piece.milestone.contract_id}/pieces/{piece.id}/changes",
    )
    writer = piece.milestone.contract.profile.person
    assert browser(boss).get(address).status_code == 200
    assert browser(writer).get(address).status_code == 403
    assert browser(boss).post(address, {"note": "Less sorry, more six minutes."}).status_code == 303
    assert "Less sorry, more six minutes." in browser(writer).get(f"/contracts/{contract_id}").text


def test_approving_after_all_starts_the_window_of_the_other_piece_again(app: Any) -> None:
    contract = make.working()
    first, second = pieces(contract)
    send(first), send(second)
    boss = make.owner_of(contract.organisation)
    actions.ask_changes(first, "Say it straight.", by=boss)
    commit()
    actions.approve(first, first.versions[-1].sha256, by=boss)
    commit()
    milestone = first.milestone
    assert (first.state, second.state, milestone.work) == ("approved", "with_editor", "submitted")
    assert milestone.review_due_at is not None
