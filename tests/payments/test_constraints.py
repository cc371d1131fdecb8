"""What the database itself refuses, whoever writes: the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from marketplace.kernel.db import commit, db, rollback
from marketplace.kernel.errors import Refused
from marketplace.payments.ledger import Line, post
from marketplace.payments.models import Allocation, Holding, Payment, StripeCall
from marketplace.payments.outbox import ask
from tests import make

KEY = uuid4()


def enter(lines: dict[str, int], currency: str = "usd") -> None:
    """An entry of these lines."""
    post("trial", "1", currency, lines, stream="contract:trial")


def run(statement: str) -> None:
    """One statement, past the models."""
    db.session.execute(text(statement))


def two_payments(on: Holding) -> None:
    """A second live payment for a holding that has one."""
    paid = Payment(organisation_id=on.organisation_id, stream=on.stream, currency="usd", amount_minor=1,
                   by_id=on.payee_id)  # fmt: skip
    db.session.add(paid)
    db.session.flush()
    db.session.add(Allocation(payment_id=paid.id, holding_id=on.id, amount_minor=1))


def two_calls(on: Holding) -> None:
    """Two open calls for one intent."""
    ask("trial", KEY, {})
    db.session.add(StripeCall(op="trial", ref_id=KEY, epoch=1, idem_key="other", params={}))


def unposted(on: Holding) -> None:
    """An entry that nobody posts: seen when the transaction ends."""
    key = str(uuid4()) if db.engine.dialect.name == "postgresql" else uuid4().hex
    run(
        "INSERT INTO payments_entry (id, kind, external_id, at, stream) "
        f"VALUES ('{key}', 'trial', '9', '2026-11-01 00:00:00', 'x')"
    )


def one_more_line(on: Holding) -> None:
    """A line for an entry that is posted."""
    old = db.session.query(Line).filter_by(code=f"held:{on.id}").one()
    db.session.add(Line(entry_id=old.entry_id, number=9, code=old.code, currency="usd", amount_minor=1))


def twice(on: Holding) -> None:
    """The same charge entered again, past `post`'s own look."""
    run("INSERT INTO payments_entry SELECT id, kind, external_id, at, stream, holding_id FROM payments_entry")


def changed_call(on: Holding) -> None:
    """Other parameters under the same key."""
    row = ask("trial", KEY, {"amount": 1})
    row.params = {"amount": 2}


FORBIDDEN: dict[str, Callable[[Holding], Any]] = {
    "an uneven entry": lambda on: enter({"stripe:balance": 5, f"held:{on.id}": -4}),
    "an empty entry": lambda on: enter({}),
    "more than is held": lambda on: enter({f"held:{on.id}": 48001, f"payable:{on.payee_id}": -48001}),
    "an entry never posted": unposted,
    "a changed line": lambda on: run("UPDATE payments_line SET amount_minor = 1"),
    "a removed line": lambda on: run("DELETE FROM payments_line"),
    "a removed entry": lambda on: run("DELETE FROM payments_entry"),
    "a line added later": one_more_line,
    "the same entry twice": twice,
    "more released than funded": lambda on: run("UPDATE payments_holding SET released_minor = 48001"),
    "more spent than funded": lambda on: run(
        "UPDATE payments_holding SET released_minor = 30000, refunded_minor = 30000"
    ),
    "more funded than agreed": lambda on: run("UPDATE payments_holding SET funded_minor = 48001"),
    "two live payments": two_payments,
    "two open calls": two_calls,
    "changed parameters": changed_call,
}  # fmt: skip


def and_commit(deed: Callable[[], Any]) -> None:
    """Do it, and make it last."""
    deed()
    commit()


@pytest.mark.parametrize("deed", FORBIDDEN)
def test_the_database_refuses(app: Any, deed: str) -> None:
    on = make.funded()
    with pytest.raises((DBAPIError, Refused)):
        and_commit(lambda: FORBIDDEN[deed](on))
    rollback()


def test_currencies_do_not_mix_in_one_account(app: Any) -> None:
    on = make.funded()
    lines = {f"held:{on.id}": 100, "stripe:balance": -100}
    with pytest.raises((DBAPIError, Refused)):
        and_commit(lambda: post("trial", "2", "eur", lines, stream=on.stream))
    rollback()
