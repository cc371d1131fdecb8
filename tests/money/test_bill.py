"""What both sides are shown before they sign or pay."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from sqlalchemy import func, select

from marketplace.config import rules, settings
from marketplace.contracts import actions
from marketplace.contracts.models import Contract
from marketplace.contracts.terms import breakdown
from marketplace.currencies import CURRENCIES
from marketplace.kernel.db import commit, db, one
from marketplace.kernel.errors import Refused
from marketplace.payments import bill
from marketplace.payments.actions import fund
from marketplace.payments.models import holdings_of
from tests import make
from tests.money.test_other_currencies import typed

RULE = "of what is released, rounded half up on the total, so that any split costs the same"


def read(page: Any) -> str:
    """The text of a page that opened."""
    assert page.status_code == 200
    return unescape(page.text)


def test_a_bill_of_two_adds_up_and_is_rounded_one_by_one(app: Any) -> None:
    made = bill.make([("One", 10_005), ("Two", 20_005)], "usd", fee_bps=1000, client_fee_bps=250)
    assert (made.amount, made.fee, made.net) == (30_010, 1_001 + 2_001, 27_008)
    assert (made.client_fee, made.pays) == (250 + 500, 30_760)
    assert (made.items[0].kill_started, made.items[0].kill_drafted) == (2_501, 5_003)


def test_every_page_before_a_signature_shows_the_rule_and_the_sums(app: Any, browser: Any) -> None:
    contract = make.offer()
    writer = browser(contract.profile.person)
    for name in ("terms", "counter"):
        page = read(writer.get(f"/contracts/{contract.id}/{name}"))
        for words in (RULE, "$480.00", "$48.00", "$432.00", "$120.00", "$240.00", "up to $500.00 of each milestone",
                      "5 days after the release"):  # fmt: skip
            assert words in page, (name, words)


def test_an_amendment_shows_the_sums_of_old_and_new_milestones(app: Any, browser: Any) -> None:
    contract = make.contract()
    page = browser(contract.profile.person).post(
        f"/contracts/{contract.id}/amend",
        {"reckon": "1", "title": "T", "rounds": "2", "review_days": "7", "rights": "All.",
         "milestones-0-title": "More", "milestones-0-amount": "20.00"},
    )  # fmt: skip
    assert "$500.00" in read(page)
    assert "$450.00" in read(page)


def test_working_out_the_sums_signs_nothing(app: Any, browser: Any) -> None:
    org, profile = make.business(), make.professional()
    sent = {**typed(org, "100.05"), "reckon": "1"}
    page = read(browser(make.owner_of(org)).post(f"/professionals/{profile.handle}/offer", sent))
    assert "$10.01" in page
    assert "$90.04" in page
    assert db.session.scalar(select(func.count()).select_from(Contract)) == 0


@pytest.mark.parametrize("price", ["", "abc", "1_000", "1e5"])
def test_what_is_no_amount_yet_is_left_out_of_the_sums(app: Any, browser: Any, price: str) -> None:
    org, profile = make.business(), make.professional()
    sent = {**typed(org, price), "reckon": "1"}
    page = browser(make.owner_of(org)).post(f"/professionals/{profile.handle}/offer", sent)
    assert "No price is set yet" in read(page)


def test_a_fee_for_the_business_is_shown_signed_and_charged_on_top(
    app: Any, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules(), "client_fee_bps", 200)
    contract = make.contract()
    monkeypatch.setattr(rules(), "client_fee_bps", 0)
    assert contract.current_terms.data["client_fee_bps"] == 200
    assert one(holdings_of(contract.subject)).client_fee_bps == 200
    page = read(
        browser(make.owner_of(contract.organisation)).get(f"/contracts/{contract.id}/milestones/1/fund")
    )
    for words in ("$9.60", "$489.60", "A refund does not return it", "Pay $489.60"):
        assert words in page, words


def test_no_payment_is_larger_than_stripe_takes_at_once(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    org, most = make.business(), CURRENCIES["usd"].max_minor
    both = [make.holding(org, stream="contract:one", amount_minor=amount) for amount in (most, 500)]
    with pytest.raises(Refused, match=r"at most \$999,999.99: choose fewer"):
        fund(both, by=make.owner_of(org))
    monkeypatch.setattr(rules(), "client_fee_bps", 100)
    item = {**make.terms()["milestones"][0], "amount_minor": most}
    with pytest.raises(Refused, match="more than one payment can be"):
        make.offer(milestones=[item])


def test_a_later_change_of_fees_does_not_touch_what_was_signed(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = make.contract()
    monkeypatch.setattr(rules(), "fee_bps", 3000)
    monkeypatch.setattr(rules(), "client_fee_bps", 500)
    signed = breakdown(contract.current_terms.data)
    assert (signed.fee, signed.client_fee) == (4800, 0)


def test_terms_signed_before_there_were_fees_for_businesses_have_none() -> None:
    old = {"currency": "usd", "fee_bps": 1000, "milestones": [{"title": "One", "amount_minor": 48000}]}
    assert breakdown(old).pays == 48000


def test_a_withdrawn_offer_can_neither_be_signed_nor_paid(app: Any, browser: Any) -> None:
    contract = make.offer()
    signed = {"sha256": contract.current_terms.sha256}
    actions.withdraw(contract, by=make.owner_of(contract.organisation))
    commit()
    assert (
        browser(contract.profile.person).post(f"/contracts/{contract.id}/accept", signed).status_code == 409
    )
    address = f"/contracts/{contract.id}/milestones/1/fund"
    assert browser(make.owner_of(contract.organisation)).post(address).status_code == 404


def test_a_founder_chooses_among_the_currencies_that_are_offered(
    app: Any, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "currencies", ["eur", "jpy"])
    asked = browser(make.person())
    page = read(asked.get("/settings/business/found"))
    assert "JPY, Japanese yen" in page
    assert "USD" not in page
    sent = {"name": "Late Trams", "country": "GB", "currency": "usd"}
    assert asked.post("/settings/business/found", sent).status_code == 422
