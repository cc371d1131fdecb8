"""What must hold before a change lands: `python -m scripts.check [lint|types|walls|tests]`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKS = {
    "lint": [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["djlint", "templates", "--lint", "--quiet"],
    ],
    "types": [["mypy"]],
    "walls": [["pytest", "-q", "tests/test_house.py", "tests/test_migrations.py"]],
    "tests": [["tests.run"]],
}


def main(wanted: list[str]) -> int:
    """Run the `wanted` checks, or all; the quick ones first, each to its end, then say which failed."""
    if unknown := set(wanted) - set(CHECKS):
        print(f"No such check: {', '.join(sorted(unknown))}. There are {', '.join(CHECKS)}.")
        return 2
    failed = []
    for name in wanted or CHECKS:
        for command in CHECKS[name]:
            print(f"$ {' '.join(command)}", flush=True)
            if subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=False).returncode:
                failed.append(" ".join(command))
    if failed:
        # On stderr, so that the tests' own count stays the last line of what is printed.
        print(f"Failed: {'; '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
