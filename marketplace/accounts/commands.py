"""`flask --app app people …`: the first staff of an empty marketplace."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from marketplace.accounts import actions
from marketplace.accounts.models import STAFF, by_email
from marketplace.kernel.db import commit, find
from marketplace.kernel.text import key

cli = AppGroup("people", help="People and staff.")


@cli.command("appoint")
@click.argument("email")
@click.argument("staff", type=click.Choice([*STAFF, "nobody"]))
def appoint(email: str, staff: str) -> None:
    """Make the person with this address an admin, a reader, or nobody."""
    person = find(by_email(key(email)))
    if person is None:
        raise click.ClickException(f"Nobody has signed up as {email}. They do so first, at /sign-up.")
    actions.appoint(person, "" if staff == "nobody" else staff, by=None)
    commit()
    click.echo(f"{person.name} is {staff} now.")
