"""When reviews open: a contract ended, or its last release is long past. And what the sweep closes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select

from marketplace.config import rules
from marketplace.contracts.models import Contract, Milestone
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, find, lock, many, one
from marketplace.kernel.events import Event, tell
from marketplace.reviews.models import Window, of_contract, window_of

UNDER_WAY = ("in_progress", "submitted", "changes_asked")


def open_window(event: Event) -> None:
    """contract.ended: both sides may write from now on."""
    open_for(UUID(event.subject.partition(":")[2]))


def open_for(contract_id: UUID) -> None:
    """Let both sides of a contract write. Auditions stay blind, and without money there is no work.

    A window in which nobody wrote opens again when the contract goes on and really ends.
    """
    contract = lock(one(select(Contract).where(Contract.id == contract_id)))
    paid = any(milestone.held_at for milestone in contract.milestones)
    window, written = find(window_of(contract.id)), many(of_contract(contract.id))
    if contract.kind == "audition" or not paid or (window and (window.shown_at is None or written)):
        return
    window = window or add(Window(contract_id=contract.id, due_at=now()))
    window.due_at, window.shown_at = now() + rules().review_window, None
    due = window.due_at.isoformat()
    tell("review.opened", window, by=None, stream=contract, title=contract.title, due_at=due)


def resting(moment: datetime) -> Select[UUID]:
    """The sweep: contracts that go on, but whose last release is long past and on which nothing is under way."""
    last = func.max(Milestone.approved_at)
    working = select(Milestone.contract_id).where(Milestone.work.in_(UNDER_WAY))
    return (
        select(Contract.id)
        .join(Milestone, Milestone.contract_id == Contract.id)
        .where(Contract.state == "active", Contract.kind == "contract", Contract.id.not_in(working))
        .where(Contract.id.not_in(select(Window.contract_id)))
        .group_by(Contract.id)
        .having(last <= moment - rules().review_after_release)
    )


def closing(moment: datetime) -> Select[UUID]:
    """The sweep: windows whose time is over."""
    return select(Window.id).where(Window.shown_at.is_(None), Window.due_at <= moment)
