"""Comparing by the clock and by command: what it covers, what it leaves alone, and what stops it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from marketplace.config import settings
from marketplace.kernel import clock, jobs
from marketplace.kernel.db import add, commit, db, many, one
from marketplace.payments import (
    reconcile,
    reconcile_differences,
    reconcile_entries,
    reconcile_movements,
    reconcile_sums,
    stripe,
)
from marketplace.payments.actions import fund
from marketplace.payments.differences import differ
from marketplace.payments.ledger import post
from marketplace.payments.models import Payee, Payment
from marketplace.payments.outside import DayEnd, Difference
from tests import make
from tests.payments import differing
from tests.payments.conftest import again, pass_days
from tests.payments.reconciling import World, build, compare, rows
from tests.stripe_sandbox.conftest import CARD, visit


@pytest.fixture
def world(sandbox: str, sent: Any, paid: Any, catch_up: Callable[[], None]) -> World:
    return build(sandbox, sent, paid, catch_up)


def command(app: Any, *words: str) -> Any:
    """`flask books …`."""
    db.session.remove()
    return app.test_cli_runner().invoke(args=["books", *words])


def test_the_command_says_that_they_agree(app: Any, world: World) -> None:
    result = command(app, "reconcile")
    assert (result.exit_code, "Stripe's books and ours agree." in result.output) == (0, True)
    assert command(app, "check").exit_code == 0


def test_both_commands_name_what_differs(app: Any, world: World) -> None:
    differing.extra_charge(world)
    for words in ("reconcile", "check"):
        result = command(app, words)
        said = result.output + result.stderr
        assert (result.exit_code, "Not at Stripe: Our books have the charge ch_invented" in said) == (1, True)


def test_the_command_says_when_stripe_does_not_answer(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "stripe_api_base", "http://127.0.0.1:9")
    result = command(app, "reconcile")
    assert (result.exit_code, "not finished" in result.output + result.stderr) == (2, True)


def test_since_leaves_out_what_is_older(app: Any, world: World) -> None:
    differing.foreign_charge(world)
    tomorrow = datetime.now(UTC) + timedelta(days=2)
    assert command(app, "reconcile", "--since", f"{tomorrow:%Y-%m-%d}").exit_code in (0, 1)
    assert [row.cause for row in rows() if row.kind == "charge"] == []
    assert command(app, "reconcile", "--since", "2026-01-01").exit_code == 1
    assert [row.cause for row in rows() if row.kind == "charge"] == ["unknown_object"]


def test_what_is_on_its_way_is_no_difference(world: World) -> None:
    clock.reset()
    differing.unheard_charge(world)
    compare()
    assert rows() == []
    pass_days(0.1)
    compare()
    assert [row.cause for row in rows()] == ["late_webhook"]


def test_an_open_difference_outside_the_window_is_looked_at_by_itself(world: World) -> None:
    charge = differing.foreign_charge(world)
    compare()
    tally = reconcile.run(clock.now() + timedelta(days=1))
    assert (tally.closed, [row.object_id for row in rows()]) == (0, [charge])


def test_windows_and_pages_change_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile_movements, "WINDOW", timedelta(hours=12))
    monkeypatch.setattr(reconcile_movements, "BATCH", 2)
    monkeypatch.setattr(reconcile_entries, "PAGE", 2)
    tally = compare()
    assert ([row.sentence for row in rows()], tally.read > 5) == ([], True)


def test_the_key_of_another_account_stops_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile_movements, "MOST_UNEXPLAINED", 1)
    for _ in range(3):
        differing.foreign_charge(world)
    compare()
    found = [(row.cause, row.kind) for row in rows()]
    assert found == [("unknown_object", "charge"), ("mismatched_account", "account")]
    monkeypatch.setattr(reconcile_movements, "MOST_UNEXPLAINED", 10)
    compare()
    assert [row.kind for row in rows() if row.resolved_at is None] == ["charge"] * 3


def test_what_a_person_has_settled_does_not_count_towards_stopping(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        differing.foreign_charge(world)
    compare()
    for row in rows():
        reconcile_differences.resolve(row, "Another shop of ours.", by=make.staff())
    commit()
    monkeypatch.setattr(reconcile_movements, "MOST_UNEXPLAINED", 1)
    compare()
    assert {row.cause for row in rows()} == {"unknown_object"}


def test_the_night_compares_records_the_day_and_remembers_when(world: World) -> None:
    differing.topup(world)
    jobs.perform("payments.reconcile")
    assert [row.cause for row in rows()] == ["late_webhook"]
    assert many(select(DayEnd))
    last = reconcile.last_run()
    assert last is not None
    jobs.perform("payments.reconcile")
    assert (len(rows()), reconcile.last_run() >= last) == (1, True)  # type: ignore[operator]


def test_the_night_is_unfinished_when_stripe_does_not_answer(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "stripe_api_base", "http://127.0.0.1:9")
    jobs.perform("payments.reconcile")
    jobs.perform("payments.reconcile_waiting")
    assert reconcile.last_run() is None


def test_the_hour_finds_what_waits_and_closes_it_again(world: World) -> None:
    differing.stuck_call(world)
    differing.foreign_charge(world)
    jobs.perform("payments.reconcile_waiting")
    assert [(row.cause, row.resolved_at is None) for row in rows()] == [("stuck_call", True)]
    db.session.execute(db.text("UPDATE payments_stripe_call SET state = 'done'"))
    commit()
    jobs.perform("payments.reconcile_waiting")
    assert [row.resolved_at is None for row in rows()] == [False]


def test_a_payment_that_nobody_told_us_is_asked_about_after_a_day(world: World) -> None:
    holding = make.holding(world.held.organisation)
    payment = fund([holding], by=make.owner_of(holding.organisation))
    commit()
    jobs.drain()
    visit(again(payment).url, {**CARD})
    jobs.perform("payments.reconcile_waiting")
    assert again(payment).state != "succeeded"
    pass_days(1.1)
    jobs.perform("payments.reconcile_waiting")
    assert again(payment).state == "succeeded"
    assert [(row.cause, row.kind) for row in rows()] == [("late_webhook", "payment_state")]


def test_a_payment_without_a_page_is_a_difference(world: World) -> None:
    held = world.held
    add(Payment(organisation_id=held.organisation_id, stream=held.stream, currency="usd", amount_minor=100,
                by_id=make.owner_of(held.organisation).id))  # fmt: skip
    commit()
    pass_days(1.1)
    jobs.perform("payments.reconcile_waiting")
    assert [(row.cause, row.kind) for row in rows()] == [("state", "payment_state")]


def test_an_account_for_which_money_waits_is_asked_about(world: World) -> None:
    payee = one(select(Payee).where(Payee.person_id == world.sent.payee_id))
    account = payee.stripe_account
    waiting = {f"payable:{payee.person_id}": -100, "expense:loss": 100}
    post("gift", "g", "usd", waiting, stream="books:all")
    commit()
    world.act("restrict_account", account=account)
    jobs.perform("payments.reconcile_waiting")
    assert again(payee).state == "restricted"
    assert [(row.cause, row.kind) for row in rows()] == [("late_webhook", "payee_state")]


def test_a_payout_of_a_professional_is_heard_late(world: World) -> None:
    world.act("advance_clock", seconds=10 * 86400)
    world.act("tick")
    compare()
    assert "payout_state" in {row.kind for row in rows()}
    assert {row.cause for row in rows()} == {"late_webhook"}
    found = many(select(Difference.id).where(Difference.resolved_at.is_(None)))
    assert (found, compare().heard) == ([], 0)


def test_a_transfer_that_nobody_asks_for_is_absent(world: World) -> None:
    with pytest.raises(stripe.Absent):
        stripe.fetch_movement("txn_nothing")


def test_balances_that_were_not_compared_are_not_called_equal(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = differ("balance", "balance", "stripe", "usd", 1, 2, "The balances differ.")
    commit()
    monkeypatch.setattr(reconcile_sums, "LOOKS", 0)
    reconcile.run()
    assert again(row).resolved_at is None
