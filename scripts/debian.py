"""Have the Debian packages that the named purposes need: `python3 scripts/debian.py dev|test`.

Root gets them installed; anybody else reads one sentence with the command to run.
Runs on the machine's own Python with nothing installed.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

APT = ["apt-get", "-y", "-qq", "-o", "DPkg::Lock::Timeout=300", "-o", "APT::Keep-Downloaded-Packages=true"]


def found(pattern: str) -> bool:
    """Whether a file of the system matches `pattern`."""
    return any(Path("/").glob(pattern.lstrip("/")))


def has_postgresql() -> bool:
    """Whether PostgreSQL's own programs are here; none of its servers needs to run."""
    return found("/usr/lib/postgresql/*/bin/initdb")


def has_chromium() -> bool:
    """Whether the browser of the browser tests is here."""
    return shutil.which("chromium") is not None


def has_strace() -> bool:
    """Whether processes can be killed at a chosen system call."""
    return shutil.which("strace") is not None


def has_fonts() -> bool:
    """Whether pages can show plain Latin text, so that screenshots mean something."""
    return found("/usr/share/fonts/**/Liberation*.ttf")


def has_venv() -> bool:
    """Whether this Python can make virtual environments; Debian ships that apart."""
    return importlib.util.find_spec("ensurepip") is not None


def has_library(name: str) -> Callable[[], bool]:
    """Whether the shared library `name` is here, for whatever machine."""
    return lambda: found(f"/usr/lib/*/{name}.so.*") or found(f"/usr/lib/{name}.so.*")


# What WeasyPrint loads: it sets text with Pango and cuts fonts with HarfBuzz.
PAPERS = {
    "libpango-1.0-0": has_library("libpango-1.0"),
    "libpangoft2-1.0-0": has_library("libpangoft2-1.0"),
    "libharfbuzz-subset0": has_library("libharfbuzz-subset"),
}
PACKAGES = {
    "python3-venv": has_venv,
    **PAPERS,
    "postgresql": has_postgresql,
    "chromium": has_chromium,
    "fonts-liberation": has_fonts,
    "strace": has_strace,
}
PURPOSES = {"dev": ["python3-venv", *PAPERS], "test": list(PACKAGES)}


def install(packages: list[str]) -> None:
    """Install `packages` as root, after asking for fresh lists; never upgrades what is there."""
    print(f"Installing Debian packages: {' '.join(packages)} …", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    wanted = ["install", "--no-install-recommends", "--no-upgrade", *packages]
    for command in (["update"], wanted):
        done = subprocess.run([*APT, *command], env=environment, stdout=subprocess.DEVNULL, check=False)
        if done.returncode and command is wanted:
            sys.exit(
                f"These Debian packages could not be installed: {' '.join(packages)}. See the lines above."
            )


def main(purpose: str) -> None:
    """Check what `purpose` needs; install it as root, else say what to run."""
    missing = [name for name in PURPOSES[purpose] if not PACKAGES[name]()]
    if not missing:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        sys.exit(f"Debian packages are missing: run `sudo apt install {' '.join(missing)}`, then try again.")
    install(missing)


if __name__ == "__main__":
    main(sys.argv[1])
