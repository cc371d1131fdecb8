"""Whose turn it is: one list made of what every room waits for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from marketplace.accounts.models import Person
from marketplace.home import hiring_turns, own_turns, work_turns
from marketplace.home.turn import MOST, Turn

NO_DATE = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Turns:
    """The three piles of one person."""

    yours: list[Turn]
    waiting: list[Turn]
    done: list[Turn]


def turns_of(person: Person) -> Turns:
    """Everything that waits for `person` or that they wait for: one query a kind, whatever there is."""
    found = list(everything(person))
    piles = {pile: [turn for turn in found if turn.pile == pile] for pile in ("yours", "waiting", "done")}
    for pile in ("yours", "waiting"):
        piles[pile].sort(key=lambda turn: turn.at or NO_DATE)
    piles["done"].sort(key=lambda turn: turn.at or NO_DATE, reverse=True)
    return Turns(*(turns[:MOST] for turns in piles.values()))


def everything(person: Person) -> Iterator[Turn]:
    """The turns of each room; rooms in which a person has no part are not asked."""
    yield from own_turns.account(person)
    if person.is_staff:
        yield from own_turns.queue()
    if person.is_professional:
        yield from own_turns.application(person)
        yield from hiring_turns.invitations(person)
        yield from hiring_turns.pitches(person)
    if person.organisation_ids:
        yield from hiring_turns.briefs(person)
        yield from hiring_turns.proposals(person)
        yield from hiring_turns.questions(person)
    yield from work_turns.contracts(person)
    yield from work_turns.reviews(person)
