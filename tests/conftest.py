"""One application a test process, on SQLite or PostgreSQL; every test starts from an empty database.

TEST_DATABASE=sqlite|postgresql chooses. Commits are real, so that deferred constraints are tried too.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as trying

from marketplace import create_app
from marketplace.config import Settings
from marketplace.kernel import bell, clock, jobs, limits
from marketplace.kernel.db import db
from marketplace.kernel.http import Marketplace
from tests.browsing import Browser
from tests.database import Database, open_database

# A slow or busy machine is no finding: properties are tried without a clock.
trying.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
trying.load_profile("unhurried")


@pytest.fixture(scope="session")
def place() -> Iterator[Path]:
    """A folder for the database, the files and the clock of this test process."""
    folder = Path(tempfile.mkdtemp(prefix="nae-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def database(place: Path) -> Iterator[Database]:
    """The database of this test process, made by the migrations."""
    opened = open_database(os.environ.get("TEST_DATABASE", "sqlite"), place)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def whole_app(place: Path, database: Database) -> Iterator[Marketplace]:
    """The application, built once."""
    app = create_app(
        Settings(
            environment="test",
            base_url="http://localhost",
            secret_key="a key that only tests know, 32 characters long",
            database_url=database.url,
            blob_dir=place / "blobs",
            clock_file=place / "clock",
            stripe_webhook_secret="whsec_test",
            stripe_connect_webhook_secret="whsec_connect_test",
        )
    )
    database.prepare(app)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(whole_app: Marketplace, database: Database) -> Iterator[Marketplace]:
    """The application on an empty database, with the real clock."""
    clock.reset()
    limits.forget()
    bell.PAUSE = 0  # what waits has its job at once, so that `work` finds it
    database.empty(whole_app)
    with whole_app.app_context():
        yield whole_app
        db.session.remove()


@pytest.fixture
def browser(app: Marketplace) -> Any:
    """Makes browsers: `browser(ines)` is signed in as Ines, `browser()` is a stranger's."""
    return lambda person=None: Browser(app, person)


@pytest.fixture
def work(app: Marketplace) -> Any:
    """Does all waiting jobs, as the worker would: `work()`."""
    return jobs.drain
