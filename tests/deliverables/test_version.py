"""The page of one version: its fingerprint, who approved it, and whether a pasted text is it."""

from __future__ import annotations

from typing import Any

from marketplace.deliverables import actions
from marketplace.kernel.db import commit
from tests import make
from tests.deliverables.work import TEXT, pieces, send


def test_a_pasted_text_is_the_approved_one_to_the_character_or_not(app: Any, browser: Any) -> None:
    contract = make.working()
    piece, boss = pieces(contract)[0], make.owner_of(contract.organisation)
    actions.approve(piece, send(piece).sha256, by=boss)
    commit()
    reader, address = browser(boss), f"/contracts/{contract.id}/pieces/{piece.id}/versions/1"
    assert piece.versions[0].sha256 in reader.get(address).text
    assert "Yes: to the character" in reader.post(address, {"text": TEXT.replace("\n", "\r\n")}).text
    assert "No. It differs" in reader.post(address, {"text": TEXT + " "}).text


def test_a_version_that_is_not_there_and_a_stranger_find_nothing(app: Any, browser: Any) -> None:
    contract = make.working()
    piece = pieces(contract)[0]
    send(piece)
    address = f"/contracts/{contract.id}/pieces/{piece.id}/versions"
    assert browser(contract.profile.person).get(f"{address}/2").status_code == 404
    assert browser(make.person()).get(f"{address}/1").status_code == 404


def test_approving_by_the_page_and_an_old_page_is_told(app: Any, browser: Any) -> None:
    contract = make.working()
    piece = pieces(contract)[0]
    old = send(piece).sha256
    new = send(piece, "Another text.").sha256
    boss, address = (
        browser(make.owner_of(contract.organisation)),
        f"/contracts/{contract.id}/pieces/{piece.id}/approve",
    )
    stale = boss.post(address, {"sha256": old})
    assert (stale.status_code, "please read it before you approve" in stale.text) == (409, True)
    assert boss.post(address, {"sha256": new}).status_code == 303
    assert browser(contract.profile.person).post(address, {"sha256": new}).status_code == 403
