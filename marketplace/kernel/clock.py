"""The one clock. Every deadline is compared with `now()`, never with the machine's own time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from marketplace.config import settings


def now() -> datetime:
    """The present moment in UTC, moved by the seconds in CLOCK_FILE when that setting is given.

    The file lets every process of a test or a seed share one shifted clock; production refuses it
    by leaving the setting empty.
    """
    return datetime.now(UTC) + shift()


def shift() -> timedelta:
    """How far the clock stands from the machine's own time."""
    file = settings().clock_file
    if file is None:
        return timedelta(0)
    try:
        return timedelta(seconds=float(file.read_text()))
    except (FileNotFoundError, ValueError):
        return timedelta(0)


def move_to(moment: datetime) -> None:
    """Set the shared clock so that `now()` is `moment`. Raises RuntimeError outside tests and seeding."""
    file = settings().clock_file
    if file is None:
        raise RuntimeError("The clock can be moved only where CLOCK_FILE is set.")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(str((moment - datetime.now(UTC)).total_seconds()))


def reset() -> None:
    """Bring the shared clock back to the machine's own time."""
    file = settings().clock_file
    if file is not None:
        file.unlink(missing_ok=True)


def today() -> date:
    """The calendar day in UTC."""
    return now().date()


def business_days_after(start: datetime, number: int) -> datetime:
    """The moment `number` business days (Monday to Friday) after `start`."""
    moment, left = start, number
    while left:
        moment += timedelta(days=1)
        left -= moment.weekday() < 5
    return moment
