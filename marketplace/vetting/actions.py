"""From a first application to the letter. Nobody decides alone: the decision follows from the marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select

from marketplace.accounts.models import Person
from marketplace.config import rules
from marketplace.kernel.clock import business_days_after, now
from marketplace.kernel.db import add, db, find, flush, lock, many
from marketplace.kernel.errors import Forbidden, Missing, Refused, Stale
from marketplace.kernel.events import tell
from marketplace.kernel.mail import link, post
from marketplace.talent import actions as talent
from marketplace.talent import samples
from marketplace.talent.models import Profile, Sample, own_samples
from marketplace.vetting import blind, letter
from marketplace.vetting.models import (
    LINES,
    READERS,
    Application,
    Margin,
    Reading,
    applications_of,
    differs,
    open_application,
    readable_by,
)

DECIDED = "This application was decided or withdrawn in the meantime. Your marks were not needed any more."


@dataclass(frozen=True)
class Note:
    """A margin note as a reader typed it: on these words of this sample."""

    sample_id: UUID
    quote: str
    note: str


@dataclass(frozen=True)
class Step:
    """One thing an application needs. part: which page of the editor it is on."""

    label: str
    part: str
    done: bool
    hint: str = ""


def begin(person: Person) -> Application:
    """Start an application, with a profile if there is none; returns the one that is open already."""
    profile = talent.begin(person)
    lock(profile)
    current = find(open_application(profile.id))
    if current is not None:
        return current
    application = add(Application(profile_id=profile.id))
    tell("application.begun", application, by=person)
    return application


def steps(profile: Profile) -> list[Step]:
    """What an application needs before it can be sent, done or not."""
    rows = many(own_samples(profile.id))
    least, most = rules().samples_least, rules().samples_most
    return [
        Step("Say what you write and who you are", "about", bool(profile.statement and profile.biography)),
        Step("Name your platforms and subjects", "about", bool(profile.platforms and profile.subjects)),
        Step("Name your languages and your country", "about", bool(profile.languages and profile.country)),
        Step("Give at least one rate", "rates", bool(profile.rates)),
        Step(
            f"Choose {least} to {most} samples",
            "samples",
            least <= len(rows) <= most,
            f"You have {len(rows)}. Readers see the text, the brief and what the reader learns, never your name.",
        ),
    ]


def submit(application: Application, *, by: Person) -> Application:
    """Send the samples for reading. Refuses while something is missing, or before the date to try again."""
    lock(application)
    # What it names may be changed or removed in another window: the samples belong to the profile.
    profile = lock(application.profile)
    samples.owns(profile, by)
    if application.state != "draft":
        raise Stale("This application was sent already.")
    if missing := [step.label for step in steps(profile) if not step.done]:
        raise Refused(f"Something is still missing. {'. '.join(missing)}.")
    if (again := reapply_at(profile)) and again > now():
        raise Refused(f"You may send samples again from {letter.day(again)}.")
    application.sample_ids = samples.freeze(profile, by=by)
    application.state, application.submitted_at = "submitted", now()
    application.due_at = business_days_after(now(), rules().vetting_decision_business_days)
    tell("application.submitted", application, by=by, samples=len(application.sample_ids))
    return application


def reapply_at(profile: Profile) -> datetime | None:
    """The date before which the professional may not send samples again, from the last decision."""
    last = find(applications_of(profile.id).where(Application.state == "decided").limit(1))
    return last.reapply_at if last else None


def withdraw(application: Application, *, by: Person) -> None:
    """Take an application back before it is decided. It may be sent again at once."""
    lock(application)
    samples.owns(application.profile, by)
    if not application.is_queued:
        raise Stale("This application is not with the readers any more.")
    application.state = "withdrawn"
    tell("application.withdrawn", application, by=by)


def claim(application: Application, *, by: Person) -> Reading:
    """Take an application for reading. Refuses a reader with a conflict, and a third where two suffice."""
    hold(application)
    readable(application, by)
    if not application.is_queued:
        raise Stale("This application was decided or withdrawn in the meantime.")
    if (mine := application.reading_by(by)) is not None:
        return mine
    if not application.has_room:
        raise Stale("Its readers are found already. Please take the next one.")
    taken = {reading.number for reading in application.readings}
    number = next(n for n in range(1, READERS + 2) if n not in taken)
    reading = Reading(application_id=application.id, reader_id=by.id, number=number)
    application.readings.append(reading)
    application.state = "reading"
    flush()
    tell("application.claimed", application, by=by, reader=number)
    return reading


def open_samples(rows: Sequence[Sample], *, by: Person, part: str = "text") -> None:
    """Log that a reader opens sealed samples: their words or an image. Looking: a transaction of its own."""
    for row in rows:
        samples.open_sealed(row, by=by, part=part)


def release_claim(reading: Reading, *, by: Person) -> None:
    """Give a claimed application back unread; an admin may do it for a reader who does not come back."""
    application = hold(reading.application)
    readable(application, by)
    if reading.reader_id != by.id and not by.is_admin:
        raise Missing
    if reading.saved_at is not None:
        raise Stale("These marks are saved already.")
    application.readings.remove(reading)
    db.session.delete(reading)
    application.state = "reading" if application.readings else "submitted"
    tell("application.released", application, by=by, reader=reading.number)


def mark(
    reading: Reading,
    marks: Mapping[str, int],
    reasons: Mapping[str, str],
    *,
    note: str = "",
    margins: Sequence[Note] = (),
    by: Person,
) -> Reading:
    """Save a reader's five marks, each with its sentence; the second or third reading decides.

    marks: 1 to 5 by line. reasons: a sentence by line. note: what a business should know.
    margins: notes on exact words. Saved marks never change.
    """
    application = hold(reading.application)
    if reading.reader_id != by.id:
        raise Missing
    readable(application, by)
    if reading.saved_at is not None:
        raise Stale("These marks are saved already, and saved marks do not change.")
    if application.state != "reading":
        raise Stale(DECIDED)
    whole(marks, reasons)
    reading.marks = {line: marks[line] for line in LINES}
    reading.reasons = {line: reasons[line].strip() for line in LINES}
    reading.note, reading.saved_at = note.strip(), now()
    for row in quoted(application, margins):
        reading.margins.append(
            Margin(reading_id=reading.id, sample_id=row.sample_id, quote=row.quote, note=row.note)
        )
    flush()
    tell("application.read", application, by=by, reader=reading.number)
    decide(application)
    return reading


def whole(marks: Mapping[str, int], reasons: Mapping[str, str]) -> None:
    """Refuse a reading that leaves out a line, its sentence, or marks beyond the scale."""
    for line in LINES:
        if marks.get(line) not in range(1, 6):
            raise Refused(f"Give {line} a mark from 1 to 5.", field=line)
        if not reasons.get(line, "").strip():
            raise Refused(f"Say in a sentence why {line} has this mark.", field=f"why_{line}")


def quoted(application: Application, margins: Sequence[Note]) -> list[Note]:
    """The notes, once each stands on exact words that the reader could see."""
    rows = {row.id: row for row in many(sent_samples(application))}
    names, clients = identity(application.profile, list(rows.values()))
    for note in margins:
        row = rows.get(note.sample_id)
        shown = blind.black_out(row.text, names, clients) if row else ""
        if row is None or note.quote not in row.text or note.quote not in shown:
            raise Refused(
                f"“{note.quote[:60]}” is not in the sample. Copy its exact words, none blacked out."
            )
        if not note.note.strip():
            raise Refused(f"Write what you note about “{note.quote[:60]}”.")
    return list(margins)


def decide(application: Application) -> None:
    """Decide once two readings agree, or all three are in; before that, nothing."""
    read = application.finished
    if len(read) < READERS or (len(read) == READERS and differs([reading.marks for reading in read])):
        return
    outcome = letter.verdict([reading.marks for reading in read])
    again = now() + rules().vetting_reapply if outcome == "not_yet" else None
    words = letter.write(outcome, [r.marks for r in read], [r.reasons for r in read], again)
    close(application, outcome, words, again, by=None)
    application.note = "\n\n".join(reading.note for reading in read if reading.note)
    if outcome == "admitted":
        talent.admit(application.profile, by=None, decided_at=now(), sample_ids=application.sample_ids)


def refuse(application: Application, reason: str, *, by: Person) -> None:
    """Refuse outright, as an admin, with a reason that the applicant reads: for work that is not theirs."""
    hold(application)
    readable(application, by)
    if not by.is_admin:
        raise Forbidden("Only an admin refuses an application outright.")
    if not application.is_queued:
        raise Stale("This application was decided or withdrawn in the meantime.")
    again = now() + rules().vetting_reapply
    close(application, "refused", letter.refusal(reason, again), again, by=by)


def close(
    application: Application, outcome: str, words: str, again: datetime | None, *, by: Person | None
) -> None:
    """Write the decision down and send the letter."""
    application.state, application.decision, application.decided_at = "decided", outcome, now()
    application.letter, application.reapply_at = words, again
    application.decided_by_id = by.id if by else None
    for reading in [row for row in application.readings if row.saved_at is None]:
        application.readings.remove(reading)
        db.session.delete(reading)
    flush()
    person = application.profile.person
    tell("application.decided", application, by=by, decision=outcome, professional=application.profile.name)
    post(
        person.email,
        person.name,
        "vetting_decision",
        decision=outcome,
        letter=words,
        url=link("vetting.apply"),
    )


def hold(application: Application) -> Application:
    """Lock an application and read its readings again: the other reader may have saved a moment ago."""
    lock(application)
    known = select(Reading).where(Reading.application_id == application.id)
    many(known.execution_options(populate_existing=True))
    return application


def readable(application: Application, reader: Person) -> None:
    """A reader with a conflict finds nothing."""
    if not reader.is_staff or find(readable_by(reader).where(Application.id == application.id)) is None:
        raise Missing


def sent_samples(application: Application) -> Select[Sample]:
    """The samples as they were sent, whatever was edited since."""
    ids = [UUID(text) for text in application.sample_ids]
    return select(Sample).where(Sample.id.in_(ids)).order_by(Sample.position, Sample.created_at)


def identity(profile: Profile, rows: Sequence[Sample]) -> tuple[list[str], list[str]]:
    """What must be blacked out: the writer's names and handle, and the brands written for."""
    names = [profile.name, profile.person.name, profile.handle]
    return names, [row.client for row in rows]
