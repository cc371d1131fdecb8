"""The web server, the worker and the sandbox as processes that start at once: forked from one that has loaded all.

What runs in them is what runs in production: granian with the site's application, the worker's own main, the
sandbox's own main. Only the loading of their programs was done before.
"""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from marketplace.supervisor import die_with_parent

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds until something must have happened
BLINK = 0.01


def until(true: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Return once `true()` is. Raises TimeoutError with `what` did not happen."""
    end = time.monotonic() + patience
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(BLINK)


@dataclass
class Process:
    """One running process of a role; it leads a group of its own."""

    pid: int
    log: Path

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        try:
            state = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return False
        return state != "Z"

    @property
    def children(self) -> list[int]:
        """The processes that it started."""
        try:
            return [
                int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
            ]
        except (FileNotFoundError, ProcessLookupError):
            return []

    def wait_a_blink(self) -> None:
        """Let it write down what it was asked for."""
        time.sleep(0.3)

    def kill(self) -> None:
        """End it and what it started, at once."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        until(lambda: not self.is_alive, "a killed process went away")


class Nursery:
    """Forks processes. It loads the application once, for `environment`, and never opens its database."""

    def __init__(self, environment: Mapping[str, str], logs: Path) -> None:
        self.logs = logs
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.kills.processes"], cwd=ROOT, env=dict(environment), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=die_with_parent,
        )  # fmt: skip

    def fork(self, role: str, *arguments: str) -> Process:
        """A new process. role: web (its port), worker (its slot), or sandbox (its command line)."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        log = self.logs / f"{role}.log"
        log.write_text("")
        self.process.stdin.write(json.dumps([role, str(log), *arguments]) + "\n")
        self.process.stdin.flush()
        return Process(int(self.process.stdout.readline()), log)

    def stop(self) -> None:
        """Fork no more."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()


def answers(url: str) -> bool:
    """Whether something answers 200 there."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def web(port: str) -> None:
    """The site, as `granian app:app` serves it, with one process."""
    from granian.constants import Interfaces
    from granian.server import Server

    Server("app:app", address="127.0.0.1", port=int(port), interface=Interfaces.WSGI, workers=1,
           blocking_threads=2, log_enabled=False).serve()  # fmt: skip


def worker(slot: str) -> None:
    """The worker, as `python -m marketplace.worker` runs it."""
    from marketplace.worker import main

    os.environ["WORKER_SLOT"] = slot
    main()


def sandbox(*arguments: str) -> None:
    """The sandbox, as `python -m marketplace.stripe_sandbox` runs it."""
    from marketplace.stripe_sandbox.__main__ import main

    sys.argv = ["stripe_sandbox", *arguments]
    main()


ROLES: dict[str, Callable[..., None]] = {"web": web, "worker": worker, "sandbox": sandbox}


def serve() -> None:
    """In the nursery: fork whenever a line asks for it, and say the number of the new process."""

    import weasyprint  # noqa: F401  (the worker's slowest import)

    import app  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while line := sys.stdin.readline():
        role, log, *arguments = json.loads(line)
        if child := os.fork():
            print(child, flush=True)
            continue
        be(role, log, arguments)


def be(role: str, log: str, arguments: list[str]) -> None:
    """In the child: be what was asked for, and never come back."""
    os.setsid()
    die_with_parent()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    faulthandler.register(signal.SIGUSR1)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for here, there in ((nothing, 0), (file, 1), (file, 2)):
        os.dup2(here, there)
    try:
        ROLES[role](*arguments)
    finally:
        os._exit(0)


if __name__ == "__main__":
    serve()
