"""Writing, answering and taking away reviews."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from marketplace.accounts.models import Person
from marketplace.config import rules
from marketplace.contracts.models import Contract, Milestone
from marketplace.deliverables.models import Piece, Version
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, find, lock, many, one
from marketplace.kernel.errors import Forbidden, Missing, Refused, Stale
from marketplace.kernel.events import tell
from marketplace.reviews.models import GROUNDS, LINES, Review, Window, of_contract, window_of

# Who of a business may speak for it in a review.
SPEAKERS = ("owner", "editor", "hiring")


def write(
    contract: Contract,
    *,
    scores: dict[str, int],
    body: str,
    hire_again: bool | None = None,
    quote: str = "",
    by: Person,
) -> Review:
    """Write one side's review. Nobody else sees it before both are in, or the window closed.

    scores: a mark from 1 to 5 for each line of the writer's side. hire_again, quote: the business only;
    quote is a line of the delivered work. Raises Missing to strangers, Forbidden to a role that does not
    speak for the business, Stale once the window closed or this side has written.
    """
    side, window = speaks_for(contract, by), open_window(contract)
    written = {review.side for review in many(of_contract(contract.id))}
    if side in written:
        raise Stale("Your side has written its review already.")
    check_marks(side, scores)
    if side == "business":
        quote = check_business(contract, quote, hire_again)
    review = add(
        Review(
            contract_id=contract.id,
            side=side,
            by_id=by.id,
            profile_id=contract.profile_id,
            organisation_id=contract.organisation_id,
            scores={line: scores[line] for line in LINES[side]},
            body=body,
            quote=quote if side == "business" else "",
            hire_again=hire_again if side == "business" else None,
        )
    )
    tell("review.written", review, by=by, stream=contract, side=side, title=contract.title)
    if len(written) == 1:
        show(window)
    return review


def open_window(contract: Contract) -> Window:
    """The time for reviews of a contract, held until this transaction ends. Refuses before and after it (409)."""
    window = find(window_of(contract.id))
    if window is None:
        raise Refused("Reviews open when the contract has ended and money was held on it.", status=409)
    lock(window)
    if not window.is_open:
        raise Stale("The time for reviews of this contract is over.")
    return window


def speaks_for(contract: Contract, by: Person) -> str:
    """The side for which `by` may write. Raises Missing, or Forbidden for who may only look."""
    side = contract.side_of(by)
    if not side:
        raise Missing
    if side == "professional" and by.acts_for(contract.organisation_id):
        raise Forbidden("You stand on both sides of this contract, so you cannot review it.")
    if side == "business" and not by.acts_for(contract.organisation_id, *SPEAKERS):
        raise Forbidden("An owner, an editor or whoever hires reviews for the business.")
    return side


def check_marks(side: str, scores: dict[str, int]) -> None:
    """Every line has a mark from 1 to 5, and no other."""
    for line in LINES[side]:
        if scores.get(line) not in {1, 2, 3, 4, 5}:
            raise Refused("Choose a mark.", field=line)


def check_business(contract: Contract, quote: str, hire_again: bool | None) -> str:
    """What only a business says. Returns the quoted line as it is kept."""
    if hire_again is None:
        raise Refused("Say whether you would hire them again.", field="hire_again")
    texts, line = delivered(contract), " ".join(quote.split())
    if texts and not line:
        raise Refused("Quote one line of the work.", field="quote")
    if line and not any(line in " ".join(text.split()) for text in texts):
        raise Refused("This line is in no delivered text. Copy it exactly as it was written.", field="quote")
    return line


def delivered(contract: Contract) -> list[str]:
    """The latest text of every piece that was approved or paid for."""
    found = (
        select(Version)
        .join(Piece, Piece.id == Version.piece_id)
        .join(Milestone, Milestone.id == Piece.milestone_id)
        .where(Milestone.contract_id == contract.id, Piece.state.in_(["approved", "paid_unapproved"]))
        .order_by(Milestone.number, Piece.number, Version.number)
    )
    return list({version.piece_id: version.text for version in many(found)}.values())


def reply(review: Review, body: str, *, by: Person) -> Review:
    """Answer a shown review, once, by the side it is about, within the reply window."""
    lock(review)
    if speaks_for(review.contract, by) != review.reviewed:
        raise Forbidden("Only the side that was reviewed answers.")
    if review.reply:
        raise Stale("Your side has answered already.")
    if review.is_removed:
        raise Stale("This review was removed, so there is nothing to answer.")
    if review.shown_at is None or now() >= review.shown_at + rules().reply_window:
        raise Stale(f"An answer can be given for {rules().reply_window.days} days; they are over.")
    review.reply, review.replied_at = body, now()
    title = review.contract.title
    tell("review.replied", review, by=by, stream=review.contract, side=review.reviewed, title=title)
    return review


def remove(review: Review, ground: str, sentence: str, *, by: Person) -> Review:
    """Take a review away, by an admin, with a listed ground; a note of it stays on the page.

    ground: a key of GROUNDS. sentence: what happened, for the audit trail and both sides.
    """
    lock(review)
    if not by.is_admin:
        raise Missing
    if review.contract.side_of(by):
        raise Forbidden("You are a side of this contract: another admin has to decide.")
    if ground not in GROUNDS:
        raise Refused("Choose one of the grounds.", field="ground")
    if review.is_removed:
        raise Stale("This review was removed already.")
    review.removed_at, review.removed_ground, review.removed_reason = now(), ground, sentence
    title = review.contract.title
    tell("review.removed", review, by=by, stream=review.contract, title=title, ground=ground, reason=sentence)
    return review


def publish(window_id: UUID) -> None:
    """The sweep: the window closed, so what was written is shown."""
    window = lock(one(select(Window).where(Window.id == window_id)))
    if window.shown_at is None and now() >= window.due_at:
        show(window)


def show(window: Window) -> None:
    """Close the window and show what both sides wrote, at the same moment."""
    window.shown_at = now()
    for review in many(of_contract(window.contract_id)):
        review.shown_at = window.shown_at
        contract = window.contract
        tell("review.shown", review, by=None, stream=contract, title=contract.title, side=review.side)
