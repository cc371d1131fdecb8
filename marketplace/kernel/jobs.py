"""Work that is done after commit, however often the worker is killed: DBOS in our own database.

`later` enqueues in the request's transaction, so a rollback takes the job with it. A job may run
twice up to its last finished step: every job is a conditional update or carries an outside key.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from marketplace.kernel.db import commit, db, is_busy, rollback
from marketplace.kernel.errors import Stale

QUEUE = "jobs"
# One at a time, and behind nobody's back: what takes long waits here, so that nothing quick waits for it.
SLOW_QUEUE = "slow"
VERSION = "1"
ATTEMPTS = 6

Job = Callable[..., None]
log = logging.getLogger(__name__)

# Filled by wiring: which function does which job, and which jobs run by the clock (cron).
jobs: dict[str, Job] = {}
schedules: dict[str, str] = {}
# Those of them that take long (a PDF); the worker alone does them.
slow: set[str] = set()


def later(name: str, *args: str, key: str = "", delay: timedelta | None = None) -> None:
    """Have job `name` done after this transaction commits.

    args: JSON values, ids as text; never secrets. key: with the same key it is done once.
    delay: for retries and minutes only; deadlines are `due_at` columns fired by the sweep.
    Raises KeyError for a job nobody does.
    """
    if name not in jobs:
        raise KeyError(f"wiring.py names nobody who does {name}")
    queue = SLOW_QUEUE if name in slow else QUEUE
    options: dict[str, Any] = {"workflow_name": name, "queue_name": queue, "app_version": VERSION}
    if key:
        options["workflow_id"] = f"{name}:{key}"
    if delay:
        options["delay_seconds"] = delay.total_seconds()
    current_app.extensions["jobs"].enqueue_in_transaction(db.session(), options, *args)


@contextmanager
def transaction() -> Iterator[None]:
    """One step of a job: one transaction, committed at its end, undone when it fails."""
    try:
        yield
        commit()
    except BaseException:
        rollback()
        raise


def perform(name: str, *args: str) -> None:
    """Do job `name` now, again when the database was only busy. The worker's and the tests' way in."""
    for attempt in range(ATTEMPTS):
        try:
            jobs[name](*args)
            return
        except (DBAPIError, Stale) as error:
            rollback()
            if attempt == ATTEMPTS - 1 or (isinstance(error, DBAPIError) and not is_busy(error)):
                raise
        finally:
            db.session.remove()


def client(url: str, engine: Any) -> Any:
    """What enqueues: DBOS's client on the application's own engine."""
    from dbos import DBOSClient, DBOSPortableJSONSerializer

    return DBOSClient(
        system_database_url=url,
        system_database_engine=engine,
        serializer=DBOSPortableJSONSerializer(),
        lazy=True,
    )


# In SQLite DBOS's tables stand beside ours; in PostgreSQL in a schema of their own.
WAITING = """SELECT s.workflow_uuid, s.name, coalesce(i.inputs, s.inputs) FROM {0}workflow_status s
LEFT JOIN {0}workflow_input i ON i.workflow_uuid = s.workflow_uuid
WHERE s.status = 'ENQUEUED' AND s.queue_name = :queue ORDER BY s.created_at LIMIT 1"""
DONE = "UPDATE {0}workflow_status SET status = 'SUCCESS' WHERE workflow_uuid = :id"


def drain(most: int = 10_000) -> int:
    """Do every job that waits, is not delayed and not slow, here, in the order of their making.

    For seeding, tests and commands, where no worker runs. Returns how many were done; the first that
    fails stops it with its own error.
    """
    schema = "" if db.engine.dialect.name == "sqlite" else "dbos."
    waiting, done = text(WAITING.format(schema)), text(DONE.format(schema))
    for number in range(most):
        with transaction():
            found = db.session.execute(waiting, {"queue": QUEUE}).one_or_none()
        if found is None:
            return number
        perform(found[1], *json.loads(found[2])["positionalArgs"])
        with transaction():
            db.session.execute(done, {"id": found[0]})
    return most
