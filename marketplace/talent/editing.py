"""The professional's own editor under /profile: about, rates, samples, pausing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, request
from sqlalchemy.orm import joinedload

from marketplace.accounts.access import audience, me
from marketplace.config import rules
from marketplace.currencies import CURRENCIES
from marketplace.kernel import files
from marketplace.kernel.db import find, many, one
from marketplace.kernel.errors import Refused
from marketplace.kernel.forms import Act
from marketplace.kernel.htmx import page, see
from marketplace.talent import actions, samples
from marketplace.talent import forms as f
from marketplace.talent.models import KINDS, Sample, own_samples, profile_of


def add_to(bp: Blueprint) -> None:
    """Put these pages into the room's blueprint."""
    for address, view, methods in ROUTES:
        bp.add_url_rule(address, view.__name__, view, methods=methods.split())


@audience("person")
def profile() -> Any:
    own = find(profile_of(me()))
    if own is None:
        return see("vetting.apply")
    form = f.About.of(own)
    if form.sent():
        with form.refusing():
            actions.describe(own, by=me(), **form.fields())
            flash("Saved.", "ok")
            return see("talent.profile")
    return page("talent/about.html", form=form, profile=own)


@audience("person")
def rates() -> Any:
    own = one(profile_of(me()))
    form = f.rates_form(own)
    if form.sent():
        with form.refusing():
            actions.price(own, form.rates(), currency=form.currency.data, by=me())
            flash("Your rates are saved.", "ok")
            return see("talent.rates")
    chosen = CURRENCIES.get(form.currency.data)
    return page("talent/rates.html", form=form, profile=own, kinds=KINDS, sign=chosen.sign if chosen else "")


@audience("person")
def own_list() -> Any:
    own = one(profile_of(me()))
    rows = many(own_samples(own.id).options(joinedload(Sample.image)))
    return page("talent/samples.html", profile=own, samples=rows, most=rules().samples_most,
                least=rules().samples_least)  # fmt: skip


@audience("verified")
def new_sample() -> Any:
    own, form = one(profile_of(me())), f.SampleForm()
    if form.sent():
        with form.refusing():
            samples.add_sample(own, by=me(), image=kept(form), **form.fields())
            flash("The sample is on your list.", "ok")
            return see("talent.own_list")
    return page("talent/edit_sample.html", form=form, profile=own, sample=None)


@audience("verified")
def edit_sample(sample_id: UUID) -> Any:
    row = mine(sample_id)
    form = f.SampleForm(obj=row)
    if form.sent():
        with form.refusing():
            changed = samples.revise_sample(
                row, by=me(), image=kept(form), drop_image=form.drop_image.data, **form.fields()
            )
            flash("Saved. A reader will see it before it is shown." if changed is not row else "Saved.", "ok")
            return see("talent.own_list")
    return page("talent/edit_sample.html", form=form, profile=row.profile, sample=row)


@audience("verified")
def remove_sample(sample_id: UUID) -> Any:
    row, form = mine(sample_id), Act()
    if form.sent():
        with form.refusing():
            samples.remove_sample(row, by=me())
            flash("The sample is off your list.")
            return see("talent.own_list")
    return page("talent/remove_sample.html", form=form, profile=row.profile, sample=row)


@audience("verified")
def move_sample(sample_id: UUID) -> Any:
    row, form = mine(sample_id), Act()
    if form.sent():
        samples.reorder(row, up=request.form.get("to") == "up", by=me())
    return see("talent.own_list")


@audience("verified")
def let_in(sample_id: UUID) -> Any:
    row, form = mine(sample_id), f.LetIn()
    if form.sent():
        with form.refusing():
            grant = samples.let_in(row, form.name.data, by=me())
            flash(f"{grant.organisation.name} may open it for {rules().sealed_opening.days} days.", "ok")
            return see("talent.sample", handle=row.profile.handle, sample_id=row.id)
    return page("talent/let_in.html", form=form, profile=row.profile, sample=row)


@audience("verified")
def pause() -> Any:
    own, form = one(profile_of(me())), Act()
    if form.sent():
        with form.refusing():
            actions.pause(own, by=me())
            flash("Your profile is paused. Contracts go on.")
            return see("talent.pause")
    return page("talent/pause.html", form=form, profile=own)


@audience("verified")
def resume() -> Any:
    own, form = one(profile_of(me())), Act()
    if form.sent():
        with form.refusing():
            actions.resume(own, by=me())
            flash("Your profile is shown again.", "ok")
            return see("talent.pause")
    return page("talent/pause.html", form=form, profile=own)


def mine(sample_id: UUID) -> Sample:
    """One of the visitor's own samples, in its newest words."""
    own = one(profile_of(me()))
    return one(own_samples(own.id).where(Sample.id == sample_id).options(joinedload(Sample.profile)))


def kept(form: f.SampleForm) -> files.File | None:
    """The image that was sent, checked and kept; a refusal stands at its field."""
    if form.upload is None:
        return None
    try:
        return files.keep_image(form.upload, owner=me())
    except Refused as refused:
        raise Refused(refused.sentence, refused.status, "image") from refused


ROUTES: tuple[tuple[str, Any, str], ...] = (
    ("/profile", profile, "GET POST"),
    ("/profile/rates", rates, "GET POST"),
    ("/profile/samples", own_list, "GET"),
    ("/profile/samples/new", new_sample, "GET POST"),
    ("/profile/samples/<uuid:sample_id>/edit", edit_sample, "GET POST"),
    ("/profile/samples/<uuid:sample_id>/remove", remove_sample, "GET POST"),
    ("/profile/samples/<uuid:sample_id>/move", move_sample, "POST"),
    ("/profile/samples/<uuid:sample_id>/let-in", let_in, "GET POST"),
    ("/profile/pause", pause, "GET POST"),
    ("/profile/resume", resume, "POST"),
)
