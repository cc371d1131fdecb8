"""Offering a contract, countering, declining, taking it back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from marketplace.contracts import actions
from marketplace.kernel.clock import today
from marketplace.kernel.db import commit
from marketplace.kernel.errors import Forbidden, Missing, Refused, Stale
from tests import make


def offer(proposal: Any, **also: Any) -> Any:
    """An offer for a proposal, by the owner of its brief."""
    brief = proposal.brief
    return actions.offer(proposal, profile=proposal.profile, brand=brief.brand,
                         terms=make.terms(**also), by=make.owner_of(brief.organisation))  # fmt: skip


def test_an_offer_waits_seven_days_for_the_professional(app: Any) -> None:
    contract = make.offer()
    assert (contract.state, contract.turn) == ("offered", "professional")
    assert contract.due_at is not None
    assert contract.due_at > contract.created_at + timedelta(days=6)


def test_a_blind_proposal_gets_no_offer(app: Any) -> None:
    with pytest.raises(Refused, match="Shortlist"):
        offer(make.proposal())


def test_a_brief_has_one_offer_out(app: Any) -> None:
    first = make.proposal(state="shortlisted")
    second = make.proposal(on=first.brief, by=make.professional("Otis Other"), state="shortlisted")
    offer(first)
    commit()
    with pytest.raises(Stale, match="already"):
        offer(second)


def test_who_does_not_hire_offers_nothing(app: Any) -> None:
    org, ines = make.business(), make.professional()
    given: dict[str, Any] = {"profile": ines, "brand": org.brands[0], "terms": make.terms()}
    with pytest.raises(Forbidden, match="hiring role"):
        actions.offer(None, by=make.member(org, "editor"), **given)
    with pytest.raises(Missing):
        actions.offer(None, by=make.person(), **given)


@pytest.mark.parametrize(
    ("also", "sentence"),
    [
        ({"title": " "}, "title"),
        ({"review_days": 2}, "3 to 14 days"),
        ({"rounds": 11}, "10"),
        ({"milestones": []}, "1 to 6 milestones"),
    ],
)
def test_terms_that_cannot_be_agreed_are_refused(app: Any, also: Any, sentence: Any) -> None:
    org, ines = make.business(), make.professional()
    with pytest.raises(Refused, match=sentence):
        actions.offer(
            None, profile=ines, brand=org.brands[0], terms={**make.terms(), **also}, by=make.owner_of(org)
        )


@pytest.mark.parametrize(
    ("days", "sentence"), [(-1, "has passed"), (69, "longer than its money can be held")]
)
def test_due_days_must_fit_the_life_of_held_money(app: Any, days: Any, sentence: Any) -> None:
    item = {**make.terms()["milestones"][0], "due_on": (today() + timedelta(days=days)).isoformat()}
    with pytest.raises(Refused, match=sentence):
        make.offer(milestones=[item])


def test_a_counter_turns_the_turn_and_keeps_both_versions(app: Any) -> None:
    contract = make.offer()
    actions.counter(contract, make.terms(rounds=3), by=contract.profile.person)
    commit()
    assert (contract.state, contract.turn, contract.current_terms.data["rounds"]) == (
        "countered",
        "business",
        3,
    )
    assert [laid.state for laid in contract.terms] == ["superseded", "offered"]


def test_the_same_terms_are_no_counter(app: Any) -> None:
    contract = make.offer()
    with pytest.raises(Refused, match="accept them"):
        actions.counter(contract, contract.current_terms.data, by=contract.profile.person)


def test_declining_and_taking_back_end_the_offer(app: Any) -> None:
    declined, withdrawn = make.offer(), make.offer()
    actions.decline(declined, "Too soon.", by=declined.profile.person)
    actions.withdraw(withdrawn, by=make.owner_of(withdrawn.organisation))
    assert (declined.state, withdrawn.state) == ("declined", "withdrawn")
    with pytest.raises(Stale, match="over"):
        actions.accept(declined, by=declined.profile.person, sha256=declined.current_terms.sha256)


def test_after_a_decline_the_brief_can_have_another_offer(app: Any) -> None:
    proposal = make.proposal(state="shortlisted")
    actions.decline(offer(proposal), "No.", by=proposal.profile.person)
    commit()
    assert offer(proposal).state == "offered"
