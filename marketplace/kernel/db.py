"""The database, and the only place that commits.

One request is one transaction: `commit` is called by `kernel.http` after an answer below 400, by
`own_transaction` and by the steps of jobs and commands. Verbs never commit.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast
from uuid import UUID, uuid4

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    CheckConstraint,
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Select,
    Table,
    Text,
    TypeDecorator,
    Uuid,
    event,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry

from marketplace.kernel.clock import now
from marketplace.kernel.errors import Missing, Stale
from marketplace.kernel.turns import Turns

T = TypeVar("T")


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, aware in Python on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("A moment needs a zone: use kernel.clock.now().")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True, eq=False, repr=False):
    """The root of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: Moment(),
        str: Text(),
        UUID: Uuid(),
        dict[str, Any]: Json,
        list[str]: Json,
        list[dict[str, Any]]: Json,
    }


class Row(Base, kw_only=True, eq=False, repr=False):
    """A table whose rows are known by an unguessable id and the moment they were made."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4, init=False)
    created_at: Mapped[datetime] = mapped_column(default_factory=now, init=False)

    @property
    def subject(self) -> str:
        """How other rooms name this row without knowing its table: `milestone:<uuid>`."""
        return f"{type(self).__name__.lower()}:{self.id}"


db = SQLAlchemy(metadata=Base.metadata)


def one_of(column: str, *values: str) -> CheckConstraint:
    """A named constraint: `column` holds one of `values`."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def find(statement: Select[T]) -> T | None:
    """The row `statement` finds, or None. `statement` must already say what the person may see."""
    return db.session.scalars(statement).unique().one_or_none()


def one(statement: Select[T]) -> T:
    """The row `statement` finds. Raises Missing (404) when there is none."""
    row = find(statement)
    if row is None:
        raise Missing
    return row


def many(statement: Select[T]) -> list[T]:
    """The rows `statement` finds, in its order."""
    return list(db.session.scalars(statement).unique())


def add(row: T) -> T:
    """Put a new row into the transaction, and say so to the database at once.

    Raises Stale when a unique or check constraint says that somebody was faster.
    """
    db.session.add(row)
    flush()
    return row


def flush() -> None:
    """Send what is pending. Raises Stale when a constraint refuses it: somebody acted first."""
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Stale("Somebody was faster, or this was sent twice: please look at the page again.") from error


def lock(row: T) -> T:
    """Read `row` again and hold it until the transaction ends, so that its state can be trusted.

    What it is related to is read again too, when it is looked at.
    """
    db.session.flush()
    db.session.expire(row)
    # "Of" this table only: the row may have been loaded with outer joins, which PostgreSQL cannot lock. Its key is
    # left to others (key_share): rows that only point to it are written meanwhile, and nobody waits in a ring for that.
    db.session.refresh(row, with_for_update={"of": type(row), "key_share": True})
    return row


def alone_with(name: str) -> None:
    """Hold `name` until the transaction ends, where there is no row to lock. Writers on SQLite are alone anyway."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def insert_new(table: type[Base], values: dict[str, Any] | list[dict[str, Any]]) -> Any:
    """An INSERT that leaves rows which are already there as they are."""
    return inserting(cast("Table", table.__table__)).values(values)


def inserting(table: Table, *returned: str) -> Any:
    """The same without values, made once: for rows that are put in past the session, where every moment counts.

    returned: columns that tell whether the row is new; nothing comes back of one that was there.
    """
    return _inserting(table, db.engine.dialect.name, returned)


@cache
def _inserting(table: Table, dialect: str, returned: tuple[str, ...]) -> Any:
    kind = sqlite if dialect == "sqlite" else postgresql
    made = kind.insert(table).on_conflict_do_nothing()
    return made.returning(*(table.c[name] for name in returned)) if returned else made


def put(table: Table, values: dict[str, Any], returned: str) -> Any:
    """Put one row in by itself, at once and for good, unless it is there already.

    For what must last whatever else happens, where every moment counts: it has its own short transaction, past
    the session, whose own is let go of first (nothing may be pending in it). Returns the column `returned` of a
    new row, and None for one that was there.
    """
    _let_go()
    token = reading.set(False)
    try:
        with db.engine.connect().execution_options(**_SINGLE[db.engine.dialect.name]) as connection:
            return connection.scalar(inserting(table, returned), values)
    finally:
        reading.reset(token)


# One statement is a transaction by itself: nothing has to begin or end it.
_SINGLE: dict[str, Any] = {"sqlite": {"single": True}, "postgresql": {"isolation_level": "AUTOCOMMIT"}}


def commit() -> None:
    """Make the transaction last. The kernel's alone to call."""
    try:
        db.session.commit()
    except IntegrityError as error:
        db.session.rollback()
        raise Stale("Somebody was faster, or this was sent twice: please look at the page again.") from error
    except BaseException:
        db.session.rollback()
        raise


def rollback() -> None:
    """Undo everything since the last commit."""
    db.session.rollback()


@contextmanager
def own_transaction() -> Iterator[None]:
    """A transaction apart from the request's, for what must last whatever the answer: attempts, logs.

    Lets go of the request's transaction first (nothing may be pending in it), since SQLite has one
    writer and would wait for itself.
    """
    _let_go()
    token = reading.set(False)
    try:
        yield
        commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        reading.reset(token)


def _let_go() -> None:
    if not db.session.registry.has():
        return
    if db.session.new or db.session.dirty:
        raise RuntimeError("What is pending in the request's transaction would be lost.")
    db.session.rollback()


# GET and HEAD read without taking SQLite's write lock.
reading: ContextVar[bool] = ContextVar("reading", default=False)

IDLE = 1.0  # seconds

SQLITE_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000")


def engine_options(url: str) -> dict[str, Any]:
    """What `create_engine` needs for `url`: pysqlite3's newer SQLite, or a checked PostgreSQL pool."""
    if not url.startswith("sqlite"):
        return {"pool_size": 10, "max_overflow": 10, "skip_autocommit_rollback": True}
    import pysqlite3.dbapi2

    if pysqlite3.dbapi2.sqlite_version_info < (3, 51, 3):
        raise RuntimeError("This SQLite can lose commits in WAL mode: install pysqlite3 0.6.1 or newer.")
    return {"module": pysqlite3.dbapi2, "pool_size": 10, "max_overflow": 10}


def prepare(engine: Engine) -> None:
    """Teach an SQLite engine honest transactions: writers begin IMMEDIATE, one after the other; readers do not."""
    if engine.dialect.name != "sqlite":
        _ask_the_idle(engine)
        return
    turns = Turns(Path(engine.url.database or ""))

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in SQLITE_PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        if reading.get():
            connection.exec_driver_sql("BEGIN")
            return
        if "turn" not in connection.info:
            connection.info["turn"] = turns.take()
        if not connection.get_execution_options().get("single"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(engine, "checkin")
    def on_checkin(_connection: Any, record: Any) -> None:
        turn = record.info.pop("turn", None)
        if turn is not None:
            turns.give_back(turn)


def _ask_the_idle(engine: Engine) -> None:
    """A connection that lay unused is asked whether it still is one; the pool replaces it if not."""

    @event.listens_for(engine, "checkout")
    def on_checkout(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("used", -IDLE) >= IDLE:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as error:
                raise DisconnectionError from error

    @event.listens_for(engine, "checkin")
    def on_checkin(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["used"] = time.monotonic()


def is_busy(error: DBAPIError) -> bool:
    """Whether it failed only for now: locked, deadlocked, not serialisable, or the connection was lost."""
    code = getattr(error.orig, "sqlstate", None)
    refused = code in {"40P01", "40001", "55P03"} or "database is locked" in str(error.orig)
    return refused or error.connection_invalidated


def is_crossed(error: DBAPIError) -> bool:
    """Whether the database undid a transaction because it and others waited for each other: once more, it works."""
    return getattr(error.orig, "sqlstate", None) in {"40P01", "40001"}
