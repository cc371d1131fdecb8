"""The desk of a contract. Writing is in writing.py, notes are in noting.py."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, request

from marketplace.accounts.access import audience, fresh, me
from marketplace.contracts.models import milestone_visible_to
from marketplace.deliverables import actions, noting, standing, writing
from marketplace.deliverables import forms as f
from marketplace.deliverables.desk import open_desk
from marketplace.deliverables.models import Piece, visible_to
from marketplace.editorial.platforms import PLATFORMS
from marketplace.kernel.db import find, one
from marketplace.kernel.errors import Missing
from marketplace.kernel.htmx import page, see

bp = Blueprint("deliverables", __name__)
writing.add_to(bp)
noting.add_to(bp)


@bp.context_processor
def words() -> dict[str, Any]:
    """What the templates of the desk say with."""
    return {"standing": standing, "platforms": {key: each.name for key, each in PLATFORMS.items()}}


@bp.get("/contracts/<uuid:contract_id>")
@audience("person")
def desk(contract_id: UUID) -> Any:
    return show_desk(contract_id, f.DecisionForm())


@bp.post("/contracts/<uuid:contract_id>/pieces/<uuid:piece_id>/approve")
@audience("settling")
@fresh
def approve(contract_id: UUID, piece_id: UUID) -> Any:
    piece, form = _piece(contract_id, piece_id), f.DecisionForm()
    if form.sent():
        with form.refusing():
            actions.approve(piece, form.sha256.data or "", by=me())
            flash(f"You approved “{piece.title}”.")
            return see("deliverables.desk", contract_id=contract_id, piece=piece.number)
    return show_desk(contract_id, form, piece.number)


@bp.route("/contracts/<uuid:contract_id>/pieces/<uuid:piece_id>/changes", methods=["GET", "POST"])
@audience("settling")
def changes(contract_id: UUID, piece_id: UUID) -> Any:
    piece, form = _piece(contract_id, piece_id), f.ChangesForm()
    actions.editor(piece, me())
    if form.sent():
        with form.refusing():
            actions.ask_changes(piece, form.note.data, by=me())
            flash("You asked for changes. The review window stands still until the next draft.")
            return see("deliverables.desk", contract_id=contract_id, piece=piece.number)
    return page("deliverables/changes.html", form=form, piece=piece, contract=piece.milestone.contract)


@bp.route("/contracts/<uuid:contract_id>/milestones/<int:number>/round", methods=["GET", "POST"])
@audience("settling")
def allow_round(contract_id: UUID, number: int) -> Any:
    milestone, form = one(milestone_visible_to(me(), contract_id, number)), f.RoundForm()
    if form.sent():
        with form.refusing():
            actions.allow_round(milestone, by=me())
            flash("One more round of changes is allowed.")
            return see("deliverables.desk", contract_id=contract_id)
    return page("deliverables/round.html", form=form, milestone=milestone, contract=milestone.contract)


@bp.route(
    "/contracts/<uuid:contract_id>/pieces/<uuid:piece_id>/versions/<int:number>", methods=["GET", "POST"]
)
@audience("person")
def version(contract_id: UUID, piece_id: UUID, number: int) -> Any:
    piece, form = _piece(contract_id, piece_id), f.PasteForm()
    shown = next((each for each in piece.versions if each.number == number), None)
    if shown is None:
        raise Missing
    same = actions.is_approved_text(shown, form.text.data or "") if form.sent() else None
    return page("deliverables/version.html", form=form, piece=piece, shown=shown, same=same,
                contract=piece.milestone.contract)  # fmt: skip


def show_desk(contract_id: UUID, form: Any, number: int = 0) -> Any:
    """The desk page, open at a piece; `form` shows what was refused."""
    args = request.args
    shown = open_desk(
        me(), contract_id, piece=number or args.get("piece", 0, type=int),
        against=args.get("against", type=int), view=args.get("view", ""),
    )  # fmt: skip
    if shown.contract.accepted_at is None:
        return see("contracts.terms", contract_id=contract_id)
    return page("deliverables/desk.html", form=form, desk=shown, contract=shown.contract, piece=shown.piece)


def _piece(contract_id: UUID, piece_id: UUID) -> Piece:
    found = find(visible_to(me(), contract_id).where(Piece.id == piece_id))
    if found is None:
        raise Missing
    return found
