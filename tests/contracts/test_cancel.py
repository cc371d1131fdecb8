"""Leaving out a milestone before its work begins: what is held goes back whole."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.contracts import milestones
from marketplace.deliverables import actions as desk
from marketplace.kernel.db import commit, one
from marketplace.kernel.errors import Forbidden, Missing, Stale
from marketplace.payments.models import holdings_of
from tests import make
from tests.deliverables.work import pieces


def test_held_money_goes_back_whole_by_the_page(browser: Any) -> None:
    contract = make.working()
    boss = browser(make.owner_of(contract.organisation))
    assert "Leave out this milestone" in boss.get(f"/contracts/{contract.id}").text
    assert boss.post(f"/contracts/{contract.id}/milestones/1/cancel").status_code == 303
    held = one(holdings_of(contract.subject))
    assert (held.refunded_minor, held.released_minor) == (48000, 0)
    assert (contract.milestones[0].work, contract.state) == ("cancelled", "ended")


def test_the_professional_a_viewer_and_a_stranger_are_refused(app: Any) -> None:
    contract = make.working()
    first, org = contract.milestones[0], contract.organisation
    with pytest.raises(Forbidden, match="end the contract"):
        milestones.cancel(first, by=contract.profile.person)
    with pytest.raises(Forbidden, match="hiring role"):
        milestones.cancel(first, by=make.member(org, "viewer"))
    with pytest.raises(Missing):
        milestones.cancel(first, by=make.person())


def test_work_that_has_begun_is_not_left_out(browser: Any) -> None:
    contract = make.working()
    desk.save(pieces(contract)[0], "Begun.", by=contract.profile.person)
    commit()
    boss = browser(make.owner_of(contract.organisation))
    answer = boss.post(f"/contracts/{contract.id}/milestones/1/cancel")
    assert (answer.status_code, "can only end with the contract" in answer.text) == (409, True)


def test_leaving_out_twice_returns_the_money_once(app: Any) -> None:
    contract = make.working()
    boss = make.owner_of(contract.organisation)
    milestones.cancel(contract.milestones[0], by=boss)
    with pytest.raises(Stale):
        milestones.cancel(contract.milestones[0], by=boss)
    assert one(holdings_of(contract.subject)).refunded_minor == 48000
