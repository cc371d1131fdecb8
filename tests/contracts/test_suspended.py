"""A suspended person brings to an end what is open, and begins nothing."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from marketplace.accounts import actions as people
from marketplace.contracts import actions, amendments
from marketplace.contracts.models import Contract
from marketplace.deliverables.models import Version
from marketplace.kernel.clock import now
from marketplace.kernel.db import commit, db, many, one
from marketplace.kernel.errors import Forbidden
from marketplace.notifications.models import Notice
from marketplace.payments.models import holdings_of
from tests import make
from tests.deliverables.work import TEXT, pieces, send

SORRY = "nothing new can be begun"


def suspended(contract: Contract, side: str) -> Any:
    """The person of one side, suspended."""
    person = contract.profile.person if side == "professional" else make.owner_of(contract.organisation)
    person.suspended_at, person.suspended_reason = now(), "A complaint is being looked into."
    commit()
    return person


def test_a_suspended_business_approves_what_came_and_pays(browser: Any) -> None:
    contract = make.working(pieces=1)
    version = send(pieces(contract)[0])
    boss, piece = browser(suspended(contract, "business")), pieces(contract)[0]
    address = f"/contracts/{contract.id}/pieces/{piece.id}/approve"
    assert boss.post(address, {"sha256": version.sha256}).status_code == 303
    assert one(holdings_of(contract.subject)).released_minor == 48000


def test_a_suspended_professional_delivers_what_was_agreed(browser: Any) -> None:
    contract = make.working(pieces=1)
    writer, piece = browser(suspended(contract, "professional")), pieces(contract)[0]
    address = f"/contracts/{contract.id}/pieces/{piece.id}"
    assert writer.get(f"{address}/edit").status_code == 200
    assert writer.post(f"{address}/send", {"text": TEXT, "revision": "0"}).status_code == 303
    assert len(many(select(Version))) == 1


@pytest.mark.parametrize("side", ["business", "professional"])
def test_either_side_may_end_and_write(browser: Any, side: str) -> None:
    contract = make.working()
    here = browser(suspended(contract, side))
    about = f"/threads/{contract.subject}/messages"
    assert here.post(about, {"body": "I have to stop."}).status_code == 303
    assert here.post(f"/contracts/{contract.id}/end", {"reason": "I have to stop."}).status_code == 303
    assert contract.state == "ended"


def test_an_offer_can_be_declined_but_neither_accepted_nor_countered(browser: Any) -> None:
    offer = make.offer()
    here, address = browser(suspended(offer, "professional")), f"/contracts/{offer.id}"
    answer = here.post(f"{address}/accept", {"sha256": offer.current_terms.sha256})
    assert (answer.status_code, SORRY in answer.text) == (403, True)
    assert here.post(f"{address}/counter", {}).status_code == 403
    assert here.post(f"{address}/decline", {"reason": "I cannot now."}).status_code == 303
    assert offer.state == "declined"


def test_the_verbs_refuse_new_promises_too(app: Any) -> None:
    offer, running = make.offer(), make.working()
    writer, boss = suspended(offer, "professional"), suspended(running, "business")
    with pytest.raises(Forbidden, match="suspended"):
        actions.accept(offer, by=writer, sha256=offer.current_terms.sha256)
    with pytest.raises(Forbidden, match="suspended"):
        actions.counter(offer, make.terms(), by=writer)
    with pytest.raises(Forbidden, match="suspended"):
        amendments.propose_amendment(running, make.terms(rounds=3), by=boss)


def test_nothing_new_is_funded_or_published(browser: Any) -> None:
    contract = make.contract()
    boss = browser(suspended(contract, "business"))
    for address in (
        f"/contracts/{contract.id}/milestones/1/fund",
        "/briefs/new",
        f"/contracts/{contract.id}/amend",
    ):
        answer = boss.post(address)
        assert (answer.status_code, SORRY in answer.text) == (403, True), address


def test_every_page_says_why_and_where_to_appeal(browser: Any) -> None:
    contract = make.working()
    page = browser(suspended(contract, "professional")).get("/contracts").text
    assert "Your account is suspended: A complaint is being looked into." in page
    assert (
        "Your account is suspended"
        not in browser(make.owner_of(contract.organisation)).get("/contracts").text
    )


def test_the_other_side_is_told_that_the_contract_goes_on(app: Any, work: Any) -> None:
    contract = make.contract()
    people.suspend(contract.profile.person, "A complaint is being looked into.", by=make.staff("admin"))
    commit()
    owner = make.owner_of(contract.organisation).id
    work()
    lines = db.session.scalars(select(Notice.line).where(Notice.person_id == owner)).all()
    assert any("goes on: what is open can be settled" in line for line in lines)
