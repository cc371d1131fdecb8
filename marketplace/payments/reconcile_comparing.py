"""One movement at Stripe beside the entries that name it: what explains it, and in what the two differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from marketplace.payments.entering import Obj
from marketplace.payments.reconcile_differences import Finding, say
from marketplace.payments.reconcile_entries import Entered, Name

Found = Mapping[Name, list[Entered]]


class Sort(NamedTuple):
    """What a type of movement is about, and which entries explain it, named by its source or by itself."""

    noun: str
    entries: tuple[str, ...]
    by_source: bool = True


_CHARGE = Sort("charge", ("fund", "fund_surplus"))
_REFUND = Sort("refund", ("refund", "refund_external"))
_FAILURE = Sort("refund_failure", ("refund_failed",))
_REVERSAL = Sort("reversal", ("reversal",))
_PAYOUT_BACK = Sort("payout_failure", ("platform_payout_failed",), by_source=False)
SORTS = {
    "charge": _CHARGE,
    "payment": _CHARGE,
    "refund": _REFUND,
    "payment_refund": _REFUND,
    "refund_failure": _FAILURE,
    "transfer": Sort("transfer", ("transfer",)),
    "transfer_refund": _REVERSAL,
    "transfer_cancel": _REVERSAL,
    "adjustment": Sort("dispute", ("dispute_hold", "dispute_back"), by_source=False),
    "payout": Sort("payout", ("platform_payout",), by_source=False),
    "payout_failure": _PAYOUT_BACK,
    "payout_cancel": _PAYOUT_BACK,
    "topup": Sort("topup", ("topup",), by_source=False),
}
OTHER = Sort("movement", (), by_source=False)
# The kinds that differences of movements have.
KINDS = tuple(dict.fromkeys(sort.noun for sort in (*SORTS.values(), OTHER)))
NOUN_OF = {entry: sort.noun for sort in SORTS.values() for entry in sort.entries} | {"stripe_fee": "fee"}


class Movement(NamedTuple):
    """A balance transaction of Stripe's. amount, fee and net in minor units; net is what the balance felt."""

    id: str
    type: str
    source: str
    currency: str
    amount: int
    fee: int
    net: int
    created: datetime

    @property
    def sort(self) -> Sort:
        """What it is about."""
        return SORTS.get(self.type, OTHER)

    @property
    def object_id(self) -> str:
        """The id by which people know it. A dispute moves money several times: there it is the movement's own."""
        return self.source if self.source and self.sort.noun != "dispute" else self.id

    @property
    def names(self) -> list[Name]:
        """The entries that may explain it."""
        key = self.source if self.sort.by_source else self.id
        own = [(kind, self.id) for kind in ("stripe_fee", "suspense", "suspense_back")]
        return [(kind, key) for kind in self.sort.entries] + own

    @property
    def words(self) -> str:
        """`the refund re_1`."""
        of = f" of {self.source}" if self.sort.noun == "dispute" else ""
        return f"the {self.sort.noun.replace('_', ' ')} {self.object_id}{of}"


def movement(found: Obj) -> Movement:
    """A balance transaction as Stripe lists it."""
    source = found["source"]
    return Movement(
        found["id"], found["type"], source["id"] if isinstance(source, dict) else source or "",
        found["currency"], found["amount"], found["fee"], found["net"],
        datetime.fromtimestamp(found["created"], UTC),
    )  # fmt: skip


def explained_by(moved: Movement, found: Found) -> list[Entered]:
    """The entries of the movement itself, without its fee and without suspense."""
    return [one for name in moved.names[: len(moved.sort.entries)] for one in found.get(name, ())]


def fee_of(moved: Movement, found: Found) -> int | None:
    """What was entered as its fee, in minor units; None when nothing was."""
    fees = found.get(("stripe_fee", moved.id))
    return -sum(one.amount for one in fees) if fees else None


def compare(moved: Movement, found: Found) -> list[Finding]:
    """In what a movement differs from the entries that explain it; nothing when they agree."""
    main, fee = explained_by(moved, found), fee_of(moved, found)
    ours = sum(one.amount for one in main)
    if {one.currency for one in main} != {moved.currency}:
        return _currencies(moved, main, moved.net + (fee or 0))
    if len({one.id for one in main}) > 1:
        kinds = " and ".join(sorted(one.kind.replace("_", " ") for one in main))
        said = f"Our books have {moved.words} twice: as {kinds}."
        return [_finding("duplicate", moved, main, ours, moved.amount, said)]
    if ours - (fee or 0) == moved.net:
        return []
    if ours == moved.amount:
        return [_fee(moved, main, fee)]
    # Some entries have the fee in them, such as a dispute's.
    ours, theirs = (ours - (fee or 0), moved.net) if ours == moved.net else (ours, moved.amount)
    said = (
        f"At Stripe {moved.words} is {say(theirs, moved.currency)}, in our books {say(ours, moved.currency)}."
    )
    return [_finding("amount", moved, main, ours, theirs, said)]


def _currencies(moved: Movement, main: list[Entered], theirs: int) -> list[Finding]:
    """One difference for each currency: what is too much in the one is missing in the other."""
    said = ", ".join(sorted({one.currency.upper() for one in main}))
    sentence = f"At Stripe {moved.words} is in {moved.currency.upper()}, in our books in {said}."
    differing = [_finding("currency", moved, main, None, theirs, sentence)]
    for one in main:
        if one.currency != moved.currency:
            wrong = _finding("currency", moved, main, one.amount, None, sentence)
            differing.append(replace(wrong, currency=one.currency))
    return differing


def _fee(moved: Movement, main: list[Entered], fee: int | None) -> Finding:
    theirs = say(moved.fee, moved.currency)
    ours = f"in our books it is {say(fee, moved.currency)}" if fee is not None else "our books have none"
    return _finding("unsettled_fee", moved, main, -(fee or 0), -moved.fee,
                    f"Stripe’s fee for {moved.words} is {theirs}, but {ours}.")  # fmt: skip


def _finding(
    cause: str, moved: Movement, main: list[Entered], ours: int | None, theirs: int | None, sentence: str
) -> Finding:
    entries = tuple(one.id for one in main)
    return Finding(
        cause, moved.sort.noun, moved.object_id, sentence, moved.currency, ours, theirs, entries=entries
    )
