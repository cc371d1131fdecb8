"""Approve and send at the same moment: never an approval of words that the editor did not read."""

from __future__ import annotations

import threading

from marketplace.deliverables import actions
from marketplace.deliverables.actions import Draft
from marketplace.deliverables.models import Piece
from marketplace.accounts.models import Person
from marketplace.kernel.db import commit, db, rollback
from marketplace.kernel.errors import Refused
from tests import make
from tests.deliverables.work import pieces, send


def test_approving_while_a_new_draft_arrives_never_approves_the_new_words(app):
    contract = make.working()
    piece = pieces(contract)[0]
    sha256, revision = send(piece).sha256, piece.draft_revision
    boss, ines = make.owner_of(contract.organisation).id, contract.profile.person_id
    piece_id, gate = piece.id, threading.Barrier(2)
    db.session.remove()

    def run(act):
        with app.app_context():
            gate.wait()
            try:
                act(db.session.get_one(Piece, piece_id))
                commit()
            except Refused:
                rollback()
            finally:
                db.session.remove()

    def approve(row):
        actions.approve(row, sha256, by=db.session.get_one(Person, boss))

    def send_more(row):
        actions.send(row, by=db.session.get_one(Person, ines), draft=Draft("New words.", revision=revision))

    threads = [threading.Thread(target=run, args=(act,)) for act in (approve, send_more)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    piece = db.session.get_one(Piece, piece_id)
    assert piece.latest.text == "New words."
    assert not piece.is_publishable
