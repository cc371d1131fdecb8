"""All that the desk page shows, read in a fixed number of queries whatever the number of pieces."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from marketplace.accounts.models import Person
from marketplace.contracts.models import Contract, Milestone, visible_to
from marketplace.deliverables import sentences
from marketplace.deliverables.anchors import place
from marketplace.deliverables.models import Approval, Comment, Piece, Version
from marketplace.deliverables.paper import Paragraph, Pin, lay_out
from marketplace.editorial.platforms import PLATFORMS, Length, fold_at, length
from marketplace.kernel.db import db, many, one
from marketplace.kernel.events import Event, feed
from marketplace.messaging.models import messages_about
from marketplace.payments.models import Holding, holdings_of

EVENTS_SHOWN = 40
VIEWS = ("changes", "clean", "platform")


@dataclass
class Note:
    """A note with its replies. number: of its anchor; 0 for the whole text or words that are gone."""

    comment: Comment
    replies: list[Comment]
    number: int = 0
    start: int = -1

    @property
    def is_gone(self) -> bool:
        """Whether its words are no longer in the text."""
        return bool(self.comment.quote) and self.start < 0


@dataclass
class Desk:
    """One contract as `person` sees it, open at one piece. view: one of VIEWS."""

    contract: Contract
    person: Person
    pieces: list[Piece]
    holdings: dict[str, Holding]
    piece: Piece | None
    against: Version | None
    view: str
    comments: list[Comment] = field(default_factory=list)

    @cached_property
    def mine(self) -> str:
        """The reader's side: business, professional, or empty for an admin."""
        return self.contract.side_of(self.person)

    @property
    def is_editor(self) -> bool:
        """Whether the reader decides on texts."""
        return self.mine == "business" and self.person.acts_for(self.contract.organisation_id, "editor")

    @property
    def may_comment(self) -> bool:
        """Whether the reader may leave notes and messages."""
        return self.mine == "professional" or (
            self.mine == "business"
            and self.person.acts_for(self.contract.organisation_id, "editor", "hiring")
        )

    @property
    def is_turn(self) -> bool:
        """Whether the open milestone waits for the reader."""
        return self.turn_line.startswith("You")

    @cached_property
    def turn_line(self) -> str:
        """Whose turn it is, in a sentence."""
        is_held = self.milestone is None or self.milestone.held_at is not None
        paying = self.holding.live_allocation if self.holding and not is_held else None
        if paying and paying.payment.state == "processing":
            return "The bank was asked for the money."
        return sentences.turn(self.contract, self.milestone, self.mine, self.siblings)

    @property
    def milestone(self) -> Milestone | None:
        """The milestone of the piece that is open."""
        return self.piece.milestone if self.piece else next(iter(self.contract.milestones), None)

    @property
    def holding(self) -> Holding | None:
        """The money of that milestone."""
        return self.holdings.get(self.milestone.subject) if self.milestone else None

    @property
    def siblings(self) -> list[Piece]:
        """The pieces of that milestone."""
        return self.pieces_in(self.milestone) if self.milestone else []

    def pieces_in(self, milestone: Milestone) -> list[Piece]:
        """The pieces of a milestone, in order."""
        return [piece for piece in self.pieces if piece.milestone_id == milestone.id]

    def open_notes_on(self, piece: Piece) -> int:
        """How many notes on a piece are not resolved."""
        versions = {version.id for version in piece.versions}
        return sum(1 for c in self.comments if c.version_id in versions and _is_open(c))

    @cached_property
    def notes(self) -> list[Note]:
        """The open notes on this piece, in the order of their words; those about the whole text last."""
        return _number(self._threads(resolved=False), self.latest.text if self.latest else "")

    @cached_property
    def resolved(self) -> list[Note]:
        """The notes that were dealt with."""
        return self._threads(resolved=True)

    @property
    def latest(self) -> Version | None:
        """The version on the desk."""
        return self.piece.latest if self.piece else None

    @cached_property
    def paragraphs(self) -> list[Paragraph]:
        """The latest version, laid out with its changes."""
        if self.latest is None:
            return []
        pins = [Pin(n.number, n.start, n.start + len(n.comment.quote)) for n in self.notes if n.number]
        before = self.against.text if self.against else None
        return lay_out(self.latest.text, before, pins, self.fold, self.platform)

    def notes_at(self, paragraph: Paragraph) -> list[Note]:
        """The notes that stand beside a paragraph."""
        return [note for note in self.notes if note.number in paragraph.pins]

    @property
    def loose(self) -> list[Note]:
        """The notes that stand beside no words."""
        return [note for note in self.notes if not note.number]

    @property
    def platform(self) -> str:
        """The platform's name."""
        return PLATFORMS[self.piece.platform].name if self.piece else ""

    @property
    def fold(self) -> int | None:
        """Where the platform cuts the latest version."""
        return fold_at(self.latest.text, self.latest.platform) if self.latest else None

    @property
    def length(self) -> Length | None:
        """How much of the platform's room it takes."""
        return length(self.latest.text, self.latest.platform, self.latest.link) if self.latest else None

    @cached_property
    def events(self) -> list[sentences.Line]:
        """What has happened, newest first."""
        told = feed(self.contract.subject).where(Event.name.in_(sentences.TOLD)).limit(EVENTS_SHOWN)
        named = told.outerjoin(Person, Person.id == Event.by_id).add_columns(Person.name)
        return sentences.lines([(row[0], row[1] or "") for row in db.session.execute(named)], self.person)

    @cached_property
    def messages(self) -> Any:
        """The thread of the contract, oldest first."""
        return many(messages_about(self.contract.subject))

    def _threads(self, resolved: bool) -> list[Note]:
        versions = {version.id for version in self.piece.versions} if self.piece else set()
        roots = [c for c in self.comments if c.version_id in versions and c.reply_to_id is None]
        replies: dict[UUID, list[Comment]] = {}
        for each in self.comments:
            if each.reply_to_id:
                replies.setdefault(each.reply_to_id, []).append(each)
        return [
            Note(root, replies.get(root.id, []))
            for root in roots
            if (root.resolved_at is not None) == resolved
        ]


def open_desk(
    person: Person, contract_id: UUID, *, piece: int = 0, against: int | None = None, view: str = ""
) -> Desk:
    """Read the desk of a contract that `person` may see. Raises Missing.

    piece: its number, or 0 for the one that waits. against: the number of the version to compare with, the
    one before the latest when left out.
    """
    contract = one(
        visible_to(person)
        .where(Contract.id == contract_id)
        .options(joinedload(Contract.organisation), joinedload(Contract.brand), joinedload(Contract.profile),
                 joinedload(Contract.milestones))
    )  # fmt: skip
    pieces = many(
        select(Piece)
        .where(Piece.milestone_id.in_([milestone.id for milestone in contract.milestones]))
        .order_by(Piece.number)
        .options(selectinload(Piece.versions).joinedload(Version.approvals).joinedload(Approval.by))
    )
    money = many(holdings_of(contract.subject))
    holdings = {holding.subject: holding for holding in money}
    chosen = next((each for each in pieces if each.number == piece), None) or _waiting(
        contract, person, pieces
    )
    return Desk(
        contract, person, pieces, holdings, chosen, _compared(chosen, against),
        view if view in VIEWS else "changes", _comments(pieces),
    )  # fmt: skip


def _comments(pieces: list[Piece]) -> list[Comment]:
    ids = [version.id for piece in pieces for version in piece.versions]
    return many(
        select(Comment)
        .where(Comment.version_id.in_(ids))
        .order_by(Comment.created_at)
        .options(joinedload(Comment.by))
    )


def _waiting(contract: Contract, person: Person, pieces: list[Piece]) -> Piece | None:
    """The first piece that waits for the reader, or the first of the running milestone."""
    wanted = (
        {"with_writer", "changes_asked"} if contract.side_of(person) == "professional" else {"with_editor"}
    )
    running = [m.id for m in contract.milestones if m.is_open]
    open_pieces = [piece for piece in pieces if piece.milestone_id in running[:1]]
    return next(
        (piece for piece in open_pieces if piece.state in wanted), next(iter(open_pieces or pieces), None)
    )


def _compared(piece: Piece | None, against: int | None) -> Version | None:
    if piece is None or len(piece.versions) < 2:
        return None
    chosen = next((version for version in piece.versions[:-1] if version.number == against), None)
    return chosen or piece.versions[-2]


def _number(notes: list[Note], text: str) -> list[Note]:
    for note in notes:
        found = place(text, note.comment.quote, note.comment.start)
        note.start = -1 if found is None else found
    placed = sorted((n for n in notes if n.start >= 0), key=lambda n: (n.start, n.comment.created_at))
    for number, note in enumerate(placed, 1):
        note.number = number
    return placed + [note for note in notes if note.start < 0]


def _is_open(comment: Comment) -> bool:
    return comment.reply_to_id is None and comment.resolved_at is None
