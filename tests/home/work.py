"""Contracts in the middle of their work, for the list of turns."""

from __future__ import annotations

from typing import Any

from marketplace.contracts.models import Contract, Milestone
from marketplace.deliverables.models import Piece
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, commit
from tests import make


def contract(
    state: str = "active", held: bool = False, pieces: tuple[str, ...] = (), **also: Any
) -> Contract:
    """A contract of Northgate Transit and Ines Okafor with one milestone of 480.00."""
    org, profile = also.pop("org", None) or make.business(), also.pop("profile", None) or make.professional()
    row = add(
        Contract(organisation_id=org.id, brand_id=org.brands[0].id, profile_id=profile.id,
                 by_id=make.owner_of(org).id, title="Launch week", currency="usd", state=state, **also)
    )  # fmt: skip
    milestone = add(
        Milestone(
            contract_id=row.id,
            number=1,
            title="Four posts",
            amount_minor=48000,
            held_at=now() if held else None,
        )
    )
    for number, piece in enumerate(pieces, 1):
        add(
            Piece(
                milestone_id=milestone.id, number=number, title="Post", platform="x", kind="post", state=piece
            )
        )
    commit()
    return row
