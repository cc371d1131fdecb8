"""The two databases behind the tests, each emptied between tests in a few milliseconds."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from sqlalchemy import text

from marketplace.kernel.db import db
from marketplace.kernel.http import Marketplace
from marketplace.kernel.migrations import upgrade


class Database(Protocol):
    """What the fixtures need of a database."""

    url: str

    def prepare(self, app: Marketplace) -> None: ...
    def empty(self, app: Marketplace) -> None: ...
    def close(self) -> None: ...


class Sqlite:
    """A file, copied back from its empty template for every test."""

    def __init__(self, place: Path) -> None:
        self.file, self.template = place / "test.sqlite", place / "empty.sqlite"
        self.url = f"sqlite:///{self.file}"

    def prepare(self, app: Marketplace) -> None:
        with app.app_context():
            upgrade(app)
            with db.engine.connect() as connection:
                connection.commit()
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                connection.exec_driver_sql("BEGIN")
            db.engine.dispose()
        shutil.copyfile(self.file, self.template)

    def empty(self, app: Marketplace) -> None:
        with app.app_context():
            db.engine.dispose()
        for leftover in ("-wal", "-shm"):
            Path(f"{self.file}{leftover}").unlink(missing_ok=True)
        shutil.copyfile(self.template, self.file)

    def close(self) -> None:
        """The folder is removed by its fixture."""


class Postgresql:
    """A database of its own on the test cluster; its rows are removed for every test."""

    def __init__(self) -> None:
        from tests.postgres import Cluster

        self.cluster = Cluster.shared(os.environ.get("TEST_POSTGRES_URL", ""))
        self.name = f"test_{uuid4().hex[:12]}"
        self.cluster.create(self.name)
        self.url = self.cluster.url(self.name)

    def prepare(self, app: Marketplace) -> None:
        with app.app_context():
            upgrade(app)

    def empty(self, app: Marketplace) -> None:
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(text("SET session_replication_role = replica"))
            connection.execute(text(EMPTY))
            connection.execute(text("SET session_replication_role = DEFAULT"))

    def close(self) -> None:
        self.cluster.drop(self.name)
        self.cluster.stop()


# Only tables with rows are touched; triggers that forbid removal are off for this one transaction.
EMPTY = """DO $$ DECLARE found record; filled boolean; BEGIN
FOR found IN SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'dbos')
  AND tablename NOT IN ('alembic_version', 'dbos_migrations', 'payments_currency') LOOP
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I.%I)', found.schemaname, found.tablename) INTO filled;
  IF filled THEN EXECUTE format('DELETE FROM %I.%I', found.schemaname, found.tablename); END IF;
END LOOP; END $$"""


def open_database(kind: str, place: Path) -> Database:
    """The database for `kind`: `sqlite` or `postgresql`."""
    return Postgresql() if kind == "postgresql" else Sqlite(place)
