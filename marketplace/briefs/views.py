"""The brief's page and what people do on it. The wizard is in wizard.py."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, request
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from marketplace.accounts.access import audience, me, viewer
from marketplace.accounts.models import Brand
from marketplace.briefs import actions, wizard
from marketplace.briefs import forms as f
from marketplace.briefs.models import (
    RISKS,
    Brief,
    BriefInvitation,
    Question,
    invitations_of,
    invitations_on,
    owned_by,
    questions_for,
    visible_to,
)
from marketplace.briefs.record import record_of
from marketplace.config import rules
from marketplace.kernel.db import db, find, many, one
from marketplace.kernel.errors import Missing
from marketplace.kernel.htmx import page, see
from marketplace.proposals.models import LIVE, Proposal
from marketplace.talent.models import AI_POLICIES, KINDS, PLATFORMS, Profile, Shortlisting, profile_of
from marketplace.talent.models import visible_to as profiles_visible_to

bp = Blueprint("briefs", __name__)
wizard.add_to(bp)
WORDS = {"axes": f.AXES, "languages": f.LANGUAGES, "risks": RISKS, "kinds": KINDS, "platforms": PLATFORMS}
bp.context_processor(lambda: {**WORDS, "ai_policies": AI_POLICIES})


@bp.get("/briefs/<uuid:brief_id>")
@audience("anyone")
def show(brief_id: UUID) -> Any:
    return brief_page(whole(brief_id))


def brief_page(brief: Brief, asking: f.Ask | None = None) -> Any:
    """The page of a brief for whoever looks: a stranger, a professional, its business, staff."""
    person = viewer()
    profile = find(profile_of(person)) if person else None
    runs = person is not None and person.acts_for(brief.organisation_id)
    taken = db.session.scalar(
        select(func.count()).where(Proposal.brief_id == brief.id, Proposal.state.in_(LIVE))
    )
    return page(
        "briefs/show.html",
        form=asking or f.Ask(formdata=None),
        brief=brief,
        profile=profile,
        runs=runs,
        decides=runs and person is not None and person.acts_for(brief.organisation_id, "hiring"),
        answers=runs and person is not None and person.acts_for(brief.organisation_id, "hiring", "editor"),
        taken=taken,
        places=rules().proposals_per_brief,
        record=record_of(brief.organisation_id),
        mine=my_proposal(brief, profile),
        invitation=find(invitations_of(person).where(BriefInvitation.brief_id == brief.id))
        if person
        else None,
    )


def whole(brief_id: UUID) -> Brief:
    """The brief with all that its page shows, if this person may see it."""
    parts = (
        joinedload(Brief.organisation),
        joinedload(Brief.brand).joinedload(Brand.accountable_editor),
        joinedload(Brief.voice),
        selectinload(Brief.pieces),
        selectinload(Brief.asked),
    )
    return one(visible_to(viewer()).where(Brief.id == brief_id).options(*parts))


def my_proposal(brief: Brief, profile: Profile | None) -> Proposal | None:
    """The professional's own latest proposal on this brief."""
    if profile is None:
        return None
    own = select(Proposal).where(Proposal.brief_id == brief.id, Proposal.profile_id == profile.id)
    return find(own.order_by(Proposal.created_at.desc()).limit(1))


@bp.route("/professionals/<handle>/invite", methods=["GET", "POST"])
@audience("verified")
def invite(handle: str) -> Any:
    profile = one(profiles_visible_to(me()).where(Profile.handle == handle))
    briefs = many(
        owned_by(me(), "hiring").where(Brief.state == "open").order_by(Brief.published_at.desc()).limit(50)
    )
    form = f.Invite(brief=request.args.get("brief"))
    form.brief.choices = [(str(brief.id), brief.title) for brief in briefs]
    if form.sent():
        with form.refusing():
            chosen = next(brief for brief in briefs if str(brief.id) == form.brief.data)
            actions.invite(chosen, profile, by=me())
            flash(f"{profile.name} is invited.", "ok")
            return see("briefs.invitations", brief_id=chosen.id)
    return page("briefs/invite.html", form=form, profile=profile, briefs=briefs)


@bp.get("/briefs/<uuid:brief_id>/invitations")
@audience("verified")
def invitations(brief_id: UUID) -> Any:
    brief = one(owned_by(me()).where(Brief.id == brief_id, Brief.state != "draft"))
    invited = many(invitations_on(brief).limit(100))
    kept = (
        select(Shortlisting)
        .where(Shortlisting.organisation_id == brief.organisation_id)
        .where(Shortlisting.profile_id.not_in([row.profile_id for row in invited]))
        .options(joinedload(Shortlisting.profile))
    )
    return page("briefs/invitations.html", brief=brief, invited=invited, shortlist=many(kept.limit(50)))


@bp.route("/invitations/<uuid:invitation_id>/decline", methods=["GET", "POST"])
@audience("verified")
def decline(invitation_id: UUID) -> Any:
    invitation = one(invitations_of(me()).where(BriefInvitation.id == invitation_id))
    form = f.Reason()
    if form.sent():
        with form.refusing():
            actions.decline_invitation(invitation, form.reason.data, by=me())
            flash("Declined. It counts against nobody.", "ok")
            return see("briefs.show", brief_id=invitation.brief_id)
    return page("briefs/decline.html", form=form, invitation=invitation)


@bp.post("/briefs/<uuid:brief_id>/ask")
@audience("verified")
def ask(brief_id: UUID) -> Any:
    brief, form = whole(brief_id), f.Ask()
    if form.sent():
        with form.refusing():
            question = actions.ask(brief, form.body.data, by=me())
            return see("briefs.show", brief_id=brief_id, anchor=f"q-{question.id}")
    return brief_page(whole(brief_id), form)


@bp.route("/questions/<uuid:question_id>/answer", methods=["GET", "POST"])
@audience("verified")
def answer(question_id: UUID) -> Any:
    question = one(questions_for(me()).where(Question.id == question_id))
    brief = one(visible_to(me()).where(Brief.id == question.brief_id))
    if not me().acts_for(brief.organisation_id):
        raise Missing
    form = f.Answer(obj=question)
    if form.sent():
        with form.refusing():
            actions.answer(question, form.answer.data, by=me())
            return see("briefs.show", brief_id=brief.id, anchor=f"q-{question.id}")
    return page("briefs/answer.html", form=form, question=question, brief=brief)


@bp.route("/briefs/<uuid:brief_id>/close", methods=["GET", "POST"])
@audience("verified")
def close(brief_id: UUID) -> Any:
    brief = one(owned_by(me()).where(Brief.id == brief_id, Brief.state != "draft"))
    form = f.Reason()
    if form.sent():
        with form.refusing():
            actions.close(brief, form.reason.data, by=me())
            flash("Closed. Everybody who pitched is told why.", "ok")
            return see("briefs.show", brief_id=brief.id)
    return page("briefs/close.html", form=form, brief=brief)
