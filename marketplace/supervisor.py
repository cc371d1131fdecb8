"""Several processes as one: started together, each line named, stopped together, nothing left behind.

Every process leads a group of its own, so that what it started dies with it.
"""

from __future__ import annotations

import ctypes
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from string import Template
from types import FrameType
from typing import NoReturn

PATIENCE = 8.0  # seconds from asking a process to stop until it is made to
COLOURS = ("36", "33", "35", "32")
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None  # loaded here: a child must not load


def read_procfile(path: Path, environment: Mapping[str, str]) -> dict[str, list[str]]:
    """The commands of a Procfile by name, split into words before `$NAME` is filled in, so spaces survive."""
    commands = {}
    for line in path.read_text().splitlines():
        name, found, command = line.partition(":")
        if found and not line.startswith("#"):
            commands[name.strip()] = [Template(word).substitute(environment) for word in shlex.split(command)]
    return commands


def die_with_parent() -> None:
    """In the child, before its program starts: Linux stops it should the supervisor be killed outright."""
    if LIBC:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Supervisor:
    """Starts processes, prints their lines with their names, and stops them all."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self.environment = dict(environment)
        self.folder = folder
        self.processes: dict[str, subprocess.Popen[str]] = {}
        self.readers: list[threading.Thread] = []
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, self.interrupted)

    def interrupted(self, number: int, frame: FrameType | None) -> NoReturn:
        """Ctrl-C or a polite kill ends the run; another one while stopping stops at once."""
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, self.hurried)
        raise SystemExit(0 if number == signal.SIGINT else 128 + number)

    def hurried(self, number: int, frame: FrameType | None) -> None:
        """No more waiting."""
        self.signal_all(signal.SIGKILL)

    def start(self, name: str, command: list[str]) -> subprocess.Popen[str]:
        """Start `command` in a group of its own and print its lines behind `name`."""
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        self.processes[name] = process
        reader = threading.Thread(target=self.repeat, args=(name, process), daemon=True)
        reader.start()
        self.readers.append(reader)
        return process

    def repeat(self, name: str, process: subprocess.Popen[str]) -> None:
        """Print what `process` says, a line at a time."""
        label = f"{name:<8}|"
        if sys.stdout.isatty():
            label = f"\x1b[{COLOURS[len(name) % len(COLOURS)]}m{label}\x1b[0m"
        assert process.stdout is not None
        for line in process.stdout:
            print(f"{label} {line}", end="", flush=True)

    def run(self, name: str, command: list[str]) -> None:
        """Run `command` to its end; leaves with a sentence when it fails."""
        process = self.start(name, command)
        code = process.wait()
        self.readers[-1].join(timeout=1)
        del self.processes[name]
        if code:
            print(f"{name} did not work (exit code {code}); the lines above say why.", flush=True)
            raise SystemExit(1)

    def dead(self) -> str:
        """A sentence about a process that ended by itself, empty while all are alive."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                return f"{name} ended by itself (exit code {process.returncode}), so everything stops."
        return ""

    def watch(self) -> NoReturn:
        """Wait until a process ends by itself, then leave with exit code 1."""
        while not (sentence := self.dead()):
            time.sleep(0.2)
        print(sentence, flush=True)
        raise SystemExit(1)

    def signal_all(self, number: signal.Signals) -> None:
        """Send `number` to every group, also to one whose leader is gone already."""
        for process in self.processes.values():
            try:
                os.killpg(process.pid, number)
            except (ProcessLookupError, PermissionError):
                continue

    def stop(self) -> None:
        """Ask every process to stop, wait, and make stop what has not; nothing is left behind."""
        self.signal_all(signal.SIGTERM)
        end = time.monotonic() + PATIENCE
        for process in self.processes.values():
            try:
                process.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                continue
        self.signal_all(signal.SIGKILL)
        for process in self.processes.values():
            process.wait()
        for reader in self.readers:
            reader.join(timeout=1)
