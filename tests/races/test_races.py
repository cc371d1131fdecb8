"""A few volleys of each kind for every push, by a seed; `make races` fires hundreds of each."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from marketplace.kernel import clock, limits
from marketplace.kernel.db import db
from marketplace.kernel.http import Marketplace
from tests.database import Database
from tests.races.arena import Arena, arena
from tests.races.kinds import KINDS

SEED = os.environ.get("RACES_SEED", "every push")
SECONDS = 48.0  # for all kinds together, beside what is started for them; each fires at least one volley


@pytest.fixture(scope="module")
def ready(whole_app: Marketplace, database: Database, place: Path) -> Iterator[Arena]:
    """The arena on an empty database, which stays as it is from kind to kind: other processes have it open."""
    clock.reset()
    limits.forget()
    database.empty(whole_app)
    with whole_app.app_context(), arena(whole_app, place, SEED) as started:
        yield started
        db.session.remove()


def test_there_are_24_kinds_of_race() -> None:
    assert list(KINDS) == [f"K{number:02}" for number in range(1, 25)]


@pytest.mark.parametrize("code", KINDS)
def test_only_one_wins_and_the_others_read_a_sentence(ready: Arena, code: str) -> None:
    now, left = time.monotonic(), len(KINDS) - list(KINDS).index(code)
    share = max(0.0, ready.started + SECONDS - now) / left
    tally = ready.run(KINDS[code], itertools.count(), until=now + share)
    assert tally.wrong == []
    assert tally.volleys > 0
