"""`python -m tests.kills [POINT …] [--sample N] [--seed S]`: kill at every point, or at those named.

ONLY=sqlite|postgresql chooses the database; both when left out. Two processes share the points. Prints how many
points there were, how many of them killed (threads take turns: a point may pass without its call), and what was wrong.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random
from zlib import crc32

from marketplace import create_app
from marketplace.config import Settings
from tests.database import open_database
from tests.kills.points import Killing, Point, named
from tests.kills.stage import Stage

DATABASES = ("sqlite", "postgresql")
PARTS = 2


def wanted() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.kills")
    parser.add_argument(
        "points", nargs="*", type=named, help="such as hold:worker:sendto:3; all when left out"
    )
    parser.add_argument("--sample", type=int, help="so many points, chosen by the seed")
    parser.add_argument("--seed", default=secrets.token_hex(4))
    parser.add_argument("--database", choices=DATABASES, help="in this process; else both, each in its own")
    parser.add_argument("--part", type=int, default=0, help="which of the shares of the points, from 0")
    parser.add_argument("--parts", type=int, default=1)
    return parser.parse_args()


def kills(asked: argparse.Namespace) -> int:
    """Kill on one database and print what came of it. Returns 1 when anything was wrong, or nothing was killed."""
    place = Path(tempfile.mkdtemp(prefix="kills-"))
    database = open_database(asked.database, place)
    app = create_app(
        Settings(
            environment="test", base_url="http://localhost", database_url=database.url,
            secret_key="a key that only tests know, 32 characters long", blob_dir=place / "blobs",
            clock_file=place / "clock", stripe_webhook_secret="whsec_test",
            stripe_connect_webhook_secret="whsec_connect_test",
        )
    )  # fmt: skip
    database.prepare(app)
    begun = time.monotonic()
    with app.app_context():
        stage = Stage(app, database, place)
        try:
            killing = Killing(stage)
            killing.rehearse()
            points = chosen(asked, killing)
            hits, violations = strike(killing, points)
        finally:
            stage.stop()
    database.close()
    minutes = (time.monotonic() - begun) / 60
    came = f"killed at {hits} of {len(points)} points, {violations} violations, {minutes:.1f} minutes"
    print(f"{asked.database}, part {asked.part + 1} of {asked.parts}: {came}.", flush=True)
    return 1 if violations or (points and not hits) else 0


def chosen(asked: argparse.Namespace, killing: Killing) -> list[Point]:
    """This process's share of the points that were asked for. By their names: each process counts by itself."""
    points = list(asked.points) or killing.count()
    mine = [point for point in points if crc32(str(point).encode()) % asked.parts == asked.part]
    if asked.sample is not None:
        mine = Random(asked.seed).sample(mine, min(-(-asked.sample // asked.parts), len(mine)))
    if asked.part == 0:
        counted = Counter(f"{point.role} {point.call}" for point in points)
        listed = ", ".join(f"{call} {number}" for call, number in counted.most_common())
        print(f"Kills on {asked.database}, seed {asked.seed}: {len(points)} points ({listed})", flush=True)
    return mine


def strike(killing: Killing, points: list[Point]) -> tuple[int, int]:
    """Kill at each point; prints every violation, and a line for each step and role. Returns kills, violations."""
    tried, killed, broken = Counter[str](), Counter[str](), Counter[str]()
    for point in points:
        hit, wrong = killing.kill_at(point)
        print("".join(f"  {point}: {sentence}\n" for sentence in wrong), end="", flush=True)
        where = f"{point.step:<10} {point.role}"
        tried[where] += 1
        killed[where] += hit
        broken[where] += len(wrong)
    for where, number in tried.items():
        print(
            f"  {where:<18}{number:>6} points{killed[where]:>6} killed{broken[where]:>5} violations",
            flush=True,
        )
    return killed.total(), broken.total()


def main() -> int:
    """Kill on the chosen database, or on both in processes of their own."""
    asked = wanted()
    if asked.database:
        return kills(asked)
    only, worst = os.environ.get("ONLY", ""), 0
    for name in DATABASES:
        if only not in ("", name):
            continue
        same = [sys.executable, "-m", "tests.kills", *sys.argv[1:], "--seed", asked.seed, "--database", name]
        shares = [
            subprocess.Popen([*same, "--part", str(part), "--parts", str(PARTS)]) for part in range(PARTS)
        ]
        worst = max(worst, *(share.wait() for share in shares))
    return worst


if __name__ == "__main__":
    sys.exit(main())
