"""What professionals do with their profile, and what others do with it. Samples are in samples.py."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from marketplace.accounts.models import Organisation, Person
from marketplace.config import rules
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, db, find, flush, lock, many
from marketplace.kernel.errors import Forbidden, Missing, Refused, Stale
from marketplace.kernel.events import tell
from marketplace.kernel.text import slug
from marketplace.talent import boasts
from marketplace.talent.models import KINDS, Profile, Rate, Shortlisting, profile_of
from marketplace.talent.samples import owns, publish

# The fields `describe` may change: a caller cannot reach admission or the handle through it.
DESCRIBED = (
    "name",
    "statement",
    "biography",
    "country",
    "city",
    "timezone",
    "hours",
    "platforms",
    "subjects",
    "registers",
    "languages",
    "free_from",
    "ai_policy",
    "tone",
)
BOASTED = ("statement", "biography", "hours")


def begin(person: Person) -> Profile:
    """Give `person` a profile, with a handle made of the name; returns the one they have, if any."""
    own = find(profile_of(person))
    if own is not None:
        return own
    profile = add(
        Profile(
            person_id=person.id,
            handle=free_handle(person.name),
            name=person.name,
            timezone=person.timezone,
            tone=person.id.int % 12,
        )
    )
    tell("profile.begun", profile, by=person)
    return profile


def free_handle(name: str) -> str:
    """A handle made of `name` that nobody has yet."""
    wanted = slug(name) or "writer"
    taken = set(many(select(Profile.handle).where(Profile.handle.startswith(wanted, autoescape=True))))
    number = 2
    while wanted in taken and f"{wanted}-{number}" in taken:
        number += 1
    return f"{wanted}-{number}" if wanted in taken else wanted


def describe(profile: Profile, *, by: Person, **fields: Any) -> Profile:
    """Change what the profile says. fields: any of DESCRIBED. Refuses boasts of audience."""
    lock(profile)
    owns(profile, by)
    if unknown := set(fields) - set(DESCRIBED):
        raise TypeError(f"A profile cannot be told {', '.join(sorted(unknown))}.")
    for field in BOASTED:
        modest(str(fields.get(field, "")), field)
    for field, value in fields.items():
        setattr(profile, field, value)
    tell("profile.described", profile, by=by, fields=sorted(fields))
    return profile


def modest(text: str, field: str) -> None:
    """Refuse a boast of followers, likes or reach in `field`."""
    if sentence := boasts.note(text):
        raise Refused(sentence, field=field)


def price(profile: Profile, rates: Mapping[str, tuple[int, str]], *, currency: str, by: Person) -> Profile:
    """Set what pieces cost at least. rates: kind of piece -> (minor units of `currency`, what it includes).

    A kind left out is no longer offered. Refuses an empty list, a zero price, and boasts.
    """
    lock(profile)
    owns(profile, by)
    if not rates:
        raise Refused("Give a price for at least one kind of piece, so that a business knows what to expect.")
    for kind, (amount, includes) in rates.items():
        if amount <= 0:
            raise Refused(f"{KINDS[kind]}: the price must be more than nothing.", field=f"amount_{kind}")
        modest(includes, f"includes_{kind}")
    profile.currency = currency
    held = {rate.kind: rate for rate in profile.rates}
    for kind, rate in held.items():
        if kind not in rates:
            profile.rates.remove(rate)
    for kind, (amount, includes) in rates.items():
        if kind in held:
            held[kind].amount_minor, held[kind].includes = amount, includes
        else:
            profile.rates.append(
                Rate(profile_id=profile.id, kind=kind, includes=includes, amount_minor=amount)
            )
    flush()
    tell("profile.priced", profile, by=by, kinds=sorted(rates))
    return profile


def pause(profile: Profile, *, by: Person) -> Profile:
    """Take the profile out of sight and stop invitations; contracts go on."""
    lock(profile)
    owns(profile, by)
    if profile.paused_at is not None:
        raise Stale("Your profile is paused already.")
    profile.paused_at = now()
    tell("profile.paused", profile, by=by)
    return profile


def resume(profile: Profile, *, by: Person) -> Profile:
    """Show a paused profile again."""
    lock(profile)
    owns(profile, by)
    if profile.paused_at is None:
        raise Stale("Your profile is shown already.")
    profile.paused_at = None
    tell("profile.resumed", profile, by=by)
    return profile


def admit(
    profile: Profile, *, by: Person | None, decided_at: datetime, sample_ids: list[str] | None = None
) -> Profile:
    """Let the professional in, or again for a year. Vetting's to call.

    sample_ids: the samples that were read and are shown from now on; all of them when left out.
    """
    lock(profile)
    profile.admitted_at = profile.admitted_at or decided_at
    profile.read_again_at = decided_at + rules().vetting_read_again
    publish(profile, sample_ids)
    tell("profile.admitted", profile, by=by, professional=profile.name, handle=profile.handle)
    return profile


def shortlist(profile: Profile, organisation: Organisation, *, note: str = "", by: Person) -> Shortlisting:
    """Keep a professional in mind for `organisation`, with a note that only its people read."""
    hires(organisation, by)
    row = find(shortlisting(profile, organisation))
    if row is None:
        row = add(
            Shortlisting(organisation_id=organisation.id, profile_id=profile.id, by_id=by.id, note=note)
        )
        tell("profile.shortlisted", profile, by=by, stream=organisation, organisation=organisation.name)
    row.note = note or row.note
    return row


def drop(profile: Profile, organisation: Organisation, *, by: Person) -> None:
    """Take a professional off the shortlist of `organisation`."""
    hires(organisation, by)
    row = find(shortlisting(profile, organisation))
    if row is None:
        raise Stale(f"{profile.name} is not on your shortlist any more.")
    db.session.delete(row)
    tell("profile.dropped", profile, by=by, stream=organisation, organisation=organisation.name)


def shortlisting(profile: Profile, organisation: Organisation) -> Any:
    """The row by which `organisation` keeps `profile` in mind."""
    return select(Shortlisting).where(
        Shortlisting.profile_id == profile.id, Shortlisting.organisation_id == organisation.id
    )


def hires(organisation: Organisation, person: Person) -> None:
    """Only people who hire for the business keep its shortlist."""
    if not person.acts_for(organisation.id):
        raise Missing
    if not person.acts_for(organisation.id, "hiring"):
        raise Forbidden(f"Only people with the hiring role keep the shortlist of {organisation.name}.")
