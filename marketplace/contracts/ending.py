"""Ending a contract before its work is done, and what that costs."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.accounts.models import Person
from marketplace.contracts import milestones
from marketplace.contracts.models import Contract, Milestone
from marketplace.contracts.parties import settler, stream_data
from marketplace.kernel.clock import now
from marketplace.kernel.db import flush, lock, many
from marketplace.kernel.errors import Stale
from marketplace.kernel.events import tell
from marketplace.payments.models import holdings_of


@dataclass(frozen=True)
class Cost:
    """What ending means for one open milestone, in minor units."""

    milestone: Milestone
    held: int
    kill_fee: int

    @property
    def back(self) -> int:
        """What goes back to the business."""
        return self.held - self.kill_fee


def costs(contract: Contract, side: str) -> list[Cost]:
    """What ending by `side` costs, milestone by milestone. Ending by the professional owes nothing."""
    held = {holding.subject: holding for holding in many(holdings_of(contract.subject))}
    return [
        Cost(
            m,
            held[m.subject].left_minor,
            milestones.kill_fee(m, held[m.subject]) if side == "business" else 0,
        )
        for m in contract.milestones
        if m.is_open
    ]


def end(contract: Contract, reason: str, *, by: Person) -> Contract:
    """End a running contract. The kill fee is paid from what is held, the rest goes back.

    reason: shown to the other side. Refuses strangers (404), roles that do not hire (403), contracts that do
    not run (409), and money frozen by a dispute (409).
    """
    lock(contract)
    mine = settler(contract, by)
    if contract.state != "active":
        raise Stale("This contract is not running.")
    # Ended first, so that the last milestone does not end it a second time.
    contract.state, contract.ended_at = "ended", now()
    contract.ended_by_id, contract.end_reason = by.id, reason
    flush()
    for cost in costs(contract, mine):
        lock(cost.milestone)
        milestones.settle(cost.milestone, by, cost.kill_fee, f"The {mine} ended the contract.")
    tell("contract.ended", contract, by=by, **stream_data(contract), reason=reason, side=mine, done=False)
    return contract
