"""`flask stripe`: whether all is set up with Stripe, and which events its endpoints must hear."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from marketplace.config import settings
from marketplace.payments import doctor
from marketplace.payments.doctor_hearing import WANTED

MARKS = {"right": "ok     ", "look": "look   ", "missing": "MISSING"}


@click.group("stripe")
def cli() -> None:
    """The account at Stripe."""


@cli.command("doctor")
@with_appcontext
def examine() -> None:
    """Say in sentences what is right, what to look at and what is missing; exit 1 when something is missing."""
    findings = doctor.examine()
    for found in findings:
        click.echo(f"{MARKS[found.level]} {found.about}: {found.sentence}")
    missing = sum(found.level == "missing" for found in findings)
    if missing:
        click.echo(f"{missing} {'thing is' if missing == 1 else 'things are'} missing.", err=True)
        raise click.exceptions.Exit(1)
    click.echo("Nothing is missing.")


@cli.command("events")
@with_appcontext
def events() -> None:
    """Print the endpoints to make at Stripe: address, setting of the secret, and every event to choose."""
    for wanted in WANTED:
        click.echo(f"For {wanted.who}, to {settings().base_url.rstrip('/')}/webhooks/stripe")
        click.echo(f"its secret into {wanted.setting}:")
        for name in wanted.events:
            click.echo(f"  {name}")
        click.echo("")
