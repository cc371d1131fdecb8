"""What the work side learns from the money side: the event's subject is `milestone:<uuid>`."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from marketplace.accounts.models import Person
from marketplace.contracts.milestones import finish, life_moment, live_on, money_of, report
from marketplace.contracts.models import Contract, Milestone
from marketplace.contracts.parties import stream_data
from marketplace.kernel.clock import now
from marketplace.kernel.db import find, flush, lock, many, one
from marketplace.kernel.events import Event, tell
from marketplace.kernel.jobs import later, transaction
from marketplace.payments import actions as payments
from marketplace.talent.models import Profile


def held(event: Event) -> None:
    """The money came: work can begin and the life clock runs. Money for what is over goes back unless it is frozen."""
    milestone = _milestone(event)
    if milestone is None:
        return
    if not milestone.is_open or milestone.contract.state != "active":
        return _give_back(milestone)
    milestone.held_at = now()
    milestone.life_due_at = life_moment(milestone.held_at, 0)
    flush()
    report("milestone.held", milestone, None)


def released(event: Event) -> None:
    """Money left the holding: an approved milestone with nothing left is closed."""
    milestone = _milestone(event)
    if milestone is not None and milestone.work == "approved" and money_of(milestone).left_minor == 0:
        milestone.work = "closed"
        flush()


def refunded(event: Event) -> None:
    """All money went back although nobody stopped the milestone (a ruling): its work is over."""
    milestone = _milestone(event)
    if milestone is not None and milestone.is_open and money_of(milestone).left_minor == 0:
        milestone.work, milestone.life_due_at = "cancelled", None
        milestone.review_due_at, milestone.remind_at = None, None
        flush()
        report("milestone.cancelled", milestone, None, reason="The money was returned.")


def ruled(event: Event) -> None:
    """An admin ruled about the money: where none is left, the work is over, however far it had come."""
    milestone = _milestone(event)
    if milestone is None or not milestone.is_open or milestone.held_at is None:
        return
    holding = money_of(milestone)
    if holding.left_minor:
        return
    milestone.work, milestone.life_due_at = "closed" if holding.released_minor else "cancelled", None
    milestone.review_due_at, milestone.remind_at = None, None
    flush()
    report("milestone.ruled", milestone, None, reason=event.data["reason"])
    finish(milestone.contract, None)


def return_late(subject: str) -> None:
    """Job, after a thaw: money that came for a milestone that was over goes back, unless a ruling spent it."""
    with transaction():
        _give_back(lock(one(select(Milestone).where(Milestone.id == UUID(subject.partition(":")[2])))))


def _give_back(milestone: Milestone) -> None:
    holding = money_of(milestone)
    if holding.left_minor and not holding.is_frozen:
        payments.refund(holding, holding.left_minor, by=None, reason="The milestone was over when the money came.",
                        request_id="came late")  # fmt: skip


def thawed(event: Event) -> None:
    """The money moves again: a review window gets back the time for which it was frozen."""
    milestone = _milestone(event)
    if milestone is None or money_of(milestone).is_frozen:
        return
    if milestone.held_at is None and money_of(milestone).funded_minor:
        later("contracts.return_late", milestone.subject)
    if milestone.work != "submitted":
        live_on(milestone)
    if milestone.review_due_at is None:
        return
    since = max(datetime.fromisoformat(event.data["since"]), milestone.submitted_at or now())
    lost = max(now() - since, timedelta(0))
    milestone.review_due_at += lost
    milestone.remind_at = milestone.remind_at + lost if milestone.remind_at else None
    flush()


def suspended(event: Event) -> None:
    """Somebody was suspended: the other side of each running contract is told. The contracts go on."""
    person = one(select(Person).where(Person.id == UUID(event.subject.partition(":")[2])))
    owned = [m.organisation_id for m in person.memberships if m.role == "owner"]
    mine = select(Profile.id).where(Profile.person_id == person.id)
    running = select(Contract).where(Contract.state == "active")
    for contract in many(running.where(Contract.profile_id.in_(mine))):
        tell("contract.writer_suspended", contract, by=None, **stream_data(contract))
    for contract in many(running.where(Contract.organisation_id.in_(owned))):
        tell("contract.owner_suspended", contract, by=None, **stream_data(contract))


def _milestone(event: Event) -> Milestone | None:
    kind, _, row_id = event.subject.partition(":")
    if kind != "milestone":
        return None
    found = find(select(Milestone).where(Milestone.id == UUID(row_id)))
    return lock(found) if found is not None else None
