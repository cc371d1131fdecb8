"""One turn: a thing to do, to wait for, or done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

LATELY = timedelta(days=30)
MOST = 30  # turns shown of one pile


@dataclass(frozen=True)
class Turn:
    """One thing to do, to wait for, or done. pile: yours, waiting or done. at: the deadline, or when it was."""

    pile: str
    text: str
    href: str
    meta: str = ""
    at: datetime | None = None


def quoted(title: str) -> str:
    """A title inside a sentence."""
    return f"‘{title}’"
