"""The whole seeded world, told once for all tests of this room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from marketplace.config import settings
from marketplace.kernel import clock, limits
from marketplace.kernel.db import db
from marketplace.kernel.http import Marketplace
from marketplace.seed.commands import cli
from tests.database import Database
from tests.payments.conftest import inbox, sandbox_address

__all__ = ["inbox", "sandbox_address"]


@pytest.fixture(scope="module")
def seeded(whole_app: Marketplace, database: Database, sandbox_address: str) -> Iterator[Marketplace]:
    """The application with the world of `flask seed` in it; tests look and change nothing."""
    clock.reset()
    limits.forget()
    database.empty(whole_app)
    before, settings().stripe_api_base = settings().stripe_api_base, sandbox_address
    told = whole_app.test_cli_runner().invoke(cli)
    assert told.exit_code == 0, told.output + repr(told.exception)
    yield whole_app
    settings().stripe_api_base = before


@pytest.fixture
def world(seeded: Marketplace) -> Iterator[Marketplace]:
    """The seeded application, in a context."""
    with seeded.app_context():
        yield seeded
        db.session.remove()
