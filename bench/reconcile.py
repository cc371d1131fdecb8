"""`python -m bench.reconcile`: comparing 100,000 objects at Stripe with our books, on both databases.

OBJECTS=100000 unless the environment says otherwise, spread over 90 days; five of them differ, and must be
named. The comparison runs in a process of its own, whose memory is measured; of its time, what the sandbox
worked is told apart; own CPU leaves out the database server, and a machine's other work. Limits: 60 s, 300 MB.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench.__main__ import ROOT, free_port
from bench.lives import DAYS, Life, payees, write
from marketplace import create_app
from marketplace.config import Settings
from marketplace.kernel.clock import now
from marketplace.kernel.db import commit, db
from marketplace.kernel.http import Marketplace
from marketplace.kernel.migrations import upgrade
from marketplace.payments import reconcile
from marketplace.payments.ledger import post
from marketplace.payments.reconcile_differences import open_count
from tests.postgres import Cluster

OBJECTS = int(os.environ.get("OBJECTS", "100000"))
# A life is a charge's movement, a transfer and its movement, and for every fifth a refund and its movement.
PER_LIFE = 3.4
AT_ONCE = 1000
PLANTED = 5
MOST_SECONDS, MOST_BYTES = 60, 300 * 1024 * 1024
KEY = "a key that is measured only, 32 characters"


def application(url: str, sandbox: str) -> Marketplace:
    """The product on this database and this sandbox."""
    return create_app(Settings(environment="test", base_url="http://localhost", database_url=url, secret_key=KEY,
                               blob_dir=Path(tempfile.gettempdir()), stripe_api_base=sandbox))  # fmt: skip


@contextmanager
def stripe(folder: str) -> Iterator[tuple[str, int]]:
    """A running sandbox: its address, and its process's id."""
    port = free_port()
    command = [sys.executable, "-m", "marketplace.stripe_sandbox", "--port", str(port), "--fast"]
    process = subprocess.Popen(
        [*command, "--db", f"{folder}/stripe.sqlite"], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert process.stdout
    process.stdout.readline()
    try:
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.kill()
        process.wait()


def build(url: str, sandbox: str) -> int:
    """Fill both sides; returns how many objects Stripe has."""
    app = application(url, sandbox)
    with app.app_context():
        upgrade(app)
        who, number = payees(sandbox), round(OBJECTS / PER_LIFE)
        lives, made = (Life(each, number, who) for each in range(number)), 0
        while some := list(islice(lives, AT_ONCE)):
            made += write(some, sandbox)
            if not url.startswith("sqlite"):
                # Autovacuum would, within a minute; these books grow by years in seconds.
                db.session.execute(text("ANALYZE"))
        for each in range(PLANTED):
            lines = {"stripe:balance": 100, "bank:platform": -100}
            post("topup", f"txn_planted{each}", "usd", lines, stream="bench")
        commit()
    return made


def compare(url: str, sandbox: str) -> None:
    """The measured process: one comparison, its figures as JSON."""
    app = application(url, sandbox)
    with app.app_context():
        loaded, begun, worked = _memory(), time.perf_counter(), time.process_time()
        tally = reconcile.run()
        wall, cpu = time.perf_counter() - begun, time.process_time() - worked
        print(json.dumps({"wall": wall, "cpu": cpu, "bytes": _memory(), "loaded": loaded, "read": tally.read,
                          "open": open_count()}))  # fmt: skip


def _memory() -> int:
    """The most bytes that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def cpu_of(pid: int) -> float:
    """Seconds that a process has worked."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(name: str, url: str, folder: str) -> bool:
    """Print the figures of one database; returns whether they are within the limits."""
    with stripe(folder) as (sandbox, pid):
        begun = time.perf_counter()
        objects, filled = build(url, sandbox), time.perf_counter() - begun
        before = cpu_of(pid)
        done = subprocess.run([sys.executable, "-m", "bench.reconcile", url, sandbox], cwd=ROOT, check=True,
                              stdout=subprocess.PIPE, text=True)  # fmt: skip
        theirs = cpu_of(pid) - before
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    ours = found["wall"] - theirs
    print(f"{name:<12}{objects:>9,}{found['read']:>9,}{found['wall']:>9.1f}{theirs:>9.1f}{ours:>9.1f}{found['cpu']:>9.1f}"
          f"{found['loaded'] / 2**20:>10.0f}{found['bytes'] / 2**20:>9.0f}{found['open']:>11}"
          f"   (filled in {filled:.0f} s)", flush=True)  # fmt: skip
    return bool(ours < MOST_SECONDS and found["bytes"] < MOST_BYTES and found["open"] == PLANTED)


def main() -> None:
    """Measure SQLite, then PostgreSQL; leave with 1 when a limit is passed or a difference was not named."""
    print(f"Comparing Stripe's books with ours, {OBJECTS:,} objects over {DAYS} days, {now():%d %B %Y}\n")
    print(f"{'database':<12}{'objects':>9}{'listed':>9}{'wall s':>9}{'Stripe s':>9}{'ours s':>9}"
          f"{'own CPU':>9}{'MB before':>10}{'MB most':>9}{'differing':>11}")  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="nae-bench-") as folder:
        right = [measure("SQLite", f"sqlite:///{folder}/books.sqlite", folder)]
    cluster = Cluster()
    cluster.start()
    try:
        cluster.create("books")
        with tempfile.TemporaryDirectory(prefix="nae-bench-") as folder:
            right.append(measure("PostgreSQL", cluster.url("books"), folder))
    finally:
        cluster.stop()
    if not all(right):
        sys.exit("Slower, larger or blinder than it may be.")


if __name__ == "__main__":
    compare(*sys.argv[1:]) if len(sys.argv) > 1 else main()
