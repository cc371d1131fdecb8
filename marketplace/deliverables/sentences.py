"""What has happened to a contract, in plain sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from marketplace.accounts.models import Person
from marketplace.contracts.models import Contract, Milestone
from marketplace.deliverables.models import Piece
from marketplace.kernel.events import Event

# By event: the sentence, and how its point on the line looks (now, paid, bad or plain).
TOLD = {
    "contract.offered": ("{who} offered the contract for {amount}.", ""),
    "contract.countered": ("{who} answered with other terms, {amount} in all.", ""),
    "contract.accepted": ("{who} accepted. The contract is signed by both sides.", ""),
    "contract.amendment_proposed": ("{who} proposed an amendment.", ""),
    "contract.amended": ("{who} agreed to the amendment. It is in force.", ""),
    "contract.amendment_refused": ("The amendment was refused by {who}.", ""),
    "contract.ended": ("The contract ended. {reason}", ""),
    "milestone.held": ("{amount} is held for “{milestone}” until every piece is approved.", "paid"),
    "milestone.started": ("{who} began work on “{milestone}”.", ""),
    "milestone.submitted": ("Every piece of “{milestone}” is with the editor: the review window runs.", ""),
    "milestone.round_given": ("{who} allowed one more round of changes for free.", ""),
    "milestone.approved": ("Every piece of “{milestone}” is approved.", "paid"),
    "milestone.released_by_silence": (
        "The review window of “{milestone}” ended without an answer. The money is released; nothing that was not "
        "approved may be published.", "paid",
    ),
    "milestone.reminded": ("We reminded {business} that “{milestone}” waits for a decision.", ""),
    "milestone.cancelled": ("“{milestone}” was stopped. {reason}", "bad"),
    "milestone.life_warned": ("The money for “{milestone}” has been held for long; unsent, it goes back.", ""),
    "payment.started": ("{who} began to pay {amount} for “{title}”.", ""),
    "payment.released": ("{amount} is released to the professional for “{title}”.", "paid"),
    "payment.refund_started": ("{amount} goes back to the business for “{title}”.", ""),
    "piece.sent": ("{who} sent draft {draft} of piece {number}, {piece}.", ""),
    "piece.approved": ("{who} approved draft {draft} of piece {number}, {piece}.", "paid"),
    "piece.changes_asked": ("{who} asked for changes to piece {number}, {piece}.", ""),
    "piece.paid_unapproved": ("Piece {number}, {piece}, is paid and not approved to publish.", ""),
    "comment.used": ("{who} took suggested words into piece {number}, {piece}.", ""),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One sentence of the log. note: a person's own words that went with it."""

    text: str
    at: datetime
    kind: str
    note: str


class Gaps(dict[str, object]):
    """Data of events: what an old one does not hold is left out of its sentence."""

    def __missing__(self, key: str) -> str:
        return ""


def lines(events: list[tuple[Event, str]], reader: Person) -> list[Line]:
    """The sentences of `events` with the names of who did them, newest first; the newest stands out."""
    told: list[Line] = []
    for event, name in events:
        sentence, kind = TOLD[event.name]
        who = "You" if event.by_id == reader.id else name or "The marketplace"
        text = sentence.format_map(Gaps(event.data, who=who)).strip()
        note = str(event.data.get("note", "")) if event.name in {"piece.sent", "piece.changes_asked"} else ""
        told.append(Line(text, event.at, kind or ("now" if not told else ""), note))
    return told


def turn(contract: Contract, milestone: Milestone | None, side: str, pieces: list[Piece]) -> str:
    """Whose turn it is with a milestone, for a reader of `side`; it begins with `You` when it is theirs."""
    if contract.state == "ended":
        return "This contract has ended."
    if milestone is None or not milestone.is_open:
        return "Everything in this milestone is done."
    writer = contract.profile.name
    if milestone.held_at is None:
        waits = f"Waiting for {contract.organisation.name} to hold the money."
        return "You hold the money first." if side == "business" else waits
    waiting = sum(1 for piece in pieces if piece.state == "with_editor")
    if waiting and side == "business":
        return f"You have {waiting} piece{'s' if waiting != 1 else ''} to read."
    if any(piece.state in {"with_writer", "changes_asked"} for piece in pieces):
        return "You write." if side == "professional" else f"{writer} is writing."
    return "The editor is reading."
