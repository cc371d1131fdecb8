"""Approve and send at the same moment: never an approval of words that the editor did not read."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

from marketplace.accounts.models import Person
from marketplace.deliverables import actions
from marketplace.deliverables.actions import Draft
from marketplace.deliverables.models import Piece
from marketplace.kernel.db import commit, db, many, rollback
from marketplace.kernel.errors import Refused
from marketplace.payments.models import holdings_of
from tests import make
from tests.deliverables.work import pieces, send


def at_once(app: Any, *acts: Callable[[], object]) -> None:
    """Do all `acts` at the same moment, each in a transaction of its own; refusals are part of it."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        with app.app_context():
            gate.wait()
            try:
                act()
                commit()
            except Refused:
                rollback()
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_approving_while_a_new_draft_arrives_never_approves_the_new_words(app: Any) -> None:
    contract = make.working()
    piece = pieces(contract)[0]
    sha256, draft = send(piece).sha256, Draft("New words.", revision=piece.draft_revision)
    boss_id, ines_id, piece_id = make.owner_of(contract.organisation).id, contract.profile.person_id, piece.id
    db.session.remove()

    def approve() -> None:
        actions.approve(db.session.get_one(Piece, piece_id), sha256, by=db.session.get_one(Person, boss_id))

    def send_more() -> None:
        actions.send(db.session.get_one(Piece, piece_id), by=db.session.get_one(Person, ines_id), draft=draft)

    at_once(app, approve, send_more)
    piece = db.session.get_one(Piece, piece_id)
    assert [version.text for version in piece.versions][1:] == ["New words."]
    assert not piece.is_publishable


def test_the_last_two_approvals_at_once_release_the_money_once(app: Any) -> None:
    contract = make.working()
    boss_id, subject = make.owner_of(contract.organisation).id, contract.subject
    sent = [(piece.id, send(piece).sha256) for piece in pieces(contract)]
    db.session.remove()

    def approve(piece_id: UUID, sha256: str) -> Callable[[], object]:
        return lambda: actions.approve(
            db.session.get_one(Piece, piece_id), sha256, by=db.session.get_one(Person, boss_id)
        )

    at_once(app, *(approve(*each) for each in sent))
    (held,) = many(holdings_of(subject))
    assert (held.released_minor, len(held.releases)) == (48000, 1)
