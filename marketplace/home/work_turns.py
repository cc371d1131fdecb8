"""Turns after a hire: offers, money to hold, drafts to write and to review, reviews of each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from marketplace.accounts.models import Person
from marketplace.contracts.models import Contract, Milestone
from marketplace.deliverables.models import Piece
from marketplace.home.turn import LATELY, MOST, Turn, quoted
from marketplace.kernel import money
from marketplace.kernel.clock import now
from marketplace.kernel.db import db, many
from marketplace.reviews.models import Review, Window
from marketplace.talent.models import Profile

Counts = dict[UUID, Counter[str]]


def contracts(person: Person) -> Iterator[Turn]:
    """The offers and running contracts of `person`, and those that ended lately."""
    rows = many(
        own(person)
        .where(Contract.state.in_(["offered", "countered", "active"]) | (Contract.ended_at > now() - LATELY))
        .options(joinedload(Contract.brand), joinedload(Contract.profile), joinedload(Contract.proposal))
        .options(selectinload(Contract.milestones))
        .order_by(Contract.created_at.desc())
        .limit(MOST)
    )
    counts = pieces_in(rows)
    for contract in rows:
        side = "professional" if contract.profile.person_id == person.id else "business"
        if contract.state == "active":
            yield from milestones(contract, side, person, counts)
        elif contract.state == "ended":
            text = f"{quoted(contract.title)} has ended"
            yield Turn("done", text, at(contract), contract.end_reason, contract.ended_at)
        else:
            yield offer(contract, side, person)


def own(person: Person) -> Select[Contract]:
    """The contracts in which `person` has a part (an admin's seeing all is no turn of theirs)."""
    mine = select(Profile.id).where(Profile.person_id == person.id)
    return select(Contract).where(
        or_(Contract.profile_id.in_(mine), Contract.organisation_id.in_(person.organisation_ids))
    )


def pieces_in(rows: list[Contract]) -> Counts:
    """How many pieces stand in each state, by milestone, in one query."""
    ids = [
        milestone.id for contract in rows if contract.state == "active" for milestone in contract.milestones
    ]
    counts: Counts = {}
    if ids:
        counted = select(Piece.milestone_id, Piece.state, func.count()).where(Piece.milestone_id.in_(ids))
        for milestone_id, state, count in db.session.execute(
            counted.group_by(Piece.milestone_id, Piece.state)
        ):
            counts.setdefault(milestone_id, Counter())[state] = count
    return counts


def at(contract: Contract) -> str:
    """The address of a contract."""
    return f"/contracts/{contract.id}"


def other(contract: Contract, side: str) -> str:
    """The other side's name; on an audition the writer stays a letter."""
    if side == "professional":
        return contract.brand.name
    if contract.kind == "audition":
        return f"Writer {contract.proposal.letter}" if contract.proposal else "The writer"
    return contract.profile.name


def offer(contract: Contract, side: str, person: Person) -> Turn:
    """An offer or counter-offer: to answer, or to wait for."""
    may = side == "professional" or person.acts_for(contract.organisation_id, "hiring")
    if contract.turn == side and may:
        text = f"Answer {other(contract, side)}: {quoted(contract.title)}"
        return Turn("yours", text, at(contract), "Valid until", contract.due_at)
    who = other(contract, side) if contract.turn != side else "Your colleagues"
    text = f"{who} to answer the offer {quoted(contract.title)}"
    return Turn("waiting", text, at(contract), "Valid until", contract.due_at)


def milestones(contract: Contract, side: str, person: Person, counts: Counts) -> Iterator[Turn]:
    """What each milestone of a running contract waits for; of those without money only the first."""
    unfunded = False
    for milestone in contract.milestones:
        if milestone.work in {"closed", "cancelled"}:
            continue
        if milestone.approved_at is not None:
            if milestone.approved_at > now() - LATELY:
                yield Turn(
                    "done", f"{quoted(milestone.title)} is approved", at(contract), "", milestone.approved_at
                )
        elif milestone.held_at is not None:
            states = counts.get(milestone.id, Counter())
            yield (to_write if side == "professional" else to_review)(contract, milestone, states, person)
        elif not unfunded:
            unfunded = True
            yield to_hold(contract, milestone, side, person)


def to_hold(contract: Contract, milestone: Milestone, side: str, person: Person) -> Turn:
    """A milestone whose money is not held yet."""
    amount = money.short(milestone.amount_minor, contract.currency)
    if side == "business" and person.acts_for(contract.organisation_id, "finance"):
        href = f"{at(contract)}/milestones/{milestone.number}/fund"
        meta = f"{other(contract, side)} starts once it is held"
        return Turn("yours", f"Hold {amount} for {quoted(milestone.title)}", href, meta)
    who = "Your colleagues" if side == "business" else contract.brand.name
    return Turn("waiting", f"{who} to hold {amount} for {quoted(milestone.title)}", at(contract))


def to_write(contract: Contract, milestone: Milestone, states: Counter[str], person: Person) -> Turn:
    """A professional's milestone with money held."""
    changes, fresh = states["changes_asked"], states["with_writer"]
    name = quoted(milestone.title)
    if changes:
        what = "a piece" if changes == 1 else f"{changes} pieces"
        return Turn("yours", f"Change {what} of {name}", at(contract), f"{contract.brand.name} left notes")
    if fresh or not states:
        what = f"{fresh} piece{'s' if fresh != 1 else ''} of " if fresh else ""
        return Turn("yours", f"Write {what}{name}", at(contract), f"For {contract.brand.name}")
    text = f"{contract.brand.name} reviews {name}"
    return Turn("waiting", text, at(contract), "Paid without an answer on", milestone.review_due_at)


def to_review(contract: Contract, milestone: Milestone, states: Counter[str], person: Person) -> Turn:
    """A business's milestone with money held."""
    sent, name, who = states["with_editor"], quoted(milestone.title), other(contract, "business")
    if not sent:
        return Turn("waiting", f"{who} writes {name}", at(contract))
    text = f"Review {sent} draft{'s' if sent != 1 else ''} of {name}"
    meta = "Pays without an answer on" if milestone.review_due_at else f"By {who}"
    if person.acts_for(contract.organisation_id, "editor"):
        return Turn("yours", text, at(contract), meta, milestone.review_due_at)
    return Turn(
        "waiting", f"Your editor: {text[:1].lower()}{text[1:]}", at(contract), meta, milestone.review_due_at
    )


def reviews(person: Person) -> Iterator[Turn]:
    """Ended contracts about which `person`'s side has not written yet, while the window is open."""
    mine = select(Profile.id).where(Profile.person_id == person.id)
    written = select(Review.contract_id)
    rows = many(
        select(Window)
        .join(Contract, Contract.id == Window.contract_id)
        .where(Window.shown_at.is_(None), Window.due_at > now())
        .where(
            or_(
                Contract.profile_id.in_(mine)
                & Contract.id.not_in(written.where(Review.side == "professional")),
                Contract.organisation_id.in_(person.organisation_ids)
                & Contract.id.not_in(written.where(Review.side == "business")),
            )
        )
        .options(joinedload(Window.contract).joinedload(Contract.profile))
        .options(joinedload(Window.contract).joinedload(Contract.brand))
        .options(joinedload(Window.contract).joinedload(Contract.proposal))
        .limit(MOST)
    )
    for window in rows:
        contract = window.contract
        side = "professional" if contract.profile.person_id == person.id else "business"
        text = f"Review {other(contract, side)} for {quoted(contract.title)}"
        yield Turn("yours", text, f"{at(contract)}/review", "Open until", window.due_at)
