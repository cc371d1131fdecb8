"""What closing an account means for texts: what was sent stays with the contract, what was not goes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from marketplace.accounts.models import Person
from marketplace.contracts.models import Contract, Milestone
from marketplace.deliverables.models import Comment, Piece, Version
from marketplace.kernel.db import flush, many
from marketplace.talent.models import Profile


def export(person: Person) -> list[dict[str, Any]]:
    """The drafts one sent and did not send, and the notes one wrote."""
    sent = many(select(Version).where(Version.by_id == person.id).order_by(Version.created_at))
    notes = many(select(Comment).where(Comment.by_id == person.id).order_by(Comment.created_at))
    return [
        *({"piece": v.piece.title, "draft": v.number, "text": v.text, "note": v.note, "sources": v.sources,
           "link": v.link, "sha256": v.sha256, "at": v.created_at} for v in sent),
        *({"piece": p.title, "unsent": p.draft, "note": p.draft_note, "sources": p.draft_sources}
          for p in many(unsent(person))),
        *({"on": n.quote, "body": n.body, "suggestion": n.suggestion, "at": n.created_at} for n in notes),
    ]  # fmt: skip


def remove(person: Person) -> None:
    """Empty the drafts that nobody but their writer has seen."""
    for piece in many(unsent(person)):
        piece.draft = piece.draft_note = piece.draft_sources = piece.draft_link = ""
    flush()


def unsent(person: Person) -> Select[Piece]:
    """The pieces of `person`'s contracts in which something is typed."""
    return (
        select(Piece)
        .join(Milestone, Milestone.id == Piece.milestone_id)
        .join(Contract, Contract.id == Milestone.contract_id)
        .join(Profile, Profile.id == Contract.profile_id)
        .where(Profile.person_id == person.id, Piece.draft != "")
    )
