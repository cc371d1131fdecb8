"""The migrations make exactly the tables that the models declare, and can all be taken back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from pysqlite3 import dbapi2

from marketplace.kernel.db import Base
from tests.postgres import Cluster

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    """An empty database of the kind that TEST_DATABASE names."""
    if os.environ.get("TEST_DATABASE") != "postgresql":
        made = sa.create_engine(f"sqlite:///{tmp_path / 'empty.sqlite'}", module=dbapi2)
        yield made
        made.dispose()
        return
    cluster, name = Cluster.shared(os.environ.get("TEST_POSTGRES_URL", "")), f"empty_{uuid4().hex}"
    cluster.create(name)
    made = sa.create_engine(cluster.url(name))
    yield made
    made.dispose()
    cluster.drop(name)
    cluster.stop()


def alembic(connection: sa.Connection) -> Config:
    """The project's Alembic, on `connection`."""
    config = Config(toml_file=ROOT / "pyproject.toml")
    config.attributes["connection"] = connection
    return config


def test_the_migrations_make_the_tables_of_the_models(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        command.upgrade(alembic(connection), "head")
    with engine.begin() as connection:
        command.check(alembic(connection))
        assert "alembic_version" in sa.inspect(connection).get_table_names()


def checks(engine: sa.Engine) -> dict[str, dict[str, str]]:
    """Every check constraint by table and name; Alembic does not compare these."""
    inspector = sa.inspect(engine)
    tables = set(inspector.get_table_names()) - {"alembic_version"}
    return {
        table: {str(check["name"]): check["sqltext"] for check in inspector.get_check_constraints(table)}
        for table in tables
    }


def test_the_migrations_check_what_the_models_check(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        command.upgrade(alembic(connection), "head")
    migrated = checks(engine)
    with engine.begin() as connection:
        command.downgrade(alembic(connection), "base")
        Base.metadata.create_all(connection)
    declared = checks(engine)
    assert {name: migrated.get(name) for name in declared} == declared


def test_a_model_without_a_migration_is_noticed(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        command.upgrade(alembic(connection), "head")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE contracts_forgotten (id INTEGER PRIMARY KEY)"))
        with pytest.raises(Exception, match="contracts_forgotten"):
            command.check(alembic(connection))


def test_the_job_engines_tables_are_left_alone(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        command.upgrade(alembic(connection), "head")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE workflow_status (id INTEGER PRIMARY KEY)"))
        command.check(alembic(connection))


def test_every_migration_can_be_taken_back(engine: sa.Engine) -> None:
    for revision in ("head", "base", "head"):
        with engine.begin() as connection:
            verb = command.downgrade if revision == "base" else command.upgrade
            verb(alembic(connection), revision)
        if revision == "base":
            left = set(sa.inspect(engine).get_table_names())
            assert left <= {"alembic_version"}
