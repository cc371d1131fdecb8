"""Ending a contract: what it costs, and who pays nothing."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.contracts import ending
from marketplace.deliverables import actions
from marketplace.kernel.db import commit, many
from marketplace.kernel.errors import Forbidden, Missing, Stale
from marketplace.payments.models import holdings_of
from tests import make
from tests.deliverables.work import pieces, send


def money(contract: Any) -> Any:
    """Released and refunded of the one holding."""
    (held,) = many(holdings_of(contract.subject))
    return held.released_minor, held.refunded_minor


def test_before_work_begins_the_money_goes_back_whole(app: Any) -> None:
    contract = make.working()
    ending.end(contract, "Plans changed.", by=make.owner_of(contract.organisation))
    commit()
    assert (contract.state, contract.milestones[0].work, money(contract)) == (
        "ended",
        "cancelled",
        (0, 48000),
    )


def test_after_the_start_the_business_owes_a_quarter(app: Any) -> None:
    contract = make.working()
    actions.save(pieces(contract)[0], "Begun.", by=contract.profile.person)
    ending.end(contract, "Plans changed.", by=make.owner_of(contract.organisation))
    assert money(contract) == (12000, 36000)


def test_after_the_first_draft_the_business_owes_half(app: Any) -> None:
    contract = make.working()
    send(pieces(contract)[0])
    ending.end(contract, "Plans changed.", by=make.owner_of(contract.organisation))
    assert money(contract) == (24000, 24000)


def test_ending_by_the_professional_owes_nothing(app: Any) -> None:
    contract = make.working()
    send(pieces(contract)[0])
    ending.end(contract, "I am ill.", by=contract.profile.person)
    assert money(contract) == (0, 48000)


def test_a_contract_without_money_just_ends(app: Any) -> None:
    contract = make.contract()
    ending.end(contract, "Plans changed.", by=contract.profile.person)
    assert (contract.state, money(contract)) == ("ended", (0, 0))


def test_money_that_comes_after_the_end_goes_straight_back(app: Any) -> None:
    contract = make.contract()
    (held,) = many(holdings_of(contract.subject))
    ending.end(contract, "Plans changed.", by=contract.profile.person)
    commit()
    make.funded(held)
    assert (held.refunded_minor, contract.milestones[0].work) == (48000, "cancelled")


def test_strangers_editors_and_second_ends_are_refused(app: Any) -> None:
    contract = make.working()
    with pytest.raises(Missing):
        ending.end(contract, "No.", by=make.person())
    with pytest.raises(Forbidden, match="hiring role"):
        ending.end(contract, "No.", by=make.member(contract.organisation, "editor"))
    ending.end(contract, "Yes.", by=contract.profile.person)
    with pytest.raises(Stale, match="not running"):
        ending.end(contract, "Again.", by=contract.profile.person)


def test_the_page_shows_the_kill_fee_before_and_ends(app: Any, browser: Any) -> None:
    contract = make.working()
    send(pieces(contract)[0])
    boss, address = browser(make.owner_of(contract.organisation)), f"/contracts/{contract.id}/end"
    assert "$240.00" in boss.get(address).text
    assert boss.post(address, {"reason": ""}).status_code == 422
    assert boss.post(address, {"reason": "Plans changed."}).status_code == 303
    assert "This contract has ended." in boss.get(f"/contracts/{contract.id}").text


def test_nothing_is_paid_for_what_is_over(browser: Any) -> None:
    contract = make.contract()
    ending.end(contract, "Plans changed.", by=contract.profile.person)
    commit()
    boss, address = (
        browser(make.owner_of(contract.organisation)),
        f"/contracts/{contract.id}/milestones/1/fund",
    )
    assert "This milestone is over" in boss.get(address).text
    assert boss.post(address).status_code == 409
    assert many(holdings_of(contract.subject))[0].money_state == "unfunded"
