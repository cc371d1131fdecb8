"""That an admin looked at private things is told, once an hour and thing, whatever room shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask import Response, request
from sqlalchemy import select

from marketplace.accounts.access import viewer
from marketplace.accounts.models import Person
from marketplace.kernel.clock import now
from marketplace.kernel.db import many, own_transaction
from marketplace.kernel.events import Event, tell

# The part of an address that names a private thing, and the noun of that thing.
PRIVATE = {
    "person_id": "person",
    "contract_id": "contract",
    "piece_id": "piece",
    "proposal_id": "proposal",
    "holding_id": "holding",
    "payment_id": "payment",
}
EVERY = timedelta(hours=1)


@dataclass(frozen=True)
class Named:
    """A thing known by its name only."""

    subject: str


def note(answer: Response) -> Response:
    """After a page: record that an admin saw it. Runs outside the page's transaction."""
    seen = request.view_args or {}
    things = [f"{noun}:{seen[part]}" for part, noun in PRIVATE.items() if isinstance(seen.get(part), UUID)]
    if request.method == "GET" and answer.status_code == 200 and things:
        person = viewer()
        if person is not None and person.is_admin:
            for thing in things:
                record(thing, person)
    return answer


def record(thing: str, by: Person) -> None:
    """Tell that an admin looked at `thing`; once an hour is enough."""
    recent = select(Event.number).where(
        Event.name == "admin.read", Event.subject == thing, Event.by_id == by.id, Event.at > now() - EVERY
    )
    if not many(recent.limit(1)):
        tell_apart("admin.read", thing, by)


def tell_apart(name: str, thing: str, by: Person, **data: str) -> None:
    """Tell in a transaction of its own, apart from the parties' feeds."""
    with own_transaction():
        tell(name, Named(thing), by=by, stream="admin", **data)
