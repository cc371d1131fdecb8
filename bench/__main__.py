"""`python -m bench` (`make bench`): the pages that matter against a floor, in turns, in one run.

N=1000 professionals, ROUNDS=4 and SECONDS=1 a round unless the environment says otherwise. Numbers of
different machines cannot be compared; the ratios to the floor can.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.client import Measured, one_round
from bench.world import Addresses, build
from marketplace.config import Settings

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "bench" / "out"
NUMBER, ROUNDS = int(os.environ.get("N", "1000")), int(os.environ.get("ROUNDS", "4"))
SECONDS = float(os.environ.get("SECONDS", "1"))
SIGNED_IN = {"contract", "home"}


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def serve(target: str, port: int, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start the server of the Procfile for `target` (`module:app`)."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", target, "--host", "127.0.0.1", "--port",
               str(port), "--workers", "2", "--blocking-threads", "8", "--log-level", "warning"]  # fmt: skip
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, start_new_session=True)


def stop(servers: list[subprocess.Popen[bytes]]) -> None:
    """End the servers with all that they started."""
    for server in servers:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def wait(port: int, path: str, seconds: float = 30.0) -> None:
    """Return once the server answers at all; leave with a sentence when it does not."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).read()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"The server at port {port} did not answer within {seconds:.0f} seconds.")


def measure(ports: dict[str, int], world: Addresses) -> dict[str, dict[str, list[Measured]]]:
    """Every page in every round: the product, then the floor, so that both meet the same weather."""
    found: dict[str, dict[str, list[Measured]]] = {page: {"product": [], "floor": []} for page in world.pages}
    for number in range(ROUNDS + 1):
        for page, paths in world.pages.items():
            cookie = world.cookie if page in SIGNED_IN else ""
            seconds = SECONDS if number else 0.3
            turns = {
                "product": one_round(ports["product"], paths, cookie, seconds),
                "floor": one_round(ports["floor"], [f"/{page}"], "", seconds),
            }
            for who, measured in turns.items() if number else ():
                found[page][who].append(measured)
    return found


def report(found: dict[str, dict[str, list[Measured]]]) -> dict[str, Any]:
    """Print the table; returns it for the file."""
    print(
        f"\n{NUMBER} professionals, {ROUNDS} rounds of {SECONDS:g} s, 2 workers of 8 threads, 8 connections\n"
    )
    print(f"{'page':<10}{'bytes':>8}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}"
          f"{'floor/s':>10}{'p50 ms':>9}{'p99 ms':>9}{'of floor':>10}")  # fmt: skip
    table: dict[str, Any] = {}
    for page, sides in found.items():
        row: dict[str, Any] = {}
        for who, rounds in sides.items():
            whole = Measured()
            for one in rounds:
                whole.add(one)
            row[who] = {"rate": whole.rate, "p50": whole.percentile(50), "p99": whole.percentile(99),
                        "bytes": whole.bytes}  # fmt: skip
        pairs = zip(sides["product"], sides["floor"], strict=True)
        row["ratio"] = statistics.median(mine.rate / floor.rate for mine, floor in pairs)
        table[page] = row
        mine, floor = row["product"], row["floor"]
        print(f"{page:<10}{mine['bytes']:>8}{mine['rate']:>9.0f}{mine['p50']:>9.1f}{mine['p99']:>9.1f}"
              f"{floor['rate']:>10.0f}{floor['p50']:>9.1f}{floor['p99']:>9.1f}{row['ratio']:>9.1%}")  # fmt: skip
    return table


def main() -> None:
    """Build the world, serve both, measure, print, keep."""
    ports = {"product": free_port(), "floor": free_port()}
    with tempfile.TemporaryDirectory(prefix="nae-bench-") as folder:
        file = Path(folder) / "bench.sqlite"
        environment = {"ENVIRONMENT": "development", "DATABASE_URL": f"sqlite:///{file}",
                       "BASE_URL": f"http://127.0.0.1:{ports['product']}", "BLOB_DIR": f"{folder}/blobs",
                       "SECRET_KEY": "a key that is measured only, 32 characters"}  # fmt: skip
        settings = Settings(**{name.lower(): value for name, value in environment.items()})  # type: ignore[arg-type]
        begun = time.monotonic()
        world = build(settings, NUMBER)
        print(f"The database is made ({time.monotonic() - begun:.1f} s).", flush=True)
        servers = [serve("app:app", ports["product"], environment)]
        try:
            wait(ports["product"], "/")
            bytes_of = {
                page: one_round(ports["product"], paths, world.cookie if page in SIGNED_IN else "", 0.2).bytes
                for page, paths in world.pages.items()
            }
            floor = {"DATABASE": str(file), "BYTES": json.dumps(bytes_of)}
            servers.append(serve("bench.floor:app", ports["floor"], floor))
            wait(ports["floor"], "/browse")
            table = report(measure(ports, world))
        finally:
            stop(servers)
    OUT.mkdir(exist_ok=True)
    kept = OUT / f"{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
    kept.write_text(json.dumps({"professionals": NUMBER, "rounds": ROUNDS, "pages": table}, indent=1))
    print(f"\nKept in {kept.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
