"""A bell: work that waits as rows is begun soon after they were put in, many rows by one job.

A row that waits is the promise; the bell only makes it quick. Ringing for every row would cost more than the row:
so a ring opens a pause, short when it was calm and longer in a storm, and all that comes meanwhile is done by the
one job at its end. A ring that is lost with its process is made up for by the job's own schedule.
"""

from __future__ import annotations

import logging
import threading
import time

from flask import current_app

from marketplace.kernel.http import Marketplace
from marketplace.kernel.jobs import later, transaction

log = logging.getLogger(__name__)

# Seconds. Tests set PAUSE to 0, and the job is enqueued at once.
PAUSE, STORM, CALM = 0.05, 0.5, 1.0

_armed: set[str] = set()
_rung: dict[str, float] = {}
_lock = threading.Lock()


def ring(name: str) -> None:
    """Have job `name` done soon. To be called after what it works on was committed, with nothing pending."""
    app: Marketplace = current_app._get_current_object()  # type: ignore[attr-defined]
    with _lock:
        if name in _armed:
            return
        _armed.add(name)
        calm = time.monotonic() - _rung.get(name, -CALM) >= CALM
    if PAUSE:
        waiting = threading.Timer(PAUSE if calm else STORM, _enqueue, (app, name))
        waiting.daemon = True
        waiting.start()
    else:
        _enqueue(app, name)


def _enqueue(app: Marketplace, name: str) -> None:
    with _lock:
        _armed.discard(name)
        _rung[name] = time.monotonic()
    try:
        with app.app_context(), transaction():
            later(name)
    except Exception:
        log.exception("the bell for %s was not heard; its schedule makes up for it", name)
