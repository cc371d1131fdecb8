"""A PostgreSQL server of the tests' own, on Debian's programs: no service, no port, no password.

Its files and its socket live in a short folder under /tmp (a socket's path may have 107 bytes).
It runs as `postgres` when we are root, because PostgreSQL refuses root, and else as ourselves.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

# Nothing here must survive a crash of the machine, so nothing waits for the disk.
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "TimeZone": "UTC",
}
STARTING = 20.0  # seconds
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


def programs() -> Path:
    """The folder with initdb and postgres of the newest version that Debian installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if not found:
        raise RuntimeError("PostgreSQL is missing: run `apt install postgresql`.")
    return found[-1].parent


def who() -> dict[str, Any]:
    """Whom the server runs as, as arguments of subprocess."""
    return {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}


def die_with_parent() -> None:
    """In the server's process: should the tests be killed outright, it goes too."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


class Cluster:
    """One server with many databases, whose owner is the process that started it."""

    def __init__(self, url: str = "") -> None:
        self.folder = Path(make_url(url).query["host"]) if url else None  # type: ignore[arg-type]
        self.process: subprocess.Popen[bytes] | None = None

    @classmethod
    def shared(cls, url: str) -> Cluster:
        """The server at `url` when another process started one, else one of this process's own."""
        cluster = cls(url)
        if not url:
            cluster.start()
        return cluster

    def start(self) -> None:
        """Make an empty server and return when it answers, about a second later."""
        self.folder = folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        initdb: list[str | Path] = [
            programs() / "initdb",
            "-D",
            folder / "data",
            "-U",
            "postgres",
            "-A",
            "trust",
        ]
        plain = ["--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]
        subprocess.run([*initdb, *plain], check=True, capture_output=True, cwd=folder, **who())
        flags = [part for name, value in OPTIONS.items() for part in ("-c", f"{name}={value}")]
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [programs() / "postgres", "-D", folder / "data", "-k", folder, "-p", "5432", *flags],
                stdout=log,
                stderr=log,
                cwd=folder,
                start_new_session=True,
                preexec_fn=die_with_parent,
                **who(),
            )
        atexit.register(self.stop)
        self.wait_until_up()

    def wait_until_up(self) -> None:
        """Return when the server answers; raise with its log when it does not."""
        assert self.folder is not None
        end = time.monotonic() + STARTING
        while time.monotonic() < end:
            try:
                psycopg.connect(**self.address("postgres")).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.02)
        raise RuntimeError(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()}")

    def stop(self) -> None:
        """Stop the server that this object started and remove its files; a second time does nothing."""
        if self.process is None or self.folder is None:
            return
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(10)
        self.process = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def address(self, name: str) -> dict[str, Any]:
        """Arguments of psycopg.connect for database `name`."""
        return {"host": str(self.folder), "port": 5432, "user": "postgres", "dbname": name}

    def url(self, name: str = "postgres") -> str:
        """SQLAlchemy's address of database `name`."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}&port=5432"

    def execute(self, statement: str, *names: str) -> None:
        """Run one statement outside a transaction; each `{}` in it takes a name, quoted."""
        with psycopg.connect(**self.address("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def create(self, name: str, template: str | None = None) -> None:
        """Make database `name`, empty or as a copy of `template`, to which nobody may be connected."""
        self.execute("CREATE DATABASE {} TEMPLATE {}", name, template or "template1")

    def drop(self, name: str) -> None:
        """Remove database `name` and throw out whoever is connected."""
        self.execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
