"""Write the locks from the .in files: `python -m scripts.lock [--upgrade]`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

UV = Path(sys.executable).with_name("uv")
# The lock names packages and hashes only: no registry, no path of this machine.
OPTIONS = ["--generate-hashes", "--universal", "--python-version", "3.11", "--quiet"]
SILENCE = ["--no-emit-index-url", "--no-emit-find-links", "--no-header", "--no-annotate"]


def main(extra: list[str]) -> int:
    """Lock both sets, the tools within the versions of the run-time set; `extra` goes to uv."""
    for name in ("requirements", "requirements-dev"):
        files = [f"{name}.in", "--output-file", f"{name}.txt"]
        done = subprocess.run(
            [UV, "pip", "compile", *OPTIONS, *SILENCE, *extra, *files], stdout=subprocess.DEVNULL, check=False
        )
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
