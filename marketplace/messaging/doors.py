"""Who may write about which kind of subject: filled by wiring, since this room knows no room above it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from marketplace.accounts.models import Person
from marketplace.kernel.errors import Missing


@dataclass(frozen=True)
class Door:
    """stream: whose feed shows the message. address: the page with the thread, gone to afterwards."""

    stream: str
    address: str


# By kind of subject (`contract`): given the row's id and a person, their door. It raises Missing to
# strangers and Forbidden to people who may only read.
may_write: dict[str, Callable[[UUID, Person], Door]] = {}


def door(about: str, person: Person) -> Door:
    """The door of `person` to the thread about `about`. Raises Missing for kinds nobody answers for."""
    kind, _, row_id = about.partition(":")
    if kind not in may_write:
        raise Missing
    try:
        return may_write[kind](UUID(row_id), person)
    except ValueError as error:
        raise Missing from error
