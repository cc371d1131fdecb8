"""Turns before a hire: briefs, invitations, pitches, questions."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from marketplace.accounts.models import Person
from marketplace.briefs.models import Brief, BriefInvitation, Question, owned_by
from marketplace.home.turn import LATELY, MOST, Turn, quoted
from marketplace.kernel.clock import now
from marketplace.kernel.db import db, many
from marketplace.proposals.models import LIVE, Proposal
from marketplace.talent.models import Profile

OUTCOMES = {
    "accepted": "Your pitch was taken",
    "declined": "Your pitch was declined",
    "closed": "The brief you pitched for is closed",
}


def briefs(person: Person) -> Iterator[Turn]:
    """Drafts to finish, open briefs that collect pitches, and what ended lately."""
    lately = Brief.state.in_(["draft", "open"]) | (Brief.closed_at > now() - LATELY)
    rows = many(owned_by(person).where(lately).order_by(Brief.created_at.desc()).limit(MOST))
    for brief in rows:
        title, href = brief.title or "your brief", f"/briefs/{brief.id}"
        if brief.state == "draft":
            yield Turn(
                "yours",
                f"Finish {quoted(title)}",
                f"{href}/edit/{brief.step}",
                "A draft, seen by nobody else",
            )
        elif brief.state == "open":
            yield Turn("waiting", f"Pitches for {quoted(title)}", href, "Open until", brief.closes_at)
        else:
            yield Turn("done", f"{quoted(title)} is {brief.state}", href, brief.close_reason, brief.closed_at)


def proposals(person: Person) -> Iterator[Turn]:
    """Unread and undecided pitches, by brief. Only how many: who wrote them stays hidden."""
    counted = (
        select(Brief.id, Brief.title, func.count(), func.count(Proposal.read_at))
        .join(Proposal, Proposal.brief_id == Brief.id)
        .where(Brief.organisation_id.in_(hiring_for(person)), Brief.state == "open")
        .where(Proposal.state.in_(LIVE), Proposal.archived_at.is_(None))
        .group_by(Brief.id, Brief.title)
        .limit(MOST)
    )
    for brief_id, title, count, read in db.session.execute(counted):
        new = count - read
        verb = f"Read {new} new" if new else f"Decide on {count}"
        pitches = "pitch" if (new or count) == 1 else "pitches"
        yield Turn("yours", f"{verb} {pitches} for {quoted(title)}", f"/briefs/{brief_id}/proposals")


def questions(person: Person) -> Iterator[Turn]:
    """Questions on open briefs that nobody has answered."""
    asked = (
        select(Brief.id, Brief.title, func.count(), func.min(Question.created_at))
        .join(Question, Question.brief_id == Brief.id)
        .where(
            Brief.organisation_id.in_(hiring_for(person)),
            Brief.state == "open",
            Question.answered_at.is_(None),
        )
        .group_by(Brief.id, Brief.title)
        .limit(MOST)
    )
    for brief_id, title, count, since in db.session.execute(asked):
        what = "a question" if count == 1 else f"{count} questions"
        yield Turn("yours", f"Answer {what} about {quoted(title)}", f"/briefs/{brief_id}", "Asked", since)


def hiring_for(person: Person) -> list[UUID]:
    """The organisations for which `person` hires."""
    return [org for org in person.organisation_ids if person.acts_for(org, "hiring")]


def invitations(person: Person) -> Iterator[Turn]:
    """Open briefs a professional was invited to and has not answered."""
    pitched = select(Proposal.id).where(
        Proposal.brief_id == BriefInvitation.brief_id, Proposal.profile_id == BriefInvitation.profile_id
    )
    asked = (
        select(BriefInvitation)
        .join(Profile, Profile.id == BriefInvitation.profile_id)
        .join(Brief, Brief.id == BriefInvitation.brief_id)
        .where(Profile.person_id == person.id, BriefInvitation.state == "sent", Brief.state == "open")
        .where(~pitched.exists())
        .options(joinedload(BriefInvitation.brief).joinedload(Brief.brand))
        .limit(MOST)
    )
    for invitation in many(asked):
        brief = invitation.brief
        text = f"{brief.brand.name} invites you to pitch for {quoted(brief.title)}"
        yield Turn("yours", text, f"/briefs/{brief.id}", "Open until", brief.closes_at)


def pitches(person: Person) -> Iterator[Turn]:
    """A professional's own pitches: those that wait, and what lately became of the others."""
    own = (
        select(Proposal)
        .join(Profile, Profile.id == Proposal.profile_id)
        .where(Profile.person_id == person.id)
        .where(Proposal.state.in_(LIVE) | (Proposal.decided_at > now() - LATELY))
        .options(joinedload(Proposal.brief).joinedload(Brief.brand))
        .order_by(Proposal.created_at.desc())
        .limit(MOST)
    )
    for pitch in many(own):
        title, href = quoted(pitch.brief.title), f"/proposals/{pitch.id}"
        if pitch.is_live:
            seen = (
                "Shortlisted"
                if pitch.state == "shortlisted"
                else "Being read"
                if pitch.read_at
                else "Not read yet"
            )
            yield Turn("waiting", f"{pitch.brief.brand.name} decides on your pitch for {title}", href, seen)
        elif pitch.state in OUTCOMES:
            yield Turn("done", f"{OUTCOMES[pitch.state]}: {title}", href, pitch.reason, pitch.decided_at)
