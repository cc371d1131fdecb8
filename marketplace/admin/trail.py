"""The audit trail: what happened, filtered, by pages and as a table for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select
from werkzeug.datastructures import MultiDict

from marketplace.accounts.models import Person
from marketplace.kernel.db import db, many
from marketplace.kernel.events import Event
from marketplace.kernel.text import key

PER_PAGE, MOST = 50, 10_000
# What people said to each other is theirs: the trail says that it was said.
PRIVATE = {"body", "note", "quote"}


@dataclass(frozen=True)
class Filter:
    """What an admin asks for; a part that is empty asks for everything. problem: what could not be read."""

    who: str = ""
    about: str = ""
    name: str = ""
    day: str = ""
    before: int | None = None
    problem: str = ""

    @property
    def kept(self) -> dict[str, str]:
        """The parts that go along in links."""
        parts = {"who": self.who, "about": self.about, "name": self.name, "day": self.day}
        return {name: value for name, value in parts.items() if value}


def asked(args: MultiDict[str, str]) -> Filter:
    """The filter of an address. A part that cannot be read is said, and finds nothing."""
    parts = {name: args.get(name, "").strip()[:200] for name in ("who", "about", "name", "day")}
    typed = args.get("before", "")
    before = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else None
    problem = "" if not parts["day"] or day_of(parts["day"]) else "Write the day as 2026-11-27."
    return Filter(**parts, before=before, problem=problem)


def day_of(typed: str) -> date | None:
    """The day, or None when it is not one."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if day.year < MAXYEAR else None


def events(wanted: Filter) -> Select[Event, Person]:
    """The events (and who did them) that `wanted` asks for, the latest first."""
    found = select(Event, Person).outerjoin(Person, Person.id == Event.by_id)
    if wanted.who:
        found = found.where(Event.by_id.in_(persons(wanted.who)))
    if wanted.about:
        found = found.where(or_(Event.subject == wanted.about, Event.stream == wanted.about))
    if wanted.name:
        found = found.where(Event.name.startswith(wanted.name, autoescape=True))
    if wanted.day and (day := day_of(wanted.day)):
        start = datetime.combine(day, time(), UTC)
        found = found.where(Event.at >= start, Event.at < start + timedelta(days=1))
    if wanted.before is not None:
        found = found.where(Event.number < wanted.before)
    return found.order_by(Event.number.desc())


def persons(typed: str) -> list[UUID]:
    """Whom `typed` names: an id, or the exact address of an account, open or closed."""
    try:
        return [UUID(typed)]
    except ValueError:
        return many(select(Person.id).where(Person.email_key == key(typed)))


def page_of(wanted: Filter) -> tuple[list[Any], int | None]:
    """One page of rows, and the number after which the next begins."""
    if wanted.problem:
        return [], None
    rows = list(db.session.execute(events(wanted).limit(PER_PAGE + 1)).all())
    return rows[:PER_PAGE], rows[PER_PAGE - 1][0].number if len(rows) > PER_PAGE else None


def said(event: Event) -> str:
    """The data of an event in one line, without what people said in private."""
    shown = {
        name: "(not shown)" if name in PRIVATE and value else value for name, value in event.data.items()
    }
    return json.dumps(shown, ensure_ascii=False, sort_keys=True) if shown else ""


def table(wanted: Filter) -> str:
    """The trail as CSV, at most MOST rows, the latest first."""
    written = io.StringIO()
    out = csv.writer(written)
    out.writerow(["number", "at (UTC)", "event", "subject", "stream", "by", "name", "data"])
    rows: Iterable[Any] = [] if wanted.problem else db.session.execute(events(wanted).limit(MOST)).all()
    for event, person in rows:
        who = (str(person.id), person.name) if person is not None else ("", "the marketplace itself")
        cells = [event.name, event.subject, event.stream, *who, said(event)]
        out.writerow([event.number, event.at.isoformat(timespec="seconds"), *map(guarded, cells)])
    return written.getvalue()


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.lstrip()[:1] in {"=", "+", "-", "@"} or cell[:1] in {"\t", "\r", "\n"} else cell
