"""Numbers have no gap and no double, whoever asks at the same moment, and whoever is killed while asking."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from marketplace.config import settings
from marketplace.kernel.db import commit, db, many, rollback
from marketplace.kernel.jobs import perform, transaction
from marketplace.payments import documents
from marketplace.payments.actions import release
from marketplace.payments.check_papers import RULES, numbers_have_no_gaps
from marketplace.payments.ledger import Entry
from marketplace.payments.numbering import next_number
from marketplace.payments.papers import Document
from tests import make
from tests.payments.conftest import again
from tests.payments.papering import funded, numbers

WIDE = 8
# A worker without DBOS: makes the papers of the contracts named, as often as asked.
MAKER = """
import sys
from marketplace import create_app
from marketplace.kernel.jobs import perform
with create_app().app_context():
    print("ready", flush=True)
    for stream in sys.argv[1:]:
        perform("payments.documents", stream)
        print("made", flush=True)
"""


def at_once(app: Any, *acts: Any) -> None:
    """Do all `acts` at the same moment, each in a thread and an application context of its own."""
    gate = threading.Barrier(len(acts))

    def run(act: Any) -> None:
        with app.app_context():
            gate.wait()
            act()
            db.session.remove()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def sold(number: int) -> list[str]:
    """The streams of `number` contracts of one business, each with money held and released."""
    org, streams = make.business(), []
    for _ in range(number):
        on = funded(org=org)
        release(again(on), 20000, by=None, reason="Approved", request_id="a")
        commit()
        streams.append(again(on).stream)
    db.session.remove()
    return streams


def whole() -> bool:
    """Whether every number is there once, and papers say what the ledger says."""
    return [sentence for rule in RULES for sentence in rule()] == []


def test_each_issuer_and_year_counts_by_itself(app: Any) -> None:
    given = [next_number(issuer, year) for issuer, year in
             [("platform", 2026), ("platform", 2026), ("person:a", 2026), ("platform", 2027)]]  # fmt: skip
    assert given == [1, 2, 1, 1]


def test_a_number_that_was_not_used_is_given_again(app: Any) -> None:
    assert next_number("platform", 2026) == 1
    rollback()
    assert next_number("platform", 2026) == 1


def test_eight_at_once_make_each_paper_once_and_leave_no_gap(app: Any) -> None:
    streams = sold(WIDE)
    at_once(app, *(lambda stream=stream: perform("payments.documents", stream) for stream in streams))
    assert numbers("platform") == list(range(1, 2 * WIDE + 1))
    assert whole()


def test_eight_at_once_on_the_same_contract_make_each_paper_once(app: Any) -> None:
    (stream,) = sold(1)
    at_once(app, *[lambda: perform("payments.documents", stream)] * WIDE)
    assert many(select(Document.kind).order_by(Document.made_at)) == ["receipt", "invoice", "fee_invoice"]
    assert whole()


def test_some_fail_at_once_and_no_number_is_lost(app: Any) -> None:
    sold(WIDE)
    ids = many(select(Entry.id).where(Entry.kind == "fund"))
    rollback()

    def make_or_fail(entry_id: UUID, fails: bool) -> None:
        with pytest.raises(ZeroDivisionError) if fails else transaction():
            _make(entry_id, fails)

    at_once(app, *(lambda i=i, key=key: make_or_fail(key, i % 2 == 0) for i, key in enumerate(ids)))
    assert numbers("platform") == list(range(1, WIDE // 2 + 1))


def _make(entry_id: UUID, fails: bool) -> None:
    if not fails:
        return documents.make(entry_id)
    with transaction():
        documents.make(entry_id)
        raise ZeroDivisionError


@pytest.mark.nightly
def test_processes_that_are_killed_while_numbering_leave_no_gap(app: Any) -> None:
    streams, dice = sold(60), random.Random(7)
    for _ in range(4):
        started = [maker(dice.sample(streams, len(streams))) for _ in range(WIDE)]
        for process in started:
            killed(process, after=dice.randrange(15))
        assert list(numbers_have_no_gaps()) == []
        rollback()
    for stream in streams:
        perform("payments.documents", stream)
    assert numbers("platform") == list(range(1, 121))
    assert whole()


def maker(streams: list[str]) -> subprocess.Popen[bytes]:
    """A process that makes papers; returned when it is about to begin."""
    here = settings()
    environment = {**os.environ, "DATABASE_URL": here.database_url, "BLOB_DIR": str(here.blob_dir)}
    process = subprocess.Popen(
        [sys.executable, "-c", MAKER, *streams], env=environment, stdout=subprocess.PIPE
    )
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    return process


def killed(process: subprocess.Popen[bytes], after: int) -> None:
    """Kill a maker when it has made the papers of `after` contracts; it is in the midst of the next then."""
    assert process.stdout
    for _ in range(after):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.communicate()
