"""The ledger: append-only entries of lines that sum to zero in each currency. The database keeps both rules.

A line's amount is signed: debit +, credit -. Codes name an account and its owner, `held:<holding id>`:
assets stripe:balance, dispute_held:, receivable:; liabilities held:, payable:, refund_pending:, unapplied:;
income revenue:platform_fee; expense:; memo:. Corrections are entries that reverse others.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Table,
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.kernel import events
from marketplace.kernel.clock import now
from marketplace.kernel.db import Base, db, find, inserting
from marketplace.payments import ledger_rules

# (least, most) of the accounts that may not be overdrawn. Only these carry a cached balance: caching
# stripe:balance would make every two postings wait for each other.
BOUNDS: dict[str, tuple[int | None, int | None]] = {
    "held": (None, 0),
    "payable": (None, 0),
    "refund_pending": (None, 0),
    "unapplied": (None, 0),
    "dispute_held": (0, None),
    "receivable": (0, None),
}
# What is owed to others: what stands at Stripe should cover it.
OWED = ("held", "payable", "refund_pending", "unapplied")
Lines = dict[str, int]


class LedgerAccount(Base, kw_only=True, eq=False, repr=False):
    """One account in one currency; its balance is kept here only where it is bounded."""

    __tablename__ = "payments_ledger_account"
    __table_args__ = (
        CheckConstraint("lo IS NULL OR balance >= lo", name="not_below"),
        CheckConstraint("hi IS NULL OR balance <= hi", name="not_above"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    balance: Mapped[int] = mapped_column(BigInteger, default=0)
    lo: Mapped[int | None] = mapped_column(BigInteger, default=None)
    hi: Mapped[int | None] = mapped_column(BigInteger, default=None)


class Posted(Base, kw_only=True, eq=False, repr=False):
    """That an entry is complete. Its insert is refused unless the entry's lines sum to zero."""

    __tablename__ = "payments_posted"

    entry_id: Mapped[UUID] = mapped_column(primary_key=True)


class Entry(Base, kw_only=True, eq=False, repr=False):
    """One thing that happened to money. The deferred key to Posted forbids committing it unposted.

    external_id: Stripe's id, or our row's, so that the same thing is never entered twice.
    """

    __tablename__ = "payments_entry"
    __table_args__ = (
        UniqueConstraint("kind", "external_id"),
        ForeignKeyConstraint(["id"], ["payments_posted.entry_id"], deferrable=True, initially="DEFERRED"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)
    kind: Mapped[str]
    external_id: Mapped[str]
    at: Mapped[datetime] = mapped_column(default_factory=now, index=True)
    stream: Mapped[str] = mapped_column(index=True)
    holding_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("payments_holding.id"), index=True, default=None
    )


class Line(Base, kw_only=True, eq=False, repr=False):
    """One account's part of an entry."""

    __tablename__ = "payments_line"
    __table_args__ = (
        CheckConstraint("amount_minor <> 0", name="amount"),
        ForeignKeyConstraint(
            ["code", "currency"], ["payments_ledger_account.code", "payments_ledger_account.currency"]
        ),
    )

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("payments_entry.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(index=True)
    currency: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)


def post(
    kind: str, external_id: str, currency: str, lines: Lines, *, stream: str, holding_id: UUID | None = None
) -> bool:
    """Enter `lines` (account code to signed minor units) under `kind` and `external_id`.

    Returns False, and changes nothing, when that was entered before. Raises IntegrityError when an account
    would be overdrawn or the lines do not sum to zero.
    """
    db.session.flush()
    # Past the session: nobody reads these rows as objects in this transaction, and a release waits for them.
    connection, entry_id = db.session.connection(), uuid4()
    values = {"id": entry_id, "kind": kind, "external_id": external_id, "at": now(), "stream": stream,
              "holding_id": holding_id}  # fmt: skip
    if connection.scalar(inserting(ENTRIES, "id"), values) is None:
        return False
    kept = {code: amount for code, amount in lines.items() if amount}
    # In the order of their codes, as the trigger locks them, so that two postings never wait in a ring.
    if kept:
        connection.execute(inserting(ACCOUNTS), [_account(code, currency) for code in sorted(kept)])
        rows = [
            {
                "entry_id": entry_id,
                "number": number,
                "code": code,
                "currency": currency,
                "amount_minor": amount,
            }
            for number, (code, amount) in enumerate(kept.items())
        ]
        connection.execute(ADD_LINES, rows)
    connection.execute(ADD_POSTED, {"entry_id": entry_id})
    return True


def is_entered(kind: str, external_id: str) -> bool:
    """Whether this was entered before."""
    return find(select(Entry.id).where(Entry.kind == kind, Entry.external_id == external_id)) is not None


def lines_of(kind: str, external_id: str) -> Lines:
    """The lines of an entry; empty when there is none."""
    found = select(Line.code, Line.amount_minor).join(Entry, Entry.id == Line.entry_id)
    mine = found.where(Entry.kind == kind, Entry.external_id == external_id)
    return {code: amount for code, amount in db.session.execute(mine).all()}


def reversed_lines(lines: Lines) -> Lines:
    """The lines that undo `lines`."""
    return {code: -amount for code, amount in lines.items()}


def balance_of(code: str, currency: str) -> int:
    """What stands in an account that carries its balance, in minor units; debit is positive."""
    mine = (LedgerAccount.code == code, LedgerAccount.currency == currency)
    return db.session.scalar(select(LedgerAccount.balance).where(*mine)) or 0


def _account(code: str, currency: str) -> dict[str, Any]:
    lo, hi = BOUNDS.get(code.split(":")[0], (None, None))
    return {"code": code, "currency": currency, "balance": 0, "lo": lo, "hi": hi}


ENTRIES, ACCOUNTS, LINES, POSTED = (
    cast("Table", one.__table__) for one in (Entry, LedgerAccount, Line, Posted)
)
ADD_LINES, ADD_POSTED = LINES.insert(), POSTED.insert()
events.guarded += ["payments_entry", "payments_line", "payments_posted"]
events.extra_ddl.append(ledger_rules.statements)
