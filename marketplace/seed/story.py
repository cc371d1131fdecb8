"""When things happened: the files' days ago as moments, and the one list of happenings in their order."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from marketplace.kernel import clock, jobs, sweep
from marketplace.kernel.db import db

WORLD = Path(__file__).parent / "world"
# Of a day's hours, those in which people act; "today" is fitted into the last hours before now.
MORNING, EVENING = 8.0, 19.0
TODAY = timedelta(hours=5)
JUST_NOW = timedelta(minutes=10)
SWEEPS = (12, 20)

Told = dict[str, Any]
Deed = Callable[[], Any]


def told(kind: str) -> list[Told]:
    """What the files of world/<kind>/ say, by the names of the files."""
    return [tomllib.loads(file.read_text()) for file in sorted((WORLD / kind).glob("*.toml"))]


def kind(word: str) -> str:
    """The kind of piece that a file means: scripts are of one kind with captions."""
    return "caption" if word == "script" else word


@dataclass(frozen=True)
class Happening:
    """One deed at its moment; each is a transaction of its own."""

    at: datetime
    title: str
    do: Deed


@dataclass
class Story:
    """All that happens, and the moment from which it is told. `now` is taken once, so that days agree."""

    now: datetime
    happenings: list[Happening] = field(default_factory=list)
    # Before the first brief there is no deadline to fire.
    quiet_until: datetime | None = None

    def ago(self, days: float, hour: float) -> datetime:
        """The moment `days` whole days ago at `hour` (UTC, 8 to 19); for today, some time in the last hours."""
        if days >= 1:
            midnight = (self.now - timedelta(days=int(days))).replace(
                hour=0, minute=0, second=0, microsecond=0
            )
            return midnight + timedelta(hours=hour)
        part = (min(max(hour, MORNING), EVENING) - MORNING) / (EVENING - MORNING)
        return self.now - TODAY + (TODAY - JUST_NOW) * part

    def day(self, days: float) -> date:
        """The calendar day so many days ago; a negative number lies ahead."""
        return (self.now - timedelta(days=days)).date()

    def tell(self, days: float, hour: float, title: str, do: Deed) -> None:
        """Put a deed into the list."""
        self.happenings.append(Happening(self.ago(days, hour), title, do))

    def run(self, say: Callable[[str], None]) -> int:
        """Let everything happen in order. say: hears of each whole month. Returns how many deeds there were."""
        moved = None
        for happening in sorted(self.happenings, key=lambda one: one.at):
            if moved is not None:
                self.pass_time(moved, happening.at)
            if moved is None or moved.month != happening.at.month:
                say(f"{happening.at:%B %Y}")
            forward(happening.at)
            happen(happening)
            moved = happening.at
        if moved is not None:
            self.pass_time(moved, self.now)
        return len(self.happenings)

    def pass_time(self, start: datetime, end: datetime) -> None:
        """Fire the deadlines between two moments, some times a day, as the worker's sweep would have."""
        start = max(start, self.quiet_until or start)
        midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
        while midnight <= end:
            for hour in SWEEPS:
                if start < (moment := midnight + timedelta(hours=hour)) <= end:
                    forward(moment)
                    sweep.sweep()
                    db.session.remove()
                    jobs.drain()
            midnight += timedelta(days=1)


def happen(happening: Happening) -> None:
    """Do one deed, then everything that follows from it after commit."""
    try:
        with jobs.transaction():
            happening.do()
    except Exception as error:
        error.add_note(f"While the seed told: {happening.title}, {happening.at:%d %B %Y %H:%M}")
        raise
    finally:
        db.session.remove()
    jobs.drain()


def forward(moment: datetime) -> None:
    """Move the clock to `moment`, but never back behind what has happened already."""
    clock.move_to(max(moment, clock.now()) if clock.shift() else moment)
