"""`flask --app app search …`: making the index anew."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from marketplace.search import indexing

cli = AppGroup("search", help="The search index.")


@cli.command("rebuild")
def rebuild() -> None:
    """Read every professional and every brief again."""
    profiles, briefs = indexing.rebuild()
    click.echo(f"Read again: {profiles} professionals, {briefs} briefs.")
