"""The one sweep: fires every deadline that has passed, each once.

A deadline is a column compared with the clock; firing it is a verb that checks again under a lock, so a
sweep that runs twice, or late, changes nothing more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select

from marketplace.kernel.clock import now
from marketplace.kernel.db import many, rollback
from marketplace.kernel.errors import Refused
from marketplace.kernel.jobs import transaction

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Deadline:
    """name: for logs. due: the ids whose moment has come. fire: the verb, given one id."""

    name: str
    due: Callable[[datetime], Select[UUID]]
    fire: Callable[[UUID], None]


# Filled by wiring.
deadlines: list[Deadline] = []


def sweep() -> None:
    """Fire all that is due, each in a transaction of its own; one that fails does not stop the rest."""
    for deadline in deadlines:
        ids = many(deadline.due(now()))
        rollback()
        for row_id in ids:
            try:
                with transaction():
                    deadline.fire(row_id)
            except Refused as refused:
                log.info("%s %s: %s", deadline.name, row_id, refused.sentence)
            except Exception:
                log.exception("%s %s failed; the next sweep tries again", deadline.name, row_id)
