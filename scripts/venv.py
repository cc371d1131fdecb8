"""Make .venv hold exactly the locked packages: `python3 scripts/venv.py [--dev]`.

Runs on the machine's own Python with nothing installed. A stamp in .venv names what was
installed, so a second run costs a few milliseconds.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {"run": ROOT / "requirements.txt", "dev": ROOT / "requirements-dev.txt"}


def fingerprint(lock: Path) -> str:
    """What must be the same for an installation to be kept: lock, Python and place."""
    python = f"{sys.version_info[:2]} {VENV}"
    return hashlib.sha256(lock.read_bytes() + python.encode()).hexdigest()


def is_current(name: str) -> bool:
    """Whether the lock called `name` is installed as it stands now."""
    stamp = VENV / f"{name}.stamp"
    return PYTHON.exists() and stamp.exists() and stamp.read_text() == fingerprint(LOCKS[name])


def create() -> None:
    """Make an empty .venv; one that was moved or lost its Python is made anew."""
    if PYTHON.exists() and any(is_current(name) for name in LOCKS):
        return
    if VENV.is_symlink():
        # --clear would empty the folder that it points to.
        sys.exit("The environment .venv is a link: remove it, or run this where it points to.")
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        sys.exit(f"The virtual environment could not be made: {made.stdout.strip()} {made.stderr.strip()}")


def install(lock: Path) -> None:
    """Install `lock` by uv where it works, for its speed, and else by pip. Both check every hash."""
    uv = shutil.which("uv")
    # The lock is whole. Looking for more, older pips meet `coverage[toml]` and take a release newer than the lock's.
    arguments = ["--no-deps", "--require-hashes", "-r", str(lock)]
    if uv:
        quick = [uv, "pip", "install", "--quiet", "--python", str(PYTHON), *arguments]
        if subprocess.run(quick, capture_output=True, check=False).returncode == 0:
            return
    slow = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    if subprocess.run(slow, check=False, env={**os.environ, "PIP_ROOT_USER_ACTION": "ignore"}).returncode:
        sys.exit(f"The packages of {lock.name} could not be installed: see the lines above.")


def main(wanted: list[str]) -> None:
    """Install every lock in `wanted` that is not in .venv yet."""
    missing = [name for name in wanted if not is_current(name)]
    if not missing:
        return
    create()
    for name in wanted:
        if not is_current(name):
            print(f"Installing {LOCKS[name].name} into .venv …", flush=True)
            install(LOCKS[name])
            (VENV / f"{name}.stamp").write_text(fingerprint(LOCKS[name]))


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 (asked of the machine's Python, before anything is checked)
        sys.exit("Python 3.11 or newer is needed.")
    main(["run", "dev"] if "--dev" in sys.argv[1:] else ["run"])
