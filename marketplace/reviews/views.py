"""Writing, answering and removing reviews. Profiles include templates/reviews/_reviews.html."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash
from sqlalchemy import select

from marketplace.accounts.access import audience, me
from marketplace.config import rules
from marketplace.contracts.models import Contract, visible_to
from marketplace.kernel.db import find, many, one
from marketplace.kernel.forms import Form
from marketplace.kernel.htmx import page, see
from marketplace.reviews import actions
from marketplace.reviews import forms as f
from marketplace.reviews.models import LINES, Review, of_contract, shown_to, window_of

bp = Blueprint("reviews", __name__)


@bp.route("/contracts/<uuid:contract_id>/review", methods=["GET", "POST"])
@audience("verified")
def write(contract_id: UUID) -> Any:
    """Write one's side of it, or see where it stands."""
    contract = one(visible_to(me()).where(Contract.id == contract_id))
    side = contract.side_of(me())
    form = f.OfBusiness() if side == "professional" else f.OfProfessional()
    if form.sent():
        with form.refusing():
            actions.write(contract, **typed(form, side), by=me())
            flash("Your review is in. It is shown when both sides have written, or the time is over.", "ok")
            return see("reviews.write", contract_id=contract.id)
    return page("reviews/write.html", form=form, contract=contract, side=side, **standing(contract, side))


def typed(form: Form, side: str) -> dict[str, Any]:
    """What the form says, as the verb takes it."""
    data = form.data
    said: dict[str, Any] = {
        "body": data["body"],
        "scores": {line: data[line] for line in LINES.get(side, ())},
    }
    if side == "business":
        said |= {"quote": data["quote"] or "", "hire_again": data["hire_again"] == "yes"}
    return said


def standing(contract: Contract, side: str) -> dict[str, Any]:
    """What has been written that this side may read, and until when it may write."""
    written = many(of_contract(contract.id))
    ours = next((review for review in written if review.side == side), None)
    return {
        "window": find(window_of(contract.id)),
        "ours": ours,
        "reviews": [review for review in written if review.is_shown],
        "texts": actions.delivered(contract) if side == "business" and ours is None else [],
        "lines": LINES.get(side, {}),
        "reply_days": rules().reply_window.days,
        "rest_days": rules().review_after_release.days,
    }


@bp.route("/reviews/<uuid:review_id>/reply", methods=["GET", "POST"])
@audience("verified")
def reply(review_id: UUID) -> Any:
    """Answer a review of one's own side, once."""
    review, form = one(shown_to(me()).where(Review.id == review_id)), f.Reply()
    if form.sent():
        with form.refusing():
            actions.reply(review, form.body.data, by=me())
            flash("Your answer stands under the review.", "ok")
            return see("reviews.write", contract_id=review.contract_id)
    return page("reviews/reply.html", form=form, review=review)


@bp.route("/reviews/<uuid:review_id>/remove", methods=["GET", "POST"])
@audience("admin")
def remove(review_id: UUID) -> Any:
    """Take a review away, with a ground; its note stays."""
    review, form = one(select(Review).where(Review.id == review_id)), f.Remove()
    if form.sent():
        with form.refusing():
            actions.remove(review, form.ground.data, form.sentence.data, by=me())
            flash("The review is removed. A note with the ground stays in its place.", "ok")
            return see("reviews.write", contract_id=review.contract_id)
    return page("reviews/remove.html", form=form, review=review)
