"""Eight processes of their own that fire shots: two web servers share nothing but the database.

One process loads the application and forks eight before it has opened a connection or begun a thread.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.races.volleys import WIDE, Outcome, Shot

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90  # seconds: SQLite's own wait for its one writer is 30


class Elsewhere:
    """The eight processes, from this side."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        pairs = [socket.socketpair() for _ in range(WIDE)]
        numbers = [theirs.fileno() for _, theirs in pairs]
        command = [sys.executable, "-m", "tests.races.elsewhere", *map(str, numbers)]
        self.process = subprocess.Popen(command, cwd=ROOT, env=dict(environment), pass_fds=numbers)
        self.lines = []
        for ours, theirs in pairs:
            theirs.close()
            ours.settimeout(PATIENCE)
            self.lines.append(ours.makefile("rw"))
            ours.close()

    def fire(self, shots: Sequence[Shot], waits: Sequence[float]) -> list[Outcome]:
        """Fire each shot in another process, all at the same moment."""
        chosen = list(zip(self.lines, shots, waits, strict=False))
        for line, shot, wait in chosen:
            _say(line, {**shot.plain(), "wait": wait})
        for line, _, _ in chosen:
            _hear(line)
        for line, _, _ in chosen:
            _say(line, "go")
        return [Outcome(**_hear(line)) for line, _, _ in chosen]

    def stop(self) -> None:
        """End the processes; their connections end with them."""
        for line in self.lines:
            line.close()
        self.process.wait(timeout=30)


def _say(line: Any, what: Any) -> None:
    line.write(json.dumps(what) + "\n")
    line.flush()


def _hear(line: Any) -> Any:
    heard = line.readline()
    if not heard:
        raise RuntimeError("A process of the race ended by itself.")
    return json.loads(heard)


def serve(line: Any) -> None:
    """In one of the eight: fire what is asked, until the asker is gone."""
    import time

    from marketplace import create_app
    from tests.races.volleys import fire, spin

    app = create_app()
    while heard := line.readline():
        asked = json.loads(heard)
        wait = asked.pop("wait")

        def start(wait: float = wait) -> None:
            _say(line, "ready")
            _hear(line)
            spin(time.perf_counter() + wait)

        with app.app_context():
            outcome = fire(Shot(**asked), start)
        _say(line, asdict(outcome))


def main(numbers: list[int]) -> None:
    """Load everything once, then be eight."""
    import marketplace.wiring
    from tests.races import kinds  # noqa: F401  (so that the acts are known)

    marketplace.wiring.import_models()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    children = []
    for number in numbers:
        if not (child := os.fork()):
            for other in numbers:
                if other != number:
                    os.close(other)
            serve(socket.socket(fileno=number).makefile("rw"))
            os._exit(0)
        children.append(child)
    for number in numbers:
        os.close(number)
    for child in children:
        os.waitpid(child, 0)


if __name__ == "__main__":
    main([int(number) for number in sys.argv[1:]])
