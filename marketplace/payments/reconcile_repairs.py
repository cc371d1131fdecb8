"""Repairs: what a difference means is entered in the ledger by lines of its own. Nothing is ever changed."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from marketplace.accounts.models import Person
from marketplace.currencies import CURRENCIES
from marketplace.kernel.db import lock, one
from marketplace.kernel.errors import Forbidden, Refused, Stale
from marketplace.payments.ledger import Entry, Lines, post
from marketplace.payments.outside import Difference
from marketplace.payments.reconcile_causes import OF_MONEY
from marketplace.payments.reconcile_differences import resolve

# What a repair may touch. Money of a milestone, and what a professional owes, moves by verbs of its own only.
ALLOWED = ("suspense:unknown", "stripe:balance", "expense:loss", "expense:stripe_fee", "bank:platform")
STREAM = "books:all"


def repair(difference: Difference, lines: Lines, *, by: Person, reason: str, request_id: str) -> UUID:
    """Enter `lines` (account code to signed minor units) as the repair of a difference, and end it.

    request_id: the decision's id, so that deciding twice is one entry. Returns the entry's id. Refuses people
    who are not admins, no reason, a difference that is over (409), accounts that a repair may not touch, and
    lines that do not sum to zero.
    """
    _may(difference, by, reason)
    check_lines(lines)
    post("repair", request_id, difference.currency, lines, stream=STREAM, holding_id=difference.holding_id)
    entry_id = one(select(Entry.id).where(Entry.kind == "repair", Entry.external_id == request_id))
    resolve(difference, reason, by=by, entry_id=entry_id)
    return entry_id


def explain(difference: Difference, *, by: Person, reason: str) -> None:
    """End a difference that needs no entry: what was done by hand, or is right as it stands.

    Refuses people who are not admins, no reason, and a difference of money, which needs a repair.
    """
    _may(difference, by, reason)
    if needs_entry(difference):
        raise Refused("Money differs here, so words alone cannot end it: enter a repair.")
    resolve(difference, reason, by=by)


def needs_entry(difference: Difference) -> bool:
    """Whether it is about money that the ledger counts: then only an entry ends it."""
    return difference.cause in OF_MONEY and difference.currency in CURRENCIES


def check_counted(difference: Difference) -> None:
    """Refuse a difference about no money, or in a currency that the ledger does not count."""
    if difference.currency not in CURRENCIES:
        raise Refused("The ledger counts nothing in this currency: say in words what was found out.")


def _may(difference: Difference, by: Person, reason: str) -> None:
    if not by.is_admin:
        raise Forbidden("Only an admin repairs the books.")
    if not reason.strip():
        raise Refused("Write what was found out: the entry is kept for good.")
    lock(difference)
    if difference.resolved_at is not None:
        raise Stale("This difference is over already.")


def check_lines(lines: Lines) -> None:
    """Refuse lines that are no repair: none, accounts that it may not touch, and a sum that is not zero."""
    if not any(lines.values()):
        raise Refused("A repair moves an amount from one account into another.")
    for code in lines:
        if code not in ALLOWED:
            raise Refused(f"A repair does not touch {code}: use {', '.join(ALLOWED)}.")
    if sum(lines.values()):
        raise Refused("The lines of a repair must sum to zero.")
