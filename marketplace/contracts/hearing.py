"""What the work side learns from the money side: the event's subject is `milestone:<uuid>`."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from marketplace.accounts.models import Person
from marketplace.contracts.milestones import life_moment, money_of, report
from marketplace.contracts.models import Contract, Milestone
from marketplace.contracts.parties import stream_data
from marketplace.kernel.clock import now
from marketplace.kernel.db import find, flush, lock, many, one
from marketplace.kernel.events import Event, tell
from marketplace.payments import actions as payments
from marketplace.talent.models import Profile


def held(event: Event) -> None:
    """The money came: work can begin and the life clock runs. Money for what is over goes straight back."""
    milestone = _milestone(event)
    if milestone is None:
        return
    if not milestone.is_open or milestone.contract.state != "active":
        holding = money_of(milestone)
        payments.refund(holding, holding.left_minor, by=None, reason="The milestone was over when the money came.",
                        request_id="came late")  # fmt: skip
        return
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
