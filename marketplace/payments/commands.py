"""`flask books check`: whether the books are right, for operators and the night."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from marketplace.payments import check


@click.group("books")
def cli() -> None:
    """The ledger."""


@cli.command("check")
@with_appcontext
def check_books() -> None:
    """Print what stands in each kind of account; exit 1 and name each broken rule."""
    for kind, amount in check.sums_by_kind():
        click.echo(f"{kind:<24} {amount}")
    for amount in check.headroom():
        warning = "  Top up: Stripe's fees were taken before ours came." if amount.minor < 0 else ""
        click.echo(f"{'headroom':<24} {amount}{warning}")
    broken = check.books()
    for sentence in broken:
        click.echo(sentence, err=True)
    if broken:
        raise click.exceptions.Exit(1)
    click.echo("The books are right.")
