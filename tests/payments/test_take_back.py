"""Taking a release back before its transfer is sent: the money is held again, and its fee goes back."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.kernel.db import commit
from marketplace.kernel.errors import Refused, Stale
from marketplace.payments.actions import release
from marketplace.payments.backward import take_back
from marketplace.payments.check import books
from marketplace.payments.models import Release
from tests import make
from tests.payments.conftest import again, balance
from tests.payments.papering import lost


def released(on: Any, amount: int, once: str = "r") -> Release:
    """A release that waits out its hold."""
    made = release(again(on), amount, by=None, reason="Approved", request_id=once)
    commit()
    return made


def back(made: Release, amount: int, once: str = "v") -> None:
    """Take back, as the verb is called."""
    take_back(again(made), amount, by=None, reason="Ruled otherwise", request_id=once)
    commit()


def test_a_whole_release_is_held_again(app: Any) -> None:
    on = make.funded()
    made = released(on, 48000)
    back(made, 48000)
    assert (again(on).left_minor, again(on).released_minor, again(on).fee_minor) == (48000, 0, 0)
    assert again(made).state == "voided"
    assert balance(f"payable:{again(on).payee_id}") == 0
    assert books() == []


def test_a_part_is_held_again_and_the_rest_costs_the_fee_of_the_rest(app: Any) -> None:
    on = make.funded()
    made = released(on, 48000)
    back(made, 18000)
    assert (again(on).left_minor, again(on).fee_minor, again(made).owed_minor) == (18000, 3000, 27000)
    assert (again(made).state, books()) == ("authorised", [])


def test_asking_twice_takes_back_once(app: Any) -> None:
    on = make.funded()
    made = released(on, 48000)
    back(made, 100)
    back(made, 100)
    assert again(on).left_minor == 100


@pytest.mark.parametrize("amount", [0, -1, 48001])
def test_more_than_there_is_is_refused(app: Any, amount: int) -> None:
    made = released(make.funded(), 48000)
    with pytest.raises(Refused, match=r"up to \$480.00"):
        take_back(again(made), amount, by=None, reason="Ruled", request_id="v")


def test_what_is_on_its_way_cannot_be_taken_back(app: Any, sent: Any) -> None:
    with pytest.raises(Stale, match="on its way"):
        take_back(sent().releases[0], 100, by=None, reason="Ruled", request_id="v")


@pytest.mark.parametrize("parts", [(5, 5), (5, 5, 5), (14, 1), (1, 14)])
def test_rounding_never_leaves_a_release_below_zero(app: Any, parts: tuple[int, ...]) -> None:
    on = make.funded(make.holding(amount_minor=sum(parts)), fee_minor=0)
    made = [released(on, part, f"r{number}") for number, part in enumerate(parts)]
    back(made[0], parts[0])
    assert again(made[0]).owed_minor == 0
    assert all(again(row).owed_minor >= 0 for row in made)
    released(on, parts[0], "again")
    assert (again(on).fee_minor, books()) == ((sum(parts) * 1000 + 5000) // 10_000, [])


def test_what_went_back_to_the_business_already_cannot_be_taken_back_once_more(app: Any) -> None:
    on = make.funded()
    made = released(on, 48000)
    lost(on, 43000)
    with pytest.raises(Refused, match=r"up to \$50.00"):
        take_back(again(made), 5001, by=None, reason="Ruled", request_id="v")
    back(again(made), 5000)
    assert (again(on).released_minor, again(on).clawed_minor) == (43000, 43000)
    assert (again(on).fee_minor, books()) == (0, [])
