"""The tax in an amount: whole units, net and tax always sum, and parts taken back sum to the whole."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from marketplace.kernel.db import commit
from marketplace.payments import taxes
from marketplace.payments.actions import release
from marketplace.payments.taxes import REVERSE_CHARGE
from tests.payments.conftest import again
from tests.payments.papering import FR, GB, consenting, funded, named, only

AMOUNTS, RATES = some.integers(0, 99_999_999), some.integers(0, 10_000)


@given(AMOUNTS, RATES)
def test_the_tax_is_the_nearest_whole_unit(gross: int, rate: int) -> None:
    exact = Fraction(gross * rate, 10_000 + rate)
    assert abs(taxes.contained(gross, rate) - exact) <= Fraction(1, 2)
    assert 0 <= taxes.contained(gross, rate) <= gross


@given(some.lists(some.integers(1, 999_999), min_size=1, max_size=8), RATES)
def test_parts_taken_back_sum_to_the_tax_of_the_whole(parts: list[int], rate: int) -> None:
    whole, before, taken = sum(parts), 0, []
    for part in parts:
        taken.append(taxes.mirrored(whole, before, part, rate))
        before += part
    assert sum(taken) == taxes.contained(whole, rate)
    assert all(0 <= tax <= part for tax, part in zip(taken, parts, strict=True))


@pytest.mark.parametrize(
    ("seller", "buyer", "reversed_"),
    [
        (("GB", GB), ("FR", FR), True),
        (("GB", GB), ("GB", FR), False),
        (("GB", ""), ("FR", FR), False),
        (("GB", GB), ("FR", ""), False),
        (("", GB), ("FR", FR), False),
    ],
)
def test_the_charge_is_reversed_between_numbered_parties_of_two_countries(
    seller: Any, buyer: Any, reversed_: bool
) -> None:
    sides = [{"country": country, "tax_id": number} for country, number in (seller, buyer)]
    assert taxes.is_reversed(*sides) is reversed_


def invoiced(**buyer: Any) -> Any:
    """The invoice of a seller in Britain who charges 20 %, over 200.00."""
    on = funded()
    consenting(again(on).payee, tax_id=GB, rate_bps=2000)
    named(again(on).organisation, **buyer)
    release(again(on), 20000, by=None, reason="Approved", request_id="a")
    commit()
    return only(on, "invoice").data


def test_an_invoice_shows_net_and_tax_contained_in_the_price(app: Any) -> None:
    data = invoiced(tax_id=GB)
    assert (data["net_minor"], data["tax_minor"], data["rate_bps"]) == (16667, 3333, 2000)
    assert REVERSE_CHARGE not in data["notes"]


def test_a_reversed_invoice_contains_no_tax_and_says_so(app: Any) -> None:
    data = invoiced(country="FR", tax_id=FR)
    assert (data["net_minor"], data["tax_minor"], data["rate_bps"]) == (20000, 0, 0)
    assert data["notes"][0] == REVERSE_CHARGE
