"""Have Stripe's official command line client for the tests: `python -m scripts.stripe_cli` prints where it is.

It is a binary in a package of npm's, fetched by npm itself and kept in .venv. npm is no package that tests
install: Debian's brings hundreds of others along. Where it is absent the tests that need the client say so.
"""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "@stripe/cli-linux-x64@1.52.0"
SHA256 = "d33e5a776f0320454e710391cc66693a39d1d9128928f9a4271c58615bef2119"
HOME = ROOT / ".venv" / "stripe-cli" / PACKAGE.rpartition("@")[2]


class Absent(Exception):
    """The client cannot be had here; the sentence says why."""


def fetch() -> Path:
    """The client's path, fetched when it is not there yet. Raises Absent with a sentence."""
    client = HOME / "stripe"
    if client.exists():
        return client
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise Absent("Stripe's command line client is fetched for Linux on x86_64 only.")
    npm = shutil.which("npm")
    if npm is None:
        raise Absent("npm is not on the PATH, so Stripe's command line client cannot be fetched.")
    HOME.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=HOME) as folder:
        _unpack(_download(npm, folder), Path(folder))
        # Whoever comes first wins: several test processes may fetch at once.
        (Path(folder) / "stripe").replace(client)
    return client


def _download(npm: str, folder: str) -> Path:
    asked = [npm, "pack", "--silent", "--pack-destination", folder, PACKAGE]
    done = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=False)
    archives = list(Path(folder).glob("*.tgz"))
    if done.returncode or not archives:
        raise Absent(f"npm could not fetch {PACKAGE}: {done.stderr.strip()[:300]}")
    if hashlib.sha256(archives[0].read_bytes()).hexdigest() != SHA256:
        raise Absent(f"What npm fetched as {PACKAGE} is not what it was when this was written.")
    return archives[0]


def _unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as packed:
        binary = packed.extractfile("package/bin/stripe")
        if binary is None:
            raise Absent(f"{PACKAGE} has no binary where it used to be.")
        (folder / "stripe").write_bytes(binary.read())
    (folder / "stripe").chmod(0o755)


if __name__ == "__main__":
    try:
        print(fetch())
    except Absent as reason:
        sys.exit(str(reason))
