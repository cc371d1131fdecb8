"""Money is whole minor units of one currency, and nothing is ever lost to rounding."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel import money
from marketplace.kernel.errors import Refused
from marketplace.kernel.money import Money

RATES = st.integers(0, 10_000)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "-1",
        "+5",
        "1_000",
        "１２",
        "٣",
        "NaN",
        "1e3",
        "0x10",
        "1.5",
        "1.005",
        "1,000",
        " 5",
        "5 ",
        "12345678",
        "-0",
    ],
)
def test_only_plain_figures_are_amounts(typed: str) -> None:
    with pytest.raises(Refused, match="figures only"):
        money.parse(typed, "usd")


@given(RATES, st.lists(st.integers(1, 1_000_000), min_size=1, max_size=8))
def test_any_split_of_a_milestone_costs_the_fee_of_the_whole(bps: int, parts: list[int]) -> None:
    before, fees = 0, 0
    for part in parts:
        fee = money.fee(part, bps, before)
        assert 0 <= fee <= part
        fees, before = fees + fee, before + part
    assert fees == money.fee(sum(parts), bps)


def test_amounts_of_one_currency_add_up_and_others_do_not() -> None:
    assert Money(480, "usd") + Money(20, "usd") - Money(500, "usd") == Money(0, "usd")
    with pytest.raises(ValueError, match="do not add up"):
        Money(1, "usd") + Money(1, "eur")


@pytest.mark.parametrize(("minor", "currency"), [(1.5, "usd"), (True, "usd"), (1, "xxx"), (1, "USD")])
def test_nothing_else_is_money(minor: Any, currency: str) -> None:
    with pytest.raises((TypeError, ValueError)):
        Money(minor, currency)


@pytest.mark.parametrize(
    ("minor", "currency", "shown", "short"),
    [
        (48000, "usd", "$480.00", "$480"),
        (48050, "gbp", "£480.50", "£480.50"),
        (48000, "jpy", "¥48,000", "¥48,000"),
        (-500, "eur", "-€5.00", "-€5"),
        (1250, "kwd", "KWD\N{NO-BREAK SPACE}1.250", "KWD\N{NO-BREAK SPACE}1.250"),
    ],
)
def test_amounts_are_shown_in_their_currencys_way(minor: int, currency: str, shown: str, short: str) -> None:
    assert str(Money(minor, currency)) == shown
    assert money.short(minor, currency) == short
