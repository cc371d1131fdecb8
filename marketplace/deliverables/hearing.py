"""What the desk does when contracts tell: pieces are made, and silence stamps them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from marketplace.contracts.models import Contract, Milestone
from marketplace.deliverables.models import Piece, pieces_of
from marketplace.kernel.db import db, flush, many, one
from marketplace.kernel.events import Event, tell


def make_pieces(event: Event) -> None:
    """Make the agreed pieces of milestones that have none yet, numbered through the whole contract."""
    contract = one(select(Contract).where(Contract.id == UUID(event.subject.partition(":")[2])))
    ids = [milestone.id for milestone in contract.milestones]
    made = set(many(select(Piece.milestone_id).where(Piece.milestone_id.in_(ids))))
    number = db.session.scalar(select(func.count()).where(Piece.milestone_id.in_(ids))) or 0
    for milestone, item in zip(contract.milestones, contract.current_terms.data["milestones"], strict=True):
        if milestone.id in made:
            continue
        for wanted in item["pieces"]:
            number += 1
            db.session.add(Piece(milestone_id=milestone.id, number=number, title=wanted["title"],
                                 platform=wanted["platform"], kind=wanted["kind"]))  # fmt: skip
    flush()


def stamp_silent(event: Event) -> None:
    """Released by silence: what nobody approved is paid and may not be published."""
    milestone = one(select(Milestone).where(Milestone.id == UUID(event.subject.partition(":")[2])))
    for piece in many(pieces_of(milestone.id)):
        if piece.state != "approved":
            piece.state = "paid_unapproved"
            flush()
            tell("piece.paid_unapproved", piece, by=None, stream=milestone.contract, piece=piece.title,
                 number=piece.number)  # fmt: skip
