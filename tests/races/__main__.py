"""`python -m tests.races [K01 …] [--seed S] [--volley N]`: the whole table, or one volley again.

VOLLEYS (400) are fired of each kind on each database; ONLY=sqlite|postgresql chooses one.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
import time
from pathlib import Path

from marketplace import create_app
from marketplace.config import Settings
from tests.database import open_database
from tests.races.arena import HEAD, arena
from tests.races.kinds import KINDS

DATABASES = ("sqlite", "postgresql")


def wanted() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.races")
    parser.add_argument("kinds", nargs="*", help="such as K01; all when left out")
    parser.add_argument("--seed", default=secrets.token_hex(4))
    parser.add_argument("--volley", type=int, help="only the volley of this number")
    parser.add_argument("--database", choices=DATABASES, help="in this process; else both, each in its own")
    return parser.parse_args()


def race(asked: argparse.Namespace) -> int:
    """Fire everything on one database and print the table. Returns how many things were wrong."""
    place = Path(tempfile.mkdtemp(prefix="races-"))
    database = open_database(asked.database, place)
    app = create_app(
        Settings(
            environment="test", base_url="http://localhost", database_url=database.url,
            secret_key="a key that only tests know, 32 characters long", blob_dir=place / "blobs",
            clock_file=place / "clock", stripe_webhook_secret="whsec_test",
        )
    )  # fmt: skip
    database.prepare(app)
    volleys = int(os.environ.get("VOLLEYS") or 400)
    numbers = range(volleys) if asked.volley is None else [asked.volley]
    print(f"\nRaces on {asked.database}, seed {asked.seed}\n{HEAD}", flush=True)
    wrong: list[str] = []
    fired, begun = 0, time.monotonic()
    with app.app_context(), arena(app, place, asked.seed) as ready:
        for code in asked.kinds or KINDS:
            tally = ready.run(KINDS[code], numbers)
            print(tally.line(), flush=True)
            print("".join(f"  {sentence}\n" for sentence in tally.wrong[:3]), end="", flush=True)
            wrong += tally.wrong
            fired += tally.volleys
    database.close()
    minutes = (time.monotonic() - begun) / 60
    print(f"{asked.database}: {fired} volleys of 8, {len(wrong)} wrong, {minutes:.1f} minutes.", flush=True)
    return len(wrong)


def main() -> int:
    """Race on the chosen database, or on both in a process of its own each."""
    asked = wanted()
    if asked.database:
        return 1 if race(asked) else 0
    import subprocess

    only = os.environ.get("ONLY", "")
    codes = [
        subprocess.run(
            [sys.executable, "-m", "tests.races", *sys.argv[1:], "--seed", asked.seed, "--database", name],
            check=False,
        ).returncode
        for name in DATABASES
        if only in ("", name)
    ]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
