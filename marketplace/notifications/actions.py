"""Telling people, and their marking it as read."""

from __future__ import annotations

import re

from sqlalchemy import select, update

from marketplace.accounts.models import Person
from marketplace.config import settings
from marketplace.kernel import mail
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, db, many, one
from marketplace.kernel.events import Event
from marketplace.kernel.jobs import later, transaction
from marketplace.notifications.facts import Facts, facts_of
from marketplace.notifications.letters import LETTERS, MAIL_KIND, Letter
from marketplace.notifications.models import Notice, visible_to
from marketplace.notifications.readers import Reader, matter_of


def heard(event: Event) -> None:
    """After any event: have the people whom it concerns told, once its transaction has lasted."""
    if event.name in LETTERS:
        later("notifications.notify", str(event.number), key=str(event.number))


def notify(event_number: str) -> None:
    """Job: tell everybody whom one event concerns. Done twice it tells nobody twice."""
    with transaction():
        event = one(select(Event).where(Event.number == int(event_number)))
        matter = matter_of(event)
        facts = facts_of(matter)
        told = set(many(select(Notice.person_id).where(Notice.event_number == event.number)))
        for letter in LETTERS.get(event.name, ()):
            for reader in letter.who(matter):
                # Never the doer, nobody twice, and nobody who is gone.
                if reader.person.id in told | {event.by_id} or reader.person.closed_at is not None:
                    continue
                told.add(reader.person.id)
                tell_one(reader, letter, facts, event)


def tell_one(reader: Reader, letter: Letter, facts: Facts, event: Event) -> None:
    """Put one letter into one person's inbox, and into their mailbox where it is worth a mail."""
    line, url = fill(letter.line, facts), letter.url.format_map(facts)
    add(
        Notice(
            person_id=reader.person.id,
            event_number=event.number,
            line=line,
            url=url,
            asks=letter.asks,
            organisation_id=reader.organisation_id,
        )
    )
    if letter.mail and MAIL_KIND.get(event.name.partition(".")[0]) not in reader.person.mail_off:
        address, otherwise = settings().base_url.rstrip("/") + url, fill(letter.otherwise, facts)
        person = reader.person
        mail.post(
            person.email, person.name, "notice", line=line, url=address, asks=letter.asks, otherwise=otherwise
        )


def fill(sentence: str, facts: Facts) -> str:
    """A sentence with its facts, on one line, and no colon or space left where a fact was missing."""
    return re.sub(r"[\s:]+$", "", " ".join(sentence.format_map(facts).split()))


def read(notice: Notice) -> str:
    """Mark a notice as read. Returns the address that it leads to."""
    notice.read_at = notice.read_at or now()
    return notice.url


def read_all(person: Person) -> None:
    """Mark everything in a person's inbox as read."""
    seen = visible_to(person).where(Notice.read_at.is_(None)).with_only_columns(Notice.id)
    db.session.execute(update(Notice).where(Notice.id.in_(seen)).values(read_at=now()))
