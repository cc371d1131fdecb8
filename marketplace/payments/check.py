"""Asserting the books: every rule that money must keep, each broken one as a sentence that names the culprit.

Tests, the nightly job and `flask books check` run it. It only reads.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import lazyload

from marketplace.kernel.clock import now
from marketplace.kernel.db import many
from marketplace.kernel.events import tell
from marketplace.kernel.jobs import transaction
from marketplace.kernel.money import Money, text
from marketplace.payments import check_backward, check_papers
from marketplace.payments.ledger import BOUNDS, OWED, Entry, LedgerAccount, Line, Posted
from marketplace.payments.models import Allocation, Holding, Payment, Release, StripeCall, Webhook
from marketplace.payments.outside import Difference, Payout
from marketplace.payments.tally import Sums, balances, entered_by, everything, holdings, name_of

log = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=10)


def books() -> list[str]:
    """Every broken rule as a sentence; empty when the books are right."""
    return [sentence for rule in (*RULES, *check_backward.RULES, *check_papers.RULES) for sentence in rule()]


def nightly() -> None:
    """Job, every night: broken rules are told to the staff and logged, each by its sentence."""
    with transaction():
        broken = books()
        for sentence in broken:
            log.error("books: %s", sentence)
        if broken:
            tell("books.broken", Ledger(), by=None, sentences=broken[:50])


class Ledger:
    """What the events of the check are about: the books as a whole."""

    subject = "books:all"


def sums_by_kind() -> list[tuple[str, Money]]:
    """What stands in the ledger by kind of account and currency, for reading."""
    found: Sums = {}
    for (code, currency), amount in balances().items():
        key = (code.split(":")[0] if code.count(":") and code.split(":")[0] in BOUNDS else code, currency)
        key = ("memo", currency) if code.startswith("memo:") else key
        found[key] = found.get(key, 0) + amount
    return [(kind, Money(amount, currency)) for (kind, currency), amount in sorted(found.items())]


def headroom() -> list[Money]:
    """By currency: what stands at Stripe beyond all that is owed. Below zero the platform should top up.

    Stripe takes its fee when money is held, ours comes at the release: until then the platform carries it.
    What the platform asked to withdraw stands there until Stripe answers, and is not counted any more.
    """
    found: dict[str, int] = {}
    for (code, currency), amount in balances().items():
        if code == "stripe:balance" or code.split(":")[0] in OWED:
            found[currency] = found.get(currency, 0) + amount
    asked = select(Payout.currency, func.sum(Payout.amount_minor)).group_by(Payout.currency)
    for currency, amount in everything(asked.where(Payout.person_id.is_(None), Payout.state == "authorised")):
        found[currency] = found.get(currency, 0) - int(amount)
    return [Money(amount, currency) for currency, amount in sorted(found.items())]


def entries_sum_to_zero() -> Iterator[str]:
    """Each entry's lines sum to zero in each currency, and each entry is posted."""
    uneven = (
        select(Entry.kind, Entry.external_id, Line.currency, func.sum(Line.amount_minor))
        .join(Line, Line.entry_id == Entry.id)
        .group_by(Entry.id, Entry.kind, Entry.external_id, Line.currency)
        .having(func.sum(Line.amount_minor) != 0)
    )
    for kind, key, currency, amount in everything(uneven):
        yield f"The entry {kind} {key} is off by {text(int(amount), currency)}."
    for entry in many(select(Entry).where(Entry.id.not_in(select(Posted.entry_id)))):
        yield f"The entry {entry.kind} {entry.external_id} was never posted."
    for posted in many(select(Posted).where(Posted.entry_id.not_in(select(Entry.id)))):
        yield f"An entry {posted.entry_id} was posted, but it is gone."


def cached_is_summed() -> Iterator[str]:
    """The cached balance of each bounded account is the sum of its lines."""
    summed = balances()
    for account in many(
        select(LedgerAccount).where((LedgerAccount.lo.is_not(None)) | (LedgerAccount.hi.is_not(None)))
    ):
        real = summed.get((account.code, account.currency), 0)
        if account.balance != real:
            said, is_ = text(account.balance, account.currency), text(real, account.currency)
            yield f"The account {account.code} says {said}, but its lines sum to {is_}."


def counters_are_held() -> Iterator[str]:
    """What a holding's counters leave is what its account holds."""
    summed = balances()
    for row in holdings():
        held = -summed.get((f"held:{row.id}", row.currency), 0)
        if held != row.left_minor:
            says, is_ = text(row.left_minor, row.currency), text(held, row.currency)
            yield f"{name_of(row)} counts {says} held, but the ledger holds {is_}."


def payments_are_funded() -> Iterator[str]:
    """What was funded is what payments brought, and each payment is entered once, with its amount."""
    brought = (
        select(Allocation.holding_id, func.sum(Allocation.amount_minor))
        .join(Payment, Payment.id == Allocation.payment_id)
        .where(Payment.state == "succeeded", Allocation.is_live)
        .group_by(Allocation.holding_id)
    )
    came = {key: int(amount) for key, amount in everything(brought)}
    for row in holdings():
        if row.funded_minor != came.get(row.id, 0):
            says, is_ = text(row.funded_minor, row.currency), text(came.get(row.id, 0), row.currency)
            yield f"{name_of(row)} counts {says} funded, but payments brought {is_}."
    entered = entered_by("fund", "stripe:balance")
    entered |= entered_by("fund_surplus", "stripe:balance")
    came_in = select(Payment).where(Payment.state.in_(("succeeded", "surplus"))).options(lazyload("*"))
    for paid in many(came_in):
        if entered.pop(paid.charge_id or "", 0) != paid.amount_minor:
            yield f"Payment {paid.id} ({paid.charge_id}) is not in the ledger with its amount."
    for charge in entered:
        yield f"The ledger holds the charge {charge}, but no payment has it."


def releases_are_posted() -> Iterator[str]:
    """Releases, less what was taken back of them, sum to the counter, and are in the ledger."""
    entered, fees = entered_by("release", "held:"), entered_by("release", "revenue:platform_fee")
    totals: dict[Any, int] = {}
    for row in many(select(Release).options(lazyload("*"))):
        totals[row.holding_id] = totals.get(row.holding_id, 0) + row.gross_minor - row.voided_minor
        if (entered.get(str(row.id)), -fees.get(str(row.id), 0)) != (row.gross_minor, row.fee_minor):
            yield f"Release {row.id} is not in the ledger with its amount and fee."
    for held in holdings():
        gross = totals.get(held.id, 0)
        if gross != held.released_minor:
            says, is_ = text(held.released_minor, held.currency), text(gross, held.currency)
            yield f"{name_of(held)} counts {says} released, but its releases sum to {is_}."


def transfers_are_single() -> Iterator[str]:
    """Each release has its transfer in the ledger, once, and what is payable is what waits to be sent."""
    entered = entered_by("transfer", "payable:")
    ours = set(
        many(select(StripeCall.object_id).where(StripeCall.op == "transfer", StripeCall.state == "done"))
    )
    owed: Sums = {}
    rows = select(Release, Holding.payee_id, Holding.currency).join(Holding, Holding.id == Release.holding_id)
    for row, person, currency in everything(rows):
        if row.transfer_id and entered.pop(row.transfer_id, 0) != row.transfer_minor:
            yield f"Release {row.id} is called paid, but its transfer {row.transfer_id} is not in the ledger."
        owed[f"payable:{person}", currency] = owed.get((f"payable:{person}", currency), 0) + row.due_minor
    for key in entered.keys() - ours:
        yield f"The transfer {key} belongs to no paid release."
    for (code, currency), amount in balances().items():
        if code.startswith("payable:") and -amount != owed.get((code, currency), 0):
            yield f"{code} holds {text(-amount, currency)}, which is not what its releases wait for."


def nothing_is_unexplained() -> Iterator[str]:
    """Nothing stands in suspense, nor, unless a person said what it was, in quarantine or unknown for long."""
    for (code, currency), amount in balances().items():
        if code.startswith("suspense:") and amount:
            yield f"{text(amount, currency)} stand in {code}."
    said = set(many(select(Difference.object_id).where(Difference.by_id.is_not(None))))
    for message in many(select(Webhook).where(Webhook.state.in_(("quarantined", "dead")))):
        if message.event_id not in said:
            yield f"Stripe's message {message.type} about {message.object_id} is {message.state}: {message.error}"
    old = StripeCall.state.in_(("sending", "unknown")) & (StripeCall.first_sent_at < now() - PATIENCE)
    for call in many(select(StripeCall).where(old | StripeCall.error.startswith("Quarantined"))):
        if str(call.id) not in said:
            yield f"The call {call.op} of {call.ref_id} is {call.state}: {call.error}"


RULES: tuple[Callable[[], Iterator[str]], ...] = (
    entries_sum_to_zero,
    cached_is_summed,
    counters_are_held,
    payments_are_funded,
    releases_are_posted,
    transfers_are_single,
    nothing_is_unexplained,
)
