"""The list of a person's contracts: those where it is their turn first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from marketplace.accounts.models import Person
from marketplace.contracts.models import NEGOTIATED, OPEN_WORK, Contract, Milestone, visible_to
from marketplace.kernel.db import db
from marketplace.talent.models import Profile

SIZE = 20
STATES = {
    "": ("All", None),
    "offers": ("Offers", NEGOTIATED),
    "running": ("Running", ("active",)),
    "over": ("Over", ("ended", "declined", "withdrawn", "expired")),
}


@dataclass(frozen=True)
class Shown:
    """A contract on the list, and whether it waits for the reader."""

    contract: Contract
    is_mine: bool


def shown(person: Person, state: str, page: int) -> tuple[list[Shown], int]:
    """One page of `person`'s contracts in `state` (a key of STATES), and how many there are in all."""
    wanted = STATES.get(state, STATES[""])[1]
    found = visible_to(person) if wanted is None else visible_to(person).where(Contract.state.in_(wanted))
    total = db.session.scalar(select(func.count()).select_from(found.subquery())) or 0
    mine = your_turn(person)
    rows = db.session.execute(_ordered(found, mine).limit(SIZE).offset((page - 1) * SIZE)).unique()
    return [Shown(row[0], bool(row[1])) for row in rows], total


def your_turn(person: Person) -> ColumnElement[bool]:
    """Whether a contract waits for `person`: to answer an offer, hold money, decide, or write."""
    profiles = select(Profile.id).where(Profile.person_id == person.id)
    writes = Contract.profile_id.in_(profiles)
    hires = and_(Contract.organisation_id.in_(person.organisation_ids), ~writes)
    offered = Contract.state.in_(NEGOTIATED)
    running = Contract.state == "active"
    held = Milestone.held_at.is_not(None)
    return or_(
        and_(writes, offered, Contract.turn == "professional"),
        and_(hires, offered, Contract.turn == "business"),
        and_(writes, running, _some(held, Milestone.work.in_(("planned", "in_progress", "changes_asked")))),
        and_(hires, running, _some(Milestone.work == "submitted")),
        and_(hires, running, ~_some(held, Milestone.work.in_(OPEN_WORK))),
    )


def _some(*wanted: Any) -> ColumnElement[bool]:
    return exists().where(Milestone.contract_id == Contract.id, *wanted)


def _ordered(found: Select[Contract], mine: ColumnElement[bool]) -> Select[Any]:
    by_state = case((Contract.state == "active", 0), (Contract.state.in_(NEGOTIATED), 1), else_=2)
    return (
        found.add_columns(case((mine, 1), else_=0))
        .options(
            joinedload(Contract.organisation), joinedload(Contract.profile),
            selectinload(Contract.terms), selectinload(Contract.milestones),
        )
        .order_by(case((mine, 0), else_=1), by_state, Contract.created_at.desc())
    )  # fmt: skip
