"""The pages of an agreement, as both sides walk through them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from marketplace.contracts import ending
from marketplace.contracts.models import Contract
from marketplace.kernel.clock import today
from marketplace.kernel.db import commit, many, one
from tests import make
from tests.counting import queries

DUE = (today() + timedelta(days=14)).isoformat()
TYPED = {
    "title": "Launch week", "rounds": "2", "review_days": "7", "rights": "All.", "message": "Hello.",
    "milestones-0-title": "Two posts", "milestones-0-amount": "480.00", "milestones-0-due_on": DUE,
    "milestones-0-pieces-0-title": "The apology", "milestones-0-pieces-0-platform": "linkedin",
    "milestones-0-pieces-0-kind": "post",
}  # fmt: skip


def test_an_offer_from_a_proposal_begins_with_what_it_says(app: Any, browser: Any) -> None:
    proposal = make.proposal(state="shortlisted")
    boss = browser(make.owner_of(proposal.brief.organisation))
    page = boss.get(f"/proposals/{proposal.id}/offer").text
    assert 'value="480.00"' in page
    assert 'value="Post 4"' in page
    assert boss.post(f"/proposals/{proposal.id}/offer", TYPED).status_code == 303
    assert one(select(Contract)).proposal_id == proposal.id


def test_the_writer_of_a_proposal_finds_no_offer_form(app: Any, browser: Any) -> None:
    proposal = make.proposal(state="shortlisted")
    assert browser(proposal.profile.person).get(f"/proposals/{proposal.id}/offer").status_code == 404


def test_adding_a_milestone_and_a_piece_keeps_what_was_typed(app: Any, browser: Any) -> None:
    org, ines = make.business(), make.professional()
    boss, address = browser(make.owner_of(org)), f"/professionals/{ines.handle}/offer"
    more = boss.post(address, {**TYPED, "add": ""})
    assert (more.status_code, "milestones-1-title" in more.text, "The apology" in more.text) == (
        200,
        True,
        True,
    )
    piece = boss.post(address, {**TYPED, "add": "0"})
    assert "milestones-0-pieces-1-title" in piece.text
    assert not many(select(Contract))


def test_removing_a_piece_keeps_the_others(app: Any, browser: Any) -> None:
    org, ines = make.business(), make.professional()
    more = {**TYPED, "milestones-0-pieces-1-title": "Out", "milestones-0-pieces-1-platform": "x",
            "milestones-0-pieces-1-kind": "post", "remove": "0-1"}  # fmt: skip
    page = browser(make.owner_of(org)).post(f"/professionals/{ines.handle}/offer", more).text
    assert ("The apology" in page, 'value="Out"' in page) == (True, False)


def test_a_direct_offer_is_read_and_accepted_on_the_page_of_its_terms(app: Any, browser: Any) -> None:
    org, ines = make.business(), make.professional()
    boss, writer = browser(make.owner_of(org)), browser(ines.person)
    sent = boss.post(f"/professionals/{ines.handle}/offer", {**TYPED, "brand": str(org.brands[0].id)})
    contract = one(select(Contract))
    sha256, address = contract.current_terms.sha256, f"/contracts/{contract.id}"
    assert sent.headers["Location"] == f"{address}/terms"
    page = writer.get(f"{address}/terms").text
    for words in (sha256, "$480.00", "$48.00", "$432.00", "Accept and sign"):
        assert words in page
    assert writer.post(f"{address}/accept", {"sha256": "0" * 64}).status_code == 409
    assert writer.post(f"{address}/accept", {"sha256": sha256}).headers["Location"] == address
    assert "Hold $480" in boss.get(address).text


def test_bad_terms_keep_what_was_typed(app: Any, browser: Any) -> None:
    org, ines = make.business(), make.professional()
    typed = {**TYPED, "brand": str(org.brands[0].id), "milestones-0-amount": "1.00"}
    answer = browser(make.owner_of(org)).post(f"/professionals/{ines.handle}/offer", typed)
    assert (answer.status_code, "The apology" in answer.text) == (422, True)
    assert "may cost $5.00" in answer.text


def test_countering_declining_and_taking_back_by_their_pages(app: Any, browser: Any) -> None:
    contract = make.offer()
    boss, writer = browser(make.owner_of(contract.organisation)), browser(contract.profile.person)
    address = f"/contracts/{contract.id}"
    assert writer.get(f"{address}/counter").status_code == 200
    assert writer.post(f"{address}/counter", TYPED).status_code == 303
    assert "Answer with other terms" in boss.get(f"{address}/terms").text
    assert writer.post(f"{address}/decline", {"reason": ""}).status_code == 409
    assert writer.post(f"{address}/withdraw").status_code == 303
    assert "Taken back" in boss.get(f"{address}/terms").text


def test_an_amendment_is_proposed_read_and_agreed_by_its_pages(app: Any, browser: Any) -> None:
    contract = make.contract()
    boss, writer = browser(make.owner_of(contract.organisation)), browser(contract.profile.person)
    address, due = f"/contracts/{contract.id}", str(contract.milestones[0].due_on)
    typed = {
        "title": contract.title,
        "rounds": "3",
        "review_days": "7",
        "rights": "All.",
        "message": "",
        "dues-0": due,
    }
    assert boss.get(f"{address}/amend").status_code == 200
    assert boss.post(f"{address}/amend", typed).status_code == 303
    commit()
    sha256 = contract.terms[-1].sha256
    assert "Agree and sign" in writer.get(f"{address}/terms").text
    assert "Agree and sign" not in boss.get(f"{address}/terms").text
    assert writer.post(f"{address}/amend/agree", {"sha256": sha256}).status_code == 303
    commit()
    assert contract.rounds == 3


def test_an_amendment_may_add_a_milestone_with_its_pieces(app: Any, browser: Any) -> None:
    contract = make.contract()
    boss = browser(make.owner_of(contract.organisation))
    new = {key: value for key, value in TYPED.items() if key != "milestones-0-due_on"}
    assert boss.post(f"/contracts/{contract.id}/amend", {**new, "dues-0": ""}).status_code == 303
    commit()
    from marketplace.contracts import amendments
    from tests.deliverables.work import pieces

    amendments.agree_amendment(contract, by=contract.profile.person, sha256=contract.terms[-1].sha256)
    commit()
    assert ([m.title for m in contract.milestones], len(pieces(contract))) == (["Four posts", "Two posts"], 3)


def test_the_list_puts_your_turn_first_and_strangers_have_none(app: Any, browser: Any) -> None:
    org, ines = make.business(), make.professional()
    waiting = make.offer(org, ines, title="Yours to answer")
    make.contract(org, ines, title="Waiting for money")
    page = browser(waiting.profile.person).get("/contracts").text
    assert "Your turn" in page
    assert page.index("Yours to answer") < page.index("Waiting for money")
    assert "No contracts here yet" in browser(make.person()).get("/contracts").text


def test_the_list_costs_the_same_with_many_contracts(app: Any, browser: Any) -> None:
    org, ines = make.business(), make.professional()
    boss = make.owner_of(org)
    counts = []
    for number in (1, 5):
        for _ in range(number):
            make.contract(org, ines)
        reader = browser(boss)
        with queries(app) as sent:
            assert reader.get("/contracts").status_code == 200
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 14


def test_a_milestone_not_begun_is_left_out(app: Any, browser: Any) -> None:
    contract = make.working()
    boss, address = (
        browser(make.owner_of(contract.organisation)),
        f"/contracts/{contract.id}/milestones/1/cancel",
    )
    assert boss.get(address).status_code == 200
    assert browser(contract.profile.person).post(address).status_code == 403
    assert boss.post(address).status_code == 303
    commit()
    assert contract.milestones[0].work == "cancelled"


def test_who_cannot_sign_is_shown_no_buttons_that_refuse_them(browser: Any) -> None:
    contract, offer = make.working(), make.offer()
    payer = browser(make.member(contract.organisation, "finance"))
    desk = payer.get(f"/contracts/{contract.id}").text
    assert ("End the contract" in desk, "Release money early" in desk) == (False, True)
    assert (
        "End the contract"
        in browser(make.owner_of(contract.organisation)).get(f"/contracts/{contract.id}").text
    )
    viewer = browser(make.member(offer.organisation, "viewer"))
    assert "Take these terms back" not in viewer.get(f"/contracts/{offer.id}/terms").text


def test_an_ended_contract_leads_to_its_reviews(browser: Any) -> None:
    contract = make.working()
    ending.end(contract, "Plans changed.", by=make.owner_of(contract.organisation))
    commit()
    writer = browser(contract.profile.person)
    assert f"/contracts/{contract.id}/review" in writer.get(f"/contracts/{contract.id}").text
    assert writer.get(f"/contracts/{contract.id}/review").status_code == 200
