"""What people do with briefs. The draft's steps are here too; what a draft lacks is in readiness.py."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from marketplace.accounts.models import Brand, Person
from marketplace.accounts.organisations import require
from marketplace.briefs.models import (
    STEPS,
    Brief,
    BriefInvitation,
    BriefPiece,
    Question,
    VoiceSheet,
    latest_sheet,
)
from marketplace.briefs.readiness import gaps
from marketplace.briefs.refusals import refusal
from marketplace.config import rules
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, db, find, flush, lock
from marketplace.kernel.errors import Forbidden, Missing, Refused, Stale
from marketplace.kernel.events import tell
from marketplace.talent.models import Profile, profile_of

PUBLISHED = (
    "This brief was published and cannot be changed any more: people have read it. Close it to begin anew."
)
NOT_OPEN = "This brief is not open any more."


def begin(brand: Brand, *, by: Person) -> Brief:
    """Begin a draft for `brand`, with the brand's last voice sheet. Refused (403) without the hiring role."""
    require(brand.organisation, by, "hiring")
    sheet = find(latest_sheet(brand))
    brief = add(
        Brief(
            organisation_id=brand.organisation_id,
            brand_id=brand.id,
            by_id=by.id,
            currency=brand.organisation.currency,
            voice_draft=dict(sheet.data) if sheet else {},
        )
    )
    tell("brief.begun", brief, by=by, brand=brand.name)
    return brief


def save_step(brief: Brief, step: str, *, by: Person, **fields: Any) -> Brief:
    """Keep one step of a draft.

    step: one of STEPS. fields: columns of Brief; `pieces` is a list of dicts with kind, platform, count
    and due_on. Refused when a text asks for followers, likes and the like; Stale once published.
    """
    lock(brief)
    require(brief.organisation, by, "hiring")
    if brief.state != "draft":
        raise Stale(PUBLISHED)
    for name, value in fields.items():
        _refuse_wishes(name, value)
        if name == "pieces":
            _lay(brief, value)
        else:
            setattr(brief, name, value)
    order = list(STEPS)
    brief.step = order[max(order.index(brief.step), order.index(step))]
    flush()
    return brief


def _refuse_wishes(name: str, value: Any) -> None:
    said = value if isinstance(value, str) else " \n".join(value) if name == "questions" else ""
    if sentence := refusal(said):
        raise Refused(sentence, field=name)


def _lay(brief: Brief, rows: list[dict[str, Any]]) -> None:
    brief.pieces[:] = [BriefPiece(brief_id=brief.id, position=place, **row) for place, row in enumerate(rows)]


def publish(brief: Brief, *, by: Person) -> Brief:
    """Publish a draft: its voice sheet is frozen as a version of the brand's. Refused with what is missing."""
    lock(brief)
    require(brief.organisation, by, "hiring")
    if brief.state != "draft":
        raise Stale("This brief was published already.")
    missing = gaps(brief)
    if missing:
        raise Refused(missing[0].sentence)
    brief.voice_id = _freeze(brief, by).id
    brief.state, brief.step = "open", "check"
    brief.published_at, brief.closes_at = now(), now() + rules().brief_open
    flush()
    db.session.expire(brief, ["voice"])
    tell("brief.published", brief, by=by, title=brief.title, business=brief.organisation.name)
    return brief


def _freeze(brief: Brief, by: Person) -> VoiceSheet:
    """The brand's latest version when it says the same, else a new one."""
    lock(brief.brand)
    last = find(latest_sheet(brief.brand))
    if last is not None and last.data == brief.voice_draft:
        return last
    number = last.version + 1 if last else 1
    return add(VoiceSheet(brand_id=brief.brand_id, version=number, data=brief.voice_draft, by_id=by.id))


def invite(brief: Brief, profile: Profile, *, by: Person) -> BriefInvitation:
    """Ask a professional to look at an open brief. Refused when they are paused or of the same business."""
    lock(brief)
    require(brief.organisation, by, "hiring")
    if not brief.is_taking:
        raise Stale("This brief takes no more pitches, so nobody can be invited to it.")
    if not profile.is_listed:
        raise Refused(f"{profile.name} takes no invitations at present.", field="brief")
    if profile.person.acts_for(brief.organisation_id):
        raise Refused(
            f"{profile.name} acts for {brief.organisation.name}: invite somebody else.", field="brief"
        )
    known = select(BriefInvitation).where(
        BriefInvitation.brief_id == brief.id, BriefInvitation.profile_id == profile.id
    )
    if find(known):
        raise Refused(f"{profile.name} was invited to this brief already.", field="brief")
    invitation = add(BriefInvitation(brief_id=brief.id, profile_id=profile.id, by_id=by.id))
    tell("invitation.sent", invitation, by=by, stream=brief, title=brief.title, business=brief.organisation.name,
         person=str(profile.person_id), brief=str(brief.id), who=profile.name)  # fmt: skip
    return invitation


def decline_invitation(invitation: BriefInvitation, reason: str, *, by: Person) -> BriefInvitation:
    """Say no to an invitation, with a reason that the business reads. It counts against nobody."""
    lock(invitation)
    if invitation.profile.person_id != by.id:
        raise Missing
    if invitation.state != "sent":
        raise Stale("You have declined this invitation already.")
    invitation.state, invitation.reason = "declined", reason
    tell("invitation.declined", invitation, by=by, stream=invitation.brief, title=invitation.brief.title,
         brief=str(invitation.brief_id), who=invitation.profile.name, reason=reason)  # fmt: skip
    return invitation


def ask(brief: Brief, body: str, *, by: Person) -> Question:
    """Ask a question that everybody can read. For admitted professionals, so many a brief."""
    lock(brief)
    profile = find(profile_of(by))
    if profile is None or not profile.is_admitted:
        raise Forbidden("Only admitted professionals ask questions here.")
    if by.acts_for(brief.organisation_id):
        raise Forbidden("This is your own business’s brief: you answer its questions.")
    if not brief.is_taking:
        raise Stale("This brief takes no more questions.")
    mine = select(func.count()).where(Question.brief_id == brief.id, Question.by_id == by.id)
    if (db.session.scalar(mine) or 0) >= rules().questions_per_brief:
        most = rules().questions_per_brief
        raise Refused(
            f"You have asked {most} questions on this brief, which is the most.", field="body", status=429
        )
    question = add(Question(brief_id=brief.id, by_id=by.id, body=body))
    # Who asked stays unsaid: a name here would tell the business whose pitch it reads.
    tell(
        "question.asked",
        question,
        by=by,
        stream=brief,
        title=brief.title,
        brief=str(brief.id),
        body=body[:200],
    )
    return question


def answer(question: Question, text: str, *, by: Person) -> Question:
    """Answer a question in public; answering again replaces the answer."""
    lock(question)
    brief = db.session.get_one(Brief, question.brief_id)
    require(brief.organisation, by, "hiring", "editor")
    if brief.state == "draft" or not brief.is_open:
        raise Stale(NOT_OPEN)
    question.answer, question.answered_at, question.answered_by_id = text, now(), by.id
    tell("question.answered", question, by=by, stream=brief, title=brief.title, brief=str(brief.id),
         person=str(question.by_id), body=text[:200])  # fmt: skip
    return question


def close(brief: Brief, reason: str, *, by: Person) -> Brief:
    """Close an open brief without a hire. The reason stands on the brief and goes to everybody who pitched."""
    lock(brief)
    require(brief.organisation, by, "hiring")
    if not brief.is_open:
        raise Stale(NOT_OPEN)
    _finish(brief, "closed", reason)
    tell("brief.closed", brief, by=by, title=brief.title, reason=reason)
    return brief


def hire(brief: Brief, *, by: Person) -> Brief:
    """Mark that somebody was hired. Called by contracts, which has checked who agreed to what."""
    lock(brief)
    if not brief.is_open:
        raise Stale(NOT_OPEN)
    _finish(brief, "hired")
    tell("brief.hired", brief, by=by, title=brief.title)
    return brief


def expect_decision(brief: Brief) -> None:
    """A pitch or an offer came (the caller holds the brief's lock): there are some days more to decide."""
    brief.decide_by = now() + rules().brief_decide


def expire(brief_id: UUID) -> None:
    """The sweep: end a brief whose time to take pitches and to decide is over."""
    brief = lock(db.session.get_one(Brief, brief_id))
    if (
        not brief.is_open
        or brief.closes_at is None
        or max(brief.closes_at, brief.decide_by or brief.closes_at) > now()
    ):
        return
    _finish(brief, "expired", "Nobody decided in time.")
    tell("brief.expired", brief, by=None, title=brief.title, reason=brief.close_reason)


def warn(brief_id: UUID) -> None:
    """The sweep: tell the business that its brief closes soon."""
    brief = lock(db.session.get_one(Brief, brief_id))
    if not brief.is_open or brief.warned_at is not None or brief.closes_at is None:
        return
    brief.warned_at = now()
    tell("brief.warned", brief, by=None, title=brief.title, closes_at=brief.closes_at.isoformat())


def _finish(brief: Brief, state: str, reason: str = "") -> None:
    brief.state, brief.closed_at, brief.close_reason = state, now(), reason
