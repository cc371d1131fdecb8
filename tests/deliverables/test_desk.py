"""The desk page: what each reader sees, and what it costs."""

from __future__ import annotations

from typing import Any

from marketplace.deliverables import notes
from marketplace.kernel.db import commit
from marketplace.messaging.actions import write
from tests import make
from tests.counting import queries
from tests.deliverables.work import pieces, send


def test_the_editor_reads_the_draft_and_can_approve_it(app: Any, browser: Any) -> None:
    contract = make.working()
    send(pieces(contract)[0])
    page = browser(make.owner_of(contract.organisation)).get(f"/contracts/{contract.id}").text
    assert "The 14 was late 61 times" in page
    assert "Approve this post" in page
    assert "Approving all 2 releases $480." in page


def test_a_draft_that_was_not_sent_is_the_writers_own(app: Any, browser: Any) -> None:
    contract = make.working()
    from marketplace.deliverables import actions

    actions.save(pieces(contract)[0], "Only mine.", by=contract.profile.person)
    commit()
    assert "Only mine." in browser(contract.profile.person).get(f"/contracts/{contract.id}").text
    assert (
        "Only mine."
        not in browser(make.owner_of(contract.organisation)).get(f"/contracts/{contract.id}").text
    )


def test_strangers_find_nothing(app: Any, browser: Any) -> None:
    contract = make.working()
    assert browser(make.person()).get(f"/contracts/{contract.id}").status_code == 404
    assert browser().get(f"/contracts/{contract.id}").status_code == 303


def test_an_offer_has_no_desk_yet(app: Any, browser: Any) -> None:
    contract = make.offer()
    answer = browser(contract.profile.person).get(f"/contracts/{contract.id}")
    assert answer.headers["Location"].endswith("/terms")


def test_the_desk_costs_the_same_with_many_pieces_comments_and_events(app: Any, browser: Any) -> None:
    few, many = make.working(pieces=1), make.working(pieces=8)
    for contract in (few, many):
        for piece in pieces(contract):
            version = send(piece)
            boss = make.owner_of(contract.organisation)
            for _ in range(3 if contract is many else 1):
                note = notes.comment(version, "Which is it?", "61 times", by=boss)
                notes.reply(note, "61 on the road.", by=contract.profile.person)
            write(contract.subject, f"Piece {piece.number} is there.", by=boss, stream=contract)
        commit()
    counts = []
    for contract in (few, many):
        reader, address = browser(make.owner_of(contract.organisation)), f"/contracts/{contract.id}"
        with queries(app) as sent:
            assert reader.get(address).status_code == 200
        counts.append(len([each for each in sent if each.lstrip().upper().startswith("SELECT")]))
    assert counts[0] == counts[1] <= 12


def test_two_drafts_show_their_changes(app: Any, browser: Any) -> None:
    contract = make.working()
    piece = pieces(contract)[0]
    send(piece, "The 14 was late.")
    send(piece, "The 14 was punctual.")
    page = browser(make.owner_of(contract.organisation)).get(f"/contracts/{contract.id}?piece=1").text
    assert '<del><span class="vh">Struck: </span>late.</del>' in page
    assert '<ins><span class="vh">New: </span>punctual.</ins>' in page
