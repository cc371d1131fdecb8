"""Bringing a database to the present: our tables by Alembic, the job tables by DBOS."""

from __future__ import annotations

from typing import Any

import click
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from flask import Flask, current_app
from flask.cli import with_appcontext

from marketplace.config import ROOT, settings
from marketplace.kernel.db import Base, db


def config() -> Config:
    """Alembic's configuration, without a file of its own."""
    found = Config()
    found.set_main_option("script_location", str(ROOT / "migrations").replace("%", "%%"))
    found.set_main_option("sqlalchemy.url", settings().database_url.replace("%", "%%"))
    return found


def upgrade(app: Flask) -> None:
    """Migrate the database of `app` to the newest version, and make the job tables."""
    if not list((ROOT / "migrations" / "versions").glob("*.py")):
        return first(app)
    command.upgrade(config(), "head")
    make_job_tables(app)


def make_job_tables(app: Flask) -> None:
    """DBOS's own tables. It opens an SQLite file with Python's own library: while a connection of ours
    (another library) has the file open, that would drop our locks and remove our write-ahead log."""
    from dbos import DBOS

    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    DBOS.migrate(settings().database_url)


def first(app: Flask) -> None:
    """Interim until the first migration is written: tables straight from the models."""
    from marketplace.kernel.events import append_only, extra_ddl, guarded

    with app.app_context():
        db.create_all()
        with db.engine.begin() as connection:
            for table in guarded:
                for statement in append_only(table, db.engine.dialect.name):
                    connection.exec_driver_sql(statement)
            for make in extra_ddl:
                for statement in make(db.engine.dialect.name):
                    connection.exec_driver_sql(statement)
    make_job_tables(app)


def differences() -> list[Any]:
    """What the models have and the database lacks, or the other way; empty when they agree."""
    from migrations.tables import include_object

    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": include_object, "compare_type": True}
        )
        return list(compare_metadata(context, Base.metadata))


@click.command("migrate")
@with_appcontext
def migrate() -> None:
    """Bring the database to the present."""
    upgrade(current_app._get_current_object())  # type: ignore[attr-defined]
    click.echo("The database is up to date.")
