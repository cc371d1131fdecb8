"""The work of a milestone from the first draft to its end. deliverables calls the verbs of the desk; the
sweep fires the clocks. The money side is payments' holding, told what to do here."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from marketplace.accounts.models import Person
from marketplace.config import rules
from marketplace.contracts.models import Contract, Milestone
from marketplace.contracts.parties import settler, side, stream_data
from marketplace.kernel import money
from marketplace.kernel.clock import now
from marketplace.kernel.db import db, flush, lock, one
from marketplace.kernel.errors import Forbidden, Refused, Stale
from marketplace.kernel.events import tell
from marketplace.payments import actions as payments
from marketplace.payments.models import Holding, holding_of

NOT_HELD = "The money for “{}” is not held yet: nothing can be sent before it is."


def start(milestone: Milestone, *, by: Person) -> Milestone:
    """The professional saved a draft: work begins once the money is held; before, this does nothing."""
    lock(milestone)
    if milestone.held_at is None or milestone.work not in {"planned", "changes_asked"}:
        return milestone
    first = milestone.started_at is None
    milestone.work, milestone.started_at = "in_progress", milestone.started_at or now()
    flush()
    if first:
        report("milestone.started", milestone, by)
    return milestone


def draft_sent(milestone: Milestone, *, by: Person) -> Milestone:
    """A piece was sent. Refuses while the money is not held, and milestones that are over (409)."""
    start(milestone, by=by)
    if milestone.held_at is None:
        raise Refused(NOT_HELD.format(milestone.title))
    if not milestone.is_open or milestone.contract.state != "active":
        raise Stale("This milestone is over, so nothing more can be sent for it.")
    milestone.drafted_at = milestone.drafted_at or now()
    return milestone


def submit(milestone: Milestone, *, by: Person) -> Milestone:
    """Every piece was sent: the review window begins, anew after each round of changes."""
    lock(milestone)
    if milestone.held_at is None:
        raise Refused(NOT_HELD.format(milestone.title))
    if milestone.work not in {"in_progress", "changes_asked", "submitted"}:
        raise Stale("This milestone cannot be submitted now.")
    window = timedelta(days=milestone.contract.review_days)
    milestone.work, milestone.submitted_at = "submitted", now()
    milestone.review_due_at, milestone.reminders_sent = now() + window, 0
    milestone.remind_at = next_reminder(milestone)
    flush()
    report("milestone.submitted", milestone, by, due_at=milestone.review_due_at.isoformat())
    return milestone


def ask_changes(milestone: Milestone, *, by: Person, round_number: int) -> Milestone:
    """The editor asked for changes to a piece, its `round_number`-th time (from 1): the window stops.

    Refuses a round beyond those agreed and given: that takes an amendment or the professional's consent.
    """
    lock(milestone)
    if not milestone.is_open:
        raise Stale("This milestone is over, so no more changes can be asked for.")
    if round_number > milestone.rounds_allowed:
        raise Refused(
            f"The {milestone.rounds_allowed} agreed rounds of changes are used. Propose an amendment with a "
            f"further round, or ask {milestone.contract.profile.name} in a message to allow one more for free."
        )
    milestone.rounds_used = max(milestone.rounds_used, round_number)
    if milestone.work == "submitted":
        milestone.work = "changes_asked"
    _stop_window(milestone)
    flush()
    live_on(milestone)
    report("milestone.changes_asked", milestone, by)
    return milestone


def allow_round(milestone: Milestone, *, by: Person) -> Milestone:
    """The professional gives one more round of changes for free."""
    lock(milestone)
    if side(milestone.contract, by) != "professional":
        raise Forbidden("Only the professional can give a round for free.")
    if not milestone.is_open or milestone.rounds_used < milestone.rounds_allowed:
        raise Stale("There is still a round left, or the milestone is over.")
    milestone.rounds_given += 1
    flush()
    report("milestone.round_given", milestone, by)
    return milestone


def complete(milestone: Milestone, *, by: Person) -> Milestone:
    """Every piece is approved: what is left of the money is released, and a finished contract ends."""
    lock(milestone)
    if not milestone.is_open:
        raise Stale("This milestone is over already.")
    _stop_window(milestone)
    milestone.work, milestone.approved_at, milestone.life_due_at = "approved", now(), None
    flush()
    report("milestone.approved", milestone, by)
    _release_rest(milestone, by, "Every piece was approved.", "approved")
    finish(milestone.contract, by)
    return milestone


def cancel(milestone: Milestone, *, by: Person) -> Milestone:
    """Leave out a milestone whose work has not begun; money that is held goes back whole.

    Refuses the professional (who ends the contract instead), and milestones that have begun.
    """
    lock(milestone.contract)
    lock(milestone)
    if settler(milestone.contract, by) != "business":
        raise Forbidden("Only the business can leave out a milestone. You can end the contract.")
    if milestone.work != "planned" or milestone.contract.state != "active":
        raise Stale("Work on this milestone has begun, so it can only end with the contract.")
    settle(milestone, by, 0, "The milestone was cancelled before work began.")
    finish(milestone.contract, by)
    return milestone


def settle(milestone: Milestone, by: Person | None, kill_fee_minor: int, reason: str) -> None:
    """Stop a milestone: `kill_fee_minor` of what is held goes to the professional, the rest back."""
    holding = money_of(milestone)
    _stop_window(milestone)
    milestone.work, milestone.life_due_at = "cancelled", None
    flush()
    # The roles were checked by who called; payments' own check is for its pages.
    if kill_fee_minor:
        payments.release(
            holding, kill_fee_minor, by=None, reason=f"Kill fee. {reason}", request_id="kill fee"
        )
    if holding.left_minor:
        payments.refund(holding, holding.left_minor, by=by, reason=reason, request_id="stopped")
    report("milestone.cancelled", milestone, by, reason=reason,
           kill_fee=money.text(kill_fee_minor, holding.currency))  # fmt: skip


def kill_fee(milestone: Milestone, holding: Holding) -> int:
    """What ending by the business owes for this milestone, in minor units, at most what is left."""
    if milestone.started_at is None or not milestone.is_open:
        return 0
    bps = rules().kill_fee_drafted_bps if milestone.drafted_at else rules().kill_fee_started_bps
    owed = money.fee_until(milestone.amount_minor, bps, money.step_of(holding.currency))
    return min(owed, holding.left_minor)


def release_by_silence(milestone_id: UUID) -> None:
    """The sweep: the review window is over. Silence pays; it publishes nothing."""
    milestone = lock(db.session.get_one(Milestone, milestone_id))
    if milestone.work != "submitted" or milestone.review_due_at is None or milestone.review_due_at > now():
        return
    if money_of(milestone).is_frozen:
        return  # The window goes on when the money does, with the time it lost.
    _stop_window(milestone)
    milestone.work, milestone.by_silence, milestone.life_due_at = "closed", True, None
    flush()
    report("milestone.released_by_silence", milestone, None)
    _release_rest(milestone, None, "The review window ended without an answer.", "silence")
    finish(milestone.contract, None)


def remind(milestone_id: UUID) -> None:
    """The sweep: tell the business that the review window is running out."""
    milestone = lock(db.session.get_one(Milestone, milestone_id))
    due = milestone.review_due_at
    if milestone.remind_at is None or milestone.remind_at > now() or due is None:
        return
    milestone.reminders_sent += 1
    milestone.remind_at = next_reminder(milestone)
    report("milestone.reminded", milestone, None, due_at=due.isoformat())


def live(milestone_id: UUID) -> None:
    """The sweep: warn of money held long, and give it back at the hard stop; an admin looks at what waits."""
    milestone = lock(db.session.get_one(Milestone, milestone_id))
    if milestone.life_due_at is None or milestone.life_due_at > now() or milestone.held_at is None:
        return
    milestone.life_warnings += 1
    milestone.life_due_at = life_moment(milestone.held_at, milestone.life_warnings)
    waits = milestone.work == "submitted" or money_of(milestone).is_frozen
    if waits and milestone.life_warnings > 1:
        # Somebody has yet to decide on the work or the money: no clock does it for them.
        report("milestone.overdue", milestone, None)
    elif milestone.life_warnings <= 2:
        ends = milestone.held_at + rules().life_hard_stop
        report("milestone.life_warned", milestone, None, ends_at=ends.isoformat())
    elif milestone.is_open:
        owed = kill_fee(milestone, money_of(milestone))
        settle(milestone, None, owed, f"The money was held for {rules().life_hard_stop.days} days.")
        finish(milestone.contract, None)


def live_on(milestone: Milestone) -> None:
    """What waited for a decision at the hard stop waits no more: it has as long again as after the last warning."""
    if milestone.life_due_at is None and milestone.held_at is not None and milestone.is_open:
        milestone.life_due_at = now() + (rules().life_hard_stop - rules().life_warn_last)
        flush()
        report("milestone.life_warned", milestone, None, ends_at=milestone.life_due_at.isoformat())


def life_moment(held_at: datetime, warnings: int) -> datetime | None:
    """When the life clock of a milestone fires next, after so many warnings."""
    steps = (rules().life_warn_first, rules().life_warn_last, rules().life_hard_stop)
    return held_at + steps[warnings] if warnings < len(steps) else None


def next_reminder(milestone: Milestone) -> datetime | None:
    """When to remind next in the running window."""
    parts, sent = rules().review_reminders, milestone.reminders_sent
    if milestone.submitted_at is None or milestone.review_due_at is None or sent >= len(parts):
        return None
    return milestone.submitted_at + (milestone.review_due_at - milestone.submitted_at) * parts[sent]


def money_of(milestone: Milestone) -> Holding:
    """The holding of a milestone."""
    return one(holding_of(milestone.subject))


def finish(contract: Contract, by: Person | None) -> None:
    """End a contract whose milestones are all over."""
    db.session.flush()
    db.session.expire(contract, ["milestones"])
    if contract.state != "active" or any(milestone.is_open for milestone in contract.milestones):
        return
    contract.state, contract.ended_at, contract.end_reason = "ended", now(), "Everything agreed is done."
    flush()
    tell("contract.ended", contract, by=by, **stream_data(contract), reason=contract.end_reason, done=True)


def report(name: str, milestone: Milestone, by: Person | None, **data: str) -> None:
    """Tell what happened to a milestone, in its contract's stream."""
    contract = milestone.contract
    about = {**stream_data(contract), "milestone": milestone.title, "number": str(milestone.number)}
    amount = money.text(milestone.amount_minor, contract.currency)
    tell(name, milestone, by=by, stream=contract, **about, amount=amount, **data)


def _release_rest(milestone: Milestone, by: Person | None, reason: str, request_id: str) -> None:
    holding = lock(money_of(milestone))
    if holding.left_minor:
        payments.release(holding, holding.left_minor, by=by, reason=reason, request_id=request_id)


def _stop_window(milestone: Milestone) -> None:
    milestone.review_due_at, milestone.remind_at = None, None
