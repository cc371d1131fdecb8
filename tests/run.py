"""Run the tests on SQLite, on PostgreSQL and in the browser, and say how many ran on each.

`python -m tests.run [--nightly] [arguments of pytest]`; ONLY=sqlite|postgresql|browser runs one part.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests.postgres import Cluster

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "test-output"
PYTEST = [sys.executable, "-m", "pytest", "-q"]
MEASURED = ["--cov=marketplace", "--cov-branch", "--cov-report=", "--cov-fail-under=0"]
PARTS = ("sqlite", "postgresql", "browser")


@dataclass
class Outcome:
    """What one part came to; failed counts errors and a part that broke before any test, too."""

    part: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0

    def line(self) -> str:
        """This part as a row of the closing table."""
        counts = f"{self.passed:>6} passed {self.failed:>4} failed {self.skipped:>4} skipped"
        return f"  {self.part:<11}{counts} {self.seconds:>7.0f} s"


def command(part: str, nightly: bool, extra: list[str]) -> list[str]:
    """What runs `part`. nightly: also what is too slow for every push."""
    slow = [] if nightly else ["not nightly"]
    report = [f"--junitxml={OUTPUT / part}.xml", *extra]
    if part == "browser":
        return [*PYTEST, str(ROOT / "tests" / "browser"), "-m", " and ".join(slow), *report]
    return [*PYTEST, "-n", "2", "-m", " and ".join(["not browser", *slow]), *MEASURED, *report]


@contextmanager
def database(part: str) -> Iterator[dict[str, str]]:
    """The environment that tells the tests which database to use; PostgreSQL runs meanwhile."""
    if part != "postgresql":
        yield {"TEST_DATABASE": "sqlite"}
        return
    cluster = Cluster()
    cluster.start()
    try:
        yield {"TEST_DATABASE": "postgresql", "TEST_POSTGRES_URL": cluster.url()}
    finally:
        cluster.stop()


def run(part: str, nightly: bool, extra: list[str]) -> Outcome:
    """Run one part, showing pytest's own lines as they come."""
    print(f"\n── {part} ──", flush=True)
    (OUTPUT / f"{part}.xml").unlink(missing_ok=True)
    begun = time.monotonic()
    with database(part) as chosen:
        environment = {**os.environ, **chosen, "COVERAGE_FILE": str(OUTPUT / f".coverage.{part}")}
        code = subprocess.run(
            command(part, nightly, extra), cwd=ROOT, env=environment, check=False
        ).returncode
    outcome = counted(part)
    outcome.seconds = time.monotonic() - begun
    if code and not outcome.failed:
        print(f"The {part} part broke off: pytest left with code {code}.")
        outcome.failed = 1
    return outcome


def counted(part: str) -> Outcome:
    """The counts of `part` from the report that pytest wrote; nothing ran when there is none."""
    file = OUTPUT / f"{part}.xml"
    outcome = Outcome(part)
    if not file.exists():
        return outcome
    for suite in ElementTree.parse(file).getroot().iter("testsuite"):  # noqa: S314 (our own file)
        total, broken, skipped = (
            sum(int(suite.get(name, 0)) for name in names)
            for names in (["tests"], ["failures", "errors"], ["skipped"])
        )
        outcome.failed += broken
        outcome.skipped += skipped
        outcome.passed += max(0, total - broken - skipped)
    return outcome


def coverage() -> bool:
    """Add up what the measured parts covered and print it; False when it is less than pyproject.toml asks."""
    tool = [sys.executable, "-m", "coverage"]
    environment = {**os.environ, "COVERAGE_FILE": str(OUTPUT / ".coverage")}
    files = [str(OUTPUT / f".coverage.{part}") for part in PARTS if (OUTPUT / f".coverage.{part}").exists()]
    if not files:
        return True
    subprocess.run([*tool, "combine", "-q", "--keep", *files], cwd=ROOT, env=environment, check=False)
    return subprocess.run([*tool, "report"], cwd=ROOT, env=environment, check=False).returncode == 0


def main(arguments: list[str]) -> int:
    """Run the parts, print the table and, alone on the last line, the sum."""
    nightly = "--nightly" in arguments
    extra = [argument for argument in arguments if argument != "--nightly"]
    only = os.environ.get("ONLY", "")
    if only and only not in PARTS:
        print(f"ONLY={only} names no part: it is sqlite, postgresql or browser.")
        return 2
    OUTPUT.mkdir(exist_ok=True)
    for old in OUTPUT.glob(".coverage*"):
        old.unlink()
    outcomes = [run(part, nightly, extra) for part in PARTS if only in ("", part)]
    enough = bool(only or extra) or coverage()
    print("\nTests by part")
    for outcome in outcomes:
        print(outcome.line())
    if not enough:
        print("Less of marketplace/ is covered than pyproject.toml asks for.")
    failed = sum(outcome.failed for outcome in outcomes)
    print(f"{sum(outcome.passed for outcome in outcomes)} passed, {failed} failed", flush=True)
    return 0 if enough and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
