"""Accepting the terms that the page showed: the hire."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from marketplace.contracts import actions
from marketplace.contracts.models import Milestone
from marketplace.deliverables.models import Piece
from marketplace.kernel.db import commit, many
from marketplace.kernel.errors import Forbidden, Missing, Refused, Stale
from marketplace.payments.models import holdings_of
from tests import make


def test_accepting_hires_and_makes_milestones_holdings_and_pieces(app: Any) -> None:
    contract = make.contract()
    (holding,) = many(holdings_of(contract.subject))
    assert (contract.state, contract.milestones[0].work) == ("active", "planned")
    assert (holding.amount_minor, holding.money_state) == (48000, "unfunded")
    assert [piece.number for piece in many(select(Piece).order_by(Piece.number))] == [1, 2]


def test_both_sides_signed_the_same_hash(app: Any) -> None:
    terms = make.contract().current_terms
    assert {signed.side for signed in terms.signatures} == {"business", "professional"}
    assert {signed.sha256 for signed in terms.signatures} == {terms.sha256}


def test_a_hire_from_a_proposal_closes_the_brief_and_the_other_proposals(app: Any) -> None:
    chosen = make.proposal(state="shortlisted")
    other = make.proposal(on=chosen.brief, by=make.professional("Otis Other"))
    brief = chosen.brief
    boss = make.owner_of(brief.organisation)
    contract = actions.offer(chosen, profile=chosen.profile, brand=brief.brand, terms=make.terms(), by=boss)
    actions.accept(contract, by=chosen.profile.person, sha256=contract.current_terms.sha256)
    commit()
    assert (brief.state, chosen.state, other.state) == ("hired", "accepted", "closed")


def test_the_first_three_contracts_wait_longer_for_their_money(app: Any) -> None:
    ines, org = make.professional(), make.business()
    held = [many(holdings_of(make.contract(org, ines).subject))[0].hold.days for _ in range(4)]
    assert held == [5, 5, 5, 2]


def test_another_hash_than_the_current_terms_is_stale(app: Any) -> None:
    contract = make.offer()
    with pytest.raises(Stale, match="changed while you were reading"):
        actions.accept(contract, by=contract.profile.person, sha256="0" * 64)


def test_the_side_that_offered_does_not_accept(app: Any) -> None:
    contract = make.offer()
    with pytest.raises(Stale, match="other side"):
        actions.accept(
            contract, by=make.owner_of(contract.organisation), sha256=contract.current_terms.sha256
        )


def test_a_stranger_finds_nothing(app: Any) -> None:
    contract = make.offer()
    with pytest.raises(Missing):
        actions.accept(contract, by=make.person(), sha256=contract.current_terms.sha256)


def test_after_a_counter_only_who_hires_accepts_for_the_business(app: Any) -> None:
    contract = make.offer()
    actions.counter(contract, make.terms(rounds=3), by=contract.profile.person)
    commit()
    finance = make.member(contract.organisation, "finance")
    with pytest.raises(Forbidden, match="hiring role"):
        actions.accept(contract, by=finance, sha256=contract.current_terms.sha256)


def test_nobody_hires_themselves(app: Any) -> None:
    contract = make.offer()
    from marketplace.accounts.models import Membership
    from marketplace.kernel.db import add, db

    ines = contract.profile.person
    add(Membership(organisation_id=contract.organisation_id, person_id=ines.id, role="viewer"))
    commit()
    db.session.expire_all()
    with pytest.raises(Refused, match="hire themselves"):
        actions.accept(contract, by=ines, sha256=contract.current_terms.sha256)


def test_accepting_twice_makes_no_second_milestone(app: Any) -> None:
    contract = make.contract()
    with pytest.raises(Stale):
        actions.accept(contract, by=contract.profile.person, sha256=contract.current_terms.sha256)
    assert len(many(select(Milestone))) == 1
