"""Work that waited for a decision when the money's life was over has a clock again once it waits no more."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from marketplace.contracts import milestones
from marketplace.kernel.db import commit, many, one
from marketplace.payments.freezing import freeze, thaw
from marketplace.payments.models import Freeze, Holding
from tests import make
from tests.contracts.test_clocks import after, told
from tests.deliverables.work import pieces, send


def past_the_stop() -> Any:
    """A contract whose work was handed in shortly before the hard stop, which has passed."""
    contract = make.working()
    for days in (45.1, 25):
        after(days=days)
    for piece in pieces(contract):
        send(piece)
    after(days=5)
    assert contract.milestones[0].life_due_at is None
    return contract


def test_changes_asked_after_the_stop_leave_five_days(app: Any) -> None:
    contract = past_the_stop()
    (milestone,) = contract.milestones
    milestones.ask_changes(milestone, by=make.owner_of(contract.organisation), round_number=1)
    commit()
    after(days=4.9)
    assert milestone.is_open
    after(days=0.2)
    held = one(select(Holding).where(Holding.stream == contract.subject))
    assert (milestone.work, held.released_minor, held.refunded_minor) == ("cancelled", 24000, 24000)


def test_what_is_handed_in_again_in_time_goes_to_an_admin(app: Any) -> None:
    contract = past_the_stop()
    (milestone,) = contract.milestones
    milestones.ask_changes(milestone, by=make.owner_of(contract.organisation), round_number=1)
    milestones.submit(milestone, by=contract.profile.person)
    commit()
    before = told("milestone.overdue")
    after(days=5.1)
    assert (milestone.work, told("milestone.overdue")) == ("submitted", before + 1)


def test_a_thaw_after_the_stop_leaves_five_days(app: Any) -> None:
    contract = make.working()
    freeze(one(select(Holding).where(Holding.stream == contract.subject)), "Stopped.", by=None)
    commit()
    for days in (45.1, 25, 5):
        after(days=days)
    thaw(many(select(Freeze))[0], by=None)
    commit()
    after(days=5.1)
    assert contract.milestones[0].work == "cancelled"
