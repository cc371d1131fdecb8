"""Where a milestone and a piece stand, in the words that people read. Derived, never stored."""

from __future__ import annotations

from marketplace.contracts.models import Milestone
from marketplace.deliverables.models import Piece
from marketplace.payments.models import Holding

MONEY = {
    "unfunded": "Not funded yet",
    "funding": "Payment under way",
    "released": "Released",
    "refunded": "Money returned",
    "mixed": "Partly released, partly returned",
    "lost": "Money lost to a chargeback",
}
PLANNED = {"part_released": "Partly released, not begun", "released": "Released, not begun"}
WORK = {
    "planned": "Held, not begun",
    "in_progress": "Being written",
    "submitted": "In review",
    "changes_asked": "Changes asked",
    "approved": "Approved",
}


def of_milestone(milestone: Milestone, holding: Holding | None, pieces: list[Piece]) -> str:
    """The line under a milestone's title: `In review, 1 of 4 approved`."""
    money = holding.money_state if holding else "unfunded"
    if milestone.work == "cancelled" and money in {"unfunded", "funding"}:
        return "Left out"
    if money in MONEY and not (milestone.is_open and money == "released"):
        late = ", by silence" if milestone.by_silence else ""
        return MONEY[money] + late
    if milestone.work == "planned" and money in PLANNED:
        return PLANNED[money]
    approved = sum(1 for piece in pieces if piece.state == "approved")
    counted = f", {approved} of {len(pieces)} approved" if milestone.work != "planned" and pieces else ""
    return WORK.get(milestone.work, "Stopped") + counted


def of_piece(piece: Piece, side: str, writer: str, is_held: bool) -> tuple[str, str]:
    """A piece's state and its kind (ok, you, or plain) for a reader of `side`. writer: the professional's name."""
    mine = side == "professional"
    if piece.milestone.work == "cancelled" and piece.state != "approved":
        return "Stopped", ""
    match piece.state:
        case "approved":
            return ("Approved", "ok") if piece.is_publishable else ("The approval has run out", "you")
        case "with_editor":
            return (
                ("With the editor", "") if mine else ("Waiting for you" if side else "With the editor", "you")
            )
        case "changes_asked":
            return ("Changes asked of you", "you") if mine else (f"Changes asked, with {writer}", "")
        case "paid_unapproved":
            return "Paid, not approved to publish", ""
    if not is_held:
        return "Not begun: the money is not held yet", ""
    return ("Write it", "you") if mine else (f"With {writer}", "")
