"""Where the seed does not begin."""

from __future__ import annotations

import pytest

from marketplace.config import settings
from marketplace.kernel.http import Marketplace
from marketplace.seed.commands import cli
from tests import make


def test_production_is_refused(app: Marketplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "environment", "production")
    told = app.test_cli_runner().invoke(cli)
    assert told.exit_code == 1
    assert "refused in production" in told.output


def test_a_half_told_world_is_refused_with_the_way_out(app: Marketplace) -> None:
    make.person()
    told = app.test_cli_runner().invoke(cli)
    assert told.exit_code == 1
    assert "Remove the folder var/" in told.output


def test_a_clock_that_cannot_move_is_refused(app: Marketplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "clock_file", None)
    assert "CLOCK_FILE" in app.test_cli_runner().invoke(cli).output


def test_an_empty_marketplace_lists_nobody(app: Marketplace) -> None:
    assert app.test_cli_runner().invoke(cli, ["--list"]).output == ""
