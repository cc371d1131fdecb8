"""The professional's pages: the draft editor, its autosave, and sending."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash

from marketplace.accounts.access import audience, me
from marketplace.deliverables import actions
from marketplace.deliverables.forms import DraftForm
from marketplace.deliverables.models import Piece, visible_to
from marketplace.editorial.platforms import PLATFORMS, length
from marketplace.kernel.db import one
from marketplace.kernel.errors import Forbidden
from marketplace.kernel.htmx import page, see, wants_fragment


def add_to(bp: Blueprint) -> None:
    """The routes of this file."""
    address = "/contracts/<uuid:contract_id>/pieces/<uuid:piece_id>"
    bp.add_url_rule(f"{address}/edit", "edit", edit)
    bp.add_url_rule(f"{address}/save", "save", save, methods=["POST"])
    bp.add_url_rule(f"{address}/send", "send", send, methods=["POST"])


@audience("settling")
def edit(contract_id: UUID, piece_id: UUID) -> Any:
    piece = _mine(contract_id, piece_id)
    kept = {
        "text": piece.draft,
        "note": piece.draft_note,
        "sources": piece.draft_sources,
        "link": piece.draft_link,
    }
    return _page(piece, DraftForm(data={**kept, "revision": piece.draft_revision}))


@audience("settling")
def save(contract_id: UUID, piece_id: UUID) -> Any:
    piece, form = _mine(contract_id, piece_id), DraftForm()
    if form.sent():
        with form.refusing():
            draft = form.draft()
            actions.save(piece, draft.text, draft.note, draft.sources, draft.link, draft.revision, by=me())
            if wants_fragment():
                return page("deliverables/_saved.html", piece=piece, used=_used(piece, form))
            flash("The draft is saved.")
            return see("deliverables.edit", contract_id=contract_id, piece_id=piece_id)
    return _page(piece, form)


@audience("settling")
def send(contract_id: UUID, piece_id: UUID) -> Any:
    piece, form = _mine(contract_id, piece_id), DraftForm()
    if form.sent():
        with form.refusing():
            version = actions.send(piece, by=me(), draft=form.draft())
            flash(f"Draft {version.number} of “{piece.title}” is sent.")
            return see("deliverables.desk", contract_id=contract_id, piece=piece.number)
    return _page(piece, form)


def _page(piece: Piece, form: DraftForm) -> Any:
    """The editor; after a conflict with both texts, so that nothing is lost."""
    other = piece.draft if form.status == 409 and piece.draft != (form.text.data or "") else None
    return page(
        "deliverables/edit.html", form=form, piece=piece, contract=piece.milestone.contract, other=other,
        milestone_held=piece.milestone.held_at is not None, used=_used(piece, form),
        platform=PLATFORMS[piece.platform], fragment="deliverables/_conflict.html",
    )  # fmt: skip


def _used(piece: Piece, form: DraftForm) -> Any:
    return length(form.text.data or "", piece.platform, form.link.data or "")


def _mine(contract_id: UUID, piece_id: UUID) -> Piece:
    piece = one(visible_to(me(), contract_id).where(Piece.id == piece_id))
    if piece.milestone.contract.side_of(me()) != "professional":
        raise Forbidden("Only the professional writes drafts. You can leave a note or suggest other words.")
    return piece
