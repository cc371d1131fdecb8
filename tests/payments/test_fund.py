"""Funding: one payment at Stripe, one credit, whoever presses twice and whatever comes late."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from marketplace.contracts.models import Contract, Milestone
from marketplace.kernel import jobs
from marketplace.kernel.db import add, commit, many, one
from marketplace.kernel.errors import Forbidden, Missing, Refused, Stale
from marketplace.payments.actions import cancel_funding, fund
from marketplace.payments.models import Holding, Payment, StripeCall
from tests import make
from tests.payments.conftest import again, balance
from tests.stripe_sandbox.conftest import CARD, visit


def test_paid_money_is_held(app: Any, paid: Any) -> None:
    on = make.holding()
    payment = paid(on)
    assert (payment.state, again(on).money_state, again(on).left_minor) == ("succeeded", "held", 48000)
    assert balance(f"held:{again(on).id}") == -48000


def test_only_cards_pay_since_they_answer_at_once(app: Any) -> None:
    org = make.business()
    make.customer(org)
    fund([make.holding(org)], by=make.owner_of(org))
    call = one(select(StripeCall).where(StripeCall.op == "checkout"))
    assert call.params["payment_method_types"] == ["card"]


def test_one_payment_pays_for_two_milestones_of_a_contract(app: Any, paid: Any) -> None:
    org, stream = make.business(), "contract:one"
    first, second = make.holding(org, stream=stream), make.holding(org, amount_minor=12000, stream=stream)
    assert paid(first, second).amount_minor == 60000
    assert [again(first).left_minor, again(second).left_minor] == [48000, 12000]


def test_milestones_of_two_contracts_need_two_payments(app: Any) -> None:
    org = make.business()
    with pytest.raises(Refused, match="one contract"):
        fund([make.holding(org), make.holding(org)], by=make.owner_of(org))


def test_pressing_twice_is_one_payment(app: Any) -> None:
    on = make.holding()
    boss = make.owner_of(on.organisation)
    assert fund([on], by=boss).id == fund([on], by=boss).id
    assert len(many(select(StripeCall))) == 1


def test_a_declined_card_holds_nothing_and_may_be_tried_again(app: Any, paid: Any) -> None:
    on = make.holding()
    assert paid(on, card="4000000000000002").state == "requires_action"
    assert again(on).money_state == "funding"
    assert paid(on).state == "succeeded"
    assert again(on).money_state == "held"


def test_money_that_is_held_is_not_asked_for_again(app: Any) -> None:
    on = make.funded()
    with pytest.raises(Stale, match="already held"):
        fund([on], by=make.owner_of(on.organisation))


def test_only_finance_and_owners_hold_money(app: Any) -> None:
    on = make.holding()
    with pytest.raises(Forbidden):
        fund([on], by=make.member(on.organisation, "hiring"))
    with pytest.raises(Missing):
        fund([on], by=make.person())


def test_a_closed_payment_page_frees_the_milestone(app: Any, catch_up: Any) -> None:
    on = make.holding()
    payment = fund([on], by=make.owner_of(on.organisation))
    commit()
    jobs.drain()
    payment = again(payment)
    cancel_funding(payment, by=payment.by)
    commit()
    jobs.drain()
    assert (again(payment).state, again(on).money_state) == ("canceled", "unfunded")
    assert fund([again(on)], by=again(payment).by).id != again(payment).id


def contract_with_holding() -> tuple[Contract, Holding]:
    """An active contract whose one milestone has an empty holding."""
    proposal = make.proposal()
    org, profile = proposal.brief.organisation, proposal.profile
    contract = add(
        Contract(organisation_id=org.id, brand_id=org.brands[0].id, profile_id=profile.id, by_id=make.owner_of(org).id,
                 title="Launch week", currency="usd", state="active", turn="")
    )  # fmt: skip
    milestone = add(Milestone(contract_id=contract.id, number=1, title="Four posts", amount_minor=48000))
    on = make.holding(org, profile.person, stream=contract.subject)
    on.subject = milestone.subject
    commit()
    return contract, on


def test_the_page_names_amount_and_fee_and_leads_to_the_payment(app: Any, browser: Any) -> None:
    contract, on = contract_with_holding()
    boss = browser(make.owner_of(on.organisation))
    address = f"/contracts/{contract.id}/milestones/1/fund"
    shown = boss.get(address)
    assert "Hold $480.00" in shown.text
    assert "$48.00" in shown.text
    answer = boss.post(address)
    assert answer.status_code == 303
    assert "preparing your payment page" in boss.get(answer.location).text


def test_the_waiting_page_leads_to_stripe(app: Any, browser: Any, sandbox: str) -> None:
    contract, on = contract_with_holding()
    boss = browser(make.owner_of(on.organisation))
    place = boss.post(f"/contracts/{contract.id}/milestones/1/fund").location
    jobs.drain()
    assert f"{sandbox}/c/pay/" in boss.get(place).text
    asked = boss.get(place, headers={"HX-Request": "true"})
    assert asked.headers["HX-Redirect"].startswith(f"{sandbox}/c/pay/")


def test_strangers_find_nothing_and_colleagues_may_look(app: Any, browser: Any) -> None:
    contract, on = contract_with_holding()
    address = f"/contracts/{contract.id}/milestones/1/fund"
    assert browser(make.person()).get(address).status_code == 404
    colleague = browser(make.member(again(on).organisation, "viewer"))
    assert "Only an owner or someone with the finance role" in colleague.get(address).text
    assert colleague.post(address).status_code == 403


def started(contract: Contract, boss: Any) -> str:
    """The address of a payment whose page at Stripe is open."""
    place: str = boss.post(f"/contracts/{contract.id}/milestones/1/fund").location
    jobs.drain()
    return place


def test_who_comes_back_without_paying_may_go_on_or_stop(app: Any, browser: Any, sandbox: str) -> None:
    contract, on = contract_with_holding()
    boss = browser(make.owner_of(on.organisation))
    place = started(contract, boss)
    back = boss.get(f"/payments/return?payment={place.rsplit('/', 1)[1]}&left=1").location
    assert "Nothing was charged" in boss.get(back).text
    assert boss.client.post(f"{place}/cancel", data={}).status_code == 400
    assert boss.post(f"{place}/cancel").status_code == 303
    jobs.drain()
    assert "closed before anything was paid" in boss.get(place).text
    assert boss.post(f"{place}/cancel").status_code == 409


def test_who_only_looks_at_an_open_payment_is_not_led_to_stripe(app: Any, browser: Any, sandbox: str) -> None:
    on = make.holding()
    fund([on], by=make.owner_of(on.organisation))
    commit()
    jobs.drain()
    boss = browser(make.owner_of(again(on).organisation))
    address = f"/payments/{one(select(Payment)).id}?look=1"
    shown = boss.get(address).text
    for words in (
        "nothing was paid on it so far",
        "Go on paying at Stripe",
        "Begun by you",
        "Close the payment page",
    ):
        assert words in shown
    assert "http-equiv" not in shown
    assert "HX-Redirect" not in boss.get(address, headers={"HX-Request": "true"}).headers


def test_who_comes_back_from_paying_sees_it_held(app: Any, browser: Any, catch_up: Any) -> None:
    contract, on = contract_with_holding()
    boss = browser(make.owner_of(on.organisation))
    address, place = f"/contracts/{contract.id}/milestones/1/fund", started(contract, boss)
    assert "waiting for Stripe to confirm" in boss.get(f"{place}?back=1").text
    visit(one(select(Payment)).url, CARD)
    catch_up()
    assert "$480.00 held" in boss.get(f"{place}?back=1").text
    assert boss.post(address).status_code == 409


def test_a_payment_is_seen_by_its_business_only(app: Any, browser: Any, sandbox: str) -> None:
    contract, on = contract_with_holding()
    place = started(contract, browser(make.owner_of(on.organisation)))
    assert browser(make.person()).get(place).status_code == 404
    assert browser(again(on).payee).get(place).status_code == 404
    assert browser(make.person()).get("/payments/return").status_code == 404


def test_a_payment_whose_customer_was_lost_on_the_way_is_opened_by_pressing_again(
    app: Any, sandbox: str
) -> None:
    on = make.holding()
    boss = make.owner_of(on.organisation)
    payment = fund([on], by=boss)
    one(select(StripeCall)).state = "rejected"
    commit()
    assert fund([again(on)], by=again(boss)).id == again(payment).id
    commit()
    jobs.drain()
    assert again(payment).url
