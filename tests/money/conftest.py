"""A sandbox process of the state machine's own, which it empties for every program, and the marketplace before it."""

from __future__ import annotations

import logging
import random
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest

from marketplace.config import settings
from marketplace.kernel import clock, events, sweep
from marketplace.kernel.http import Marketplace
from marketplace.payments import webhook
from tests.database import Database
from tests.money.world import World
from tests.stripe_sandbox.conftest import ROOT, _free_port, stop

# Nothing there happens by itself within a program: banks answer and pay out when its clock is moved.
SLOW = ["--payout-seconds", "3600", "--async-seconds", "3600", "--fast"]


@pytest.fixture(scope="session")
def own_sandbox() -> Iterator[str]:
    """Where a sandbox listens that forgets everything when it is told to; it sends no webhooks."""
    port = _free_port()
    command = [
        sys.executable,
        "-m",
        "marketplace.stripe_sandbox",
        "--port",
        str(port),
        "--db",
        ":memory:",
        *SLOW,
    ]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline().startswith(b"Stripe sandbox on")
    yield f"http://127.0.0.1:{port}"
    stop(process, kindly=True)


@pytest.fixture
def at_stripe(app: Marketplace, own_sandbox: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The application speaks to that sandbox, offers everything, and polls without looking back."""
    ours = settings()
    monkeypatch.setattr(ours, "stripe_api_base", own_sandbox)
    monkeypatch.setattr(ours, "install", "machine")
    monkeypatch.setattr(ours, "currencies", ["usd", "eur", "jpy", "kwd"])
    monkeypatch.setattr(ours, "payment_methods", ["card", "us_bank_account", "sepa_debit"])
    monkeypatch.setattr(ours, "instant_payouts", True)
    monkeypatch.setattr(webhook, "OVERLAP", timedelta(0))
    for currency, minor in ours.rules.two_admins_from.items():  # So that many decisions need two.
        monkeypatch.setitem(ours.rules.two_admins_from, currency, minor // 5)
    return own_sandbox


@pytest.fixture
def world(
    app: Marketplace, database: Database, at_stripe: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """A world whose holdings belong to milestones that do not exist, and whose ids come from a seed."""
    monkeypatch.setattr(events, "hearers", {})
    monkeypatch.setattr(events, "after_commit", [])
    monkeypatch.setattr(
        sweep, "deadlines", [row for row in sweep.deadlines if row.name == "payments.transfer"]
    )
    made = World(app, database, at_stripe)
    logging.getLogger("marketplace").addHandler(made.failures)
    monkeypatch.setattr(uuid, "os", SimpleNamespace(urandom=lambda count: made.luck.randbytes(count)))
    yield made
    logging.getLogger("marketplace").removeHandler(made.failures)
    made.trouble(clear="yes")
    clock.reset()


@pytest.fixture
def luck() -> random.Random:
    """Chance that is the same in every run."""
    return random.Random(20261125)
