"""The books check themselves: right after honest work, and naming the culprit after any tampering."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text

from marketplace.kernel import jobs
from marketplace.kernel.db import commit, db, many, one
from marketplace.kernel.events import Event
from marketplace.payments.actions import refund, release
from marketplace.payments.check import books, headroom
from marketplace.payments.ledger import Line
from tests import make


def tamper(statement: str) -> None:
    """Change rows behind the back of every trigger, as somebody with the database's password could."""
    if db.engine.dialect.name == "sqlite":
        names = db.session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
        for name in names:
            db.session.execute(text(f"DROP TRIGGER {name}"))
    else:
        db.session.execute(text("SET LOCAL session_replication_role = replica"))
    db.session.execute(text(statement))
    commit()


def worked() -> Any:
    """A holding of which a part was released and a part refunded."""
    on = make.funded()
    release(on, 20000, by=None, reason="Approved", request_id="a")
    refund(on, 10000, by=None, reason="Cancelled", request_id="b")
    commit()
    return on


def run(app: Any) -> Any:
    """`flask books check`."""
    return app.test_cli_runner().invoke(args=["books", "check"])


def test_honest_books_are_right(app: Any) -> None:
    worked()
    result = run(app)
    assert (result.exit_code, books()) == (0, [])
    assert "revenue:platform_fee" in result.output


def test_the_platform_carries_stripes_fee_until_its_own_comes(app: Any) -> None:
    on = make.funded(fee_minor=1422)
    assert [amount.minor for amount in headroom()] == [-1422]
    release(on, 48000, by=None, reason="Approved", request_id="a")
    assert [amount.minor for amount in headroom()] == [4800 - 1422]


@pytest.mark.parametrize(
    ("statement", "culprit"),
    [
        (
            "UPDATE payments_line SET amount_minor = amount_minor + 1 WHERE code = 'expense:stripe_fee'",
            "is off by",
        ),
        ("UPDATE payments_holding SET released_minor = released_minor - 1", "released, but its releases sum"),
        ("UPDATE payments_holding SET funded_minor = funded_minor - 1", "funded, but payments brought"),
        ("UPDATE payments_holding SET refunded_minor = refunded_minor - 1", "refunded, but its refunds sum"),
        ("UPDATE payments_ledger_account SET balance = balance - 1 WHERE hi = 0", "but its lines sum to"),
        (
            "UPDATE payments_release SET fee_minor = fee_minor - 1, net_minor = net_minor + 1",
            "with its amount and fee",
        ),
        ("UPDATE payments_holding SET fee_minor = fee_minor - 1", "not the fee of the whole"),
        ("UPDATE payments_release SET state = 'paid', transfer_id = 'tr_1'", "called paid"),
        ("UPDATE payments_refund SET state = 'succeeded'", "pending in refunds"),
        ("UPDATE payments_payment SET charge_id = 'ch_other'", "is not in the ledger with its amount"),
    ],
)
def test_tampering_is_named(app: Any, statement: str, culprit: str) -> None:
    worked()
    tamper(statement)
    result = run(app)
    assert result.exit_code == 1
    assert culprit in result.output + result.stderr


def test_lines_are_named_by_their_entry(app: Any) -> None:
    on = worked()
    assert db.session.scalars(select(Line).where(Line.code == f"held:{on.id}")).all()
    tamper(f"DELETE FROM payments_line WHERE code = 'held:{on.id}'")
    assert any("the ledger holds $0.00" in sentence for sentence in books())


def test_the_night_tells_what_is_broken_and_is_silent_otherwise(app: Any) -> None:
    worked()
    jobs.perform("payments.check")
    assert many(select(Event).where(Event.name == "books.broken")) == []
    tamper("UPDATE payments_holding SET released_minor = released_minor - 1")
    jobs.perform("payments.check")
    told = one(select(Event).where(Event.name == "books.broken"))
    assert "Four posts" in told.data["sentences"][0]
