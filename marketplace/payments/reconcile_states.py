"""Refunds, disputes and payouts at Stripe beside our rows: each must have gone as far as we think it has.

What moved money is compared movement by movement elsewhere; here it is what state a row says. A state that no
message told us is heard late; one that cannot be heard is a difference.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from marketplace.kernel.db import db, many
from marketplace.payments import stripe
from marketplace.payments.claims import CHARGEBACK_OVER, Chargeback
from marketplace.payments.entering import Obj
from marketplace.payments.ledger import Line
from marketplace.payments.models import Payee, Refund
from marketplace.payments.outside import Payout
from marketplace.payments.reconcile_differences import Finding, Tally
from marketplace.payments.reconcile_entries import batches, looking
from marketplace.payments.reconcile_hearing import Heard, hear_dispute, hear_payout, hear_refund
from marketplace.payments.refunds import STATES as REFUND_STATES

KINDS = ("refund_state", "dispute_state", "payout_state")
PAGE = 500
MEMO = "memo:pro_stripe:"


@dataclass(frozen=True)
class Kind:
    """One kind of object. rows: our (Stripe's id, state); hear: fetches and enters one.

    word: Stripe's state in our words; None for what is not in our rows by its nature. made_here: whether all of
    them have been our wish, so that one without a row is an attempt that is over.
    """

    noun: str
    rows: Any
    key: Any
    word: Callable[[Obj], str | None]
    hear: Callable[[str], Heard]
    made_here: bool = False

    def states(self, keys: Collection[str]) -> dict[str, str]:
        """What our rows say, by Stripe's id."""
        with looking():
            return {key: state for key, state in db.session.execute(self.rows.where(self.key.in_(keys)))}


def _refund_word(found: Obj) -> str | None:
    if not (found.get("metadata") or {}).get("refund_id"):
        return None  # Made by hand: its movement is what counts.
    return REFUND_STATES.get(found["status"], found["status"])


REFUNDS = Kind(
    "refund", select(Refund.stripe_refund, Refund.state), Refund.stripe_refund, _refund_word, hear_refund,
    made_here=True,
)  # fmt: skip
DISPUTES = Kind(
    "dispute", select(Chargeback.stripe_dispute, Chargeback.state), Chargeback.stripe_dispute,
    lambda found: str(found["status"]), hear_dispute,
)  # fmt: skip


def _payouts(account: str) -> Kind:
    return Kind("payout", select(Payout.stripe_payout, Payout.state), Payout.stripe_payout,
                lambda found: str(found["status"]), lambda key: hear_payout(key, account))  # fmt: skip


def compare_states(tally: Tally, since: datetime) -> None:
    """Compare what Stripe lists since `since`, and whatever is still open here. Raises Unreachable."""
    created = {"gte": int(since.timestamp())}
    seen = _listed(tally, REFUNDS, stripe.list_all("refund", created=created))
    _still_open(tally, REFUNDS, select(Refund.stripe_refund).where(Refund.state == "pending"), seen)
    seen = _listed(tally, DISPUTES, stripe.list_all("dispute", created=created))
    open_ones = select(Chargeback.stripe_dispute).where(Chargeback.state.not_in(CHARGEBACK_OVER))
    _still_open(tally, DISPUTES, open_ones, seen)
    _compare_payouts(tally, "", select(Payout).where(Payout.person_id.is_(None)), created)
    for account, person_id in _accounts_with_money(since):
        try:
            _compare_payouts(tally, account, select(Payout).where(Payout.person_id == person_id), created)
        except stripe.Absent:
            said = f"The account {account}, in which money of ours should stand, cannot be seen at Stripe."
            tally.note(Finding("mismatched_account", "payout_state", account, said))


def _compare_payouts(tally: Tally, account: str, own: Select[Payout], created: Any) -> None:
    kind = _payouts(account)
    seen = _listed(tally, kind, stripe.list_all("payout", account, created=created))
    under_way = own.where(Payout.state.in_(("pending", "in_transit"))).with_only_columns(Payout.stripe_payout)
    _still_open(tally, kind, under_way, seen)


def _accounts_with_money(since: datetime) -> list[tuple[str, UUID]]:
    """The connected accounts in which money stands by our books, or which had a payout since `since`."""
    standing = (
        select(Line.code).where(Line.code.startswith(MEMO)).group_by(Line.code, Line.currency)
        .having(func.sum(Line.amount_minor) != 0)
    )  # fmt: skip
    with looking():
        people = {UUID(code.removeprefix(MEMO)) for code in db.session.scalars(standing)}
        recent = or_(Payout.created_at >= since, Payout.state.in_(("pending", "in_transit")))
        people |= {key for key in db.session.scalars(select(Payout.person_id).where(recent)) if key}
        accounts = select(Payee.stripe_account, Payee.person_id).where(Payee.person_id.in_(people))
        return [(account, person) for account, person in db.session.execute(accounts) if account]


def _listed(tally: Tally, kind: Kind, listed: Iterable[Obj]) -> set[int]:
    """Compare what Stripe lists, by the page; returns what was seen."""
    seen: set[int] = set()
    for some in batches(listed, PAGE):
        tally.read += len(some)
        words = {found["id"]: word for found in some if (word := kind.word(found)) is not None}
        ours = kind.states(words)
        for key, word in words.items():
            seen.add(hash(key))
            if not _agree(ours.get(key), word) and (key in ours or not kind.made_here):
                _differing(tally, kind, key, ours.get(key), word)
    return seen


def _still_open(tally: Tally, kind: Kind, rows: Select[Any], seen: set[int]) -> None:
    """What is open here and was not listed, because it is older, is asked for one by one."""
    with looking():
        keys = [key for key in many(rows) if key and hash(key) not in seen]
    for key in keys:
        before = kind.states([key])[key]
        if reason := kind.hear(key).reason:
            tally.note(
                _finding(kind, key, f"The {kind.noun} {key} is {before.replace('_', ' ')} here. {reason}")
            )
        elif (after := kind.states([key])[key]) != before:
            tally.late(_heard(kind, key, after))


def _agree(ours: str | None, theirs: str) -> bool:
    return ours == theirs or (ours, theirs) == ("voided", "failed")


def _differing(tally: Tally, kind: Kind, key: str, ours: str | None, theirs: str) -> None:
    heard = kind.hear(key)
    after = kind.states([key]).get(key)
    if heard.foreign:
        return  # If it moved money, its movement is in suspense.
    if after != ours:
        tally.late(_heard(kind, key, after or ""))
    if not _agree(after, theirs):
        at_stripe, here = theirs.replace("_", " "), (after or "unknown").replace("_", " ")
        said = f"The {kind.noun} {key} is {at_stripe} at Stripe, but {here} here."
        tally.note(_finding(kind, key, f"{said} {heard.reason}".strip()))


def _heard(kind: Kind, key: str, state: str) -> Finding:
    return Finding("late_webhook", f"{kind.noun}_state", key, f"No message told us that the {kind.noun} {key} is "
                   f"{state.replace('_', ' ')}.")  # fmt: skip


def _finding(kind: Kind, key: str, sentence: str) -> Finding:
    return Finding("state", f"{kind.noun}_state", key, sentence)
