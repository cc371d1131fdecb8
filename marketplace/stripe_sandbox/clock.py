"""The time, in the two forms Stripe writes it. It is real time, plus what somebody moved it forward by."""

import time
from datetime import UTC, datetime

_ahead = 0


def now() -> int:
    """Seconds since 1970, as v1 objects carry them."""
    return int(time.time()) + _ahead


def iso(seconds: int | None = None) -> str:
    """The same moment as v2 objects carry it: `2026-08-26T10:00:00.000Z`."""
    moment = datetime.fromtimestamp(now() if seconds is None else seconds, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def set_ahead(seconds: int) -> None:
    """How far the sandbox's clock is before the real one, from now on."""
    global _ahead
    _ahead = seconds
