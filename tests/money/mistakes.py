"""Mistakes that the state machine must catch, each planted into the running core."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from marketplace.kernel import money
from marketplace.kernel.db import flush
from marketplace.payments import apply, check_backward, payouts, refunds, stripe

Patch = pytest.MonkeyPatch
Mistake = Callable[[Patch], None]


def a_random_key(patch: Patch) -> None:
    """Every call to Stripe gets a fresh idempotency key, so that sending again does it twice."""
    send = stripe.send
    patch.setattr(stripe, "send", lambda op, params, _key: send(op, params, uuid4().hex))


def a_fee_rounded_down(patch: Patch) -> None:
    """The fee is rounded down, in the verbs and in the check of the books alike."""

    def floor(released: int, bps: int, step: int = 1) -> int:
        return released * bps // (10_000 * step) * step

    patch.setattr(money, "fee_until", floor)
    patch.setattr(check_backward, "fee_until", floor)


def a_state_that_falls_back(patch: Patch) -> None:
    """A refund or a payout is in whatever state was heard last: a late `pending` after `succeeded`, too."""
    enter: Callable[..., None] = refunds._enter

    def regress(row: Any, payment: Any, found: Any) -> None:
        enter(row, payment, found)
        row.state = refunds.STATES.get(found["status"], row.state)
        flush()

    patch.setattr(refunds, "_enter", regress)
    patch.setattr(payouts, "RANK", dict.fromkeys(payouts.RANK, 0))


def a_slot_freed_at_once(patch: Patch) -> None:
    """A payment that failed frees its milestones at once, though its intent can still be paid at Stripe."""
    fail: Callable[..., None] = apply._fail

    def free(payment: Any, intent_id: str, reason: str) -> None:
        fail(payment, intent_id, reason)
        for part in payment.allocations:
            part.is_live = False
        flush()

    patch.setattr(apply, "_fail", free)


MISTAKES = (a_random_key, a_fee_rounded_down, a_state_that_falls_back, a_slot_freed_at_once)
