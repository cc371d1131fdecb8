"""Which workers are alive: each slot beats, and a live one takes over what a silent one left."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.kernel.clock import shift
from marketplace.kernel.db import Base, db, many

EVERY = timedelta(seconds=5)
SILENT_AFTER = timedelta(seconds=60)


class Heartbeat(Base, kw_only=True, eq=False, repr=False):
    """The last sign of life of one worker slot, by the machine's own clock."""

    __tablename__ = "kernel_heartbeat"

    slot: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


def machine_now() -> datetime:
    """The machine's own time: a shifted clock must not make a living worker look dead."""
    from marketplace.kernel.clock import now

    return now() - shift()


def beat(slot: str) -> None:
    """Say that `slot` is alive."""
    row = db.session.get(Heartbeat, slot)
    if row is None:
        db.session.add(Heartbeat(slot=slot, at=machine_now()))
    else:
        row.at = machine_now()


def is_anyone_alive() -> bool:
    """Whether some worker gave a sign of life lately."""
    latest = db.session.scalar(select(Heartbeat.at).order_by(Heartbeat.at.desc()).limit(1))
    return latest is not None and machine_now() - latest < SILENT_AFTER


def take_over(slot: str) -> list[str]:
    """The slots that fell silent. Each is handed to exactly one living worker: the one that removes its row."""
    silent = many(
        select(Heartbeat.slot).where(Heartbeat.slot != slot, Heartbeat.at < machine_now() - SILENT_AFTER)
    )
    taken = []
    for other in silent:
        removed = db.session.execute(delete(Heartbeat).where(Heartbeat.slot == other))
        if removed.rowcount == 1:  # type: ignore[attr-defined]
            taken.append(other)
    return taken
