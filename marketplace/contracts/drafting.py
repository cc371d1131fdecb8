"""The first draft of an offer, from what the brief and the proposal already say."""

from __future__ import annotations

from typing import Any

from marketplace.briefs.models import Brief
from marketplace.proposals.models import Proposal
from marketplace.talent.models import KINDS

RIGHTS = "All rights in the approved texts pass to the business when they are paid."


def from_proposal(proposal: Proposal) -> dict[str, Any]:
    """The proposal's milestones, with the brief's pieces shared out among them."""
    brief, milestones = proposal.brief, proposal.latest.milestones
    pieces = _pieces(brief)
    share = -(-len(pieces) // len(milestones)) if milestones else 0
    return {
        "title": brief.title,
        "currency": brief.currency,
        "rights": brief.rights or RIGHTS,
        "milestones": [
            {
                "title": item["title"],
                "amount_minor": int(item["amount_minor"]),
                "due_on": item.get("due_on"),
                "pieces": pieces[number * share : (number + 1) * share],
            }
            for number, item in enumerate(milestones)
        ],
    }


def direct(currency: str) -> dict[str, Any]:
    """An empty agreement of one milestone with one post."""
    milestone = {"title": "", "amount_minor": 0, "due_on": None, "pieces": [_piece("", "linkedin", "post")]}
    return {"title": "", "currency": currency, "rights": RIGHTS, "milestones": [milestone]}


def _pieces(brief: Brief) -> list[dict[str, str]]:
    found = []
    for wanted in brief.pieces:
        name = KINDS[wanted.kind]
        found += [
            _piece(f"{name} {number}" if wanted.count > 1 else name, wanted.platform, wanted.kind)
            for number in range(1, wanted.count + 1)
        ]
    return found


def _piece(title: str, platform: str, kind: str) -> dict[str, str]:
    return {"title": title, "platform": platform, "kind": kind}
