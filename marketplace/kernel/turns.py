"""Turns at writing, for SQLite: whoever waits goes on as soon as the writer before is done.

SQLite has one writer. Left to itself, whoever finds it busy sleeps for up to a tenth of a second and asks again,
which wastes the writer and can starve the unlucky. So threads of one process queue at a lock, and the first of
each process asks for a lock of the file system (which a killed process loses) every fifth of a millisecond. It is a
courtesy only: who has waited too long, or writes from elsewhere, meets SQLite's own lock as before.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path

PATIENCE, BLINK = 30.0, 0.0002  # seconds


class Turns:
    """The queue of one process for the writer of the database in `file`."""

    def __init__(self, file: Path) -> None:
        self.file = file.with_name(f"{file.name}-turn")
        self.front = threading.Lock()

    def take(self) -> int | None:
        """Wait for a turn. Returns what `give_back` needs; None when none came in time."""
        end = time.monotonic() + PATIENCE
        if not self.front.acquire(timeout=PATIENCE):
            return None
        try:
            turn = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:  # Too many files are open: without a turn, and the queue goes on.
            self.front.release()
            return None
        while time.monotonic() < end:
            try:
                fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(BLINK)
            else:
                return turn
        os.close(turn)
        self.front.release()
        return None

    def give_back(self, turn: int) -> None:
        """Let the next one write."""
        os.close(turn)
        self.front.release()
