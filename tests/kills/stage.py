"""The stage of a scenario: its database, its sandbox and its clock, kept as they were before each step."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextvars import Context
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import select, text

from marketplace.accounts.models import Person
from marketplace.config import settings
from marketplace.kernel import clock, jobs
from marketplace.kernel.db import commit, db, reading
from marketplace.kernel.http import Marketplace
from marketplace.payments.models import Payee, StripeCall, Webhook
from marketplace.payments.outside import Payout
from marketplace.payments.reconcile_hearing import hear_payout
from tests.browsing import Browser
from tests.database import Database, Postgresql, Sqlite
from tests.kills.processes import Nursery, Process, answers, until
from tests.money.invariants import jobs_table
from tests.races.arena import surroundings
from tests.stripe_sandbox.conftest import _free_port, call_json

MOVING = (
    select(Payout.stripe_payout, Payee.stripe_account)
    .join(Payee, Payee.person_id == Payout.person_id)
    .where(Payout.state.in_(("pending", "in_transit")))
)
WEBHOOKS = ("webhook", "connect-webhook")


@dataclass
class Stage:
    """Where a step is played: `start`, then act, then `kill` or `rest`; `keep` and `restore` go back in time."""

    app: Marketplace
    database: Database
    place: Path
    web_port: int = field(default_factory=_free_port)
    sandbox_port: int = field(default_factory=_free_port)
    cast: dict[str, str] = field(default_factory=dict)
    running: dict[str, Process] = field(default_factory=dict)
    statuses: list[int] = field(default_factory=list)
    # The role that is to be killed: while it lies there, nobody waits for it.
    victim: str = ""
    # For how many seconds people wait for a page that is being prepared.
    patience: float = 20
    # Whether it is played with the sandbox alone: forms and jobs are done in this process.
    rehearsing: bool = False

    def __post_init__(self) -> None:
        here = settings()
        here.stripe_api_base, here.instant_payouts = self.sandbox, True
        self.nursery = Nursery(surroundings(here), self.place)

    @property
    def sandbox(self) -> str:
        """Where the sandbox is asked."""
        return f"http://127.0.0.1:{self.sandbox_port}"

    # Going back in time

    def keep(self, name: str) -> None:
        """Keep everything as it is now, under `name`. Nothing may be running."""
        kept = self.place / "kept" / name
        kept.mkdir(parents=True)
        (kept / "cast.json").write_text(json.dumps(self.cast))
        # Its end may stand in the log beside it: the sandbox was killed, too.
        with contextlib.closing(sqlite3.connect(self.place / "sandbox.sqlite")) as theirs:
            theirs.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for file in ("clock", "sandbox.sqlite"):
            if (self.place / file).exists():
                shutil.copyfile(self.place / file, kept / file)
        self._let_go()
        if isinstance(self.database, Postgresql):
            self.database.cluster.create(f"{self.database.name}_{name}", self.database.name)
        elif isinstance(self.database, Sqlite):
            shutil.copyfile(self.database.file, kept / "test.sqlite")

    def restore(self, name: str) -> None:
        """Bring back what was kept under `name`. Nothing may be running."""
        kept = self.place / "kept" / name
        self.cast, self.statuses = json.loads((kept / "cast.json").read_text()), []
        for file in ("sandbox.sqlite", "sandbox.sqlite-wal", "sandbox.sqlite-shm", "clock"):
            (self.place / file).unlink(missing_ok=True)
            if (kept / file).exists():
                shutil.copyfile(kept / file, self.place / file)
        self._let_go()
        if isinstance(self.database, Postgresql):
            self.database.cluster.drop(self.database.name)
            self.database.cluster.create(self.database.name, f"{self.database.name}_{name}")
        elif isinstance(self.database, Sqlite):
            # A new file, not new bytes in the old one: whoever still has that open here would share its index of
            # the log, which is gone, with every later connection of this process.
            for ending in ("", "-wal", "-shm"):
                Path(f"{self.database.file}{ending}").unlink(missing_ok=True)
            shutil.copyfile(kept / "test.sqlite", self.database.file)

    def _let_go(self) -> None:
        db.session.remove()
        if isinstance(self.database, Sqlite):
            with db.engine.connect() as connection:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                connection.exec_driver_sql("BEGIN")
        db.engine.dispose()

    # The processes

    def start(self, *roles: str) -> None:
        """Start these roles (sandbox, web, worker) and return once they are up."""
        for role in roles:
            self.running[role] = self.nursery.fork(role, *self._arguments(role))
        for role in roles:
            process = self.running[role]
            until(lambda role=role, process=process: self._is_up(role, process), f"{role} came up")  # type: ignore[misc]

    def _arguments(self, role: str) -> list[str]:
        if role != "sandbox":
            return [str(self.web_port) if role == "web" else "worker-1"]
        there = ["--port", str(self.sandbox_port), "--db", str(self.place / "sandbox.sqlite")]
        if self.rehearsing:
            return there  # It tells nobody; what it has to say is read from its lists.
        here, url = settings(), f"http://localhost:{self.web_port}/webhooks/stripe"
        secrets = (here.stripe_webhook_secret, here.stripe_connect_webhook_secret)
        for kind, secret in zip(WEBHOOKS, secrets, strict=True):
            there += [f"--{kind}-url", url, f"--{kind}-secret", secret]
        return [*there, "--payout-seconds", "1000000"]

    def _is_up(self, role: str, process: Process) -> bool:
        if role == "worker":
            return "The worker is up." in process.log.read_text()
        port = self.web_port if role == "web" else self.sandbox_port
        return answers(f"http://localhost:{port}/healthz")

    def target(self, role: str) -> int:
        """The process that does the work of a role: of the web server its one child."""
        process = self.running[role]
        return process.children[0] if role == "web" else process.pid

    def is_down(self, role: str) -> bool:
        """Whether what does the work of a role is gone."""
        process = self.running[role]
        return not process.is_alive or (role == "web" and not process.children)

    def wait_for(self, true: Callable[[], object], what: str) -> None:
        """Return once `true()` is. Raises ConnectionResetError when the victim was killed meanwhile."""
        if self.rehearsing:
            self.do_jobs()
        until(lambda: true() or self.is_struck, what, self.patience)
        if not true():
            raise ConnectionResetError(what)

    @property
    def is_struck(self) -> bool:
        """Whether the victim was killed."""
        return bool(self.victim) and self.is_down(self.victim)

    def kill(self, *roles: str) -> None:
        """Kill these roles, or everything that runs."""
        for role in roles or list(self.running):
            self.running.pop(role).kill()

    def last_words(self) -> str:
        """What each process is doing, thread by thread, for whoever looks into a step that does not end."""
        for role, process in self.running.items():
            with contextlib.suppress(ProcessLookupError, IndexError):
                os.kill(self.target(role), signal.SIGUSR1)
            process.wait_a_blink()
        return "\n".join(
            f"{role}:\n{process.log.read_text()[-6000:]}" for role, process in self.running.items()
        )

    def stop(self) -> None:
        """End everything."""
        self.kill()
        self.nursery.stop()

    # What people do

    def row(self, table: type[Any], name: str) -> Any:
        """The row of the cast under `name`, as it is now."""
        return db.session.get_one(table, UUID(self.cast[name]), populate_existing=True)

    def post(self, who: str, path: str, form: dict[str, str] | None = None) -> int:
        """Somebody sends a form. Returns the status; raises OSError when the server went away meanwhile."""
        browser = Browser(self.app, self.row(Person, who))
        if self.rehearsing:
            return browser.post(path, form).status_code
        token = Context().run(browser._token)
        cookie = browser.client.get_cookie("session", "localhost")
        assert cookie is not None
        db.session.rollback()
        line = http.client.HTTPConnection("localhost", self.web_port, timeout=40)
        headers = {"Host": "localhost", "Cookie": f"session={cookie.value}",
                   "Content-Type": "application/x-www-form-urlencoded"}  # fmt: skip
        try:
            line.request("POST", path, urlencode({"csrf_token": token, **(form or {})}), headers)
            status = line.getresponse().status
        except http.client.HTTPException as error:
            raise ConnectionResetError(str(error)) from error
        finally:
            line.close()
        self.statuses.append(status)
        return status

    def act_at_stripe(self, name: str, **wanted: Any) -> dict[str, Any]:
        """Something happens at Stripe that nobody here asked for; what it changed."""
        changed: dict[str, Any] = call_json(f"{self.sandbox}/_acts", {"act": name, **wanted})["object"]
        return changed

    def state(self) -> dict[str, Any]:
        """Everything that the sandbox knows."""
        return call_json(f"{self.sandbox}/_state")

    def later(self, *names: str, after: timedelta = timedelta(0)) -> None:
        """Time passes, and what the clock starts every few minutes is started."""
        clock.move_to(clock.now() + after)
        for name in names:
            jobs.later(name)
        commit()
        db.session.remove()

    def do_jobs(self) -> None:
        """In place of the worker: every job, and what the clock starts every few minutes."""
        delayed = text(
            f"UPDATE {jobs_table()} SET status = 'ENQUEUED', queue_name = '{jobs.QUEUE}' "
            "WHERE status IN ('DELAYED', 'ENQUEUED')"
        )
        for name in ("payments.poll", "kernel.sweep", "payments.poll"):
            with jobs.transaction():
                db.session.execute(delayed)
            jobs.drain()
            jobs.perform(name)
        # What happens in a connected account is told by messages alone, and nobody hears them here.
        for key, account in db.session.execute(MOVING).all():
            db.session.rollback()
            hear_payout(key or "", account or "")
        jobs.drain()

    # Rest

    def is_at_rest(self) -> bool:
        """Whether nothing is left to do: no message on either side, no job, no call of the outbox."""
        db.session.rollback()  # Whoever acted has looked at rows, and may hold SQLite's one writer.
        # Stripe first: what it has delivered meanwhile stands in our database.
        if any(sent["state"] == "waiting" for sent in self.state()["deliveries"]):
            return False
        with looking():
            waiting = text(
                f"SELECT count(*) FROM {jobs_table()} WHERE status IN ('PENDING', 'ENQUEUED') "
                f"AND queue_name <> '{jobs.SLOW_QUEUE}'"
            )
            calls = db.session.query(StripeCall.id).filter(
                StripeCall.state.in_(("ready", "sending", "unknown"))
            )
            messages = db.session.query(Webhook.id).filter(Webhook.state == "new")
            return not (db.session.scalar(waiting) or calls.first() or messages.first())


@contextlib.contextmanager
def looking() -> Iterator[None]:
    """Read without keeping SQLite's one writer waiting."""
    token = reading.set(True)
    db.session.rollback()
    try:
        yield
    finally:
        db.session.rollback()
        reading.reset(token)
