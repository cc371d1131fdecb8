"""Whose tables are ours: what a comparison of models and database looks at."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.schema import SchemaItem

# The job engine keeps its own tables beside ours and migrates them itself (on PostgreSQL in a
# schema of its own, which Alembic does not look into).
JOB_ENGINE_TABLES = {
    "application_versions",
    "datasource_outputs",
    "dbos_migrations",
    "event_dispatch_kv",
    "notifications",
    "operation_outputs",
    "queues",
    "streams",
    "workflow_events",
    "workflow_events_history",
    "workflow_input",
    "workflow_output",
    "workflow_schedules",
    "workflow_status",
}
# Full-text search makes shadow tables behind the one we ask for.
SEARCH_PREFIX = "search_fts"


def is_ours(table: str) -> bool:
    """Whether a table found in the database belongs to our models."""
    return table not in JOB_ENGINE_TABLES and not table.startswith(SEARCH_PREFIX)


def include_object(
    thing: SchemaItem, name: str | None, kind: str, reflected: bool, compare_to: SchemaItem | None
) -> bool:
    """Leave out of every comparison what is in the database and not ours to change."""
    table = thing if isinstance(thing, sa.Table) else getattr(thing, "table", None)
    if not reflected or not isinstance(table, sa.Table):
        return True
    return is_ours(table.name) and not (kind == "index" and (name or "").startswith(SEARCH_PREFIX))
