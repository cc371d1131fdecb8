"""Going to every address as every kind of person, and seeing whether anything changed.

The addresses come from the routes, their ids from rows that `furnish` makes, so a new page is crawled
from the day it is there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from uuid import uuid4

from flask import Flask, url_for
from sqlalchemy import select, text
from werkzeug.routing import Rule

from marketplace.accounts.models import Person
from marketplace.kernel.clock import now
from marketplace.kernel.db import Base, commit, db
from marketplace.payments import documents
from tests import make

# What is written while looking: side tables that nobody sees as a change.
SIDE: dict[str, set[str]] = {"accounts_session": {"seen_at"}}
SIDE_TABLES = {"talent_opening"}
# That staff looked at what is private is an event of its own transaction.
LOOKED = {"admin.exported", "admin.read"}

KINDS = ("stranger", "newcomer", "party", "other", "owner", "viewer", "rival", "suspended", "reader", "admin")


class World(NamedTuple):
    """One person of each kind, and the values that addresses take."""

    people: dict[str, Person | None]
    values: dict[str, str]


def furnish() -> World:
    """A marketplace in which one contract is under way between `owner` and `party`."""
    org, rival = make.business(), make.business("Rival Roasters", "Rita Rival")
    party, other = make.professional(), make.professional("Otto Other")
    newcomer = make.professional("Nell Newcomer", admitted=False)
    make.proposal(make.brief(org), party)
    make.application(newcomer)
    make.working(org, party)
    documents.make_everything()
    suspended = make.person("Sven Suspended", suspended_at=now(), suspended_reason="Payment fraud.")
    people = {
        "stranger": None,
        "newcomer": newcomer.person,
        "party": party.person,
        "other": other.person,
        "owner": make.owner_of(org),
        "viewer": make.member(org, "viewer"),
        "rival": make.owner_of(rival),
        "suspended": suspended,
        "reader": make.staff("reader", "Rosa Reader"),
        "admin": make.staff("admin"),
    }
    commit()
    return World(people, {"handle": party.handle})


def value_of(name: str, kind: str, world: World) -> str:
    """Something for `<kind:name>` in an address: the id of a made row where one is meant."""
    if name in world.values:
        return world.values[name]
    if kind == "IntegerConverter":
        return "1"
    if kind != "UUIDConverter":
        return "no-such-thing"
    noun = name.removesuffix("_id")
    for table in Base.metadata.sorted_tables:
        if table.name.partition("_")[2] == noun:
            found = db.session.scalar(select(table.c.id).order_by(table.c.created_at).limit(1))
            return world.values.setdefault(name, str(found or uuid4()))
    return str(uuid4())


def addresses(app: Flask, world: World, method: str = "GET") -> Iterator[tuple[Rule, str]]:
    """Every route that takes `method`, and an address of it with real ids."""
    with app.test_request_context():
        for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.rule):
            if method not in (rule.methods or ()) or rule.endpoint == "static":
                continue
            kinds = {name: type(converter).__name__ for name, converter in rule._converters.items()}
            values: dict[str, Any] = {name: value_of(name, kind, world) for name, kind in kinds.items()}
            yield rule, url_for(rule.endpoint, **values, _method=method)


def fingerprint() -> str:
    """One number for every row of every table, but for what is noted while looking."""
    db.session.rollback()
    digest = hashlib.sha256()
    for table in Base.metadata.sorted_tables:
        if table.name in SIDE_TABLES:
            continue
        seen = [column for column in table.c if column.name not in SIDE.get(table.name, set())]
        wanted = (
            select(*seen).where(table.c.name.not_in(LOOKED))
            if table.name == "kernel_event"
            else select(*seen)
        )
        rows = sorted(repr(tuple(row)) for row in db.session.execute(wanted))
        digest.update(f"{table.name}{rows}".encode())
    schema = "" if db.engine.dialect.name == "sqlite" else "dbos."
    jobs = db.session.scalar(text(f"SELECT count(*) FROM {schema}workflow_status"))
    db.session.rollback()
    return f"{digest.hexdigest()} {jobs}"


def unchanged(act: Callable[[], Any]) -> bool:
    """Whether `act` leaves every row as it was."""
    before = fingerprint()
    act()
    return fingerprint() == before
