"""Pieces and drafts for the tests of the desk."""

from __future__ import annotations

from sqlalchemy import select

from marketplace.contracts.models import Contract, Milestone
from marketplace.deliverables import actions
from marketplace.deliverables.actions import Draft
from marketplace.deliverables.models import Piece, Version
from marketplace.kernel.db import commit, many

TEXT = "The 14 was late 61 times in October.\n\nForty of those were one roundabout."


def pieces(contract: Contract) -> list[Piece]:
    """All pieces of a contract in their order."""
    joined = select(Piece).join(Milestone, Milestone.id == Piece.milestone_id)
    return many(joined.where(Milestone.contract_id == contract.id).order_by(Piece.number))


def send(piece: Piece, text: str = TEXT, **also: str) -> Version:
    """The professional's draft, sent."""
    by = piece.milestone.contract.profile.person
    version = actions.send(piece, by=by, draft=Draft(text, revision=piece.draft_revision, **also))
    commit()
    return version
