"""What happened: one append-only table that is audit trail, activity feed, dispute evidence and
the source of notifications. `tell` is how a verb says what it did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Integer, Select, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.kernel.clock import now
from marketplace.kernel.db import Base, db


class Event(Base, kw_only=True, eq=False, repr=False):
    """One thing that happened. Never changed, never removed."""

    __tablename__ = "kernel_event"

    # The order of telling: clocks may step back, numbers do not.
    number: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True, init=False
    )
    name: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str] = mapped_column(index=True)
    stream: Mapped[str] = mapped_column(index=True)
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts_person.id"), index=True)
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]]


class Subject(Protocol):
    """Anything with a name of the form `milestone:<uuid>`."""

    @property
    def subject(self) -> str: ...


class Actor(Protocol):
    """Whoever does a thing: a person. None means the marketplace's own clock."""

    @property
    def id(self) -> UUID: ...


_TELL = insert(Event).returning(Event.number)

Hearer = Callable[[Event], None]

# Filled by wiring: who changes state at once on an event, and what is started after commit.
# Tables that the database itself keeps append-only; rooms add theirs.
guarded: list[str] = ["kernel_event"]
# What create_all cannot make (triggers, full-text tables): dialect -> statements.
extra_ddl: list[Callable[[str], list[str]]] = []

hearers: dict[str, list[Hearer]] = {}
after_commit: list[Hearer] = []


def tell(
    name: str, subject: Subject, *, by: Any | None, stream: Subject | str | None = None, **data: Any
) -> Event:
    """Record that `name` (past tense, `room_noun.verbed`) happened to `subject`, done by `by`.

    stream: the larger thing whose feed shows it (a contract for its milestones); the subject itself
    when left out. data: JSON values worth keeping; never secrets. The hearers run at once in the same
    transaction; one that fails undoes everything.
    """
    about = stream if isinstance(stream, str | None) else stream.subject
    happened = Event(
        name=name,
        subject=subject.subject,
        stream=about or subject.subject,
        by_id=by.id if by is not None else None,
        at=now(),
        data=data,
    )
    # Past the session: it is never changed, and nobody reads it as one of the session's objects in this transaction.
    db.session.flush()
    told = {name: getattr(happened, name) for name in ("name", "subject", "stream", "by_id", "at", "data")}
    happened.number = db.session.connection().execute(_TELL, told).scalar_one()
    for hearer in hearers.get(name, []):
        hearer(happened)
    for starter in after_commit:
        starter(happened)
    return happened


def feed(*streams: str) -> Select[Event]:
    """What happened in `streams`, newest first."""
    return select(Event).where(Event.stream.in_(streams)).order_by(Event.number.desc())


_REFUSE = (
    "CREATE OR REPLACE FUNCTION kernel_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$"
)


def append_only(table: str, dialect: str) -> list[str]:
    """The statements by which the database itself refuses to change or remove a row of `table`.

    dialect: `sqlite` or `postgresql`. Migrations run them when they make the table.
    """
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        _REFUSE,
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change()",
    ]
