"""`flask books`: whether the books are right, and whether Stripe's agree with them."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask.cli import with_appcontext

from marketplace.kernel.db import many
from marketplace.payments import check, reconcile, stripe
from marketplace.payments.outside import Difference
from marketplace.payments.reconcile_causes import CAUSES
from marketplace.payments.reconcile_differences import still_open


@click.group("books")
def cli() -> None:
    """The ledger."""


@cli.command("check")
@with_appcontext
def check_books() -> None:
    """Print what stands in each kind of account; exit 1 and name each broken rule and open difference."""
    for kind, amount in check.sums_by_kind():
        click.echo(f"{kind:<24} {amount}")
    for amount in check.headroom():
        warning = "  Top up: Stripe's fees were taken before ours came." if amount.minor < 0 else ""
        click.echo(f"{'headroom':<24} {amount}{warning}")
    broken = check.books()
    for sentence in broken:
        click.echo(sentence, err=True)
    differing = many(still_open())
    _name(differing)
    if broken or differing:
        raise click.exceptions.Exit(1)
    click.echo("The books are right.")


@cli.command("reconcile")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="The first day to compare. Left out: everything."
)
@with_appcontext
def reconcile_books(since: datetime | None) -> None:
    """Compare the books with Stripe's; exit 1 and name each open difference, 2 when Stripe does not answer."""
    try:
        tally = reconcile.run(since.replace(tzinfo=UTC) if since else None)
    except stripe.Unreachable as reason:
        click.echo(f"Stripe does not answer, so the comparison is not finished: {reason}", err=True)
        raise click.exceptions.Exit(2) from reason
    new = f"{tally.new} new {'difference' if tally.new == 1 else 'differences'}"
    click.echo(f"Compared {tally.read:,} objects: {new}, {tally.heard} heard late, {tally.closed} over.")
    differing = many(still_open())
    _name(differing)
    if differing:
        raise click.exceptions.Exit(1)
    click.echo("Stripe's books and ours agree.")


def _name(differing: list[Difference]) -> None:
    for row in differing:
        click.echo(f"{CAUSES[row.cause].words}: {row.sentence}", err=True)
