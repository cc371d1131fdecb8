"""What an operator may set about money, and what is refused at the start."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from marketplace.config import Rules, Settings
from marketplace.currencies import CURRENCIES


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"currencies": ["usd", "xyz"]}, "names xyz; this marketplace knows usd"),
        ({"currencies": ["USD"]}, "names USD"),
        ({"currencies": []}, "at least one currency"),
        ({"currencies": ["eur", "eur"]}, "each only once"),
        ({"payment_methods": []}, "at least one way to pay"),
        ({"payment_methods": ["cheque"]}, "us_bank_account"),
        ({"stripe_secret_key": "sk_live_abc"}, "live Stripe key with PAYMENTS_MODE=sandbox"),
        ({"stripe_secret_key": "rk_live_abc"}, "live Stripe key with PAYMENTS_MODE=sandbox"),
    ],
)
def test_settings_that_would_lose_money_stop_the_start(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Settings(**given)


@pytest.mark.parametrize(
    "given",
    [
        {"smallest_milestone": {"usd": 49}},
        {"smallest_milestone": {"kwd": 1505}},
        {"largest_milestone": {"jpy": 100_000_000}},
        {"chargeback_cover": {"usd": -1}},
        {"two_admins_from": {"xyz": 1}},
    ],
)
def test_an_amount_that_stripe_cannot_take_is_no_rule(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="no amount that Stripe takes"):
        Rules(**given)


@pytest.mark.parametrize("rule", ["fee_bps", "client_fee_bps", "debt_share_bps", "kill_fee_started_bps"])
def test_a_share_is_at_most_the_whole(rule: str) -> None:
    for bps in (-1, 10_001):
        with pytest.raises(ValidationError, match=rule):
            Rules(**{rule: bps})  # type: ignore[arg-type]


def test_a_rule_given_for_one_currency_leaves_the_others_as_they_are() -> None:
    rules = Rules(chargeback_cover={"usd": 20_000})
    assert rules.chargeback_cover["usd"] == 20_000
    assert rules.chargeback_cover["kwd"] == CURRENCIES["kwd"].chargeback_cover == 150_000


@pytest.mark.parametrize(("country", "days"), [("US", 730), ("us", 730), ("TH", 10), ("DE", 90)])
def test_how_long_money_may_be_held_follows_the_country(country: str, days: int) -> None:
    assert Settings(platform_country=country).holding_limit == timedelta(days=days)


def test_kuwaiti_dinars_wait_behind_the_setting() -> None:
    assert "kwd" not in Settings().currencies
    assert Settings(currencies=["kwd"]).currencies == ["kwd"]
