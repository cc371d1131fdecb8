"""Setting up payouts: an account at Stripe, made once, and ready when Stripe says so."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from marketplace.kernel import jobs
from marketplace.kernel.db import commit, many, one
from marketplace.kernel.errors import Forbidden, Stale
from marketplace.kernel.events import Event
from marketplace.payments import payees
from marketplace.payments.actions import set_up_payouts
from marketplace.payments.models import Payee, StripeCall
from tests import make
from tests.payments.conftest import again

ADDRESS = "/payments/payouts"


def ines() -> Any:
    """A professional."""
    return make.person("Ines Okafor", side="professional")


def test_onboarding_makes_the_payee_ready(app: Any, onboarded: Any) -> None:
    payee = onboarded(ines())
    assert (payee.state, payee.stripe_account[:5]) == ("ready", "acct_")
    assert [row.name for row in many(select(Event).where(Event.name == "payee.ready"))] == ["payee.ready"]


def test_a_ready_account_is_changed_on_a_page_of_its_own(app: Any, onboarded: Any) -> None:
    payee = set_up_payouts(again(onboarded(ines())).person)
    commit()
    jobs.drain()
    link = one(select(StripeCall).where(StripeCall.op == "link", StripeCall.epoch == 1))
    assert link.params["use_case"]["type"] == "account_update"
    assert again(payee).link_url


def test_an_account_that_stripe_closed_is_not_set_up_again(app: Any, onboarded: Any) -> None:
    payee = onboarded(ines())
    about = {"metadata": {"payee_id": str(payee.id)}, "configuration": None, "closed": True}
    payees.payee({"id": payee.stripe_account, **about})
    with pytest.raises(Stale, match="your money stays yours"):
        set_up_payouts(payee.person)


def test_pressing_twice_makes_one_account(app: Any, sandbox: str) -> None:
    person = ines()
    assert set_up_payouts(person).id == set_up_payouts(person).id
    commit()
    jobs.drain()
    assert [row.op for row in many(select(StripeCall).order_by(StripeCall.created_at))] == ["payee", "link"]


def test_only_professionals_earn(app: Any) -> None:
    with pytest.raises(Forbidden, match="for professionals"):
        set_up_payouts(make.person())


def test_the_page_leads_to_stripe_and_back(app: Any, browser: Any, sandbox: str) -> None:
    hers = browser(ines())
    assert "Set up payouts" in hers.get(ADDRESS).text
    assert hers.post(ADDRESS).status_code == 303
    assert "preparing your page" in hers.get(ADDRESS).text
    jobs.drain()
    assert f"{sandbox}/c/onboarding/" in hers.get(ADDRESS).text
    assert hers.get(ADDRESS, headers={"HX-Request": "true"}).headers["HX-Redirect"].startswith(sandbox)
    assert "waiting for Stripe" in hers.get(f"{ADDRESS}?back=1").text
    assert "Set up payouts" in hers.get(f"{ADDRESS}?again=1").text


def test_a_used_link_is_replaced(app: Any, sandbox: str) -> None:
    payee = set_up_payouts(ines())
    commit()
    jobs.drain()
    first = again(payee).link_url
    set_up_payouts(again(payee).person)
    commit()
    jobs.drain()
    assert again(payee).link_url not in ("", first)


def test_an_account_that_loses_its_rights_is_restricted(app: Any, browser: Any, onboarded: Any) -> None:
    payee = onboarded(ines())
    payees.payee({"id": payee.stripe_account, "metadata": {"payee_id": str(payee.id)}, "configuration": None})
    commit()
    assert one(select(Payee)).state == "restricted"
    assert "something more from you" in browser(again(payee).person).get(ADDRESS).text


def test_businesses_are_told_whose_payouts_these_are(app: Any, browser: Any) -> None:
    answer = browser(make.person()).post(ADDRESS)
    assert answer.status_code == 403
    assert "Payouts are for professionals" in answer.text
