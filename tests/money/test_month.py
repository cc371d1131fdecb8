"""A winter of contracts with wrong clocks, daylight saving and a leap day: timers ring once, and the books balance."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from marketplace.contracts.models import Contract, Milestone
from marketplace.kernel import events, sweep
from marketplace.kernel.clock import now
from marketplace.kernel.db import db
from tests.money import oracle
from tests.money.month import Month
from tests.money.month_people import behave
from tests.money.timers import wrong_timers
from tests.money.world import World

SEED = int(os.environ.get("MONEY_SEED", 20271031))


@pytest.fixture
def winter(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world in which all rooms hear and all deadlines fire, in a zone that changes its clocks; no mail, no paper."""
    from marketplace import wiring

    monkeypatch.setattr(events, "hearers", {})
    monkeypatch.setattr(sweep, "deadlines", [])
    wiring.wire_hearers()
    wiring.wire_deadlines()
    events.after_commit[:] = []
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield world
    monkeypatch.undo()
    time.tzset()


def run(world: World, number: int) -> None:
    month = Month(world, SEED, number)
    month.begin()
    month.run(behave)
    world.settle()
    print("\n" + ", ".join(f"{name} {count}" for name, count in sorted(world.done.items())))
    print("refused:", ", ".join(f"{name} {count}" for name, count in sorted(world.refused.items())))
    rows = db.session.execute(select(Milestone.work, func.count()).group_by(Milestone.work)).all()
    print(rows, db.session.execute(select(Contract.state, func.count()).group_by(Contract.state)).all())
    assert oracle.at_rest(world) == []
    assert world.failures.sentences == []
    assert wrong_timers(now()) == []


def test_a_short_winter(winter: World) -> None:
    run(winter, 60)


@pytest.mark.nightly
def test_a_winter_of_five_hundred_contracts(winter: World) -> None:
    run(winter, 500)
