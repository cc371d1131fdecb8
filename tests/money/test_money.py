"""Amounts in every currency: what is typed, shown, shared out and taken as a fee, to the last minor unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.currencies import CURRENCIES
from marketplace.kernel import money
from marketplace.kernel.errors import Refused
from marketplace.kernel.money import Money

RATES = st.integers(0, 10_000)
STEPS = st.sampled_from([1, 10])
PARTS = st.lists(st.integers(1, 5_000_000), min_size=1, max_size=12)
CODES = st.sampled_from(sorted(CURRENCIES))
# Whole per cents, halves, thirds, and those around the ends, in hundredths of a per cent.
SPREAD = (0, 1, 3, 33, 49, 50, 250, 333, 667, 999, 1000, 1250, 2500, 5000, 9999, 10_000)


@pytest.mark.parametrize("bps", SPREAD)
def test_a_fee_is_rounded_half_up_once_and_never_makes_half_a_cent(bps: int) -> None:
    for amount in range(1, 100_001):
        fee = money.fee_until(amount, bps)
        assert 0 <= fee <= amount
        assert -5000 < fee * 10_000 - amount * bps <= 5000


@given(RATES, PARTS, STEPS)
def test_any_split_of_a_milestone_costs_exactly_the_fee_of_the_whole(
    bps: int, parts: list[int], step: int
) -> None:
    before, fees = 0, 0
    for part in (each * step for each in parts):
        fee = money.fee(part, bps, before, step)
        assert 0 <= fee <= part
        assert fee % step == 0
        fees, before = fees + fee, before + part
    assert fees == money.fee_until(before, bps, step)


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**9), min_size=1, max_size=20), STEPS)
def test_shares_add_up_and_none_is_a_step_away_from_fair(units: int, weights: list[int], step: int) -> None:
    weights[0] += 1
    amount, total = units * step, sum(weights)
    parts = money.allocate(amount, weights, step)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert part % step == 0
        assert abs(part * total - amount * weight) < step * total
        assert weight or not part


def test_what_remains_goes_to_the_earlier_of_equals() -> None:
    assert money.allocate(100, [1, 1, 1]) == [34, 33, 33]
    assert money.allocate(5, [1, 3, 1, 3]) == [1, 2, 0, 2]
    assert money.allocate(100, [1, 1, 1], step=10) == [40, 30, 30]


@pytest.mark.parametrize(
    ("amount", "weights", "step"), [(-1, [1], 1), (1, [], 1), (1, [0, 0], 1), (1, [2, -1], 1), (15, [1], 10)]
)
def test_what_cannot_be_shared_is_a_mistake_and_not_a_rounding(
    amount: int, weights: list[int], step: int
) -> None:
    with pytest.raises(ValueError, match="cannot be shared"):
        money.allocate(amount, weights, step)


@given(CODES, st.data())
def test_what_is_shown_plainly_is_read_back_the_same(currency: str, data: Any) -> None:
    step = CURRENCIES[currency].charge_step
    minor = data.draw(st.integers(0, CURRENCIES[currency].max_minor // step)) * step
    assert money.parse(money.plain(minor, currency), currency) == minor


@pytest.mark.parametrize(
    ("typed", "currency", "sentence"),
    [
        ("1.255", "kwd", "steps of KWD\N{NO-BREAK SPACE}0.010"),
        ("1.25", "kwd", "480.000"),
        ("480.00", "jpy", "yen has no decimals"),
        ("480,5", "jpy", "yen has no decimals"),
        ("1000000.00", "usd", r"largest amount here is \$999,999.99"),
        ("100000000", "jpy", "largest amount here is ¥99,999,999"),
        ("9223372036854775808", "usd", "figures only"),
        ("0.001", "usd", "figures only"),
        ("-0", "eur", "figures only"),
        ("４８０", "jpy", "figures only"),
    ],
)
def test_what_is_no_amount_in_a_currency_is_refused_with_a_reason(
    typed: str, currency: str, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        money.parse(typed, currency)


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [(48_000, "jpy", "¥48,000"), (1_250, "kwd", "KWD\N{NO-BREAK SPACE}1.250"), (-500, "gbp", "-£5.00")],
)
def test_each_currency_is_shown_with_its_own_decimals(minor: int, currency: str, shown: str) -> None:
    assert money.text(minor, currency) == shown == str(Money(minor, currency))


@pytest.mark.parametrize("minor", [-1, -99, -100, -101, -48_000])
def test_below_nothing_only_the_sign_is_new(minor: int) -> None:
    for currency in CURRENCIES:
        assert money.plain(minor, currency) == "-" + money.plain(-minor, currency)


def test_money_is_never_divided_nor_multiplied() -> None:
    held: Any = Money(100, "usd")
    spoils: list[Callable[[], Any]] = [
        lambda: held / 3,
        lambda: held // 3,
        lambda: held * 2,
        lambda: held + 1,
        lambda: held < held,
    ]
    for spoil in spoils:
        with pytest.raises((TypeError, AttributeError)):
            spoil()


@given(CODES)
def test_every_row_of_the_table_is_an_amount_that_stripe_can_move(currency: str) -> None:
    row = CURRENCIES[currency]
    assert (
        row.min_minor <= row.smallest_milestone < row.chargeback_cover < row.two_admins_from < row.max_minor
    )
    for amount in (row.smallest_milestone, row.chargeback_cover, row.two_admins_from, row.max_minor):
        assert amount % row.charge_step == amount % row.payout_step == 0
