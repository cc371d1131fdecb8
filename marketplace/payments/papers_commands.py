"""`flask documents`, for operators: statements of a year, what jobs missed, proof that PDFs come out alike."""

from __future__ import annotations

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from marketplace.kernel.db import many
from marketplace.kernel.errors import Refused
from marketplace.kernel.jobs import transaction
from marketplace.kernel.text import sha256
from marketplace.payments import documents, pdf, yearly
from marketplace.payments.papers import Document


@click.group("documents")
def cli() -> None:
    """Invoices, receipts, credit notes and statements."""


@cli.command("year")
@click.argument("number", type=click.IntRange(2020, 9998))
@with_appcontext
def year(number: int) -> None:
    """Make the statements of one year that are missing."""
    try:
        made = yearly.make_all(number)
    except Refused as refused:
        raise click.ClickException(refused.sentence) from refused
    click.echo(f"{made} statements of {number} made.")


@cli.command("make")
@with_appcontext
def make() -> None:
    """Make every paper that the ledger waits for, however old; then every PDF."""
    made = documents.make_everything()
    click.echo(f"The papers of {made} entries made.")
    unmade = many(select(Document.id).where(Document.pdf_key == ""))
    for key in unmade:
        pdf.make_job(str(key))
    click.echo(f"{len(unmade)} PDFs made.")


@cli.command("again")
@with_appcontext
def again() -> None:
    """Make every PDF anew beside the stored one, and exit 1 when any differs by a byte."""
    with transaction():
        rows = many(select(Document).where(Document.pdf_key != "").order_by(Document.made_at))
        differing = [
            row for row in rows if not sha256(pdf.render(row)) == row.pdf_sha256 == sha256(pdf.stored(row))
        ]
    for row in differing:
        click.echo(f"{row.data['heading']} {row.label} ({row.id}) is not what it was.", err=True)
    if differing:
        raise click.exceptions.Exit(1)
    click.echo(f"All {len(rows)} PDFs are the same bytes when they are made again.")
