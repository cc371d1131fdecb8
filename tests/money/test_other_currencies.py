"""A whole contract in yen and one in Kuwaiti dinars, through the pages that people use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from marketplace.accounts.models import Organisation
from marketplace.config import settings
from marketplace.contracts.models import Contract
from marketplace.kernel.clock import now
from marketplace.kernel.db import commit, db, one
from marketplace.payments.models import Holding, Release, holdings_of
from marketplace.talent.models import Profile
from tests import make

NBSP = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Deal:
    """What is typed, and what must be kept and shown: price, fee of 10 %, what the writer gets."""

    currency: str
    typed: str
    minor: int
    fee: int
    price: str
    fee_shown: str
    net_shown: str
    plain_net: str


YEN = Deal("jpy", "48005", 48_005, 4_801, "¥48,005", "¥4,801", "¥43,204", "43204")
DINARS = Deal("kwd", "120.050", 120_050, 12_010, f"KWD{NBSP}120.050", f"KWD{NBSP}12.010", f"KWD{NBSP}108.040",
              "108.040")  # fmt: skip
DEALS = pytest.mark.parametrize("deal", [YEN, DINARS], ids=lambda deal: deal.currency)


@pytest.fixture
def parties(app: Any, deal: Deal, monkeypatch: pytest.MonkeyPatch) -> tuple[Organisation, Profile]:
    """A business that reckons in the deal's currency, which is offered here, and a writer."""
    monkeypatch.setattr(settings(), "currencies", ["usd", "eur", "gbp", "jpy", "kwd"])
    org = make.business()
    org.currency = deal.currency
    commit()
    return org, make.professional()


def typed(org: Organisation, price: str) -> dict[str, Any]:
    """A direct offer of one milestone at `price`, as its form sends it."""
    due = (now() + timedelta(days=21)).date().isoformat()
    return {
        "brand": str(org.brands[0].id), "title": "Timetable", "rounds": "2", "review_days": "7",
        "rights": "All rights.", "message": "", "milestones-0-title": "Four posts", "milestones-0-amount": price,
        "milestones-0-due_on": due, "milestones-0-pieces-0-title": "One", "milestones-0-pieces-0-kind": "post",
        "milestones-0-pieces-0-platform": "linkedin",
    }  # fmt: skip


def offered(browser: Any, org: Organisation, profile: Profile, price: str) -> Any:
    """The answer to sending that offer."""
    return browser(make.owner_of(org)).post(f"/professionals/{profile.handle}/offer", typed(org, price))


def agreed(browser: Any, parties: Any, deal: Deal) -> tuple[Contract, Holding]:
    """The contract after both have signed, and its empty holding."""
    org, profile = parties
    assert offered(browser, org, profile, deal.typed).status_code == 303
    contract = one(select(Contract))
    signed = {"sha256": contract.current_terms.sha256}
    assert browser(profile.person).post(f"/contracts/{contract.id}/accept", signed).status_code == 303
    db.session.expire_all()
    return contract, one(holdings_of(contract.subject))


def shows(page: Any, *amounts: str) -> None:
    """The page has all of these amounts as people read them."""
    assert page.status_code == 200
    for amount in amounts:
        assert amount in unescape(page.text), amount


@DEALS
def test_both_sides_read_the_same_terms(app: Any, browser: Any, parties: Any, deal: Deal) -> None:
    org, profile = parties
    offered(browser, org, profile, deal.typed)
    address = f"/contracts/{one(select(Contract)).id}/terms"
    for person in (make.owner_of(org), profile.person):
        shows(browser(person).get(address), deal.price, deal.fee_shown, deal.net_shown)


@DEALS
def test_what_was_typed_is_what_is_held(app: Any, browser: Any, parties: Any, deal: Deal) -> None:
    contract, holding = agreed(browser, parties, deal)
    assert (holding.currency, holding.amount_minor) == (deal.currency, deal.minor)
    owner = browser(make.owner_of(parties[0]))
    shows(
        owner.get(f"/contracts/{contract.id}/milestones/1/fund"), deal.price, deal.fee_shown, deal.net_shown
    )


@DEALS
def test_a_release_keeps_and_shows_whole_steps(app: Any, browser: Any, parties: Any, deal: Deal) -> None:
    contract, holding = agreed(browser, parties, deal)
    make.funded(holding, fee_minor=50)
    address, owner = f"/contracts/{contract.id}/milestones/1/release", browser(make.owner_of(parties[0]))
    shows(owner.get(address), deal.price, deal.fee_shown, deal.net_shown)
    owner.post(address, {"wanted": str(uuid4()), "amount": str(deal.minor)})
    db.session.expire_all()
    made = one(select(Release))
    assert (made.gross_minor, made.fee_minor, made.net_minor) == (deal.minor, deal.fee, deal.minor - deal.fee)
    shows(browser(parties[1].person).get(f"/payments/holdings/{holding.id}"), deal.price, deal.net_shown)
    written = browser(parties[1].person).get("/payments.csv").text
    assert f"{deal.plain_net},{deal.currency.upper()}" in written


@DEALS
@pytest.mark.parametrize("price", ["480.5", "1.2345", "-1", "0", "1e3", "99999999999"])
def test_a_price_that_is_none_in_this_currency_is_refused(
    app: Any, browser: Any, parties: Any, deal: Deal, price: str
) -> None:
    answer = offered(browser, parties[0], parties[1], price)
    assert answer.status_code == 422
    assert db.session.scalars(select(Contract)).first() is None


@pytest.mark.parametrize("deal", [DINARS], ids=["kwd"])
def test_a_price_between_two_steps_is_refused_with_the_step(app: Any, browser: Any, parties: Any) -> None:
    answer = offered(browser, parties[0], parties[1], "120.055")
    assert "go in steps of KWD" in answer.text


@pytest.mark.parametrize("deal", [DINARS], ids=["kwd"])
def test_a_currency_that_is_not_offered_any_more_makes_no_contract(
    app: Any, browser: Any, parties: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "currencies", ["usd"])
    answer = offered(browser, parties[0], parties[1], "120.050")
    assert answer.status_code == 422
    assert "Contracts in KWD are not offered here" in answer.text


@DEALS
def test_a_currency_sent_along_is_not_listened_to(app: Any, browser: Any, parties: Any, deal: Deal) -> None:
    org, profile = parties
    sent = {**typed(org, deal.typed), "currency": "usd", "fee_bps": "0", "amount_minor": "1"}
    browser(make.owner_of(org)).post(f"/professionals/{profile.handle}/offer", sent)
    terms = one(select(Contract)).current_terms.data
    assert (terms["currency"], terms["fee_bps"]) == (deal.currency, 1000)
