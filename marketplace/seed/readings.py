"""How the professionals were read: two readers each, blind, and what came of it."""

from __future__ import annotations

from functools import partial

from sqlalchemy import select

from marketplace.kernel.db import one
from marketplace.seed import cast
from marketplace.seed.people import STAFF
from marketplace.seed.story import Story, Told, told
from marketplace.talent.models import Sample
from marketplace.vetting import actions
from marketplace.vetting.actions import Note
from marketplace.vetting.models import LINES

ADMIN, FIRST, SECOND = (email for email, _role in STAFF.values())
# Applicants whom no marks, or only the first reader's, have reached.
UNREAD = ("draft", "submitted")


def readings(story: Story) -> None:
    """Everybody applies; what the files say of readers and decisions follows."""
    for number, file in enumerate([*told("professionals"), *told("applicants")]):
        state, hour = file.get("state", "admitted"), 9 + number % 8
        if state == "draft":
            continue
        sent = file["vetting"]["submitted_days_ago"]
        story.tell(sent, hour, f"{file['name']} applies", partial(submit, file))
        if state not in UNREAD:
            decided = file["vetting"].get("decided_days_ago", sent - 3)
            read(story, file, state, (sent + decided) // 2, decided, hour)


def read(story: Story, file: Told, state: str, first: int, second: int, hour: int) -> None:
    """The first reading and, where it came to that, the second or a refusal."""
    name = file["name"]
    story.tell(max(first, 1), hour + 0.5, f"{name} is read", partial(mark, file, "first", 1, FIRST))
    if state == "refused":
        story.tell(second, hour + 0.6, f"{name} is refused", partial(refuse, file))
    elif "second" in file["vetting"]:
        story.tell(second, hour + 0.6, f"{name} is read again", partial(mark, file, "second", 2, SECOND))


def submit(file: Told) -> None:
    """Send the samples for reading."""
    actions.submit(cast.application(file["handle"]), by=cast.person(file["email"]))


def mark(file: Told, which: str, number: int, email: str) -> None:
    """Claim an application and save the marks, with the notes on exact words of this reader."""
    application, by = cast.application(file["handle"]), cast.person(email)
    reading = actions.claim(application, by=by)
    told = file["vetting"][which]
    note = file["vetting"].get("note", "") if number == 1 else ""
    marks, reasons = ({line: told[kind][line] for line in LINES} for kind in ("marks", "reasons"))
    actions.mark(reading, marks, reasons, note=note, margins=margins(file, number), by=by)


def margins(file: Told, number: int) -> list[Note]:
    """The notes of one reader on the samples."""
    found = []
    for sample in file["samples"]:
        for note in sample.get("notes", []):
            if note["reader"] == number:
                row = one(select(Sample).where(Sample.text == sample["text"].strip()))
                found.append(Note(row.id, note["quote"], note["note"]))
    return found


def refuse(file: Told) -> None:
    """An admin refuses outright, with the reason."""
    reason = file["vetting"]["note"].removeprefix("Refused. ")
    actions.refuse(cast.application(file["handle"]), reason, by=cast.person(ADMIN))
