"""What must be true: our own books after every step, what Stripe did to people, and both together at rest.

It reads the sandbox's own state and has its own formula for the fee, so that it shares no mistake with the core.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import func, select

from marketplace.currencies import CURRENCIES
from marketplace.kernel.db import db
from marketplace.payments.check import books
from marketplace.payments.claims import Chargeback, Reversal
from marketplace.payments.ledger import Entry, Line
from marketplace.payments.models import (
    Allocation,
    Holding,
    Payee,
    Payment,
    Refund,
    Release,
    StripeCall,
    Webhook,
)
from marketplace.payments.outside import Difference, Payout
from tests.money.world import PLATFORM, World

Objects = dict[str, list[dict[str, Any]]]
# The one sentence that may stand while a call is under way and time was moved: its outcome is not known yet.
IN_FLIGHT = re.compile(r"^The call \w+ of [0-9a-f-]{36} is (sending|unknown): ")
KINDS = "charge,transfer,transfer_reversal,refund,payout"
# Somebody acted at Stripe by hand, or the platform took more out than it had: both are true, and for people.
ALLOWED = ("outside_action", "solvency")
DEAD = ("failed", "canceled")


def after_a_step(world: World) -> list[str]:
    """What is wrong after a step: every broken rule as a sentence."""
    wrong = [sentence for sentence in books() if not IN_FLIGHT.match(sentence)] + world.failures.sentences
    theirs = world.state(KINDS)
    for rule in EVERY_STEP:
        wrong += rule(theirs)
    db.session.remove()
    return wrong


def known(found: dict[str, Any], name: str) -> str:
    """Which row of ours an object at Stripe is about."""
    value: str = (found.get("metadata") or {}).get(name, "")
    return value


def charged_once(theirs: Objects) -> Iterator[str]:
    """Nobody pays twice: one charge that succeeded for each payment, and for each milestone."""
    came = Counter(
        known(charge, "payment_id")
        for charge in theirs["charge"]
        if charge["status"] == "succeeded" and charge["_account"] == PLATFORM
    )
    yield from (f"Payment {key} was charged {count} times." for key, count in came.items() if count > 1)
    rows = db.session.execute(select(Allocation.holding_id, Allocation.payment_id)).all()
    each = Counter(holding for holding, payment in rows if str(payment) in came)
    yield from (f"Holding {key} was paid for {count} times." for key, count in each.items() if count > 1)


def sent_once(theirs: Objects) -> Iterator[str]:
    """Of each release no more is with the professional than is theirs."""
    there: Counter[str] = Counter()
    for transfer in theirs["transfer"]:
        there[known(transfer, "release_id")] += transfer["amount"] - transfer["amount_reversed"]
    for row in db.session.scalars(select(Release)).unique():
        if there[str(row.id)] > row.owed_minor - row.offset_minor:
            yield f"Release {row.id} sent {there[str(row.id)]}, but {row.owed_minor} less {row.offset_minor} is theirs."


def asked_once(theirs: Objects) -> Iterator[str]:
    """Each refund, reversal and payout of ours is made once; a refund again only when it failed."""
    for kind, name in (
        ("refund", "refund_id"),
        ("transfer_reversal", "reversal_id"),
        ("payout", "payout_id"),
    ):
        made = Counter(known(found, name) for found in theirs[kind] if found.get("status") not in DEAD)
        del made[""]
        yield from (f"{kind} {key} was made {count} times." for key, count in made.items() if count > 1)


def fees_follow_the_rule(theirs: Objects) -> Iterator[str]:
    """Where nothing was taken back the fee is that of the sum, rounded half up, whatever the parts.

    A refund made by hand that failed gives back the very fee that it took, though more may have been released
    meanwhile: each is worth one step of rounding, until the next release sets it right.
    """
    moved = select(Holding.id).join(Release).where(Release.voided_minor > 0)
    undone = Counter(
        db.session.scalars(
            select(Refund.holding_id).where(Refund.kind == "released", Refund.state == "voided")
        )
    )
    whole = select(Holding).where(Holding.clawed_minor == 0, Holding.id.not_in(moved))
    for row in db.session.scalars(whole).unique():
        step = CURRENCIES[row.currency].charge_step
        right = (row.released_minor * row.fee_bps + 5_000 * step) // (10_000 * step) * step
        if abs(row.fee_minor - right) > step * undone[row.id]:
            yield f"Holding {row.id} was charged {row.fee_minor}, but {right} is right."


EVERY_STEP: tuple[Callable[[Objects], Iterator[str]], ...] = (
    charged_once, sent_once, asked_once, fees_follow_the_rule,
)  # fmt: skip


def at_rest(world: World) -> list[str]:
    """What is wrong once everything was sent and heard: then both sides say the same, object by object."""
    theirs = world.state(f"{KINDS},dispute,topup,balance_transaction,v2.core.account")
    wrong = books()
    for rule in (nothing_waits, balances_agree, payments_agree, refunds_agree, transfers_agree, claims_agree):
        wrong += rule(theirs)
    db.session.remove()
    return wrong


def nothing_waits(theirs: Objects) -> Iterator[str]:
    """Every call is over and every message is read; nothing differs but by somebody's own hand at Stripe."""
    for call in db.session.scalars(
        select(StripeCall).where(StripeCall.state.in_(("ready", "sending", "unknown")))
    ):
        yield f"The call {call.op} of {call.ref_id} is still {call.state}: {call.error}"
    for message in db.session.scalars(
        select(Webhook).where(Webhook.state.in_(("new", "dead", "quarantined")))
    ):
        yield f"The message {message.type} about {message.object_id} is {message.state}: {message.error}"
    for row in db.session.scalars(select(Difference).where(Difference.cause.not_in(ALLOWED))):
        yield f"A difference: {row.cause}: {row.sentence}"


def balances_agree(theirs: Objects) -> Iterator[str]:
    """What stands in each account at Stripe is what our books say stands there."""
    there: Counter[tuple[str, str]] = Counter()
    for moved in theirs["balance_transaction"]:
        there[moved["_account"], moved["currency"]] += moved["net"]
    ours: Counter[tuple[str, str]] = Counter()
    accounts = {
        f"memo:pro_stripe:{row.person_id}": row.stripe_account for row in db.session.scalars(select(Payee))
    }
    sums = select(Line.code, Line.currency, func.sum(Line.amount_minor)).group_by(Line.code, Line.currency)
    for code, currency, amount in db.session.execute(sums).all():
        if code == "stripe:balance" or code in accounts:
            ours[accounts.get(code) or PLATFORM, currency] += int(amount)
    for key in sorted(there.keys() | ours.keys()):
        if there[key] != ours[key]:
            yield f"Stripe says that {there[key]} stand in {key}, our books say {ours[key]}."


def payments_agree(theirs: Objects) -> Iterator[str]:
    """Each charge that succeeded is one payment's, with its amount; and each payment that came has its charge."""
    charges = {
        charge["id"]: charge
        for charge in theirs["charge"]
        if charge["_account"] == PLATFORM and charge["status"] == "succeeded"
    }
    for row in db.session.scalars(select(Payment).where(Payment.charge_id.is_not(None))).unique():
        charge = charges.pop(row.charge_id or "", None)
        if charge is None or charge["amount_captured"] != row.amount_minor or row.state != "succeeded":
            yield f"Payment {row.id} is {row.state} with {row.amount_minor}, but its charge is {charge}."
    yield from (f"Nobody here knows the charge {key}." for key in charges)


def refunds_agree(theirs: Objects) -> Iterator[str]:
    """Each refund is in the state that Stripe has it in, and ours are the sum of theirs."""
    words = {"pending": "pending", "succeeded": "succeeded", "failed": "failed", "canceled": "failed"}
    found = {row["id"]: row for row in theirs["refund"] if row["_account"] == PLATFORM}
    for row in db.session.scalars(select(Refund).where(Refund.stripe_refund.is_not(None))).unique():
        said = words[found[row.stripe_refund]["status"]] if row.stripe_refund in found else "nothing"
        if row.state not in (said, "voided"):
            yield f"Refund {row.id} is {row.state}, but Stripe says {said}."
    entered: defaultdict[str, int] = defaultdict(int)
    lines = select(Entry.external_id, func.sum(Line.amount_minor)).join(Line, Line.entry_id == Entry.id)
    wanted = Entry.kind.in_(("refund", "refund_external", "refund_failed")), Line.code == "stripe:balance"
    for key, amount in db.session.execute(lines.where(*wanted).group_by(Entry.external_id)).all():
        entered[key] = -int(amount)
    for key, refund in found.items():
        left = 0 if refund["status"] in DEAD or not refund["balance_transaction"] else refund["amount"]
        if refund["status"] == "pending" and not refund["balance_transaction"]:
            left = entered[
                key
            ]  # It waits for money at Stripe; whether it left is what `balances_agree` compares.
        if entered[key] != left:
            yield f"The refund {key} took {left} out of the balance, but our books say {entered[key]}."


def transfers_agree(theirs: Objects) -> Iterator[str]:
    """Each transfer and each reversal is entered once, with its amount."""
    yield from _entered("transfer", {row["id"]: -row["amount"] for row in theirs["transfer"]})
    yield from _entered("reversal", {row["id"]: row["amount"] for row in theirs["transfer_reversal"]})
    done = set(db.session.scalars(select(Reversal.stripe_reversal).where(Reversal.state == "done")))
    yield from (
        f"The reversal {row['id']} has no row."
        for row in theirs["transfer_reversal"]
        if row["id"] not in done
    )


def _entered(kind: str, there: dict[str, int]) -> Iterator[str]:
    lines = select(Entry.external_id, Line.amount_minor).join(Line, Line.entry_id == Entry.id)
    wanted = Entry.kind == kind, Line.code == "stripe:balance"
    ours = {key: int(amount) for key, amount in db.session.execute(lines.where(*wanted)).all()}
    for key in sorted(ours.keys() | there.keys()):
        if ours.get(key) != there.get(key):
            yield f"The {kind} {key} moved {there.get(key)} at Stripe, but {ours.get(key)} in our books."


def claims_agree(theirs: Objects) -> Iterator[str]:
    """Chargebacks and payouts stand as they stand at Stripe."""
    ours = {row.stripe_dispute: row.state for row in db.session.scalars(select(Chargeback))}
    for found in theirs["dispute"]:
        if ours.get(found["id"]) != found["status"]:
            yield f"The dispute {found['id']} is {found['status']}, here {ours.get(found['id'])}."
    payouts = {row.stripe_payout: row.state for row in db.session.scalars(select(Payout))}
    for found in theirs["payout"]:
        if payouts.get(found["id"]) != found["status"]:
            yield f"The payout {found['id']} is {found['status']}, here {payouts.get(found['id'])}."
