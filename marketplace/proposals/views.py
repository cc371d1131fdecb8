"""The pitch form, a proposal's page, and the verbs on it. The business's shelf is in shelf.py."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from marketplace.accounts.access import audience, me
from marketplace.briefs.models import Brief
from marketplace.briefs.models import visible_to as briefs_visible_to
from marketplace.kernel.db import find, many, one
from marketplace.kernel.errors import Missing
from marketplace.kernel.forms import Act
from marketplace.kernel.htmx import page, see
from marketplace.proposals import actions, shelf
from marketplace.proposals import forms as f
from marketplace.proposals.blind import Card
from marketplace.proposals.models import LIVE, Proposal, ProposalVersion, visible_to
from marketplace.proposals.terms import AI_DECLARATIONS
from marketplace.talent.models import KINDS, PLATFORMS, Profile, Sample, profile_of, shown_samples

bp = Blueprint("proposals", __name__)
shelf.add_to(bp)
bp.context_processor(lambda: {"platforms": PLATFORMS, "kinds": KINDS, "ai_declarations": AI_DECLARATIONS})


@bp.route("/briefs/<uuid:brief_id>/proposals/new", methods=["GET", "POST"])
@audience("verified")
def new(brief_id: UUID) -> Any:
    brief = one(briefs_visible_to(me()).where(Brief.id == brief_id, Brief.state != "draft"))
    profile = find(profile_of(me()))
    reason = actions.bar(brief, profile, me())
    if profile is None or reason:
        status = 403 if request.method == "POST" else 200
        return page("proposals/barred.html", brief=brief, reason=reason, profile=profile, status=status)
    if living := find(own(profile).where(Proposal.brief_id == brief.id, Proposal.state.in_(LIVE))):
        return see("proposals.show", proposal_id=living.id)
    samples = many(shown_samples(profile.id))
    form = f.Pitch.on(brief, samples)
    if sendable(form, brief):
        with form.refusing():
            proposal = actions.send(brief, profile, form.bid(samples), by=me())
            flash("Sent. You can still change it until it is opened.", "ok")
            return see("proposals.show", proposal_id=proposal.id)
    return page("proposals/new.html", form=form, brief=brief, samples=samples, proposal=None)


def own(profile: Profile) -> Any:
    """The proposals of one professional."""
    return select(Proposal).where(Proposal.profile_id == profile.id)


def sendable(form: f.Pitch, brief: Brief) -> bool:
    """Whether the pitch was sent, and sound; adding or removing a row only shows the form again."""
    reshaped = form.reshape(request.form.get("then", ""), request.form.get("drop", ""), brief.currency)
    return not reshaped and form.sent()


@bp.route("/proposals/<uuid:proposal_id>/revise", methods=["GET", "POST"])
@audience("verified")
def revise(proposal_id: UUID) -> Any:
    proposal = whole(proposal_id)
    if not is_mine(proposal):
        raise Missing
    samples = many(shown_samples(proposal.profile_id))
    form = f.Pitch.on(proposal.brief, samples, proposal.latest)
    if sendable(form, proposal.brief):
        with form.refusing():
            actions.revise(proposal, form.bid(samples), by=me())
            return see("proposals.show", proposal_id=proposal.id)
    return page("proposals/new.html", form=form, brief=proposal.brief, samples=samples, proposal=proposal)


@bp.get("/proposals/<uuid:proposal_id>")
@audience("verified")
def show(proposal_id: UUID) -> Any:
    proposal = whole(proposal_id)
    template = "proposals/own.html" if is_mine(proposal) else "proposals/show.html"
    card, decides = (
        Card(proposal, own=is_mine(proposal)),
        me().acts_for(proposal.brief.organisation_id, "hiring"),
    )
    return page(template, form=Act(), proposal=proposal, brief=proposal.brief, card=card, decides=decides)


def whole(proposal_id: UUID) -> Proposal:
    """The proposal with all that its page shows, if this person may see it."""
    parts = (
        joinedload(Proposal.brief).joinedload(Brief.organisation),
        joinedload(Proposal.brief).joinedload(Brief.brand),
        joinedload(Proposal.profile),
        selectinload(Proposal.versions).joinedload(ProposalVersion.sample).joinedload(Sample.profile),
    )
    return one(visible_to(me()).where(Proposal.id == proposal_id).options(*parts))


def is_mine(proposal: Proposal) -> bool:
    """Whether this person wrote it."""
    return proposal.profile.person_id == me().id


@bp.route("/proposals/<uuid:proposal_id>/withdraw", methods=["GET", "POST"])
@audience("verified")
def withdraw(proposal_id: UUID) -> Any:
    proposal, form = whole(proposal_id), Act()
    if not is_mine(proposal):
        raise Missing
    if form.sent():
        with form.refusing():
            actions.withdraw(proposal, by=me())
            flash("Withdrawn. The place is free again.", "ok")
            return see("briefs.show", brief_id=proposal.brief_id)
    return page("proposals/withdraw.html", form=form, proposal=proposal, brief=proposal.brief)


@bp.post("/proposals/<uuid:proposal_id>/shortlist")
@audience("verified")
def shortlist(proposal_id: UUID) -> Any:
    proposal = actions.shortlist(whole(proposal_id), by=me())
    flash(
        f"Writer {proposal.letter} is {proposal.profile.name}. They are told that they are on your shortlist.",
        "ok",
    )
    return see("proposals.shelf", brief_id=proposal.brief_id, tab="shortlist", anchor=f"p-{proposal.id}")


@bp.route("/proposals/<uuid:proposal_id>/decline", methods=["GET", "POST"])
@audience("verified")
def decline(proposal_id: UUID) -> Any:
    proposal, form = whole(proposal_id), f.Decline()
    if is_mine(proposal):
        raise Missing
    if form.sent():
        with form.refusing():
            actions.decline(proposal, form.reason.data, by=me())
            flash("Declined. The writer is told why.", "ok")
            return see("proposals.shelf", brief_id=proposal.brief_id)
    return page(
        "proposals/decline.html", form=form, proposal=proposal, brief=proposal.brief, card=Card(proposal)
    )


@bp.post("/proposals/<uuid:proposal_id>/archive")
@audience("verified")
def archive(proposal_id: UUID) -> Any:
    proposal = actions.archive(whole(proposal_id), by=me())
    flash("Hidden from your lists. The writer is not told, and nothing is decided.", "ok")
    return see("proposals.shelf", brief_id=proposal.brief_id)


@bp.post("/proposals/<uuid:proposal_id>/restore")
@audience("verified")
def restore(proposal_id: UUID) -> Any:
    proposal = actions.restore(whole(proposal_id), by=me())
    tab = "shortlist" if proposal.state == "shortlisted" else "new"
    return see("proposals.shelf", brief_id=proposal.brief_id, tab=tab, anchor=f"p-{proposal.id}")
