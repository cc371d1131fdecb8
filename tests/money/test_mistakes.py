"""The state machine bites: each planted mistake is caught by it within a limited number of programs."""

from __future__ import annotations

import pytest

from tests.money import mistakes
from tests.money.test_machine import BATCH, run_batch
from tests.money.world import World

# Programs until each must be found; found in a fraction of that as a rule.
MOST = 300


@pytest.mark.nightly
@pytest.mark.parametrize("mistake", mistakes.MISTAKES, ids=lambda mistake: mistake.__name__)
def test_a_planted_mistake_is_caught(
    world: World, mistake: mistakes.Mistake, monkeypatch: pytest.MonkeyPatch
) -> None:
    mistake(monkeypatch)
    for number in range(MOST // BATCH):
        try:
            run_batch(world, 50, number)
        except AssertionError as caught:
            print(f"caught after {world.done['program']} programs: {caught}")
            return
    pytest.fail(f"{mistake.__name__} was not caught in {MOST} programs.")
