"""How Alembic meets our database: one migration at a time, all or nothing.

It opens `sqlalchemy.url` of the configuration, else DATABASE_URL, unless the caller hands over a
connection inside a transaction in `config.attributes["connection"]`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.engine import Connection

from marketplace.kernel.db import Base, Json, Moment
from marketplace.wiring import import_models
from migrations.tables import include_object

LOCK = 4_242_001  # any number, the same in every release


def render_item(kind: str, thing: object, autogen: AutogenContext) -> str | Literal[False]:
    """Write our own column types as what they are in the database, so that no migration imports us."""
    if kind == "type" and isinstance(thing, Moment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and thing is Json:
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")'
    return False


def wait_for_turn(connection: Connection) -> None:
    """Two servers that start at once must not both migrate; SQLite's own file lock sees to that itself."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def migrate(connection: Connection) -> None:
    """Run what was asked for on `connection`, in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        include_object=include_object,
        render_item=render_item,
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        wait_for_turn(connection)
        context.run_migrations()


def begin(connection: Connection) -> None:
    """SQLite's driver would leave changes of tables outside the transaction."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def opened() -> sa.Engine:
    """An engine of our own; on SQLite without foreign keys: a table made anew must not empty its children."""
    root = Path(__file__).resolve().parent.parent
    default = os.environ.get("DATABASE_URL", f"sqlite:///{root}/var/dev.sqlite")
    url = context.config.get_alembic_option("sqlalchemy.url", default)
    if not url.startswith("sqlite"):
        return sa.create_engine(url)
    from pysqlite3 import dbapi2

    engine = sa.create_engine(url, module=dbapi2, isolation_level="AUTOCOMMIT")
    sa.event.listen(engine, "begin", begin)
    return engine


import_models()
given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    engine = opened()
    with engine.begin() as own:
        migrate(own)
    engine.dispose()
