"""Whether every clock of the rules rang once, not early and not late: read from what was told, and from nothing else.

Each rule of RULES is worked out anew here from the moment something began, so that a wrong `due_at` shows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from marketplace.kernel.db import db
from marketplace.kernel.events import Event

# The world goes in steps of up to 16 hours, and a clock that is a day behind may miss one of them.
LATE = timedelta(hours=42)
# What one verb reads as two moments.
MOMENT = timedelta(seconds=5)
OFFER, LIFE, REVIEWS, HOLDS = 7, (45, 70, 75), 14, (2, 5)
REMINDERS = (0.4, 0.7, 0.9)


@dataclass
class Track:
    """What happened to one thing, in the order it was told."""

    events: list[Any] = field(default_factory=list)

    def named(self, *names: str) -> list[Any]:
        """The events of these names."""
        return [event for event in self.events if event.name in names]

    def frozen(self, since: datetime, until: datetime) -> timedelta:
        """For how long of that time its money was frozen, by one or more freezes at once."""
        open_ones, begun, lost = 0, since, timedelta(0)
        for event in self.named("holding.frozen", "holding.thawed"):
            before, open_ones = open_ones, open_ones + (1 if event.name == "holding.frozen" else -1)
            at = min(max(event.at, since), until)
            if before == 0 and open_ones == 1:
                begun = at
            elif open_ones == 0:
                lost += max(at - begun, timedelta(0))
        return lost + (max(until - begun, timedelta(0)) if open_ones else timedelta(0))


def read() -> dict[str, Track]:
    """Everything that was told, by what it was about."""
    found: defaultdict[str, Track] = defaultdict(Track)
    rows = select(Event.number, Event.name, Event.subject, Event.at, Event.data, Event.by_id).order_by(
        Event.number
    )
    for row in db.session.execute(rows).all():
        found[row.subject].events.append(row)
    return found


def wrong_timers(end: datetime) -> list[str]:
    """Every clock that rang early, late, twice or not at all by `end`, as sentences."""
    found = []
    for subject, track in read().items():
        for rule in (offers, silence, reminders, lives, transfers, reviews):
            found += [f"{subject}: {sentence}" for sentence in rule(track, end)]
    return found


def _on_time(
    what: str, rang: list[Any], due: datetime, end: datetime, stopped: bool = False
) -> Iterator[str]:
    """Once, at or after `due`, and soon after; not at all where something stopped it before."""
    if len(rang) > 1:
        yield f"{what} rang {len(rang)} times."
    for event in rang:
        if event.at < due - MOMENT:
            yield f"{what} rang at {event.at}, {due - event.at} early."
        if event.at > due + LATE:
            yield f"{what} rang at {event.at}, {event.at - due} late."
    if not rang and not stopped and due + LATE < end:
        yield f"{what} was due at {due} and never rang."


def offers(track: Track, end: datetime) -> Iterator[str]:
    """An offer is over seven days after it was made or countered."""
    laid = track.named("contract.offered", "contract.countered")
    if laid:
        answered = bool(track.named("contract.accepted", "contract.declined", "contract.withdrawn"))
        due = laid[-1].at + timedelta(days=OFFER)
        yield from _on_time("The offer's clock", track.named("contract.expired"), due, end, answered)


def _windows(track: Track) -> Iterator[tuple[Any, list[Any]]]:
    """Each submission of a milestone, with what came after it and before the next."""
    begun, since = None, list[Any]()
    for event in track.events:
        if event.name == "milestone.submitted":
            if begun is not None:
                yield begun, since
            begun, since = event, []
        elif begun is not None:
            since.append(event)
    if begun is not None:
        yield begun, since


STOPS = ("milestone.changes_asked", "milestone.approved", "milestone.cancelled", "milestone.ruled")


def silence(track: Track, end: datetime) -> Iterator[str]:
    """The review window, with the time for which the money was frozen added to it."""
    for begun, since in _windows(track):
        length = datetime.fromisoformat(begun.data["due_at"]) - begun.at
        rang = [event for event in since if event.name == "milestone.released_by_silence"]
        over = rang[0].at if rang else end
        due = begun.at + length + track.frozen(begun.at, over)
        stopped = len(since) > 0 and any(event.name in STOPS for event in since)
        yield from _on_time("The review window", rang, due, end, stopped or not _was_last(track, begun))


def _was_last(track: Track, begun: Any) -> bool:
    return bool(track.named("milestone.submitted")[-1].number == begun.number)


def reminders(track: Track, end: datetime) -> Iterator[str]:
    """At most three in a window, at their parts of it, each once."""
    for begun, since in _windows(track):
        length = datetime.fromisoformat(begun.data["due_at"]) - begun.at
        rang = [event for event in since if event.name == "milestone.reminded"]
        if len(rang) > len(REMINDERS):
            yield f"The business was reminded {len(rang)} times in one window."
        over = next(
            (event.at for event in since if event.name in (*STOPS, "milestone.released_by_silence")), end
        )
        for number, part in enumerate(REMINDERS):
            due = begun.at + length * part
            mine, frozen = rang[number : number + 1], track.frozen(begun.at, over) > timedelta(0)
            if frozen and (not mine or mine[0].at > due):
                continue  # The window was moved while it ran; that it was not early is what can be said.
            stopped = over < due + LATE or not _was_last(track, begun)
            yield from _on_time(f"Reminder {number + 1}", mine, due, end, stopped)


def lives(track: Track, end: datetime) -> Iterator[str]:
    """Money that is held for 45 and 70 days is warned of, and at 75 it goes back or a person looks."""
    for held in track.named("milestone.held"):
        over = track.named(
            "milestone.approved", "milestone.released_by_silence", "milestone.cancelled", "milestone.ruled"
        )
        ended = over[0].at if over else end
        rang = track.named("milestone.life_warned", "milestone.overdue")
        stop = [
            event
            for event in track.named("milestone.cancelled")
            if event.by_id is None and "days" in event.data["reason"]
        ]
        for number, day in enumerate(LIFE):
            due = held.at + timedelta(days=day)
            mine = rang[number : number + 1] or (stop if number == 2 else [])
            yield from _on_time(f"The clock of {day} days", mine, due, end, ended < due + LATE)
        # What waited for a decision at the hard stop has a clock again once it waits no more.
        last = held.at + timedelta(days=LIFE[-1]) + LATE
        times = sum(event.at <= last for event in (*rang, *stop))
        if times > len(LIFE):
            yield f"The life clock rang {times} times."


def transfers(track: Track, end: datetime) -> Iterator[str]:
    """What was released is sent once its hold is over, and once: never before, whatever else has to wait for."""
    sent = {event.data["release"]: event for event in track.named("transfer.sent")[::-1]}
    if len(sent) != len(track.named("transfer.sent")):
        yield "A release was sent twice."
    for made in track.named("payment.released"):
        due, event = datetime.fromisoformat(made.data["due_at"]), sent.get(made.data["release"])
        if not any(_is(due - made.at, days) for days in HOLDS):
            yield f"A hold of {due - made.at}."
        if event is not None and event.at < due:
            yield f"A release was sent {due - event.at} early."


def _is(length: timedelta, days: int) -> bool:
    return abs(length - timedelta(days=days)) < MOMENT


def reviews(track: Track, end: datetime) -> Iterator[str]:
    """Reviews are shown two weeks after they could be written, when a side wrote none."""
    for opened in track.named("review.opened"):
        due = datetime.fromisoformat(opened.data["due_at"])
        if not _is(due - opened.at, REVIEWS):
            yield f"A review window of {due - opened.at}."
