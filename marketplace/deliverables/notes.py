"""Notes on exact words: comment, reply, resolve, and the professional's taking of a suggestion."""

from __future__ import annotations

from uuid import UUID

from marketplace.accounts.models import Person
from marketplace.contracts.parties import proved, side, stream_data
from marketplace.deliverables.actions import new_version
from marketplace.deliverables.anchors import place
from marketplace.deliverables.models import Comment, Piece, Version
from marketplace.editorial.platforms import length
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, flush, lock
from marketplace.kernel.errors import Forbidden, Refused, Stale
from marketplace.kernel.events import tell


def comment(
    version: Version,
    body: str,
    quote: str = "",
    start: int = -1,
    suggestion: str | None = None,
    *,
    by: Person,
) -> Comment:
    """Leave a note on the words `quote` of a version, or on the whole text when there is no quote.

    start: where the quote begins, in characters of the text; -1 when not known. suggestion: words to put in
    its place. Refuses strangers (404), roles that only look (403), and words that are not in the text (422).
    """
    _speaker(version.piece, by)
    if suggestion is not None and not quote:
        raise Refused(
            "Say which words the suggestion replaces: copy them into the field above.", field="quote"
        )
    found = place(version.text, quote, start)
    if quote and found is None:
        raise Refused(f"These words are not in draft {version.number}: copy them exactly.", field="quote")
    made = add(
        Comment(version_id=version.id, by_id=by.id, body=body, quote=quote, suggestion=suggestion,
                start=-1 if found is None else found)
    )  # fmt: skip
    _tell("comment.left", made, version.piece, by, body=body)
    return made


def reply(to: Comment, body: str, *, by: Person) -> Comment:
    """Answer a note, under it."""
    piece = to.version.piece
    _speaker(piece, by)
    root: UUID = to.reply_to_id or to.id
    made = add(Comment(version_id=to.version_id, by_id=by.id, body=body, reply_to_id=root))
    _tell("comment.replied", made, piece, by, body=body)
    return made


def resolve(note: Comment, *, by: Person) -> Comment:
    """Say that a note is dealt with. Either side may; resolving twice is refused (409)."""
    piece = note.version.piece
    lock(note)
    _speaker(piece, by)
    if note.resolved_at is not None or note.reply_to_id is not None:
        raise Stale("This note is resolved already.")
    note.resolved_at, note.resolved_by_id = now(), by.id
    flush()
    _tell("comment.resolved", note, piece, by)
    return note


def accept_suggestion(note: Comment, *, by: Person) -> Version | None:
    """The professional takes suggested words: a new version when the text is with the editor, else the draft.

    It is the professional's act, who thereby is the author. Refuses the business (403), words that are gone
    and notes that are resolved (409), and a text that would be too long (422).
    """
    piece = note.version.piece
    lock(piece.milestone)
    lock(piece)
    lock(note)
    if side(piece.milestone.contract, by) != "professional":
        raise Forbidden("Only the professional takes a suggestion into the text.")
    proved(by)
    if note.suggestion is None or note.resolved_at is not None:
        raise Stale("There is no open suggestion here.")
    if not piece.milestone.is_open or piece.milestone.contract.state != "active":
        raise Stale("This milestone is over, so its texts stay as they are.")
    version = _take(piece, note, by)
    note.resolved_at, note.resolved_by_id = now(), by.id
    flush()
    _tell("comment.used", note, piece, by)
    return version


def _take(piece: Piece, note: Comment, by: Person) -> Version | None:
    latest = piece.latest
    if latest is not None and piece.state in {"with_editor", "approved"}:
        text = _replaced(latest.text, note)
        untouched = piece.draft == latest.text
        if length(text, piece.platform, latest.link).over:
            raise Refused("With these words the text would be too long for its platform.")
        if untouched or place(piece.draft, note.quote, note.start) is not None:
            piece.draft = text if untouched else _replaced(piece.draft, note)
            piece.draft_revision += 1
        # What was typed since and not sent, a link too, stays unsent.
        return new_version(
            piece,
            text,
            by,
            note=f"Took a suggestion: “{note.suggestion}”.",
            sources=latest.sources,
            link=latest.link,
        )
    piece.draft = _replaced(piece.draft, note)
    piece.draft_revision += 1
    return None


def _replaced(text: str, note: Comment) -> str:
    found = place(text, note.quote, note.start)
    if found is None:
        raise Stale("The words that this suggestion was for are gone from the text.")
    return text[:found] + (note.suggestion or "") + text[found + len(note.quote) :]


def _speaker(piece: Piece, by: Person) -> None:
    contract = piece.milestone.contract
    if side(contract, by) == "business" and not by.acts_for(contract.organisation_id, "editor", "hiring"):
        raise Forbidden("Your role lets you read these texts, not comment on them.")
    proved(by)


def _tell(name: str, note: Comment, piece: Piece, by: Person, **data: str) -> None:
    contract = piece.milestone.contract
    tell(name, note, by=by, stream=contract, **stream_data(contract), piece=piece.title, number=piece.number,
         quote=note.quote, **data)  # fmt: skip
