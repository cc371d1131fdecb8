"""The bell: many rings are one job, and a ring that is lost is made up for."""

from __future__ import annotations

import threading
from typing import Any

from sqlalchemy import text

from marketplace.kernel import bell, jobs
from marketplace.kernel.db import db, rollback
from marketplace.payments import webhook
from marketplace.payments.models import Webhook


def waiting(name: str) -> int:
    """How many jobs of a kind wait."""
    rollback()
    schema = "" if db.engine.dialect.name == "sqlite" else "dbos."
    counted = text(f"SELECT count(*) FROM {schema}workflow_status WHERE name = :name AND status = 'ENQUEUED'")
    return int(db.session.scalar(counted, {"name": name}) or 0)


def event(number: int) -> dict[str, Any]:
    """A message about an intent."""
    return {"id": f"evt_{number}", "object": "event", "type": "payment_intent.succeeded", "livemode": False,
            "data": {"object": {"id": f"pi_{number}"}}}  # fmt: skip


def test_many_messages_are_taken_in_by_one_job(app: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(bell, "PAUSE", 3600)
    for number in range(9):
        webhook.keep("platform", event(number))
    (pause,) = [one for one in threading.enumerate() if isinstance(one, threading.Timer)]
    pause.cancel()
    pause.function(*pause.args)  # what it does at its end, without the wait
    assert (waiting("payments.take_in"), waiting("payments.inbox")) == (1, 0)
    jobs.perform("payments.take_in")
    assert waiting("payments.inbox") == 9
    jobs.perform("payments.take_in")
    assert waiting("payments.inbox") == 9


def test_a_message_whose_ring_was_lost_is_taken_in_by_the_schedule(app: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(bell, "ring", lambda name: None)
    webhook.keep("platform", event(1))
    assert waiting("payments.take_in") == 0
    assert "payments.take_in" in jobs.schedules
    jobs.perform("payments.take_in")
    assert waiting("payments.inbox") == 1


def test_a_bell_that_breaks_breaks_nothing_else(app: Any, monkeypatch: Any) -> None:
    monkeypatch.delitem(jobs.jobs, "payments.take_in")
    webhook.keep("platform", event(1))
    assert db.session.query(Webhook).count() == 1


def test_after_a_ring_the_next_pause_is_longer(app: Any, monkeypatch: Any) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(bell, "PAUSE", 3600)
    monkeypatch.setattr(bell, "STORM", 7200)
    monkeypatch.setattr(bell, "_rung", {})
    for number in range(2):
        webhook.keep("platform", event(number))
        (pause,) = [one for one in threading.enumerate() if isinstance(one, threading.Timer)]
        pauses.append(pause.interval)
        pause.cancel()
        pause.function(*pause.args)
        pause.join()
    assert pauses == [3600, 7200]
