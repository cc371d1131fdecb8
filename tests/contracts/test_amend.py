"""Changing a running contract: one side proposes, the other agrees or refuses."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from marketplace.contracts import amendments
from marketplace.contracts.models import Contract, Terms
from marketplace.kernel.db import commit
from marketplace.kernel.errors import Forbidden, Missing, Refused, Stale
from tests import make
from tests.deliverables.work import pieces


def changed(contract: Contract, **also: Any) -> dict[str, Any]:
    """The terms in force with something else in them."""
    return {**deepcopy(contract.current_terms.data), **also}


def proposed(contract: Contract) -> Terms:
    """A third round of changes, proposed by the business."""
    boss = make.owner_of(contract.organisation)
    laid = amendments.propose_amendment(contract, changed(contract, rounds=3), by=boss)
    commit()
    return laid


def test_the_present_terms_hold_until_the_other_side_agrees(app: Any) -> None:
    contract = make.working()
    laid = proposed(contract)
    assert (contract.rounds, contract.proposed_terms) == (2, laid)
    amendments.agree_amendment(contract, by=contract.profile.person, sha256=laid.sha256)
    commit()
    assert (contract.rounds, contract.current_terms, contract.proposed_terms) == (3, laid, None)
    assert {signed.side for signed in laid.signatures} == {"business", "professional"}


def test_a_new_milestone_gets_its_pieces_and_its_money_to_hold(app: Any) -> None:
    contract = make.working()
    extra = {**deepcopy(contract.current_terms.data["milestones"][0]), "title": "Two more posts"}
    terms = changed(contract, milestones=[*contract.current_terms.data["milestones"], extra])
    laid = amendments.propose_amendment(contract, terms, by=contract.profile.person)
    amendments.agree_amendment(contract, by=make.owner_of(contract.organisation), sha256=laid.sha256)
    commit()
    assert [(m.number, m.held_at is not None) for m in contract.milestones] == [(1, True), (2, False)]
    assert len(pieces(contract)) == 4


def test_a_refused_amendment_changes_nothing_and_another_may_follow(app: Any) -> None:
    contract = make.working()
    laid = proposed(contract)
    amendments.refuse_amendment(contract, by=contract.profile.person)
    commit()
    assert (laid.state, contract.rounds) == ("refused", 2)
    assert proposed(contract).state == "proposed"


def test_what_is_agreed_for_a_milestone_keeps_its_price(app: Any) -> None:
    contract = make.working()
    terms = changed(contract)
    terms["milestones"][0]["amount_minor"] = 500
    with pytest.raises(Refused, match="stay as they were agreed"):
        amendments.propose_amendment(contract, terms, by=make.owner_of(contract.organisation))


def test_a_second_amendment_waits_and_nobody_agrees_with_themselves(app: Any) -> None:
    contract = make.working()
    laid, boss = proposed(contract), make.owner_of(contract.organisation)
    with pytest.raises(Stale, match="waiting already"):
        amendments.propose_amendment(contract, changed(contract, rounds=4), by=contract.profile.person)
    with pytest.raises(Stale, match="Your side proposed"):
        amendments.agree_amendment(contract, by=boss, sha256=laid.sha256)
    with pytest.raises(Stale, match="changed while you were reading"):
        amendments.agree_amendment(contract, by=contract.profile.person, sha256="0" * 64)


def test_the_same_terms_are_no_amendment(app: Any) -> None:
    contract = make.working()
    with pytest.raises(Refused, match="change something"):
        amendments.propose_amendment(contract, changed(contract), by=contract.profile.person)


def test_strangers_find_nothing_and_who_only_looks_does_not_sign(app: Any) -> None:
    contract = make.working()
    laid, terms = proposed(contract), changed(contract, rounds=4)
    for person, refusal in (
        (make.person(), Missing),
        (make.member(contract.organisation, "viewer"), Forbidden),
    ):
        with pytest.raises(refusal):
            amendments.propose_amendment(contract, terms, by=person)
        with pytest.raises(refusal):
            amendments.agree_amendment(contract, by=person, sha256=laid.sha256)
        with pytest.raises(refusal):
            amendments.refuse_amendment(contract, by=person)


def test_an_offer_is_countered_not_amended(app: Any) -> None:
    offer = make.offer()
    with pytest.raises(Stale, match="not running"):
        amendments.propose_amendment(offer, changed(offer, rounds=3), by=offer.profile.person)
