"""Where races are run: one application, and beside it the sandbox, eight processes, a web server."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

from marketplace.config import Settings, settings
from marketplace.kernel.db import db
from marketplace.kernel.http import Marketplace
from marketplace.payments import webhook
from tests.money.invariants import invariants
from tests.races.elsewhere import Elsewhere
from tests.races.volleys import Here, Kind, Outcome, Volley, by_threads, judge, pauses, winners
from tests.races.web import Web
from tests.stripe_sandbox.conftest import ROOT, _free_port, stop


@dataclass
class Tally:
    """What came of the volleys of one kind."""

    kind: Kind
    volleys: int = 0
    winners: int = 0
    losers: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def line(self) -> str:
        """This kind as a row of the table."""
        numbers = (
            f"{self.volleys:>8}{self.winners:>9}{self.losers:>8}{len(self.wrong):>7}{self.seconds:>9.1f}"
        )
        return f"{self.kind.code}  {self.kind.title:<38}{numbers}"


HEAD = f"     {'kind':<38}{'volleys':>8}{'winners':>9}{'losers':>8}{'wrong':>7}{'seconds':>9}"


@dataclass
class Arena:
    """The application and what stands beside it. `seed` repeats the same volleys."""

    app: Marketplace
    seed: str
    sandbox: str
    elsewhere: Elsewhere
    web: Web
    started: float = field(default_factory=time.monotonic)

    def run(self, kind: Kind, numbers: Iterable[int], until: float = float("inf")) -> Tally:
        """Fire the volleys of a kind with these numbers, but none after the moment `until` (monotonic)."""
        tally, begun, here = Tally(kind), time.monotonic(), Here(Random(), self.app, self.sandbox)
        for number in numbers:
            if time.monotonic() >= until and tally.volleys:
                break
            here.random = Random(f"{self.seed} {kind.code} {number}")
            here.way = kind.ways[number % len(kind.ways)]
            try:
                self._volley(here, kind, number, tally)
            except Exception:
                tally.wrong.append(f"{kind.code} volley {number} broke off:\n{traceback.format_exc()}")
                db.session.rollback()
        tally.wrong += [
            f"{kind.code} at its end: {sentence}" for sentence in (*kind.after(here), *invariants(rest=False))
        ]
        db.session.rollback()
        tally.seconds = time.monotonic() - begun
        return tally

    def _volley(self, here: Here, kind: Kind, number: int, tally: Tally) -> None:
        volley = kind.make(here)
        waits = pauses(here.random, len(volley.shots))
        db.session.rollback()
        db.session.remove()
        outcomes = self._fire(volley, here.way, waits)
        wrong = judge(volley, outcomes)
        db.session.rollback()
        tally.volleys += 1
        tally.winners += winners(outcomes)
        tally.losers += sum(not one.won for one in outcomes)
        again = f"python -m tests.races {kind.code} --seed {self.seed} --volley {number}"
        tally.wrong += [f"{kind.code} volley {number}: {sentence} (again: {again})" for sentence in wrong]

    def _fire(self, volley: Volley, way: str, waits: list[float]) -> list[Outcome]:
        if way == "web":
            return self.web.fire(volley.shots, volley.requests, waits)
        if way == "processes":
            return self.elsewhere.fire(volley.shots, waits)
        return by_threads(self.app, volley.shots, waits)


@contextmanager
def arena(app: Marketplace, place: Path, seed: str) -> Iterator[Arena]:
    """Everything started beside `app`, whose context is open, and stopped again."""
    port = _free_port()
    # A memory of its own: other tests of this process have theirs in the same folder.
    sandbox = start_sandbox(port, place / f"races-{port}.sqlite")
    here = settings()
    kept = here.stripe_api_base, here.instant_payouts
    here.stripe_api_base, here.instant_payouts = f"http://127.0.0.1:{port}", True
    # The sandbox's list of events only grows: each poll reads what is new.
    overlap, webhook.OVERLAP = webhook.OVERLAP, timedelta(0)
    environment = surroundings(here)
    web, elsewhere = Web(environment), Elsewhere(environment)
    try:
        web.wait()
        yield Arena(app, seed, here.stripe_api_base, elsewhere, web)
    finally:
        here.stripe_api_base, here.instant_payouts = kept
        webhook.OVERLAP = overlap
        web.stop()
        elsewhere.stop()
        stop(sandbox, kindly=True)


def start_sandbox(port: int, file: Path) -> subprocess.Popen[bytes]:
    """A running sandbox that tells nobody: in races the messages are read from its list of events."""
    command = [sys.executable, "-m", "marketplace.stripe_sandbox", "--port", str(port), "--db", str(file)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline().startswith(b"Stripe sandbox on")
    return process


def surroundings(here: Settings) -> dict[str, str]:
    """The environment of another process of the same application."""
    return {
        **os.environ, "ENVIRONMENT": here.environment, "DATABASE_URL": here.database_url,
        "SECRET_KEY": here.secret_key, "BASE_URL": here.base_url, "BLOB_DIR": str(here.blob_dir),
        "CLOCK_FILE": str(here.clock_file), "STRIPE_API_BASE": here.stripe_api_base, "INSTANT_PAYOUTS": "1",
        "STRIPE_WEBHOOK_SECRET": here.stripe_webhook_secret,
        "STRIPE_CONNECT_WEBHOOK_SECRET": here.stripe_connect_webhook_secret, "COVERAGE_PROCESS_START": "",
    }  # fmt: skip
