"""A contract that has ended, with one delivered text, made as rows."""

from __future__ import annotations

from typing import Any

from marketplace.contracts.models import Contract, Milestone
from marketplace.deliverables.models import Piece, Version, hashes
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, commit
from marketplace.reviews.hearing import open_for
from tests import make

MARKS = {"substance": 4, "style": 5, "voice": 4, "reliability": 3}
THEIRS = {"clarity": 3, "speed": 5, "decisions": 4}
LINE = "The bus is late because the driver stopped to help a man find his dog."
SENT = {**{line: str(mark) for line, mark in MARKS.items()}, "hire_again": "yes", "quote": LINE,
        "body": "Two of four posts needed no edit at all."}  # fmt: skip
THEIRS_SENT = {
    **{line: str(mark) for line, mark in THEIRS.items()},
    "body": "Answers came the same day, always.",
}


def contract(org: Any = None, profile: Any = None, state: str = "ended", **also: Any) -> Contract:
    """A paid contract; its window is open unless `state` is another."""
    org, profile = org or make.business(), profile or make.professional()
    row = add(
        Contract(organisation_id=org.id, brand_id=org.brands[0].id, profile_id=profile.id,
                 by_id=make.owner_of(org).id, title="Launch week", currency="usd", state=state, turn="",
                 accepted_at=now(), **also)
    )  # fmt: skip
    part = add(Milestone(contract_id=row.id, number=1, title="Four posts", amount_minor=48000, work="closed",
                         held_at=now(), approved_at=now()))  # fmt: skip
    deliver(part, profile)
    commit()
    if state == "ended":
        open_for(row.id)
        commit()
    return row


def deliver(part: Milestone, profile: Any) -> None:
    """One approved piece of a milestone."""
    piece = add(Piece(milestone_id=part.id, number=1, title="Why the 14 was late", platform="linkedin",
                      kind="post", state="approved"))  # fmt: skip
    whole, words = hashes(make.SAMPLE, "linkedin", "")
    add(Version(piece_id=piece.id, number=1, text=make.SAMPLE, note="", sources="", link="", platform="linkedin",
                by_id=profile.person_id, sha256=whole, text_sha256=words))  # fmt: skip
