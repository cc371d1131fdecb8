"""Holding the money of several milestones in one payment, and what a payment's page says in each of its states."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from marketplace.kernel.clock import now
from marketplace.kernel.db import commit, many, one
from marketplace.payments.actions import fund
from marketplace.payments.models import Payment, holdings_of
from tests import make
from tests.counting import queries
from tests.payments.conftest import again


def milestone(title: str, amount_minor: int) -> dict[str, Any]:
    """The terms of one milestone with one piece."""
    due = (now() + timedelta(days=21)).date().isoformat()
    piece = {"title": "Post", "platform": "linkedin", "kind": "post"}
    return {"title": title, "amount_minor": amount_minor, "due_on": due, "pieces": [piece]}


def deal(more: int = 0) -> Any:
    """An accepted contract of two milestones, 480.00 and 120.00, and `more` of 100.00."""
    from marketplace.contracts import actions

    org, by = make.business(), make.professional()
    terms = make.terms(milestone("Four posts", 48000), milestone("One thread", 12000),
                       *(milestone(f"Post {number}", 10000) for number in range(more)))  # fmt: skip
    row = actions.offer(None, profile=by, brand=org.brands[0], terms=terms, by=make.owner_of(org))
    commit()
    actions.accept(row, by=row.profile.person, sha256=row.current_terms.sha256)
    commit()
    make.customer(org)
    return again(row)


def test_all_that_is_not_held_is_ticked_and_the_sum_is_shown(app: Any, browser: Any) -> None:
    contract = deal()
    shown = browser(make.owner_of(contract.organisation)).get(f"/contracts/{contract.id}/fund").text
    for words in ("Four posts", "One thread", "Hold $600.00", "$60.00"):
        assert words in shown
    assert shown.count(" checked>") == 2


def test_ticked_milestones_are_one_payment(app: Any, browser: Any) -> None:
    contract = deal()
    boss = browser(make.owner_of(contract.organisation))
    answer = boss.post(f"/contracts/{contract.id}/fund", {"numbers": ["1", "2"], "amount": "60000"})
    assert answer.status_code == 303
    payment = one(select(Payment))
    assert (payment.amount_minor, len(payment.allocations)) == (60000, 2)
    shown = boss.get(f"{answer.location}?back=1").text
    assert "Four posts" in shown
    assert "One thread" in shown
    assert "Begun by you" in shown


def test_another_choice_is_shown_with_its_sum_before_it_is_taken(app: Any, browser: Any) -> None:
    contract = deal()
    boss, address = browser(make.owner_of(contract.organisation)), f"/contracts/{contract.id}/fund"
    answer = boss.post(address, {"numbers": ["2"], "amount": "60000"})
    assert answer.status_code == 409
    assert "The amount is $120.00 now" in answer.text
    assert "Hold $120.00" in answer.text
    assert many(select(Payment)) == []
    assert boss.post(address, {"numbers": ["2"], "amount": "12000"}).status_code == 303


def test_the_sum_can_be_worked_out_without_paying(app: Any, browser: Any) -> None:
    contract = deal()
    boss, address = browser(make.owner_of(contract.organisation)), f"/contracts/{contract.id}/fund"
    assert "Hold $480.00" in boss.get(f"{address}?numbers=1").text
    worked = boss.post(address, {"numbers": ["1"], "amount": "60000", "reckon": "1"})
    assert (worked.status_code, "Hold $480.00" in worked.text) == (200, True)
    assert many(select(Payment)) == []


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "Tick at least one"),
        ({"numbers": ["9"]}, "not"),
        ({"numbers": ["1"], "amount": "1e3"}, "incomplete"),
    ],
)
def test_what_cannot_be_is_refused(app: Any, browser: Any, typed: dict[str, Any], words: str) -> None:
    contract = deal()
    boss = browser(make.owner_of(contract.organisation))
    answer = boss.post(f"/contracts/{contract.id}/fund", {"amount": "60000", **typed})
    assert answer.status_code == 422
    assert words in answer.text
    assert many(select(Payment)) == []


def test_strangers_find_nothing_and_others_only_look(app: Any, browser: Any) -> None:
    contract = deal()
    address, sent = f"/contracts/{contract.id}/fund", {"numbers": ["1"], "amount": "48000"}
    stranger = browser(make.person())
    assert (stranger.get(address).status_code, stranger.post(address, sent).status_code) == (404, 404)
    for person in (make.member(again(contract).organisation, "viewer"), again(contract).profile.person):
        looking = browser(person)
        assert "Only an owner or someone with the finance role" in looking.get(address).text
        assert looking.post(address, sent).status_code == 403


def test_a_changed_amount_is_refused_on_the_page_of_one_milestone(app: Any, browser: Any) -> None:
    contract = deal()
    boss, address = (
        browser(make.owner_of(contract.organisation)),
        f"/contracts/{contract.id}/milestones/1/fund",
    )
    assert boss.post(address, {"amount": "47900"}).status_code == 409
    assert "Hold several in one payment" in boss.get(address).text
    assert boss.post(address, {"amount": "48000"}).status_code == 303
    assert "began a payment for it" in boss.get(address).text


def test_the_fee_on_top_is_part_of_the_sum(app: Any, browser: Any) -> None:
    contract = deal()
    for held in many(holdings_of(contract.subject)):
        held.client_fee_bps = 500
    commit()
    shown = browser(make.owner_of(again(contract).organisation)).get(f"/contracts/{contract.id}/fund").text
    assert "Pay $630.00" in shown


def payment_of(contract: Any, state: str, **also: Any) -> Payment:
    """A payment for both milestones in some state."""
    owner = make.owner_of(contract.organisation)
    made = fund(many(holdings_of(contract.subject)), by=owner)
    made.state = state
    for name, value in also.items():
        setattr(made, name, value)
    commit()
    return again(made)


@pytest.mark.parametrize(
    ("state", "also", "words"),
    [
        ("created", {}, "preparing your payment page"),
        ("processing", {}, "takes up to 5 business days"),
        ("failed", {"failure": "The bank refused."}, "The bank refused."),
        ("canceled", {}, "Try again"),
        ("surplus", {}, "goes back whole"),
    ],
)
def test_each_state_is_said(app: Any, browser: Any, state: str, also: dict[str, Any], words: str) -> None:
    contract = deal()
    payment = payment_of(contract, state, **also)
    assert words in browser(make.owner_of(again(contract).organisation)).get(f"/payments/{payment.id}").text


def test_a_colleague_sees_the_same_payment_but_is_not_led_to_pay(app: Any, browser: Any) -> None:
    contract = deal()
    payment = payment_of(contract, "requires_action", url="http://stripe.example/c/pay/1")
    org = again(contract).organisation
    second, viewer = browser(make.member(org, "finance")), browser(make.member(org, "viewer"))
    assert "http://stripe.example/c/pay/1" in second.get(f"/payments/{payment.id}").text
    assert "Begun by Dana Whitlock" in second.get(f"/payments/{payment.id}?back=1").text
    seen = viewer.get(f"/payments/{payment.id}").text
    assert "http://stripe.example" not in seen
    assert "Only an owner or someone with the finance role can pay" in seen


def test_the_page_costs_the_same_however_many_milestones(app: Any, browser: Any) -> None:
    contract = deal(more=4)
    boss = browser(make.owner_of(contract.organisation))
    with queries(app) as sent:
        assert "Hold $1,000.00" in boss.get(f"/contracts/{contract.id}/fund").text
    assert len(sent) <= 14
