"""`python -m bench.releases`: releases a second, against the same SQL by the raw driver, on both databases.

The product runs as the Procfile runs it, in two processes, with four threads each; the floor is one process of
eight threads. RELEASES=400 by each thread unless the environment says otherwise; both take turns. Each release is
of a holding of its own, so no two wait for one row. pgbench's figure stands beside them.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pysqlite3.dbapi2 as sqlite
from sqlalchemy import inspect

from bench.replay import Script, play, recording
from marketplace import create_app
from marketplace.config import Settings
from marketplace.kernel import events
from marketplace.kernel.db import SQLITE_PRAGMAS, commit, db
from marketplace.kernel.http import Marketplace
from marketplace.kernel.migrations import upgrade
from marketplace.payments.actions import release
from marketplace.payments.models import Holding
from tests import make
from tests.postgres import Cluster, programs, who

THREADS, PROCESSES, ROUNDS = 8, 2, 4
EACH = int(os.environ.get("RELEASES", "400")) // ROUNDS


@contextmanager
def application(url: str, folder: str) -> Iterator[Marketplace]:
    """The product on an empty database, without the rooms that hear: what is measured is money."""
    key = "a key that is measured only, 32 characters"
    app = create_app(Settings(environment="test", base_url="http://localhost", database_url=url, secret_key=key,
                              blob_dir=Path(folder)))  # fmt: skip
    with app.app_context():
        if not inspect(db.engine).has_table("payments_entry"):
            upgrade(app)
        events.hearers.clear()
        events.after_commit.clear()
        yield app
        db.session.remove()
        db.engine.dispose()


def holdings(number: int) -> list[tuple[UUID, UUID, str, str]]:
    """Held milestones, each with a professional of its own: id, payee, subject, stream."""
    org, made = make.business(), []
    for _ in range(number):
        on = make.funded(make.holding(org))
        made.append((on.id, on.payee_id, on.subject, on.stream))
    db.session.remove()
    return made


def give(holding_id: UUID) -> None:
    """One release, as the verb is called, in its own transaction."""
    on = db.session.get_one(Holding, holding_id)
    release(on, 48000, by=None, reason="Approved", request_id="all")
    commit()


Row = tuple[UUID, UUID, str, str]
Work = Callable[[list[Any]], None]


def product(url: str, folder: str) -> Callable[[list[Any]], float]:
    """Releases by the verb, in processes that are ready before the clock runs."""

    def timed_in_processes(rows: list[Any]) -> float:
        context = multiprocessing.get_context("spawn")
        ready, done = context.Barrier(PROCESSES + 1), context.Barrier(PROCESSES + 1)
        for number in range(PROCESSES):
            given = (url, folder, [row[0] for row in rows[number::PROCESSES]], ready, done)
            context.Process(target=_serve, args=given, daemon=True).start()
        ready.wait(60)
        begun = time.perf_counter()
        done.wait(600)
        return time.perf_counter() - begun

    return timed_in_processes


def _serve(url: str, folder: str, ids: list[UUID], ready: Barrier, done: Barrier) -> None:
    """One process of the product: its threads release the holdings `ids`."""
    with application(url, folder) as app:

        def work(mine: list[Any]) -> None:
            with app.app_context():
                for holding_id in mine:
                    give(holding_id)
                    db.session.remove()

        ready.wait(60)
        timed(work, ids, THREADS // PROCESSES)
        done.wait(60)


def floor(connect: Callable[[], Any], begin: str) -> Callable[[list[Any]], float]:
    """The same statements by the raw driver; they were made before the clock runs."""

    def work(mine: list[Any]) -> None:
        connection = connect()
        cursor = connection.cursor()
        for statements in mine:
            cursor.execute(begin)
            play(cursor, statements)
            cursor.execute("COMMIT")
        connection.close()

    return lambda rows: timed(work, rows, THREADS)


def _ids(row: Row) -> list[UUID]:
    return [row[0], row[1], UUID(row[2].split(":")[1]), UUID(row[3].split(":")[1])]


def timed(work: Work, rows: list[Any], number: int) -> float:
    """Seconds until `number` threads have done their shares of `rows`."""
    threads = [threading.Thread(target=work, args=(rows[first::number],)) for first in range(number)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begun


def measure(name: str, url: str, connect: Callable[[], Any], begin: str) -> None:
    """Print the rates of one database."""
    with tempfile.TemporaryDirectory(prefix="nae-bench-") as folder, application(url, folder):
        size = THREADS * EACH
        rows = holdings(1 + 2 * ROUNDS * size)
        with recording(db.engine) as heard:
            give(rows[0][0])
        db.session.remove()
        script, first = Script(heard), rows[0]
        sides = {"product": product(url, folder), "floor": floor(connect, begin)}
        seconds, left = dict.fromkeys(sides, 0.0), rows[1:]
        for _ in range(ROUNDS):
            for side, work in sides.items():
                mine, left = left[:size], left[size:]
                swaps = [dict(zip(_ids(first), _ids(row), strict=True)) for row in mine]
                given = mine if side == "product" else [script.for_rows(swap) for swap in swaps]
                seconds[side] += work(given)
        _print(name, len(heard), {side: ROUNDS * size / took for side, took in seconds.items()})


def _print(name: str, statements: int, rates: dict[str, float]) -> None:
    ratio = rates["product"] / rates["floor"]
    print(
        f"{name:<12}{statements:>12}{rates['product']:>14.0f}{rates['floor']:>14.0f}{ratio:>10.2f}",
        flush=True,
    )


def pgbench(cluster: Cluster) -> float:
    """Transactions a second of PostgreSQL's own benchmark, with as many clients, on the same server."""
    cluster.create("pgbench")
    tool = [str(programs() / "pgbench"), "-h", str(cluster.folder), "-p", "5432", "-U", "postgres"]
    options: dict[str, Any] = {"check": True, "capture_output": True, "text": True, **who()}
    subprocess.run([*tool, "-i", "-s", "10", "-q", "pgbench"], **options)
    done = subprocess.run([*tool, "-c", str(THREADS), "-j", "2", "-T", "5", "pgbench"], **options)
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    return float(found[1]) if found else 0.0


def main() -> None:
    """Measure SQLite, then PostgreSQL."""
    print(f"Releases a second, {THREADS} clients, {ROUNDS * EACH * THREADS} releases a side\n")
    print(f"{'database':<12}{'statements':>12}{'product/s':>14}{'raw driver/s':>14}{'ratio':>10}")
    with tempfile.TemporaryDirectory(prefix="nae-bench-") as folder:
        file = f"{folder}/releases.sqlite"

        def connect() -> Any:
            opened = sqlite.connect(file, isolation_level=None)
            for pragma in SQLITE_PRAGMAS:
                opened.execute(f"PRAGMA {pragma}")
            return opened

        measure("SQLite", f"sqlite:///{file}", connect, "BEGIN IMMEDIATE")
    cluster = Cluster()
    cluster.start()
    try:
        cluster.create("releases")
        address = cluster.address("releases")
        measure(
            "PostgreSQL",
            cluster.url("releases"),
            lambda: psycopg.connect(**address, autocommit=True),
            "BEGIN",
        )
        print(
            f"\npgbench (TPC-B-like, scale 10, {THREADS} clients) on the same server: {pgbench(cluster):.0f} a second"
        )
    finally:
        cluster.stop()


if __name__ == "__main__":
    main()
