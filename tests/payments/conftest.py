"""The sandbox as its own process, with the application's settings pointing at it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from sqlalchemy import inspect, select

from marketplace.config import settings
from marketplace.kernel import clock, events, jobs, sweep
from marketplace.kernel.db import commit, db
from marketplace.kernel.http import Marketplace
from marketplace.payments import webhook
from marketplace.payments.actions import fund, release, set_up_payouts
from marketplace.payments.ledger import LedgerAccount
from marketplace.payments.models import Holding, Payee, Payment
from tests import make
from tests.stripe_sandbox.conftest import CARD, ROOT, Inbox, _free_port, call_json, inbox, stop, visit, watch

__all__ = ["inbox", "watch"]
T = TypeVar("T")
ONBOARDING = {"name": "Ines Okafor", "country": "us", "number": "000123456789", "do": "submit"}


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody above hears: these holdings belong to milestones that do not exist."""
    monkeypatch.setattr(events, "hearers", {})
    monkeypatch.setattr(events, "after_commit", [])


@pytest.fixture(scope="session")
def sandbox_address(inbox: Inbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where this test process's own sandbox listens; it signs with the application's secrets."""
    port, file = _free_port(), tmp_path_factory.mktemp("sandbox") / "payments.sqlite"
    process = start(port, file, inbox.url)
    yield f"http://127.0.0.1:{port}"
    stop(process, kindly=True)


def start(port: int, file: Path, listener: str, *more: str) -> subprocess.Popen[bytes]:
    """A running sandbox on `port` with its memory in `file`; `more` are further words of its command line."""
    command = [sys.executable, "-m", "marketplace.stripe_sandbox", "--port", str(port), "--db", str(file)]
    command += ["--webhook-url", f"{listener}/platform", "--webhook-secret", "whsec_test"]
    # Banks answer when a test says so, not in between.
    command += ["--async-seconds", "3600", *more]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline().startswith(b"Stripe sandbox on")
    return process


@pytest.fixture
def sandbox(app: Marketplace, sandbox_address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The sandbox, with the application speaking to it; the poller leaves earlier tests' events alone."""
    monkeypatch.setattr(settings(), "stripe_api_base", sandbox_address)
    # Each test is a marketplace of its own: what earlier ones made at the sandbox is another program's.
    monkeypatch.setattr(settings(), "install", f"test-{uuid4().hex[:8]}")
    monkeypatch.setattr(webhook, "BEGINNING", datetime.now(UTC).replace(microsecond=0))
    monkeypatch.setattr(webhook, "OVERLAP", timedelta(0))
    return sandbox_address


@pytest.fixture
def catch_up(sandbox: str) -> Callable[[], None]:
    """Does what the worker would: the waiting jobs, Stripe's list of events, and what follows."""

    def do() -> None:
        jobs.drain()
        jobs.perform("payments.poll")
        jobs.drain()

    return do


@pytest.fixture
def paid(catch_up: Callable[[], None]) -> Callable[..., Payment]:
    """Pays holdings at the sandbox's own page with a test card, and hears of it."""

    def pay(*holdings: Holding, card: str = "4242424242424242") -> Payment:
        fresh = [again(holding) for holding in holdings]
        payment = fund(fresh, by=make.owner_of(fresh[0].organisation))
        commit()
        jobs.drain()
        visit(again(payment).url, {**CARD, "number": card})
        catch_up()
        return again(payment)

    return pay


@pytest.fixture
def onboarded(catch_up: Callable[[], None]) -> Callable[[Any], Payee]:
    """Takes a professional through the sandbox's onboarding page."""

    def onboard(person: Any) -> Payee:
        payee = set_up_payouts(again(person))
        commit()
        jobs.drain()
        visit(again(payee).link_url, ONBOARDING)
        catch_up()
        return again(payee)

    return onboard


def again(row: T) -> T:
    """The row as it is in the database now; jobs leave earlier ones behind."""
    found = db.session.get(type(row), inspect(row).identity, populate_existing=True)
    assert found is not None
    return found


def balance(code: str) -> int:
    """The cached balance of a bounded account, in minor units."""
    return db.session.scalars(select(LedgerAccount.balance).where(LedgerAccount.code == code)).one()


@pytest.fixture
def act(sandbox: str) -> Callable[..., Any]:
    """Lets something happen at Stripe that nobody here asked for: `act("dispute", charge="ch_…")`."""

    def happen(name: str, **wanted: Any) -> Any:
        return call_json(f"{sandbox}/_acts", {"act": name, **wanted})["object"]

    return happen


@pytest.fixture
def sent(paid: Callable[..., Payment], onboarded: Callable[[Any], Payee]) -> Callable[..., Holding]:
    """A holding that was paid for, released whole, and transferred to its professional."""

    def send(on: Holding | None = None) -> Holding:
        on = on or make.holding()
        paid(on)
        onboarded(again(on).payee)
        release(again(on), again(on).left_minor, by=None, reason="Approved", request_id="all")
        commit()
        pass_days(3)
        return again(on)

    return send


def pass_days(days: float) -> None:
    """Let time pass, and do what is due then."""
    clock.move_to(clock.now() + timedelta(days=days))
    sweep.sweep()
    jobs.drain()
