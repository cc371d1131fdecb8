"""The worker as a process of its own: it does what was enqueued, also after it was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from marketplace.config import settings
from marketplace.kernel import mail
from marketplace.kernel.db import commit, db
from marketplace.kernel.heartbeat import Heartbeat, machine_now
from marketplace.kernel.mail import Mail

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60


@pytest.fixture
def worker(app: Any) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts workers on the test's database; all are stopped at the end."""
    here = settings()
    environment = {
        **os.environ, "ENVIRONMENT": "test", "DATABASE_URL": here.database_url, "SECRET_KEY": here.secret_key,
        "BASE_URL": here.base_url, "BLOB_DIR": str(here.blob_dir), "CLOCK_FILE": str(here.clock_file),
    }  # fmt: skip
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        db.session.rollback()
        command = [sys.executable, "-m", "marketplace.worker"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
        started.append(process)
        return process

    yield start
    for process in started:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def until(true: Callable[[], Any]) -> None:
    """Return once `true()` is; fail after a minute. Holds no transaction meanwhile: SQLite has one writer."""
    end = time.monotonic() + PATIENCE
    while True:
        found = true()
        db.session.rollback()
        if found:
            return
        assert time.monotonic() < end, "nothing happened within a minute"
        time.sleep(0.1)


def sent() -> int:
    """How many mails were sent."""
    return db.session.scalar(select(func.count()).where(Mail.sent_at.is_not(None))) or 0


def enqueue(number: int) -> None:
    """Mails in one transaction."""
    for count in range(number):
        mail.post(f"p{count}@x.example", "Pat", "sign_up_again", url="http://localhost/")
    commit()


def test_a_worker_does_what_was_enqueued(worker: Any) -> None:
    enqueue(3)
    worker()
    until(lambda: sent() == 3)
    until(lambda: db.session.scalar(select(func.count()).select_from(Heartbeat)) == 1)


def test_a_rollback_takes_the_job_with_it(worker: Any) -> None:
    mail.post("never@x.example", "Pat", "sign_up_again", url="http://localhost/")
    db.session.rollback()
    enqueue(1)
    worker()
    until(lambda: sent() == 1)
    assert db.session.scalar(select(func.count()).select_from(Mail)) == 1


def test_after_a_kill_another_worker_finishes(worker: Any) -> None:
    enqueue(40)
    first = worker()
    until(lambda: sent() > 0)
    first.kill()
    first.wait(timeout=10)
    worker()
    until(lambda: sent() == 40)


def test_a_silent_slot_is_taken_over_by_one(app: Any) -> None:
    from datetime import timedelta

    from marketplace.kernel.heartbeat import take_over

    db.session.add(Heartbeat(slot="gone", at=machine_now() - timedelta(minutes=5)))
    db.session.add(Heartbeat(slot="alive", at=machine_now()))
    commit()
    assert take_over("alive") == ["gone"]
    commit()
    assert take_over("alive") == []
