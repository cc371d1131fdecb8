"""How differences end: by a repair that is an entry, by an explanation, or because a later look finds nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from marketplace.kernel.db import commit, find, many, one
from marketplace.kernel.errors import Forbidden, Refused, Stale
from marketplace.kernel.events import Event
from marketplace.payments import check, reconcile
from marketplace.payments.ledger import lines_of, post
from marketplace.payments.outside import Difference
from marketplace.payments.reconcile_differences import Finding, note
from marketplace.payments.reconcile_repairs import explain, repair
from tests import make
from tests.payments import differing
from tests.payments.conftest import again
from tests.payments.reconciling import World, build, compare, rows


@pytest.fixture
def world(sandbox: str, sent: Any, paid: Any, catch_up: Callable[[], None]) -> World:
    return build(sandbox, sent, paid, catch_up)


def the_open_one() -> Difference:
    return one(select(Difference).where(Difference.resolved_at.is_(None)))


def differ(cause: str = "missing_here", **also: Any) -> Difference:
    """A difference that was found before."""
    note(Finding(cause, "charge", "ch_1", "They differ.", "usd", None, 500, **also))
    commit()
    return the_open_one()


def test_what_nothing_explains_stands_in_suspense_until_it_is_repaired(world: World) -> None:
    charge = differing.foreign_charge(world)
    compare()
    row = the_open_one()
    fee = 253
    assert (row.object_id, row.theirs_minor, reconcile.open_count()) == (charge, 7700 - fee, 1)
    assert "suspense:unknown" in " ".join(check.books())
    lines = {"suspense:unknown": 7700 - fee, "bank:platform": fee - 7700}
    repair(row, lines, by=make.staff(), reason="A mug from the other shop.", request_id="decision-1")
    commit()
    assert lines_of("repair", "decision-1") == lines
    tally = compare()
    assert (tally.new, reconcile.open_count(), check.books()) == (0, 0, [])


def test_what_is_explained_later_is_taken_out_of_suspense_by_itself(world: World) -> None:
    _, charge = world.pay_unheard()
    found = world.client.v1.balance_transactions.list({"source": charge.id}).data[0]
    differing.enter("suspense", found.id, stripe=found.net)
    compare()
    assert [(row.cause, row.resolved_at is None) for row in rows()] == [("late_webhook", False)]
    taken = lines_of("suspense_back", found.id)
    assert (taken["stripe:balance"], taken["suspense:unknown"]) == (-found.net, found.net)
    assert compare().new == 0


def test_a_difference_that_is_gone_closes_itself_and_thaws(world: World) -> None:
    held = world.held
    note(Finding("amount", "charge", world.payment(held).charge_id or "", "It was.", "usd", 9, 8, (held.id,)))
    commit()
    assert again(held).is_frozen
    assert compare().closed == 1
    assert [row.resolution for row in rows()] == ["A later comparison did not find it any more."]
    assert not again(world.held).is_frozen
    assert find(select(Event).where(Event.name == "books.agreed"))


def test_missing_money_freezes_its_milestone_until_the_repair(world: World) -> None:
    differing.transfer_twice(world)
    compare()
    row = the_open_one()
    assert [(one.kind, one.cause) for one in world.sent.freezes if one.until_at is None] == [
        ("books", row.subject)
    ]
    lines = {"suspense:unknown": -1000, "expense:loss": 1000}
    repair(row, lines, by=make.staff(), reason="Sent twice; they owe it.", request_id="decision-2")
    commit()
    assert not world.sent.is_frozen
    assert compare().new == 0


def test_an_entry_without_its_money_freezes_what_it_holds(world: World) -> None:
    held = world.held
    post("fund", "ch_invented", "usd", {"stripe:balance": 500, f"held:{held.id}": -500}, stream=held.stream)
    commit()
    compare()
    row = one(select(Difference).where(Difference.cause == "missing_at_stripe"))
    assert row.holding_id == world.ids[1]
    assert row.subject in {freeze.cause for freeze in world.held.freezes}


def test_too_much_money_freezes_nothing(world: World) -> None:
    differing.foreign_charge(world)
    compare()
    assert not any(holding.is_frozen for holding in (world.sent, world.held))


def test_what_was_done_by_hand_stays_until_somebody_explains_it(world: World) -> None:
    differing.outside_refund(world)
    compare()
    compare()
    row = one(select(Difference).where(Difference.cause == "outside_action"))
    assert row.resolved_at is None
    explain(row, by=make.staff(), reason="Support refunded a typing mistake.")
    commit()
    assert (compare().new, reconcile.open_count()) == (0, 0)


def test_a_settled_difference_comes_back_only_when_it_changes(world: World) -> None:
    differing.wrong_amount(world)
    compare()
    lines = {"stripe:balance": -500, "bank:platform": 500}
    repair(the_open_one(), lines, by=make.staff(), reason="A slip.", request_id="decision-3")
    commit()
    assert (compare().new, reconcile.open_count()) == (0, 0)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ({}, "from one account into another"),
        ({"stripe:balance": 0, "expense:loss": 0}, "from one account into another"),
        ({"stripe:balance": 5, "expense:loss": -4}, "must sum to zero"),
        ({"held:1": 5, "expense:loss": -5}, "does not touch held:1"),
        ({"revenue:platform_fee": 5, "expense:loss": -5}, "does not touch revenue:platform_fee"),
        ({"receivable:nobody": -5, "expense:loss": 5}, "does not touch receivable:nobody"),
    ],
)
def test_a_repair_touches_only_what_it_may(app: Any, lines: dict[str, int], sentence: str) -> None:
    row, admin = differ(), make.staff()
    with pytest.raises(Refused, match=sentence):
        repair(row, lines, by=admin, reason="Found out.", request_id="r")


def test_only_admins_repair_with_a_reason_and_once(app: Any) -> None:
    row, admin, lines = differ(), make.staff(), {"stripe:balance": 5, "expense:loss": -5}
    with pytest.raises(Forbidden):
        repair(row, lines, by=make.staff("reader", "Rosa Reader"), reason="I say so.", request_id="r")
    with pytest.raises(Refused, match="kept for good"):
        repair(row, lines, by=admin, reason=" ", request_id="r")
    repair(row, lines, by=admin, reason="Found out.", request_id="r")
    with pytest.raises(Stale):
        repair(row, lines, by=admin, reason="Again.", request_id="r2")


def test_money_is_not_explained_away(app: Any) -> None:
    with pytest.raises(Refused, match="enter a repair"):
        explain(differ(), by=make.staff(), reason="It is nothing.")


def test_staff_are_told_once(app: Any) -> None:
    differ()
    differ()
    told = many(select(Event).where(Event.name == "books.differ"))
    assert [event.data["sentence"] for event in told] == ["They differ."]
