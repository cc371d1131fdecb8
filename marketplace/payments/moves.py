"""What a ledger entry means for papers: what came into holding or left it, what was sold or taken back, our fee.

All amounts are signed minor units by holding: positive when it grew, negative when it went back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from marketplace.kernel.db import many
from marketplace.payments.claims import Chargeback, ChargebackPart
from marketplace.payments.ledger import Entry, Lines, is_entered, lines_of
from marketplace.payments.models import Refund

Sums = dict[UUID, int]


@dataclass
class Moves:
    """held: paid in by the business and held. sold: the professional's work. fee: the platform's share of it."""

    held: Sums = field(default_factory=lambda: defaultdict(int))
    sold: Sums = field(default_factory=lambda: defaultdict(int))
    fee: Sums = field(default_factory=lambda: defaultdict(int))
    # What the business paid to the platform on top.
    client_fee: int = 0


def of(entry: Entry) -> Moves:
    """What `entry` means; nothing for kinds without papers."""
    made = Moves()
    if entry.kind in READERS:
        READERS[entry.kind](entry, lines_of(entry.kind, entry.external_id), made)
    return made


def _fund(_entry: Entry, lines: Lines, made: Moves) -> None:
    for code, amount in lines.items():
        if code.startswith("held:"):
            made.held[UUID(code.split(":")[1])] = -amount
    made.client_fee = -lines.get("revenue:client_fee", 0)


def _release(entry: Entry, lines: Lines, made: Moves) -> None:
    """A release, or one taken back: its lines are signed the other way."""
    holding = _single(entry)
    made.sold[holding] = lines[f"held:{holding}"]
    made.fee[holding] = -lines.get("revenue:platform_fee", 0)


def _refund(entry: Entry, lines: Lines, made: Moves) -> None:
    """A refund of what was held or, with a fee or a debt in it, of what was released; or either taken back."""
    holding = _single(entry)
    # Of a refund taken back, a bank may have kept the whole: then it is the platform's loss no more, and not held.
    if f"held:{holding}" in lines or "expense:loss" in lines:
        made.held[holding] = -lines.get(f"held:{holding}", 0)
        return
    made.sold[holding] = lines[f"refund_pending:{holding}"]
    made.fee[holding] = -lines.get("revenue:platform_fee", 0)


def _outside(entry: Entry, _lines: Lines, made: Moves) -> None:
    """A refund made at Stripe by hand, or such a one that came back."""
    if not is_entered("refund_external", entry.external_id):
        return
    sign = -1 if entry.kind == "refund_external" else 1
    for row in many(select(Refund).where(Refund.request_id.startswith(f"{entry.external_id}:"))):
        if row.holding_id is None:
            continue
        if row.kind == "external":
            made.held[row.holding_id] += sign * row.amount_minor
        else:
            made.sold[row.holding_id] += sign * row.amount_minor
            made.fee[row.holding_id] += sign * row.fee_minor


def _lost(entry: Entry, lines: Lines, made: Moves) -> None:
    """A lost chargeback, or one that was given back: what was held first, then what was released, whoever bears it."""
    sign = 1 if entry.kind == "dispute_lost" else -1
    for code, amount in lines.items():
        if code.startswith("held:"):
            made.held[UUID(code.split(":")[1])] = -amount
    parts = select(ChargebackPart).join(Chargeback, Chargeback.id == ChargebackPart.chargeback_id)
    for part in many(parts.where(Chargeback.stripe_dispute == entry.external_id)):
        made.sold[part.holding_id] -= sign * (part.amount_minor - part.held_minor)
        made.fee[part.holding_id] -= sign * part.fee_minor


def _single(entry: Entry) -> UUID:
    assert entry.holding_id is not None, f"{entry.kind} {entry.external_id} names no holding"
    return entry.holding_id


READERS: dict[str, Callable[[Entry, Lines, Moves], None]] = {
    "fund": _fund,
    "release": _release,
    "release_void": _release,
    "refund_auth": _refund,
    "clawback": _refund,
    "refund_void": _refund,
    "refund_external": _outside,
    "refund_failed": _outside,
    "dispute_lost": _lost,
    "dispute_regained": _lost,
}
