"""The five steps from an empty page to a published brief. Each step is saved before the next is shown."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from marketplace.accounts.access import audience, me
from marketplace.accounts.models import Brand, Organisation
from marketplace.briefs import actions
from marketplace.briefs import forms as f
from marketplace.briefs.models import STEPS, Brief, owned_by
from marketplace.briefs.readiness import gaps
from marketplace.kernel.db import many, one
from marketplace.kernel.errors import Missing
from marketplace.kernel.forms import Act
from marketplace.kernel.htmx import page, see


def add_to(bp: Blueprint) -> None:
    """Put these pages into the room's blueprint."""
    bp.add_url_rule("/briefs/new", "new", new, methods=["GET", "POST"])
    bp.add_url_rule("/briefs/<uuid:brief_id>/edit", "resume", resume)
    bp.add_url_rule("/briefs/<uuid:brief_id>/edit/<step>", "edit", edit, methods=["GET", "POST"])


@audience("verified")
def new() -> Any:
    """Choose the brand; the draft is made by the POST."""
    brands = my_brands()
    if not brands:
        return see("accounts.found")
    form = f.New(brand=str(brands[0].id) if len(brands) == 1 else None)
    form.brand.choices = [(str(brand.id), brand.name) for brand in brands]
    if form.sent():
        with form.refusing():
            chosen = next(brand for brand in brands if str(brand.id) == form.brand.data)
            return see("briefs.edit", brief_id=actions.begin(chosen, by=me()).id, step="goal")
    drafts = many(
        owned_by(me(), "hiring").where(Brief.state == "draft").order_by(Brief.created_at.desc()).limit(20)
    )
    return page("briefs/new.html", form=form, brands=brands, drafts=drafts)


def my_brands() -> list[Brand]:
    """The brands for which this person may write briefs."""
    ids = [i for i in me().organisation_ids if me().acts_for(i, "hiring")]
    found = (
        select(Brand)
        .join(Organisation)
        .where(Brand.organisation_id.in_(ids), Organisation.closed_at.is_(None))
    )
    return many(found.options(joinedload(Brand.organisation)).order_by(Brand.name))


@audience("verified")
def resume(brief_id: UUID) -> Any:
    """A draft opens where it was left."""
    brief = draft(brief_id)
    return see("briefs.edit", brief_id=brief.id, step=brief.step)


@audience("verified")
def edit(brief_id: UUID, step: str) -> Any:
    """One step: keep what was typed, then go on, back or away."""
    brief, then = draft(brief_id), request.form.get("then", "next")
    if step not in STEPS:
        raise Missing
    if brief.state != "draft" and request.method == "GET":
        return see("briefs.show", brief_id=brief.id)
    if step == "check":
        return check(brief)
    form = f.STEP_FORMS[step].of(brief)
    reshaped = isinstance(form, f.Pieces) and form.reshape(then, request.form.get("drop", ""))
    if not reshaped and form.sent() and (then != "next" or form.is_complete()):
        with form.refusing():
            actions.save_step(brief, step, by=me(), **form.columns())
            return leave(brief, step, then)
    return page("briefs/edit.html", form=form, brief=brief, step=step, steps=STEPS)


def leave(brief: Brief, step: str, then: str) -> Any:
    """Where to go once a step is kept."""
    order = list(STEPS)
    if then == "later":
        flash("Saved. The draft waits here until you come back.", "ok")
        return see("briefs.new")
    turn = -1 if then == "back" else 1
    return see("briefs.edit", brief_id=brief.id, step=order[max(0, order.index(step) + turn)])


def check(brief: Brief) -> Any:
    """Everything on one page, what is missing, and the button that publishes."""
    form = Act()
    if form.sent():
        with form.refusing():
            actions.publish(brief, by=me())
            flash("Published. Professionals can read it and pitch now.", "ok")
            return see("briefs.show", brief_id=brief.id)
    return page("briefs/check.html", form=form, brief=brief, steps=STEPS, missing=gaps(brief))


def draft(brief_id: UUID) -> Brief:
    """The brief with this id, if this person acts for its business."""
    whole = (joinedload(Brief.organisation), joinedload(Brief.brand), selectinload(Brief.pieces))
    return one(owned_by(me()).where(Brief.id == brief_id).options(*whole))
