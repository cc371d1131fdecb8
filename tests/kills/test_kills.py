"""A few kills for every push, drawn by a seed; `make kills` kills at every point of the scenario."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from marketplace.config import settings
from marketplace.kernel import clock, limits
from marketplace.kernel.db import db
from marketplace.kernel.http import Marketplace
from tests.database import Database
from tests.kills.points import Killing, drawn
from tests.kills.stage import Stage

SEED = os.environ.get("KILLS_SEED", "every push")
SECONDS = 68.0  # in which kills may begin, the rehearsal among them
ON_POSTGRESQL = os.environ.get("TEST_DATABASE") == "postgresql"


@pytest.fixture
def killing(whole_app: Marketplace, database: Database, place: Path) -> Iterator[Killing]:
    """The scenario, rehearsed on an empty database."""
    clock.reset()
    limits.forget()
    database.empty(whole_app)
    here = settings()
    kept = here.stripe_api_base, here.instant_payouts
    with whole_app.app_context():
        stage = Stage(whole_app, database, place)
        try:
            made = Killing(stage)
            made.rehearse()
            yield made
        finally:
            stage.stop()
            db.session.remove()
            here.stripe_api_base, here.instant_payouts = kept
            clock.reset()


@pytest.mark.skipif(ON_POSTGRESQL, reason="`make nightly` kills on PostgreSQL")
def test_nothing_is_lost_or_done_twice_wherever_a_process_is_killed(killing: Killing) -> None:
    end, random, hits = time.monotonic() + SECONDS - killing.seconds, Random(SEED), 0
    while time.monotonic() < end or not hits:
        hit, wrong = killing.kill_at(drawn(random))
        assert wrong == []
        hits += hit
