"""`flask --app app access`: who may come in where, read from the routes themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, cast

import click
from flask import current_app
from flask.cli import with_appcontext

from marketplace.kernel.http import Marketplace

# The application's own addresses, beside those of the rooms.
OPEN = {"static", "healthz"}

PREAMBLE = """# Who may come in where

Made by `flask --app app access > docs/ACCESS.md` from the routes; a test compares the two.

An audience opens the door only. What is behind it is found by queries that already know who asks (what
one may not see is 404), and every act asks again who may do it.

| Audience | Who |
|---|---|
| anyone | strangers too |
| person | whoever is signed in |
| verified | signed in; acting needs a proved e-mail address and no suspension |
| settling | as verified, but the suspended too: they bring to an end what is open |
| reader | readers of applications, and admins; for others there is nothing (404) |
| admin | admins; for others there is nothing (404) |
| signature | a program that signs what it sends; the only door without a form token |

| Address | Methods | Audience | Password again | Endpoint |
|---|---|---|---|---|
"""


class Door(NamedTuple):
    """One route. audience is empty when the view forgot to name one."""

    address: str
    methods: tuple[str, ...]
    audience: str
    fresh: bool
    endpoint: str

    def line(self) -> str:
        """This door as a row of the table."""
        again = "when acting" if self.fresh else ""
        return (
            f"| `{self.address}` | {' '.join(self.methods)} | {self.audience} | {again} | {self.endpoint} |"
        )


def doors(app: Marketplace) -> list[Door]:
    """Every way into `app`, by address."""
    signed = [
        Door(address, ("POST",), "signature", False, door.hear.__module__.removeprefix("marketplace."))
        for address, door in app.doors.items()
    ]
    return sorted([*_routes(app), *signed], key=lambda one: (one.address, one.endpoint))


def _routes(app: Marketplace) -> Iterator[Door]:
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        audience = "anyone" if rule.endpoint in OPEN else getattr(view, "audience", "")
        methods = tuple(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        yield Door(rule.rule, methods, audience, getattr(view, "fresh", False), rule.endpoint)


def markdown(app: Marketplace) -> str:
    """The access matrix as it stands in docs/ACCESS.md."""
    return PREAMBLE + "".join(f"{door.line()}\n" for door in doors(app))


@click.command("access")
@with_appcontext
def access() -> None:
    """Print who may come in at which address, as Markdown."""
    click.echo(markdown(cast(Marketplace, current_app)), nl=False)
