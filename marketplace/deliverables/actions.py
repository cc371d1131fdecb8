"""Drafts and the approval of exact bytes. The milestone is locked first, then the piece: the last approval
of a milestone and a new draft of another of its pieces wait for each other."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.accounts.models import Person
from marketplace.config import rules
from marketplace.contracts import milestones
from marketplace.contracts.models import Milestone
from marketplace.contracts.parties import proved, side, stream_data
from marketplace.deliverables.models import Approval, Piece, Version, hashes, pieces_of
from marketplace.editorial.platforms import PLATFORMS, length
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, db, flush, lock, many
from marketplace.kernel.errors import Forbidden, Refused, Stale
from marketplace.kernel.events import tell
from marketplace.kernel.text import line_ends, sha256

TEXT_MOST = 40_000


@dataclass(frozen=True)
class Draft:
    """What the editor page sends. revision: of the draft that the page was made from."""

    text: str
    note: str = ""
    sources: str = ""
    link: str = ""
    revision: int = 0


class Conflict(Stale):
    """Somebody else, or another window, saved in the meantime: both texts are to be shown."""


def save(
    piece: Piece,
    text: str,
    note: str = "",
    sources: str = "",
    link: str = "",
    revision: int = 0,
    *,
    by: Person,
) -> Piece:
    """Keep what the professional has typed. The first save after the money is held begins the milestone.

    revision: of the draft the page was made from. Refuses everybody but the professional (403), pieces of a
    milestone that is over (409), and writing over another save (Conflict, 409).
    """
    _lock(piece)
    _writer(piece, by)
    _check_open(piece)
    typed = (line_ends(text), note, sources, link)
    if typed == (piece.draft, piece.draft_note, piece.draft_sources, piece.draft_link):
        return piece
    if revision != piece.draft_revision:
        raise Conflict("This draft was saved in another window in the meantime. Nothing was overwritten.")
    if len(text) > TEXT_MOST:
        raise Refused(f"A draft may have at most {TEXT_MOST:,} characters.", field="text")
    piece.draft, piece.draft_note, piece.draft_sources, piece.draft_link = typed
    piece.draft_revision += 1
    milestones.start(piece.milestone, by=by)
    flush()
    return piece


def send(piece: Piece, *, by: Person, draft: Draft | None = None) -> Version:
    """Send the draft to the business as a new version, which voids the approval of any earlier one.

    draft: typed on the page, saved first. When every piece of the milestone is with the business, the
    milestone is submitted. Refuses an empty or too long text, the same text twice, money that is not held
    (422), and milestones that are over (409).
    """
    if draft is not None:
        save(piece, draft.text, draft.note, draft.sources, draft.link, draft.revision, by=by)
    _lock(piece)
    _writer(piece, by)
    proved(by)
    milestones.draft_sent(piece.milestone, by=by)
    _check_sendable(piece)
    version = new_version(
        piece, piece.draft, by, note=piece.draft_note, sources=piece.draft_sources, link=piece.draft_link
    )
    piece.draft_note = ""
    return version


def new_version(piece: Piece, text: str, by: Person, *, note: str, sources: str, link: str) -> Version:
    """Add a version, void the approvals of the others, and hand the piece to the editor."""
    whole, words = hashes(text, piece.platform, link)
    version = add(
        Version(
            piece_id=piece.id, number=len(piece.versions) + 1, text=text, note=note, sources=sources,
            link=link, platform=piece.platform, by_id=by.id, sha256=whole, text_sha256=words,
        )
    )  # fmt: skip
    _void(piece, f"Draft {version.number} was sent.")
    piece.state = "with_editor"
    flush()
    db.session.expire(piece, ["versions"])
    _tell("piece.sent", piece, by, draft=version.number, note=note, sha256=version.sha256)
    if all(each.state in {"with_editor", "approved"} for each in many(pieces_of(piece.milestone_id))):
        milestones.submit(piece.milestone, by=by)
    return version


def approve(piece: Piece, sha256: str, *, by: Person) -> Approval:
    """Approve exactly the bytes whose hash the page showed. The last one completes the milestone.

    Refuses strangers (404), people without the editor role and everybody with words in the text (403),
    another text than the latest, a second approval, and a milestone whose money went back (409).
    """
    _lock(piece)
    editor(piece, by)
    latest = piece.latest
    if latest is None:
        raise Stale("Nothing was sent yet, so there is nothing to approve.")
    if latest.sha256 != sha256:
        raise Stale(f"Draft {latest.number} came while you were reading: please read it before you approve.")
    if piece.is_publishable:
        raise Stale("This text is approved already.")
    if piece.milestone.work == "cancelled":
        raise Stale("This milestone was stopped, so its texts are not to be used.")
    if not piece.awaits_decision:
        raise Stale("This piece is with the writer now.")
    _void(piece, "Approved anew.")
    approval = add(
        Approval(
            version_id=latest.id, by_id=by.id, sha256=sha256, expires_at=now() + rules().approval_expires
        )
    )
    piece.state = "approved"
    flush()
    db.session.expire(latest, ["approvals"])
    _tell("piece.approved", piece, by, draft=latest.number, sha256=sha256)
    _settle(piece.milestone, by)
    return approval


def _settle(milestone: Milestone, by: Person) -> None:
    """After an approval: the last one completes the milestone; one that took back a wish for changes starts the
    review window of the other pieces again, or nothing would end it."""
    states = {each.state for each in many(pieces_of(milestone.id))}
    if not milestone.is_open:
        return
    if states == {"approved"}:
        milestones.complete(milestone, by=by)
    elif milestone.work != "submitted" and states <= {"with_editor", "approved"}:
        milestones.submit(milestone, by=by)


def ask_changes(piece: Piece, note: str, *, by: Person) -> Piece:
    """Ask for changes to what was sent; an approval of it is void. Each piece has the agreed rounds.

    note: what to change, for the professional. Refuses as `approve` does, and a round beyond those agreed.
    """
    _lock(piece)
    editor(piece, by)
    if piece.latest is None or piece.state not in {"with_editor", "approved"}:
        raise Stale("This piece is with the writer already.")
    milestones.ask_changes(piece.milestone, by=by, round_number=piece.rounds_used + 1)
    piece.rounds_used += 1
    piece.state, piece.changes_note = "changes_asked", note
    _void(piece, "Changes were asked for.")
    flush()
    _tell("piece.changes_asked", piece, by, draft=piece.latest.number, note=note)
    return piece


def allow_round(milestone: Milestone, *, by: Person) -> Milestone:
    """The professional gives one more round of changes for free."""
    return milestones.allow_round(milestone, by=by)


def is_approved_text(version: Version, pasted: str) -> bool:
    """Whether `pasted` is, to the character, the text of `version` and that is approved."""
    same = sha256(line_ends(pasted).encode()) == version.text_sha256
    return same and version.approval is not None and version.approval.expires_at > now()


def editor(piece: Piece, by: Person) -> None:
    """Refuses whoever may not decide on this piece."""
    contract = piece.milestone.contract
    if by.id in piece.author_ids:
        raise Forbidden("You wrote words of this text, so somebody else has to approve it.")
    if side(contract, by) != "business" or not by.acts_for(contract.organisation_id, "editor"):
        raise Forbidden("Only an owner or an editor of the business decides on texts.")
    proved(by)


def _lock(piece: Piece) -> None:
    lock(piece.milestone)
    lock(piece)


def _writer(piece: Piece, by: Person) -> None:
    if side(piece.milestone.contract, by) != "professional":
        raise Forbidden("Only the professional writes drafts. You can leave a note or suggest other words.")


def _check_open(piece: Piece) -> None:
    if not piece.milestone.is_open or piece.milestone.contract.state != "active":
        raise Stale("This milestone is over, so its texts stay as they are.")


def _check_sendable(piece: Piece) -> None:
    if not piece.draft.strip():
        raise Refused("There is nothing to send yet: write the draft first.", field="text")
    used = length(piece.draft, piece.platform, piece.draft_link)
    if used.over:
        name = PLATFORMS[piece.platform].name
        raise Refused(f"This is {used.over:,} over what {name} takes: {used}.", field="text")
    latest = piece.latest
    same = latest is not None and hashes(piece.draft, piece.platform, piece.draft_link)[0] == latest.sha256
    if same and piece.state != "changes_asked":
        raise Refused("This is the draft that you sent already: nothing has changed.", field="text")


def _void(piece: Piece, reason: str) -> None:
    for version in piece.versions:
        for approval in version.approvals:
            if approval.voided_at is None:
                approval.voided_at, approval.voided_reason = now(), reason


def _tell(name: str, piece: Piece, by: Person | None, **data: str | int) -> None:
    contract = piece.milestone.contract
    tell(
        name,
        piece,
        by=by,
        stream=contract,
        **stream_data(contract),
        piece=piece.title,
        number=piece.number,
        **data,
    )
