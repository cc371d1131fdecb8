"""Payouts as a professional sees them: what to do, what waits and why, and each payout so far."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from marketplace.config import settings
from marketplace.kernel import jobs
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, commit, many, one
from marketplace.payments.actions import freeze, release
from marketplace.payments.claims import Debt
from marketplace.payments.models import Payee, StripeCall
from marketplace.payments.outside import Payout
from tests import make
from tests.counting import queries
from tests.payments.conftest import again

ADDRESS = "/payments/payouts"


def account(**also: Any) -> Payee:
    """A professional's payout account, ready unless told otherwise."""
    person = make.person("Ines Okafor", side="professional")
    also = {"state": "ready", "stripe_account": "acct_1", "bank_id": "ba_1", "bank_last4": "6789", **also}
    row = add(Payee(person_id=person.id, country="us", **also))
    commit()
    return again(row)


def paid_out(to: Payee, state: str = "paid", **also: Any) -> Payout:
    """A payout of 432.00 to a professional's bank."""
    row = add(
        Payout(
            person_id=to.person_id, currency="usd", amount_minor=43200, state=state, bank_last4="6789", **also
        )
    )
    commit()
    return row


@pytest.mark.parametrize(
    ("also", "words"),
    [
        ({}, "account ending in 6789"),
        ({"state": "onboarding"}, "Stripe keeps your bank details"),
        ({"state": "restricted"}, "Stripe needs something more"),
        ({"state": "rejected"}, "Stripe closed this payout account"),
        ({"failed_at": now()}, "Give another bank account"),
        ({"cooling_until": now() + timedelta(days=3)}, "Nothing goes there before"),
    ],
)
def test_each_state_says_what_to_do(app: Any, browser: Any, also: dict[str, Any], words: str) -> None:
    payee = account(**also)
    again_ = "?again=1" if also.get("state") == "onboarding" else ""
    assert words in browser(payee.person).get(ADDRESS + again_).text


def test_changing_the_bank_account_leads_to_stripe(
    app: Any, browser: Any, onboarded: Any, sandbox: str
) -> None:
    payee = onboarded(make.person("Ines Okafor", side="professional"))
    hers = browser(payee.person)
    assert "Change the bank account" in hers.get(ADDRESS).text
    place = hers.post(ADDRESS).location
    assert "preparing your page" in hers.get(place).text
    jobs.drain()
    assert hers.get(place, headers={"HX-Request": "true"}).headers["HX-Redirect"].startswith(sandbox)
    assert "Your payouts are set up" in hers.get(f"{ADDRESS}?back=1").text


def test_a_failed_payout_says_why_and_what_then(app: Any, browser: Any) -> None:
    payee = account(failed_at=now())
    paid_out(payee, "failed", failure="The bank account has been closed.")
    shown = browser(payee.person).get(ADDRESS).text
    assert "Your bank returned a payout: The bank account has been closed." in shown
    assert "Came back" in shown


def test_the_payouts_so_far_are_the_persons_own(app: Any, browser: Any) -> None:
    payee, other = account(), make.person("Otto Other", side="professional")
    paid_out(payee)
    assert "$432.00" in browser(payee.person).get(ADDRESS).text
    assert "$432.00" not in browser(other).get(ADDRESS).text


def test_instant_payouts_are_offered_where_the_operator_has_them(
    app: Any, browser: Any, sent: Any, monkeypatch: Any
) -> None:
    hers = browser(again(sent()).payee)
    assert "Pay out now" not in hers.get(ADDRESS).text
    assert hers.get(f"{ADDRESS}/now").status_code == 404
    monkeypatch.setattr(settings(), "instant_payouts", True)
    assert "Pay out now" in hers.get(ADDRESS).text
    assert "$432.00 stands in your account" in hers.get(f"{ADDRESS}/now?currency=usd").text
    refused = hers.post(f"{ADDRESS}/now?currency=usd", {"amount": "432.01"})
    assert (refused.status_code, "up to $432.00" in refused.text) == (422, True)
    assert 'value="432.01"' in refused.text
    assert hers.post(f"{ADDRESS}/now?currency=usd", {"amount": "100"}).status_code == 303
    assert one(select(Payout)).amount_minor == 10000
    assert hers.post(f"{ADDRESS}/now?currency=usd", {"amount": "100"}).status_code == 409


def test_what_was_asked_for_stands_there_no_more(app: Any, browser: Any, sent: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(settings(), "instant_payouts", True)
    hers = browser(again(sent()).payee)
    hers.post(f"{ADDRESS}/now?currency=usd", {"amount": "100"})
    shown = hers.get(ADDRESS).text
    for words in ("$100.00 is asked for", "Asked for", "Asked for or on its way", "$332.00"):
        assert words in shown
    assert "$432.00" not in shown
    earned = hers.get("/payments").text
    for words in ("$332.00", "On its way to your bank"):
        assert words in earned
    jobs.drain()
    assert "$332.00 stands in your account" in hers.get(f"{ADDRESS}/now?currency=usd").text


def test_a_strangers_account_is_never_paid_out(app: Any, browser: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(settings(), "instant_payouts", True)
    account()
    assert browser(make.person()).post(f"{ADDRESS}/now", {"amount": "1"}).status_code == 404
    assert many(select(StripeCall).where(StripeCall.op == "payout")) == []


def test_earnings_say_what_is_owed_and_how_it_is_paid(app: Any, browser: Any) -> None:
    on = make.funded()
    add(Debt(person_id=on.payee_id, holding_id=on.id, currency="usd", amount_minor=3200, cause="test:1",
             reason="A chargeback was lost."))  # fmt: skip
    release(again(on), 20000, by=None, reason="Approved", request_id="r")
    freeze(again(on), "Fraud?", by=None, kind="warning")
    commit()
    shown = browser(again(on).payee).get("/payments").text
    for words in ("You owe", "$32.00", "at most 50", "Frozen", "$180.00"):
        assert words in shown


def test_the_page_costs_the_same_however_many_payouts(app: Any, browser: Any) -> None:
    payee = account()
    for _ in range(12):
        paid_out(payee)
    hers = browser(payee.person)
    with queries(app) as asked:
        hers.get(ADDRESS)
    assert len(asked) <= 9
