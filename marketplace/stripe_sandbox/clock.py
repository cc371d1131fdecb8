"""The time, in the two forms Stripe writes it. The sandbox lives in real time."""

import time
from datetime import UTC, datetime


def now() -> int:
    """Seconds since 1970, as v1 objects carry them."""
    return int(time.time())


def iso(seconds: int | None = None) -> str:
    """The same moment as v2 objects carry it: `2026-08-26T10:00:00.000Z`."""
    moment = datetime.fromtimestamp(now() if seconds is None else seconds, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
