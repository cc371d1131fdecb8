"""Bringing a database to the present: our tables by Alembic, the job tables by DBOS.

Both are imported where they are used: no web process needs them.
"""

from __future__ import annotations

from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from marketplace.config import ROOT, settings
from marketplace.kernel.db import db


def config() -> Any:
    """Alembic's configuration, without a file of its own."""
    from alembic.config import Config

    found = Config()
    found.set_main_option("script_location", str(ROOT / "migrations").replace("%", "%%"))
    found.set_main_option("sqlalchemy.url", settings().database_url.replace("%", "%%"))
    return found


def upgrade(app: Flask) -> None:
    """Migrate the database of `app` to the newest version, and make the job tables."""
    from alembic import command

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


@click.command("migrate")
@with_appcontext
def migrate() -> None:
    """Bring the database to the present."""
    upgrade(current_app._get_current_object())  # type: ignore[attr-defined]
    click.echo("The database is up to date.")
