"""Approval of exact bytes by a named editor who is not the author."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from marketplace.contracts import ending
from marketplace.deliverables import actions, standing
from marketplace.kernel import clock
from marketplace.kernel.clock import now
from marketplace.kernel.db import commit, db, many
from marketplace.kernel.errors import Forbidden, Missing, Stale
from marketplace.payments.models import holdings_of
from tests import make
from tests.deliverables.work import pieces, send


def test_approving_every_piece_releases_the_money_and_ends_the_contract(app: Any) -> None:
    contract = make.working()
    boss = make.owner_of(contract.organisation)
    for piece in pieces(contract):
        actions.approve(piece, send(piece).sha256, by=boss)
        commit()
    (holding,) = many(holdings_of(contract.subject))
    assert holding.released_minor == 48000
    assert (contract.milestones[0].work, contract.state) == ("closed", "ended")


def test_an_approved_piece_is_publishable_for_thirty_days(app: Any) -> None:
    contract = make.working()
    piece = pieces(contract)[0]
    actions.approve(piece, send(piece).sha256, by=make.owner_of(contract.organisation))
    assert piece.is_publishable
    clock.move_to(now() + timedelta(days=31))
    assert not piece.is_publishable


def test_a_new_draft_voids_the_approval_and_keeps_its_row(app: Any) -> None:
    contract = make.working()
    piece = pieces(contract)[0]
    actions.approve(piece, send(piece).sha256, by=make.owner_of(contract.organisation))
    first = piece.versions[0]
    send(piece, "Another text.")
    assert first.approvals[0].voided_reason == "Draft 2 was sent."
    assert not piece.is_publishable


def test_approving_what_is_not_the_latest_text_is_stale(app: Any) -> None:
    contract = make.working()
    piece = pieces(contract)[0]
    old = send(piece).sha256
    send(piece, "Another text.")
    with pytest.raises(Stale, match="Draft 2 came while you were reading"):
        actions.approve(piece, old, by=make.owner_of(contract.organisation))


def test_the_author_never_approves_even_as_an_editor(app: Any) -> None:
    from marketplace.accounts.models import Membership
    from marketplace.kernel.db import add

    contract = make.working()
    piece, ines = pieces(contract)[0], contract.profile.person
    sent = send(piece)
    add(Membership(organisation_id=contract.organisation_id, person_id=ines.id, role="editor"))
    db.session.expire_all()
    with pytest.raises(Forbidden, match="somebody else"):
        actions.approve(piece, sent.sha256, by=ines)


def test_finance_may_look_but_not_approve_and_a_stranger_finds_nothing(app: Any) -> None:
    contract = make.working()
    piece = pieces(contract)[0]
    sent = send(piece)
    with pytest.raises(Forbidden, match="editor of the business"):
        actions.approve(piece, sent.sha256, by=make.member(contract.organisation, "finance"))
    with pytest.raises(Missing):
        actions.approve(piece, sent.sha256, by=make.person())


def test_approving_twice_is_stale(app: Any) -> None:
    contract = make.working()
    piece = pieces(contract)[0]
    sent, boss = send(piece), make.owner_of(contract.organisation)
    actions.approve(piece, sent.sha256, by=boss)
    with pytest.raises(Stale, match="approved already"):
        actions.approve(piece, sent.sha256, by=boss)


def test_a_text_whose_money_went_back_cannot_be_approved(app: Any) -> None:
    contract = make.working(pieces=1)
    version, boss = send(pieces(contract)[0]), make.owner_of(contract.organisation)
    ending.end(contract, "Plans changed.", by=boss)
    commit()
    with pytest.raises(Stale, match="not to be used"):
        actions.approve(version.piece, version.sha256, by=boss)
    assert not version.piece.awaits_decision
    assert standing.of_piece(version.piece, "business", "Ines", is_held=True) == ("Stopped", "")
