"""Closing an account: everything is exported first, what others need is kept, the rest is removed.

The rooms above say, through wiring, what stands in the way (`objectors`) and what they hold (`exporters`).
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, select

from marketplace.accounts import actions
from marketplace.accounts.models import Acceptance, Attempt, Brand, Membership, Organisation, Person, Session
from marketplace.kernel.clock import now
from marketplace.kernel.db import db, lock, many
from marketplace.kernel.errors import Refused, Stale
from marketplace.kernel.events import Event, tell

# Filled by wiring. An objector returns sentences; an exporter a name and rows of JSON values; a remover
# takes private parts away.
objectors: list[Callable[[Person], list[str]]] = []
exporters: dict[str, Callable[[Person], list[dict[str, Any]]]] = {}
removers: list[Callable[[Person], None]] = []


def objections(person: Person) -> list[str]:
    """What must be settled before `person` can close the account, in sentences."""
    found = [sentence for objector in objectors for sentence in objector(person)]
    for organisation in {m.organisation for m in person.memberships if m.role == "owner"}:
        owners = {m.person_id for m in organisation.members if m.role == "owner"}
        others = {m.person_id for m in organisation.members} - {person.id}
        if owners == {person.id} and others:
            found.append(f"{organisation.name} needs another owner before you go.")
    return found


def export(person: Person) -> bytes:
    """A ZIP of everything the marketplace knows of `person`, as JSON, one file a kind."""
    parts = {"account": account_of, "events": events_of, **exporters}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, exporter in parts.items():
            archive.writestr(
                f"{name}.json", json.dumps(exporter(person), indent=2, ensure_ascii=False, default=str)
            )
    return made.getvalue()


def account_of(person: Person) -> list[dict[str, Any]]:
    """The account itself, its roles, sessions and accepted terms."""
    accepted = many(select(Acceptance).where(Acceptance.person_id == person.id))
    open_sessions = many(select(Session).where(Session.person_id == person.id))
    return [
        {
            "name": person.name,
            "email": person.email,
            "since": person.created_at,
            "time_zone": person.timezone,
            "roles": [f"{m.role} of {m.organisation.name}" for m in person.memberships],
            "terms": [{"version": a.version, "at": a.created_at} for a in accepted],
            "sessions": [{"at": s.created_at, "agent": s.agent, "address": s.address} for s in open_sessions],
        }
    ]


def events_of(person: Person) -> list[dict[str, Any]]:
    """What `person` did."""
    rows = many(select(Event).where(Event.by_id == person.id).order_by(Event.number))
    return [{"what": row.name, "to": row.subject, "at": row.at} for row in rows]


def close(person: Person, *, by: Person) -> None:
    """Close an account for good. Money, delivered texts and reviews stay, under `Former member`."""
    lock(person)
    if person.closed_at is not None:
        raise Stale("This account is closed already.")
    # Two owners who leave at the same moment must not each count on the other.
    for organisation in sorted({m.organisation for m in person.memberships}, key=lambda row: row.id):
        lock(organisation)
        db.session.expire(organisation, ["members"])
    found = objections(person)
    if found:
        raise Refused(" ".join(found), status=409)
    tell("person.closed", person, by=by)
    for remove in removers:
        remove(person)
    for organisation in sole_organisations(person):
        organisation.closed_at = now()
    # A brand without an accountable editor publishes no brief until its owner names one.
    for brand in many(select(Brand).where(Brand.accountable_editor_id == person.id)):
        brand.accountable_editor_id = None
    db.session.execute(delete(Membership).where(Membership.person_id == person.id))
    db.session.execute(delete(Attempt).where(Attempt.email_key == person.email_key))
    actions.end_links(person)
    actions.end_sessions(person)
    person.name, person.email = "Former member", f"closed-{uuid4().hex}@invalid"
    person.email_key, person.password_hash, person.closed_at = person.email, "!", now()
    db.session.flush()
    db.session.expire(person, ["memberships"])


def sole_organisations(person: Person) -> list[Organisation]:
    """The businesses that nobody else acts for: they close with the account."""
    return [
        o for o in {m.organisation for m in person.memberships} if len({m.person_id for m in o.members}) == 1
    ]
