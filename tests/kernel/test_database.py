"""The database's own rules: append-only tables, honest transactions, one commit."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from marketplace.config import Settings
from marketplace.kernel import clock, jobs
from marketplace.kernel import db as kernel_db
from marketplace.kernel.db import commit, db, is_busy, own_transaction
from marketplace.kernel.events import tell
from marketplace.kernel.text import canonical, slug
from tests import make

ON_SQLITE = os.environ.get("TEST_DATABASE", "sqlite") == "sqlite"


@pytest.mark.parametrize("wish", ["UPDATE kernel_event SET name = 'x'", "DELETE FROM kernel_event"])
def test_what_happened_cannot_be_changed(app: Any, wish: str) -> None:
    somebody = make.person()
    tell("person.waved", somebody, by=somebody)
    commit()
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(text(wish))
    db.session.rollback()


def test_a_transaction_apart_refuses_to_lose_what_is_pending(app: Any) -> None:
    somebody = make.person()
    somebody.name = "Changed"
    with pytest.raises(RuntimeError, match="would be lost"), own_transaction():
        pass


def test_a_job_that_nobody_does_is_refused_at_once(app: Any) -> None:
    with pytest.raises(KeyError, match="wiring"):
        jobs.later("nobody.does_this")


def test_the_same_key_is_one_job(app: Any, work: Any) -> None:
    for _ in range(2):
        jobs.later("kernel.sweep", key="once")
    commit()
    assert work() == 1


def test_a_busy_database_is_told_from_a_broken_one() -> None:
    locked = DBAPIError("x", {}, Exception("database is locked"))
    broken = DBAPIError("x", {}, Exception("no such table"))
    lost = DBAPIError("x", {}, Exception("server closed the connection"), connection_invalidated=True)
    assert [is_busy(locked), is_busy(lost), is_busy(broken)] == [True, True, False]


@pytest.mark.skipif(ON_SQLITE, reason="SQLite has no server that could end a connection")
def test_a_connection_that_died_while_it_lay_unused_is_replaced(app: Any, monkeypatch: Any) -> None:
    db.session.remove()
    db.engine.dispose()  # so that the pool holds the one that dies, and no other
    mine = db.session.scalar(text("SELECT pg_backend_pid()"))
    db.session.remove()
    with create_engine(db.engine.url, poolclass=NullPool).connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": mine})
    monkeypatch.setattr(kernel_db, "IDLE", 0.0)
    assert db.session.scalar(text("SELECT pg_backend_pid()")) != mine


def test_a_moment_needs_a_zone(app: Any) -> None:
    somebody = make.person()
    somebody.verified_at = datetime(2026, 1, 1)
    with pytest.raises(Exception, match="needs a zone"):
        db.session.flush()
    db.session.rollback()


def test_business_days_leave_out_the_weekend() -> None:
    friday = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert clock.business_days_after(friday, 1) == friday + timedelta(days=3)


def test_what_is_signed_has_one_form() -> None:
    assert canonical({"b": "é\r\n", "a": [1, True, None]}) == '{"a":[1,true,null],"b":"é\\n"}'.encode()
    with pytest.raises(TypeError, match="no canonical form"):
        canonical({"a": 1.5})
    assert slug("Ines Ökafor & Söhne") == "ines-okafor-sohne"


SAFE: dict[str, Any] = {
    "environment": "production",
    "secret_key": "x" * 40,
    "base_url": "https://notanecho.example",
    "payments_mode": "stripe",
    "stripe_secret_key": "sk_test_x",
    "stripe_webhook_secret": "whsec_x",
}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"secret_key": "short"}, "SECRET_KEY"),
        ({"base_url": "http://notanecho.example"}, "BASE_URL"),
        ({"payments_mode": "sandbox"}, "PAYMENTS_MODE"),
        ({"clock_file": "var/clock"}, "CLOCK_FILE"),
        ({"stripe_webhook_secret": ""}, "STRIPE_WEBHOOK_SECRET"),
        ({"stripe_secret_key": "sk_live_x", "payments_mode": "sandbox"}, "live Stripe key"),
    ],
)
def test_an_unsafe_production_refuses_to_start(wrong: dict[str, Any], sentence: str) -> None:
    assert Settings(**SAFE).secure
    with pytest.raises(ValidationError, match=sentence):
        Settings(**{**SAFE, **wrong})


def test_the_sandbox_loads_nothing_of_the_application() -> None:
    code = (
        "import sys, marketplace.stripe_sandbox.server as s\n"
        "loaded = [n for n in sys.modules if n.startswith('marketplace.') and 'stripe_sandbox' not in n]\n"
        "print(loaded, 'flask' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] False"
