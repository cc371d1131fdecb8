"""The worker process: `python -m marketplace.worker`. Does the jobs, keeps the schedules.

Its executor id is stable for a slot, so that a restart goes on with what a kill interrupted.
"""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

from dbos import DBOS, DBOSPortableJSONSerializer
from sqlalchemy import Engine, create_engine, event

from marketplace import create_app
from marketplace.config import settings
from marketplace.kernel import jobs
from marketplace.kernel.db import SQLITE_PRAGMAS, db, engine_options
from marketplace.kernel.heartbeat import EVERY, beat, take_over
from marketplace.kernel.http import Marketplace
from marketplace.kernel.jobs import transaction


def launch(app: Marketplace) -> None:
    """Start DBOS in this process with every job and schedule that wiring names."""
    here = settings()
    slot = os.environ.get("WORKER_SLOT", "worker-1")
    DBOS(
        config={
            "name": "marketplace",
            "executor_id": slot,
            "application_version": jobs.VERSION,
            "serializer": DBOSPortableJSONSerializer(),
            "system_database_url": here.database_url,
            "system_database_engine": system_engine(here.database_url),
        }
    )
    for name in jobs.jobs:
        register(app, name)
    DBOS.launch()
    many = 4 if here.sqlite else 16
    DBOS.register_queue(jobs.QUEUE, worker_concurrency=many, polling_interval_sec=0.25)
    DBOS.register_queue(jobs.SLOW_QUEUE, worker_concurrency=1, polling_interval_sec=0.5)
    for name, cron in jobs.schedules.items():
        DBOS.apply_schedules([{"schedule_name": name, "workflow_fn": ticks[name], "schedule": cron}])


def system_engine(url: str) -> Engine:
    """DBOS's own engine. On SQLite it goes without our begin listener, since DBOS begins by itself."""
    engine = create_engine(url, **engine_options(url))
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def on_connect(connection: Any, _record: Any) -> None:
            for pragma in SQLITE_PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
            connection.isolation_level = "IMMEDIATE"

    return engine


ticks: dict[str, Any] = {}


def register(app: Marketplace, name: str) -> None:
    """Make job `name` a durable workflow of one step, tried again when it fails."""

    @DBOS.step(name=f"{name}.step", retries_allowed=True, max_attempts=jobs.ATTEMPTS, interval_seconds=0.5)
    def step(*args: str) -> None:
        with app.app_context():
            jobs.perform(name, *args)

    @DBOS.workflow(name=name)
    def workflow(*args: str) -> None:
        step(*args)

    @DBOS.workflow(name=f"{name}.tick")
    def tick(_due: Any, _context: Any) -> None:
        step()

    ticks[name] = tick


def tend(app: Marketplace) -> None:
    """Beat, and resume what a slot that fell silent was doing."""
    slot = os.environ.get("WORKER_SLOT", "worker-1")
    with app.app_context():
        with transaction():
            beat(slot)
            silent = take_over(slot)
        db.session.remove()
    for other in silent:
        for left in DBOS.list_workflows(executor_id=other, status="PENDING"):
            DBOS.resume_workflow(left.workflow_id)


def main() -> None:
    """Run until asked to stop."""
    app = create_app()
    launch(app)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    tend(app)
    print("The worker is up.", flush=True)
    while not stop.wait(EVERY.total_seconds()):
        tend(app)
    DBOS.destroy()


if __name__ == "__main__":
    main()
