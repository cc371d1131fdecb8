"""The desk: when each milestone was paid for, drafted, noted, sent again, approved, and who did it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import select

from marketplace.accounts.models import Person
from marketplace.config import rules
from marketplace.deliverables import actions, notes
from marketplace.deliverables.models import Comment, Piece, pieces_of
from marketplace.kernel.db import many, one
from marketplace.seed import cast, purse
from marketplace.seed.story import Story, Told

# States that a file gives a milestone whose every piece was approved.
DONE = ("paid_out", "released_holding")
UNWRITTEN = ("planned", "held", "paying", "refunded")
# The steps of one day, by the hour: a text is sent in the morning, read after lunch, decided in the afternoon.
SEND, NOTE, ANSWER, CHANGES, RESOLVE, APPROVE, FUND, PAY = 9.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.2, 16.4
SLOWLY = 3  # days between two steps where there is time


@dataclass
class Course:
    """How many days ago each step of one milestone was. sent: by draft; noted: likewise."""

    sent: list[int] = field(default_factory=list)
    noted: list[int] = field(default_factory=list)
    approved: int | None = None


def milestones(story: Story, file: Told) -> int:
    """All milestones of a contract; returns how many days ago the last of them was over."""
    paid, over = file["offered_days_ago"] - 1, 0
    payments: dict[tuple[int, bool], list[int]] = {}
    for number, row in enumerate(file["milestones"], 1):
        state = row["state"]
        if state != "planned":
            held = row["days_ago"] if state in {"held", "paying"} else paid
            payments.setdefault((held, state != "paying"), []).append(number)
        course = plotted(file, row, paid)
        if state not in UNWRITTEN:
            desk(story, file, number, course)
        over = row["days_ago"] if course.approved is None else course.approved
        paid = course.approved if course.approved is not None else paid
    for (days, through), numbers in payments.items():
        story.tell(days, FUND, f"{file['slug']}: money for {numbers}", partial(purse.fund, file, numbers))
        if through:
            story.tell(days, PAY, f"{file['slug']}: {numbers} is paid", partial(purse.pay, file))
    return over


def plotted(file: Told, row: Told, paid: int) -> Course:
    """The course of a milestone, reckoned back from what its file says it has come to."""
    state, days = row["state"], row["days_ago"]
    drafts = max((len(piece.get("versions", [])) for piece in row["pieces"]), default=0)
    if state in DONE:
        approved = row.get(
            "approved_days_ago", days + (rules().hold_newcomer.days if state == "paid_out" else 0)
        )
        gap = max(min(SLOWLY, (paid - approved) // (2 * drafts + 1)), 1)
        sent = row.get("sent_days_ago") or [approved + gap * (2 * (drafts - n) - 1) for n in range(drafts)]
        noted = [sent[n] - gap for n in range(drafts - 1)] + [approved]
        noted[0] = row.get("noted_days_ago", noted[0])
        return Course(sent, noted, approved)
    if state == "submitted":
        return Course([days + 4, days][-drafts:], [days + 2, days - 1][-drafts:])
    if state == "changes":
        return Course([days + 6], [days])
    if state == "silent":
        return Course([days + file["review_days"]])
    return Course([days + (SLOWLY if state == "killed" else 0)])


def desk(story: Story, file: Told, number: int, course: Course) -> None:
    """Everything that was done with the pieces of one milestone."""
    row = file["milestones"][number - 1]
    if "begun_days_ago" in row:
        begin = partial(save_beginning, row["pieces"][0]["versions"][0], file, number, 0)
        story.tell(row["begun_days_ago"], SEND, f"{file['slug']}: {row['title']} is begun", begin)
    for place, told in enumerate(row["pieces"]):
        for day, hour, title, deed in steps(told, course, row["state"]):
            do = partial(deed, file, number, place)
            story.tell(day, hour + place / 8, f"{file['slug']}: {told['title']} {title}", do)


def steps(told: Told, course: Course, state: str) -> Iterator[tuple[int, float, str, partial[None]]]:
    """The steps of one piece: days ago, hour, words for the log, and what is done."""
    drafts = told.get("versions", [])
    for draft, version in enumerate(drafts):
        deed = partial(save if state == "drafting" else send, version)
        yield course.sent[draft], SEND, f"draft {draft + 1}", deed
        if draft >= len(course.noted):
            continue
        said = [comment for comment in told.get("comments", []) if comment["on_version"] == draft + 1]
        again = draft + 1 < len(drafts)
        for order, comment in enumerate(said):
            late = order / 40
            yield course.noted[draft], NOTE + late, "is noted", partial(note, comment, draft)
            answered = course.sent[draft + 1] if again else answer_day(course, draft)
            if comment.get("reply"):
                yield (
                    answered,
                    (SEND - 0.9 if again else ANSWER) + late,
                    "is answered",
                    partial(answer, comment),
                )
            if comment["resolved"]:
                yield (
                    answered,
                    (SEND - 0.4 if again else RESOLVE) + late,
                    "is resolved",
                    partial(resolve, comment),
                )
        if again or told["decision"] == "changes":
            yield course.noted[draft], CHANGES, "needs changes", partial(ask_changes, said)
    if told["decision"] == "approved" and drafts:
        day = course.approved if course.approved is not None else course.noted[0]
        yield day, APPROVE, "is approved", partial(approve)


def answer_day(course: Course, draft: int) -> int:
    """When notes on the last draft were answered: the same day, or the next where changes are still due."""
    noted = course.noted[draft]
    return noted if course.approved is not None or noted == 0 else max(noted - 1, 0)


def piece_of(file: Told, number: int, place: int) -> Piece:
    """The piece in this place of a milestone."""
    return many(pieces_of(cast.contract(file["slug"]).milestones[number - 1].id))[place]


def speaker(file: Told) -> Person:
    """Who speaks for the business: the accountable editor, who reads, notes and approves."""
    editor = cast.business(file["business"]).brands[0].accountable_editor
    assert editor is not None
    return editor


def writer(file: Told) -> Person:
    """The professional of a contract."""
    return cast.profile(file["handle"]).person


def save(version: Told, file: Told, number: int, place: int) -> None:
    """Keep a draft without sending it."""
    piece = piece_of(file, number, place)
    actions.save(
        piece, version["text"].strip(), version["note"], revision=piece.draft_revision, by=writer(file)
    )


def save_beginning(version: Told, file: Told, number: int, place: int) -> None:
    """Keep the first lines of a draft: the work has begun."""
    piece = piece_of(file, number, place)
    actions.save(
        piece, version["text"].strip().split("\n\n")[0], revision=piece.draft_revision, by=writer(file)
    )


def send(version: Told, file: Told, number: int, place: int) -> None:
    """Send a draft."""
    piece = piece_of(file, number, place)
    draft = actions.Draft(version["text"].strip(), version["note"], revision=piece.draft_revision)
    actions.send(piece, by=writer(file), draft=draft)


def note(said: Told, draft: int, file: Told, number: int, place: int) -> None:
    """A note of the business on exact words, with a suggestion where there is one."""
    version = piece_of(file, number, place).versions[draft]
    notes.comment(version, said["body"], said["quote"], suggestion=said.get("suggestion"), by=speaker(file))


def noted(said: Told) -> Comment:
    """The note that a file tells of."""
    return one(select(Comment).where(Comment.body == said["body"], Comment.quote == said["quote"]))


def answer(said: Told, file: Told, number: int, place: int) -> None:
    """The professional answers a note."""
    notes.reply(noted(said), said["reply"], by=writer(file))


def resolve(said: Told, file: Told, number: int, place: int) -> None:
    """The professional has dealt with a note."""
    notes.resolve(noted(said), by=writer(file))


def ask_changes(said: list[Told], file: Told, number: int, place: int) -> None:
    """The editor asks for changes; the notes say which."""
    words = "Please see the note on the draft." if len(said) == 1 else "Please see the notes on the draft."
    actions.ask_changes(piece_of(file, number, place), words, by=speaker(file))


def approve(file: Told, number: int, place: int) -> None:
    """The editor approves exactly the text that was sent last."""
    piece = piece_of(file, number, place)
    assert piece.latest is not None
    actions.approve(piece, piece.latest.sha256, by=speaker(file))
