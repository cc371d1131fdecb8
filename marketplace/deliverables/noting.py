"""Notes on words: leaving one, answering, resolving, taking a suggestion."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, request

from marketplace.accounts.access import audience, me
from marketplace.deliverables import notes
from marketplace.deliverables.desk import open_desk
from marketplace.deliverables.forms import NoteForm, ReplyForm
from marketplace.deliverables.models import Comment, Piece, Version, comments_visible_to, visible_to
from marketplace.kernel.db import one
from marketplace.kernel.errors import Missing
from marketplace.kernel.forms import Act
from marketplace.kernel.htmx import page, see, wants_fragment


def add_to(bp: Blueprint) -> None:
    """The routes of this file."""
    piece = "/contracts/<uuid:contract_id>/pieces/<uuid:piece_id>/comments"
    one_note = "/comments/<uuid:comment_id>"
    bp.add_url_rule(piece, "comment", comment, methods=["GET", "POST"])
    bp.add_url_rule(f"{one_note}/reply", "reply", reply, methods=["GET", "POST"])
    bp.add_url_rule(f"{one_note}/resolve", "resolve", resolve, methods=["POST"])
    bp.add_url_rule(f"{one_note}/use", "use", use, methods=["POST"])


@audience("settling")
def comment(contract_id: UUID, piece_id: UUID) -> Any:
    piece = one(visible_to(me(), contract_id).where(Piece.id == piece_id))
    version, form = _version(piece), NoteForm()
    if form.sent():
        with form.refusing():
            start = -1 if form.start.data is None else form.start.data
            made = notes.comment(version, form.body.data, form.quote.data or "", start,
                                 form.suggestion.data or None, by=me())  # fmt: skip
            return _after(piece, made)
    return page("deliverables/comment.html", form=form, piece=piece, version=version,
                contract=piece.milestone.contract, fragment="deliverables/_note_form.html")  # fmt: skip


@audience("settling")
def reply(comment_id: UUID) -> Any:
    note, form = _note(comment_id), ReplyForm()
    if form.sent():
        with form.refusing():
            made = notes.reply(note, form.body.data, by=me())
            return _after(note.version.piece, made)
    return page(
        "deliverables/reply.html", form=form, note=note, contract=note.version.piece.milestone.contract
    )


@audience("settling")
def resolve(comment_id: UUID) -> Any:
    note, form = _note(comment_id), Act()
    if form.sent():
        notes.resolve(note, by=me())
        return _after(note.version.piece, note)
    return page(
        "deliverables/reply.html", form=ReplyForm(), note=note, contract=note.version.piece.milestone.contract
    )


@audience("settling")
def use(comment_id: UUID) -> Any:
    note, form = _note(comment_id), Act()
    piece = note.version.piece
    if form.sent():
        version = notes.accept_suggestion(note, by=me())
        flash(
            f"The words are in draft {version.number}, which is sent."
            if version
            else "The words are in your draft."
        )
        return see("deliverables.desk", contract_id=piece.milestone.contract_id, piece=piece.number)
    return page("deliverables/reply.html", form=ReplyForm(), note=note, contract=piece.milestone.contract)


def _after(piece: Piece, note: Comment) -> Any:
    """The paper again for htmx, the desk at the note for everybody else."""
    contract_id = piece.milestone.contract_id
    if not wants_fragment():
        return see("deliverables.desk", contract_id=contract_id, piece=piece.number, anchor=f"note-{note.id}")
    desk = open_desk(me(), contract_id, piece=piece.number, view=request.args.get("view", ""),
                     against=request.args.get("against", type=int))  # fmt: skip
    return page(
        "deliverables/_paper.html", desk=desk, contract=desk.contract, piece=desk.piece, focus=note.id
    )


def _version(piece: Piece) -> Version:
    if piece.latest is None:
        raise Missing
    return piece.latest


def _note(comment_id: UUID) -> Comment:
    return one(comments_visible_to(me()).where(Comment.id == comment_id))
