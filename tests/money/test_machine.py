"""Programs of up to fifty steps over every verb of money, with faults; the rules of the books after each step."""

from __future__ import annotations

import os
import random
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis.stateful import run_state_machine_as_test

from marketplace.kernel.db import db
from tests.money.machine import Machine
from tests.money.machine_elsewhere import FAULTS
from tests.money.world import World

BATCH = 10
# Of the long run in all; MONEY_PROGRAMS is how many each part runs instead.
PROGRAMS = {"sqlite": 2000, "postgresql": 500}
# Parts of the long run, each by itself, so that two processors share it.
SHARDS = 4
# What must have come through at least once: in every run, and in a long one.
OFTEN = (
    "open", "fund", "pay", "release", "release a part", "refund", "ruling", "claw_back", "freeze", "thaw", "sent",
    "onboarded", "poll", "webhook", "wait", "came to rest", "act dispute", "act refund", "act reverse_transfer",
)  # fmt: skip
SELDOM = (
    "fund several", "declined", "3-D Secure passed", "3-D Secure failed", "pay by bank", "debit succeeded",
    "debit failed", "old tab", "cancel", "take back", "confirm", "withdraw a decision", "retry_refund", "void_refund",
    "send_again", "write_off", "withdraw", "pay out now", "answer", "concede", "worker died", "died before commit",
    "act dispute_won", "act dispute_lost", "act inquiry", "act escalate", "act fraud_warning", "act fail_refund",
    "act fail_payout", "act restrict_account", "act enable_account", "act change_bank", "act topup",
    "act platform_payout", "act refuse_debits", *(f"fault {kind}" for kind in FAULTS),
)  # fmt: skip
SEED = int(os.environ.get("MONEY_SEED", random.SystemRandom().randrange(2**32)))


def run(world: World, programs: int, steps: int, seed: int) -> None:
    """Run programs; print how many in how many seconds, and what came through how often.

    They go in small batches, each with a seed of its own: so one batch is run again in seconds, and hypothesis
    does not spend most programs on repeating a part of an earlier one, which it begins to do after ten.
    """
    begun = time.monotonic()
    try:
        for number in range(programs // BATCH):
            run_batch(world, steps, seed + number)
    finally:
        took = time.monotonic() - begun
        print(f"\n{world.done['program']} programs in {took:.0f} s, seed {seed}")
        print(", ".join(f"{name} {count}" for name, count in sorted(world.done.items())))
        print("refused:", ", ".join(f"{name} {count}" for name, count in sorted(world.refused.items())))


def run_batch(world: World, steps: int, seed: int) -> None:
    """Run BATCH programs of one seed. MONEY_SHRINK=1 looks for the shortest that fails, which takes minutes."""
    factory: Any = seeded(seed)(lambda: Machine(world))
    how = settings(
        max_examples=BATCH, stateful_step_count=steps, database=None, deadline=None, print_blob=False,
        suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink) if os.environ.get("MONEY_SHRINK") else (Phase.generate,),
    )  # fmt: skip
    try:
        run_state_machine_as_test(factory, settings=how)
    except BaseException as error:
        error.add_note(f"Again: MONEY_SEED={seed} MONEY_PROGRAMS={BATCH}")
        raise


def check_floors(world: World, names: tuple[str, ...]) -> None:
    """A run in which a verb never came through has shown nothing about it."""
    missing = [name for name in names if not world.done[name]]
    assert missing == [], f"never came through: {', '.join(missing)}"


def test_money_balances_in_short_programs(world: World) -> None:
    run(world, 20, 30, 1)
    check_floors(world, OFTEN)


@pytest.mark.nightly
@pytest.mark.parametrize("shard", range(SHARDS))
def test_money_balances_in_long_programs(world: World, shard: int) -> None:
    programs = int(os.environ.get("MONEY_PROGRAMS", PROGRAMS[db.engine.dialect.name] // SHARDS))
    run(world, programs, 50, SEED + shard * 1000)
    check_floors(world, (*OFTEN, *SELDOM) if programs >= 100 else OFTEN)
