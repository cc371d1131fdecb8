"""`python -m bench.intake`: Stripe's messages taken in a second, against a bare Flask view that inserts one row.

Both run under the server of the Procfile with the same workers, on the same kind of database, in turns. Each
message is new and signed; the product verifies it, keeps it once and has a job made in the same transaction.
SECONDS=2 a round unless the environment says otherwise.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import os
import tempfile
import time
from collections.abc import Iterator

from bench.__main__ import free_port, serve, stop, wait
from bench.client import Measured, ask
from marketplace import create_app
from marketplace.config import Settings
from marketplace.kernel.migrations import upgrade
from tests.postgres import Cluster

SECRET, ROUNDS, CONNECTIONS = "whsec_measured", 4, 8
SECONDS = float(os.environ.get("SECONDS", "2"))
NUMBERS = itertools.count(1)


def messages(port: int) -> Iterator[bytes]:
    """Signed messages about payments, each with an id of its own, as whole HTTP requests."""
    for number in NUMBERS:
        about = {"object": {"id": f"pi_{number}", "object": "payment_intent", "padding": "x" * 2000}}
        event = {"id": f"evt_{number}", "object": "event", "type": "payment_intent.succeeded", "livemode": False,
                 "data": about}  # fmt: skip
        body, moment = json.dumps(event), int(time.time())
        signed = hmac.new(SECRET.encode(), f"{moment}.{body}".encode(), hashlib.sha256).hexdigest()
        yield (
            f"POST /webhooks/stripe HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
            f"Stripe-Signature: t={moment},v1={signed}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()


async def _round(port: int) -> Measured:
    note, begun, requests = Measured(), time.perf_counter(), messages(port)
    until = begun + SECONDS
    await asyncio.gather(*(ask(("127.0.0.1", port), requests, until, note) for _ in range(CONNECTIONS)))
    note.seconds = time.perf_counter() - begun
    return note


def measure(name: str, url: str, folder: str) -> None:
    """Print the rates on one database."""
    ports = {"product": free_port(), "floor": free_port()}
    environment = {"ENVIRONMENT": "development", "DATABASE_URL": url, "BLOB_DIR": f"{folder}/blobs",
                   "BASE_URL": f"http://127.0.0.1:{ports['product']}", "STRIPE_WEBHOOK_SECRET": SECRET,
                   "SECRET_KEY": "a key that is measured only, 32 characters"}  # fmt: skip
    upgrade(create_app(Settings(**{key.lower(): value for key, value in environment.items()})))  # type: ignore[arg-type]
    servers = [
        serve("app:app", ports["product"], environment),
        serve("bench.intake_floor:app", ports["floor"], {"DATABASE_URL": url}),
    ]
    found = {side: Measured() for side in ports}
    try:
        for port in ports.values():
            wait(port, "/")
        for number in range(ROUNDS + 1):
            for side, port in ports.items():
                measured = asyncio.run(_round(port))
                if number:  # the first round warms up
                    found[side].add(measured)
    finally:
        stop(servers)
    mine, floor = found["product"], found["floor"]
    ratio = mine.rate / floor.rate
    print(f"{name:<12}{mine.rate:>12.0f}{mine.percentile(50):>9.1f}{mine.percentile(99):>9.1f}{floor.rate:>14.0f}"
          f"{floor.percentile(50):>9.1f}{floor.percentile(99):>9.1f}{ratio:>9.2f}", flush=True)  # fmt: skip


def main() -> None:
    """Measure SQLite, then PostgreSQL."""
    print(f"Messages taken in a second, 2 workers of 8 threads, {CONNECTIONS} connections\n")
    print(f"{'database':<12}{'product/s':>12}{'p50 ms':>9}{'p99 ms':>9}{'bare insert/s':>14}{'p50 ms':>9}"
          f"{'p99 ms':>9}{'ratio':>9}")  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="nae-bench-") as folder:
        measure("SQLite", f"sqlite:///{folder}/intake.sqlite", folder)
        cluster = Cluster()
        cluster.start()
        try:
            cluster.create("intake")
            measure("PostgreSQL", cluster.url("intake"), folder)
        finally:
            cluster.stop()


if __name__ == "__main__":
    main()
