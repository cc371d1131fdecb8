"""What people do with proposals: the writer's verbs first, then the business's, then what contracts calls."""

from __future__ import annotations

from sqlalchemy import func, select

from marketplace.accounts.models import Person
from marketplace.accounts.organisations import require
from marketplace.briefs.actions import expect_decision
from marketplace.briefs.models import Brief
from marketplace.config import rules
from marketplace.kernel.clock import now
from marketplace.kernel.countries import PAYABLE
from marketplace.kernel.db import add, db, flush, lock, many
from marketplace.kernel.errors import Forbidden, Missing, Refused, Stale
from marketplace.kernel.events import tell
from marketplace.proposals.blind import letters
from marketplace.proposals.echo import overlap
from marketplace.proposals.models import LIVE, Proposal, ProposalVersion, for_brief
from marketplace.proposals.terms import Bid, check
from marketplace.talent.models import Profile

# So many of the writer's latest pitches are compared with a new one.
EARLIER = 50
ECHO = (
    "This pitch repeats much of one you sent to another brief. The business asked what you would say to its "
    "own readers: change it, or tick the box to send it as it is."
)


def bar(brief: Brief, profile: Profile | None, person: Person) -> str:
    """Why `person` may not pitch for `brief`, in a sentence; empty when they may. Places are not counted."""
    if profile is None or not profile.is_admitted:
        return "Only admitted professionals pitch here. Apply first: two readers read your samples."
    if not person.is_verified:
        return "Please confirm your e-mail address first: the link is in your mailbox."
    if person.is_suspended:
        return "Your account is suspended, so this cannot be done. The notice tells you why."
    if profile.country not in PAYABLE:
        return "We cannot pay out to your country yet, so a pitch could not lead to a contract."
    if person.acts_for(brief.organisation_id):
        return "This is your own business’s brief, so you cannot pitch for it."
    if not brief.is_taking:
        return "This brief takes no more pitches."
    return ""


def send(brief: Brief, profile: Profile, bid: Bid, *, by: Person) -> Proposal:
    """Send a proposal. Brief and profile are locked, so that no race fills more places than there are.

    Refused with a sentence when the person may not pitch, a place is missing, something in `bid` is
    wrong, or (field `confirmed`) it repeats an earlier pitch and that was not confirmed.
    """
    if profile.person_id != by.id:
        raise Missing
    # Always in this order, or two senders could wait for each other.
    lock(brief)
    lock(profile)
    if reason := bar(brief, profile, by):
        raise Forbidden(reason) if brief.is_taking else Stale(reason)
    _places(brief, profile)
    check(bid, brief, profile)
    _not_an_echo(bid, brief, profile)
    before = db.session.scalar(select(func.count()).where(Proposal.brief_id == brief.id)) or 0
    proposal = add(Proposal(brief_id=brief.id, profile_id=profile.id, letter=letters(before)))
    proposal.versions.append(ProposalVersion(proposal_id=proposal.id, number=1, **bid.columns()))
    expect_decision(brief)
    flush()
    # The writer's name is left out of every event that the business reads before it shortlists.
    _tell("sent", proposal, by)
    return proposal


def _places(brief: Brief, profile: Profile) -> None:
    live = Proposal.state.in_(LIVE)
    here = many(select(Proposal.profile_id).where(Proposal.brief_id == brief.id, live))
    if profile.id in here:
        raise Stale("You have a pitch on this brief already: revise that one.")
    if len(here) >= rules().proposals_per_brief:
        raise Refused(
            "All places for pitches on this brief are taken. One comes free when a pitch is withdrawn."
        )
    mine = db.session.scalar(select(func.count()).where(Proposal.profile_id == profile.id, live)) or 0
    if mine >= rules().proposals_per_person:
        raise Refused(f"You have {mine} open pitches, which is the most. Withdraw one to send another.")


def _not_an_echo(bid: Bid, brief: Brief, profile: Profile) -> None:
    if bid.confirmed:
        return
    earlier = (
        select(ProposalVersion.pitch)
        .join(Proposal, Proposal.id == ProposalVersion.proposal_id)
        .where(Proposal.profile_id == profile.id, Proposal.brief_id != brief.id)
        .order_by(ProposalVersion.created_at.desc())
        .limit(EARLIER)
    )
    if overlap(bid.pitch, many(earlier)) >= rules().pitch_overlap:
        raise Refused(ECHO, field="confirmed")


def revise(proposal: Proposal, bid: Bid, *, by: Person) -> Proposal:
    """Change one's own proposal: before its first reading the text is replaced, afterwards a version is added."""
    lock(proposal)
    _mine(proposal, by)
    if not proposal.brief.is_open:
        raise Stale("This brief is not open any more, so the pitch stays as it is.")
    check(bid, proposal.brief, proposal.profile)
    _not_an_echo(bid, proposal.brief, proposal.profile)
    if proposal.read_at is None:
        for name, value in bid.columns().items():
            setattr(proposal.latest, name, value)
    else:
        proposal.version += 1
        fresh = ProposalVersion(proposal_id=proposal.id, number=proposal.version, **bid.columns())
        proposal.versions.append(fresh)
    flush()
    db.session.expire(proposal, ["versions"])
    _tell("revised", proposal, by, version=proposal.version)
    return proposal


def withdraw(proposal: Proposal, *, by: Person) -> Proposal:
    """Take one's own proposal back: both places are free again."""
    lock(proposal)
    _mine(proposal, by)
    _settle(proposal, "withdrawn")
    _tell("withdrawn", proposal, by)
    return proposal


def _mine(proposal: Proposal, by: Person) -> None:
    if proposal.profile.person_id != by.id:
        raise (
            Forbidden("Only its writer changes a pitch.")
            if by.acts_for(proposal.brief.organisation_id)
            else Missing
        )
    if not proposal.is_live:
        raise Stale("This pitch was decided, so it cannot be changed any more.")


def read(brief: Brief, proposals: list[Proposal], *, by: Person) -> None:
    """Mark the first reading of some of a brief's proposals: from now on an edit is a new version."""
    require(brief.organisation, by)
    for proposal in proposals:
        lock(proposal)
        if proposal.brief_id == brief.id and proposal.is_live and proposal.read_at is None:
            proposal.read_at = now()
            _tell("read", proposal, by)


def shortlist(proposal: Proposal, *, by: Person) -> Proposal:
    """Keep a proposal for a closer look: from now on the business sees who wrote it."""
    lock(proposal)
    _decides(proposal, by)
    if proposal.state != "sent":
        raise Stale("This pitch is on the shortlist already, or was decided.")
    proposal.state, proposal.archived_at = "shortlisted", None
    proposal.read_at = proposal.read_at or now()
    _tell("shortlisted", proposal, by)
    return proposal


def decline(proposal: Proposal, reason: str, *, by: Person) -> Proposal:
    """Say no; the writer is told the reason and gets the place back."""
    lock(proposal)
    _decides(proposal, by)
    proposal.read_at = proposal.read_at or now()
    _settle(proposal, "declined", reason)
    _tell("declined", proposal, by, reason=reason)
    return proposal


def archive(proposal: Proposal, *, by: Person) -> Proposal:
    """Hide a proposal from the business's own lists. Nobody is told; nothing is decided."""
    lock(proposal)
    require(proposal.brief.organisation, by, "hiring")
    proposal.archived_at = proposal.archived_at or now()
    _tell("archived", proposal, by)
    return proposal


def restore(proposal: Proposal, *, by: Person) -> Proposal:
    """Show a hidden proposal again."""
    lock(proposal)
    require(proposal.brief.organisation, by, "hiring")
    proposal.archived_at = None
    _tell("restored", proposal, by)
    return proposal


def _decides(proposal: Proposal, by: Person) -> None:
    require(proposal.brief.organisation, by, "hiring")
    if not proposal.is_live or not proposal.brief.is_open:
        raise Stale("This pitch was withdrawn or decided in the meantime.")


def accept(proposal: Proposal, *, by: Person) -> Proposal:
    """Mark that it became a contract. Called by contracts, which has checked who agreed to what."""
    lock(proposal)
    if not proposal.is_live:
        raise Stale("This pitch was withdrawn or decided in the meantime.")
    _settle(proposal, "accepted")
    _tell("accepted", proposal, by)
    return proposal


def close_others(
    brief: Brief, *, by: Person | None, reason: str = "The business has chosen another pitch."
) -> None:
    """End what is still open on a brief; the places are free again. At most a brief's places: bounded."""
    for proposal in many(for_brief(brief).where(Proposal.state.in_(LIVE))):
        lock(proposal)
        if proposal.is_live:
            _settle(proposal, "closed", reason)
            _tell("closed", proposal, by, reason=reason)


def _settle(proposal: Proposal, state: str, reason: str = "") -> None:
    proposal.state, proposal.decided_at, proposal.reason = state, now(), reason


def _tell(verb: str, proposal: Proposal, by: Person | None, **data: object) -> None:
    brief = proposal.brief
    data.update(title=brief.title, brief=str(brief.id), business=brief.organisation.name)
    data.update(letter=proposal.letter, person=str(proposal.profile.person_id))
    tell(f"proposal.{verb}", proposal, by=by, stream=brief, **data)
