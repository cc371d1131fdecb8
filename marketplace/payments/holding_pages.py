"""The pages of one milestone's money: where it is, and releasing it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, flash, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from marketplace.accounts.access import audience, fresh, me
from marketplace.deliverables.models import Piece
from marketplace.kernel import money
from marketplace.kernel.db import db, one
from marketplace.kernel.htmx import page, see
from marketplace.payments import actions, statement, where
from marketplace.payments.entering import text
from marketplace.payments.forms import ReleaseForm
from marketplace.payments.funding_pages import contract_of, looks, milestone_of
from marketplace.payments.models import Holding, holdings_visible_to


def add_to(bp: Blueprint) -> None:
    """Put these pages into the room's blueprint, in the order of their addresses."""
    bp.add_url_rule("/payments/holdings/<uuid:holding_id>", "holding", holding)
    address = "/contracts/<uuid:contract_id>/milestones/<int:number>/release"
    bp.add_url_rule(address, "release", release, methods=["GET", "POST"])


@audience("person")
def holding(holding_id: UUID) -> Any:
    """Where the money of one milestone is, and how it came there."""
    mine = holdings_visible_to(me()).where(Holding.id == holding_id)
    found = one(
        mine.options(selectinload(Holding.releases), selectinload(Holding.refunds), joinedload(Holding.payee))
    )
    way = where.way_of(found)
    return page("payments/holding.html", holding=found, way=way, steps=where.steps(way), places=where.places(way),
                papers=where.papers(way, me()), events=statement.timeline(found), contract=contract_of(found.stream),
                side="professional" if found.payee_id == me().id else "business")  # fmt: skip


@audience("settling")
@fresh
def release(contract_id: UUID, number: int) -> Any:
    """Release all that is left, the part of the approved pieces, or an amount."""
    milestone, held = milestone_of(contract_id, number)
    approved = _approvals(milestone.id)
    offers = {"all": held.left_minor, "pieces": _for_pieces(held, approved)}
    form = (
        ReleaseForm(request.args if "how" in request.args else None, wanted=uuid4())
        if looks()
        else ReleaseForm()
    )
    form.typed.currency, form.how.choices = held.currency, _choices(held, offers, approved)
    if looks():
        form.how.data = form.how.data or "all"
        form.typed.validate(form)
    sent, asked = form.sent(), form.chosen(offers)
    if sent and not request.form.get("reckon"):
        with form.refusing():
            form.agree(asked, text(held, asked))
            actions.release(held, asked, by=me(), reason="Released early by the business",
                            request_id=str(form.wanted.data))  # fmt: skip
            flash(f"{text(held, asked)} released.", "ok")
            return see("payments.holding", holding_id=held.id)
    asked = asked if 0 < asked <= held.left_minor else 0
    return page("payments/release.html", form=form, holding=held, milestone=milestone, asked=asked,
                fee_minor=actions.fee_of(held, asked), contract=milestone.contract, may=_may_release(held))  # fmt: skip


def _approvals(milestone_id: UUID) -> list[bool]:
    """Of each piece of a milestone, in their order, whether it is approved."""
    states = select(Piece.state).where(Piece.milestone_id == milestone_id).order_by(Piece.number)
    return [state == "approved" for state in db.session.scalars(states)]


def _for_pieces(held: Holding, approved: list[bool]) -> int:
    """The share of the approved pieces that was not released yet, in minor units; 0 when there is none."""
    if not any(approved):
        return 0
    shares = money.allocate(held.amount_minor, [1] * len(approved), money.step_of(held.currency))
    earned = sum(share for share, is_approved in zip(shares, approved, strict=True) if is_approved)
    return max(0, min(earned - (held.released_minor - held.clawed_minor), held.left_minor))


def _choices(held: Holding, offers: dict[str, int], approved: list[bool]) -> list[tuple[str, str]]:
    """What may be released, each with its sum."""
    found = [("all", f"All that is left: {text(held, offers['all'])}")]
    if offers["pieces"]:
        count = f"{sum(approved)} of {len(approved)} pieces {'are' if sum(approved) != 1 else 'is'} approved"
        found.append(("pieces", f"Only what is approved: {text(held, offers['pieces'])} ({count})"))
    return [*found, ("amount", "Another amount")]


def _may_release(held: Holding) -> bool:
    return me().is_admin or me().acts_for(held.organisation_id, *actions.RELEASING_ROLES)
