"""Both sides write blind; what they wrote is shown at the same moment."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.contracts.models import Contract
from marketplace.kernel.clock import move_to, now
from marketplace.kernel.db import commit, many, one
from marketplace.kernel.errors import Forbidden, Missing, Refused, Stale
from marketplace.kernel.sweep import sweep
from marketplace.reviews import actions, hearing
from marketplace.reviews.models import of_contract, window_of
from tests import make
from tests.reviews import ended
from tests.reviews.ended import LINE, MARKS, SENT, THEIRS, THEIRS_SENT


def by_business(contract: Contract, **changed: Any) -> Any:
    """The owner's review."""
    said: dict[str, Any] = {"scores": MARKS, "body": "Good work, and dry.", "hire_again": True, "quote": LINE}
    return actions.write(contract, **{**said, **changed}, by=make.owner_of(contract.organisation))


def by_professional(contract: Contract) -> Any:
    """The professional's review."""
    return actions.write(contract, scores=THEIRS, body="Answers came fast.", by=contract.profile.person)


def test_a_business_writes_and_it_stays_hidden_from_the_other_side(app: Any, browser: Any) -> None:
    contract = ended.contract()
    owner, ines = browser(make.owner_of(contract.organisation)), browser(contract.profile.person)
    answer = owner.post(f"/contracts/{contract.id}/review", SENT)
    assert answer.status_code == 303
    assert "Two of four posts" in owner.get(f"/contracts/{contract.id}/review").text
    assert "Two of four posts" not in ines.get(f"/contracts/{contract.id}/review").text


def test_both_are_shown_once_both_are_in(app: Any, browser: Any) -> None:
    contract = ended.contract()
    by_business(contract)
    commit()
    ines = browser(contract.profile.person)
    assert ines.post(f"/contracts/{contract.id}/review", THEIRS_SENT).status_code == 303
    text = ines.get(f"/contracts/{contract.id}/review").text
    assert "Good work, and dry." in text
    assert "Answers came the same day" in text


def test_a_single_review_is_shown_when_the_window_closes(app: Any) -> None:
    contract = ended.contract()
    by_business(contract)
    commit()
    move_to(one(window_of(contract.id)).due_at)
    sweep()
    assert [review.is_shown for review in many(of_contract(contract.id))] == [True]


def test_nobody_writes_after_the_window(app: Any) -> None:
    contract = ended.contract()
    move_to(one(window_of(contract.id)).due_at)
    with pytest.raises(Stale):
        by_business(contract)


def test_a_side_writes_once(app: Any) -> None:
    contract = ended.contract()
    by_business(contract)
    with pytest.raises(Stale):
        by_business(contract)


def test_a_stranger_finds_nothing(app: Any, browser: Any) -> None:
    contract = ended.contract()
    assert browser(make.person()).post(f"/contracts/{contract.id}/review", SENT).status_code == 404
    with pytest.raises(Missing):
        actions.write(contract, scores=MARKS, body="I was not there.", by=make.person())


def test_a_viewer_may_look_but_not_write(app: Any, browser: Any) -> None:
    contract = ended.contract()
    viewer = browser(make.member(contract.organisation, "viewer"))
    assert viewer.post(f"/contracts/{contract.id}/review", SENT).status_code == 403


def test_somebody_on_both_sides_does_not_review(app: Any) -> None:
    org, profile = make.business(), make.professional()
    from marketplace.accounts.models import Membership
    from marketplace.kernel.db import add

    contract = ended.contract(org, profile)
    add(Membership(organisation_id=org.id, person_id=profile.person_id, role="owner"))
    commit()
    with pytest.raises(Forbidden):
        by_professional(contract)


def test_the_quote_must_be_of_the_delivered_work(app: Any, browser: Any) -> None:
    contract = ended.contract()
    owner = browser(make.owner_of(contract.organisation))
    answer = owner.post(f"/contracts/{contract.id}/review", {**SENT, "quote": "I made this up."})
    assert answer.status_code == 422
    assert "in no delivered text" in answer.text
    assert "Two of four posts" in answer.text


@pytest.mark.parametrize(
    "wrong", [{"style": "6"}, {"style": ""}, {"style": "٣"}, {"body": "short"}, {"hire_again": ""}]
)
def test_what_is_missing_is_said_and_the_rest_kept(app: Any, browser: Any, wrong: dict[str, str]) -> None:
    contract = ended.contract()
    owner = browser(make.owner_of(contract.organisation))
    answer = owner.post(f"/contracts/{contract.id}/review", {**SENT, **wrong})
    assert answer.status_code == 422
    assert "find his dog" in answer.text
    assert not many(of_contract(contract.id))


def test_a_running_contract_has_no_reviews(app: Any) -> None:
    with pytest.raises(Refused):
        by_business(ended.contract(state="active"))


def test_a_contract_at_rest_opens_after_thirty_days(app: Any) -> None:
    contract = ended.contract(state="active")
    sweep()
    assert not many(window_of(contract.id))
    from marketplace.config import rules

    move_to(now() + rules().review_after_release)
    sweep()
    assert one(window_of(contract.id)).is_open


def test_an_audition_opens_no_reviews(app: Any) -> None:
    assert not many(window_of(ended.contract(kind="audition").id))


def test_a_window_in_which_nobody_wrote_opens_again_when_the_contract_really_ends(app: Any) -> None:
    row = ended.contract()
    window = one(window_of(row.id))
    move_to(window.due_at)
    sweep()
    window = one(window_of(row.id))
    assert not window.is_open
    hearing.open_for(row.id)
    commit()
    assert window.is_open
