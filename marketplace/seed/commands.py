"""`flask --app app seed`: fill an empty database with a world. `--list` prints who can sign in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy import event, func, select

from marketplace.accounts.models import Person
from marketplace.config import settings
from marketplace.kernel import clock, jobs
from marketplace.kernel.db import db
from marketplace.kernel.events import Event, tell
from marketplace.seed import cast, people, purse
from marketplace.seed.story import Story
from marketplace.seed.world_told import tell_all

# Role and address of whom a newcomer may want to be.
SIGN_INS = {
    "business, hires and approves": "dana@northgate-transit.example",
    "business, holds the money": "sunita@northgate-transit.example",
    "business, owns a bakery": "nell@marrow-and-rye.example",
    "professional": "ines@writers.example",
    "reader": "theo@staff.example",
    "admin": "maren@staff.example",
}
HALF = (
    "There are people in this database already, and no finished seed. Remove the folder var/ (or empty the "
    "database that DATABASE_URL names) and start again, or set EMPTY=1 to go on without a seed."
)


@click.command("seed")
@click.option("--list", "listing", is_flag=True, help="Print who can sign in, and do nothing else.")
@with_appcontext
def cli(listing: bool) -> None:
    """Fill the empty database with a believable world. Never in production."""
    if listing:
        return sign_ins()
    if settings().environment == "production":
        raise click.ClickException("The seed's people share one known password: it is refused in production.")
    if settings().clock_file is None:
        raise click.ClickException("The seed moves the clock back: set CLOCK_FILE to a file of its own.")
    if finished():
        return click.echo("The world is here already.")
    if anybody():
        raise click.ClickException(HALF)
    if not purse.is_sandbox():
        click.echo(
            "STRIPE_SECRET_KEY is set, so the seed moves no money: its contracts stop where they were signed."
        )
    seed()


def seed() -> None:
    """Let everything happen, from the first appointment to a few minutes ago."""
    began = time.monotonic()
    clock.reset()
    try:
        with hurry():
            story = Story(clock.now())
            tell_all(story)
            number = story.run(lambda month: click.echo(f"  {month}"))
            with jobs.transaction():
                admin = cast.person(SIGN_INS["admin"])
                tell("seed.finished", admin, by=admin)
    finally:
        clock.reset()
    click.echo(f"{number} things happened in {time.monotonic() - began:.0f} seconds.")


@contextmanager
def hurry() -> Iterator[None]:
    """On SQLite, do not wait for the disk: a seed that a power cut spoils is begun again anyway."""
    if db.engine.dialect.name != "sqlite":
        yield
        return
    anew(event.listen)
    try:
        yield
    finally:
        anew(event.remove)


def anew(change: Callable[..., None]) -> None:
    """Change how connections begin, and let go of those that are open."""
    change(db.engine, "connect", unsynchronised)
    db.session.remove()
    db.engine.dispose()


def unsynchronised(connection: Any, _record: Any) -> None:
    """Tell a new connection not to wait."""
    connection.execute("PRAGMA synchronous=OFF")


def finished() -> bool:
    """Whether a seed ran to its end in this database."""
    return bool(db.session.scalar(select(func.count()).where(Event.name == "seed.finished")))


def anybody() -> bool:
    """Whether somebody has an account here."""
    return bool(db.session.scalar(select(func.count()).select_from(Person)))


def sign_ins() -> None:
    """Print role, address and password of a few people, if they are here."""
    for role, email in SIGN_INS.items():
        if people.here(email):
            click.echo(f"  {email:32} {settings().seed_password:24} {role}")
