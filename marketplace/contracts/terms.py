"""The exact terms: what may stand in them, and the bytes whose hash both sides sign.

terms: {"title", "currency", "fee_bps", "review_days", "rounds", "rights", "message", "milestones":
[{"title", "amount_minor", "due_on" (ISO day or ""), "pieces": [{"title", "platform", "kind"}]}]}
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from marketplace.config import rules
from marketplace.kernel import money
from marketplace.kernel.clock import today
from marketplace.kernel.errors import Refused
from marketplace.kernel.text import canonical, sha256
from marketplace.talent.models import KINDS, PLATFORMS

MOST_MILESTONES, MOST_PIECES, MOST_ROUNDS = 6, 20, 10


def digest(data: dict[str, Any]) -> str:
    """The SHA-256 of the canonical bytes of `data`: what a signature names."""
    return sha256(canonical(data))


def settle(
    terms: dict[str, Any], currency: str, *, fee_bps: int | None = None, started: date | None = None
) -> dict[str, Any]:
    """`terms` complete and within the rules, as they are stored and hashed. Raises Refused with a sentence.

    currency: of the contract. fee_bps: the fee in force, today's when left out. started: for amendments,
    the day of hiring: due dates that have passed since may stay.
    """
    title = str(terms.get("title", "")).strip()
    if not title:
        raise Refused("The contract needs a title.", field="title")
    days, rounds = int(terms["review_days"]), int(terms["rounds"])
    least, most = rules().review_days_least, rules().review_days_most
    if not least <= days <= most:
        raise Refused(f"The review window may be {least} to {most} days.", field="review_days")
    if not 0 <= rounds <= MOST_ROUNDS:
        raise Refused(f"The contract may include up to {MOST_ROUNDS} edit rounds.", field="rounds")
    if not 1 <= len(terms["milestones"]) <= MOST_MILESTONES:
        raise Refused(f"A contract has 1 to {MOST_MILESTONES} milestones.")
    return {
        "title": title,
        "currency": currency,
        "fee_bps": rules().fee_bps if fee_bps is None else fee_bps,
        "review_days": days,
        "rounds": rounds,
        "rights": str(terms.get("rights", "")),
        "message": str(terms.get("message", "")),
        "milestones": [_milestone(item, currency, started or today()) for item in terms["milestones"]],
    }


def _milestone(item: dict[str, Any], currency: str, since: date) -> dict[str, Any]:
    name = str(item.get("title", "")).strip()
    if not name:
        raise Refused("Every milestone needs a name.")
    amount, least, most = int(item["amount_minor"]), rules().smallest_milestone[currency], rules().largest_milestone
    if not least <= amount <= most:
        raise Refused(f"“{name}” may cost {money.text(least, currency)} to {money.text(most, currency)}.")
    due = str(item.get("due_on") or "")
    if due and date.fromisoformat(due) < since:
        raise Refused(f"The day of “{name}” has passed: choose a later one.")
    if due and date.fromisoformat(due) > since + rules().life_hard_stop * 6:
        raise Refused(f"The day of “{name}” is too far away.")
    if not 1 <= len(item["pieces"]) <= MOST_PIECES:
        raise Refused(f"“{name}” needs 1 to {MOST_PIECES} pieces.")
    pieces = [_piece(piece, name) for piece in item["pieces"]]
    return {"title": name, "amount_minor": amount, "due_on": due, "pieces": pieces}


def _piece(piece: dict[str, Any], milestone: str) -> dict[str, str]:
    title = str(piece.get("title", "")).strip()
    if not title:
        raise Refused(f"Every piece of “{milestone}” needs a title.")
    if piece["platform"] not in PLATFORMS or piece["kind"] not in KINDS:
        raise Refused(f"“{title}” names a platform or a kind that does not exist here.")
    return {"title": title, "platform": piece["platform"], "kind": piece["kind"]}


def last_day(held_on: date, review_days: int) -> date:
    """The last day for which work held on `held_on` may be promised: the hard stop less the review window."""
    return held_on + rules().life_hard_stop - timedelta(days=review_days)
