"""Releasing: held money becomes the professional's, less the fee; once, and never more than is held."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, strategies
from sqlalchemy import select

from marketplace.kernel.db import commit, db, many
from marketplace.kernel.errors import Forbidden, Missing, Refused, Stale
from marketplace.kernel.money import fee, fee_until
from marketplace.payments.actions import freeze, refund, release, thaw
from marketplace.payments.check import books
from marketplace.payments.models import Holding, Release
from tests import make
from tests.payments.conftest import again, balance
from tests.payments.test_fund import contract_with_holding


def give(on: Holding, amount: int, by: Any = None, request: str = "one") -> Release:
    """Release, as the verb is called."""
    return release(on, amount, by=by, reason="Approved", request_id=request)


def test_a_release_books_the_fee_and_the_rest(app: Any) -> None:
    on = make.funded()
    made = give(on, 48000)
    commit()
    assert (made.gross_minor, made.fee_minor, made.net_minor) == (48000, 4800, 43200)
    assert (on.money_state, on.left_minor) == ("released", 0)
    assert balance(f"payable:{on.payee_id}") == -43200
    assert books() == []


def test_pressing_twice_releases_once(app: Any) -> None:
    on = make.funded()
    assert give(on, 20000).id == give(on, 20000).id
    assert (on.released_minor, on.money_state) == (20000, "part_released")


def test_no_more_than_is_held_can_be_released(app: Any) -> None:
    on = make.funded()
    for amount in (48001, 0, -1):
        with pytest.raises(Refused, match=r"up to \$480.00"):
            give(on, amount)


def test_frozen_money_stays_until_every_freeze_ends(app: Any) -> None:
    on = make.funded()
    first, second = freeze(on, "Dispute", by=None), freeze(on, "Chargeback", by=None)
    thaw(first, by=None)
    with pytest.raises(Stale, match="frozen"):
        give(on, 100)
    thaw(second, by=None)
    db.session.refresh(on)
    assert give(on, 100).net_minor == 90


def test_editors_release_and_viewers_do_not(app: Any) -> None:
    on = make.funded()
    assert give(on, 100, make.member(on.organisation, "editor")).net_minor == 90
    with pytest.raises(Forbidden):
        give(on, 100, make.member(on.organisation, "viewer"), "two")
    with pytest.raises(Forbidden):
        give(on, 100, on.payee, "three")
    with pytest.raises(Missing):
        give(on, 100, make.person(), "four")


@given(
    strategies.lists(strategies.integers(1, 10**9), min_size=1, max_size=12), strategies.integers(0, 10_000)
)
def test_any_split_costs_the_fee_of_the_whole(parts: list[int], bps: int) -> None:
    before, fees = 0, []
    for part in parts:
        fees.append(fee(part, bps, before))
        assert 0 <= fees[-1] <= part
        before += part
    assert sum(fees) == fee_until(sum(parts), bps)


def together(app: Any, *deeds: Callable[[], Any]) -> list[str]:
    """Do `deeds` at the same moment, each in a thread and a transaction of its own; what came of each."""
    gate, outcomes = threading.Barrier(len(deeds)), [""] * len(deeds)

    def run(place: int, deed: Callable[[], Any]) -> None:
        with app.app_context():
            gate.wait()
            try:
                deed()
                commit()
                outcomes[place] = "done"
            except (Refused, Stale) as refused:
                outcomes[place] = refused.sentence
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(place, deed)) for place, deed in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_release_and_refund_at_once_spend_the_money_once(app: Any) -> None:
    on = make.funded()
    key, me = on.id, "race"
    db.session.remove()

    def load() -> Holding:
        return db.session.scalars(select(Holding).where(Holding.id == key)).one()

    def back() -> Any:
        return refund(load(), 48000, by=None, reason="Cancelled", request_id=me)

    deeds = [lambda n=n: give(load(), 48000, None, f"{me}{n}") for n in range(3)]
    outcomes = together(app, *deeds, back)
    assert sorted(outcomes).count("done") == 1
    assert load().left_minor == 0
    assert books() == []


def test_the_same_request_from_two_threads_is_one_release(app: Any) -> None:
    key = make.funded().id
    db.session.remove()

    def press() -> Any:
        return give(db.session.scalars(select(Holding).where(Holding.id == key)).one(), 48000)

    assert together(app, press, press, press) == ["done"] * 3
    assert len(many(select(Release))) == 1


def test_the_page_releases_what_it_shows_and_a_double_click_once(app: Any, browser: Any) -> None:
    contract, on = contract_with_holding()
    make.funded(on)
    boss = browser(make.owner_of(on.organisation))
    address = f"/contracts/{contract.id}/milestones/1/release"
    shown = boss.get(address).text
    assert "Release $480.00" in shown
    form = {"wanted": str(uuid4()), "amount": "48000"}
    assert boss.post(address, form).status_code == 303
    assert boss.post(address, form).status_code == 303
    assert again(on).released_minor == 48000
    assert "No money is held" in boss.post(address, {**form, "wanted": str(uuid4())}).text


def test_an_incomplete_or_excessive_release_is_refused(app: Any, browser: Any) -> None:
    contract, on = contract_with_holding()
    make.funded(on)
    boss = browser(make.owner_of(on.organisation))
    address = f"/contracts/{contract.id}/milestones/1/release"
    assert boss.post(address).status_code == 422
    assert boss.post(address, {"wanted": str(uuid4()), "amount": "48001"}).status_code == 422
    assert browser(make.person()).post(address).status_code == 404
    assert again(on).released_minor == 0


@pytest.mark.parametrize("typed", ["abc", "", "480.01", "0"])
def test_an_amount_that_cannot_be_released_shows_no_button(app: Any, browser: Any, typed: str) -> None:
    contract, on = contract_with_holding()
    make.funded(on)
    boss = browser(make.owner_of(on.organisation))
    shown = boss.get(f"/contracts/{contract.id}/milestones/1/release?how=amount&typed={typed}").text
    assert "Write an amount up to $480.00" in shown
    assert "Release $" not in shown


def test_a_suspended_admin_releases_nothing(app: Any) -> None:
    on, admin = make.funded(), make.staff()
    admin.suspended_at = on.created_at
    with pytest.raises(Missing):
        give(on, 48000, by=admin)
