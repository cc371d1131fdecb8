"""The worker makes PDFs in a queue of their own, so that nothing quick waits for them; a killed one is made up for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from marketplace.kernel import jobs
from marketplace.kernel.db import commit, db, many, one
from marketplace.kernel.text import sha256
from marketplace.payments import pdf
from marketplace.payments.papers import Document
from tests import make
from tests.payments.papering import papers
from tests.test_worker import until, worker

__all__ = ["worker"]


def unmade() -> int:
    """How many papers have no PDF."""
    return db.session.scalar(select(func.count()).where(Document.pdf_key == "")) or 0


def test_the_worker_makes_what_waits_even_when_it_was_killed(app: Any, worker: Any) -> None:
    org = make.business()
    for _ in range(4):
        papers(make.funded(make.holding(org)))
    first = worker()
    until(lambda: unmade() < 4)
    first.kill()
    first.wait()
    worker()
    until(lambda: unmade() == 0)
    assert all(sha256(pdf.stored(row)) == row.pdf_sha256 for row in many(select(Document)))


def test_draining_leaves_the_slow_part_to_the_worker(app: Any, work: Any) -> None:
    papers(make.funded())
    commit()
    work()
    assert unmade() == 1
    jobs.perform("payments.paper", str(one(select(Document.id))))
    assert unmade() == 0
