"""What all that enters Stripe's doings has in common: whose object it is, its locks, and what cannot be entered."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from marketplace.config import settings
from marketplace.kernel import money
from marketplace.kernel.db import Row, find, lock
from marketplace.kernel.events import tell
from marketplace.payments.models import Holding, Payment

Obj = dict[str, Any]
T = TypeVar("T", bound=Row)


class Early(Exception):
    """What this is about is ours, and not in our books yet: it is to be heard again a little later."""


class Quarantine(Exception):
    """Stripe says something that we did not ask for: nothing is entered, a person looks."""


class Foreign(Exception):
    """This object is not ours: another program uses the same account at Stripe."""


def ours(table: type[T], name: str, found: Obj) -> T:
    """The row of `table` whose id the object carries in its metadata under `name`.

    Raises Foreign for what another program made there, and Quarantine for what carries our name but is not in
    our books: then they were set back to an earlier day.
    """
    known = found.get("metadata") or {}
    try:
        row = find(select(table).where(table.id == UUID(known.get(name) or "")))
    except ValueError:
        raise Foreign("It carries no id of ours.") from None
    if row is not None:
        return row
    if known.get("install") == settings().install:
        raise Quarantine(f"{found['id']} was made by us, but our books do not have it.")
    raise Foreign("It is not in our books.")


def lock_payment(payment: Payment) -> Payment:
    """Lock a payment, its holdings first and in the order that everybody uses."""
    for part in sorted(payment.allocations, key=lambda part: part.holding_id):
        lock(part.holding)
    return lock(payment)


def payment_of_charge(charge: str | Obj | None) -> Payment:
    """The payment that a charge belongs to, its holdings and itself locked. charge: itself, or only its id.

    Raises Early for a charge of ours whose payment is not entered yet, and Foreign for any other.
    """
    known: Obj = charge if isinstance(charge, dict) else {"id": charge}
    key = known["id"]
    payment = find(select(Payment).where(Payment.charge_id == key)) if key else None
    if payment is not None:
        return lock_payment(payment)
    if (known.get("metadata") or {}).get("install") == settings().install:
        raise Early(f"The payment that {key} brought is not entered yet.")
    raise Foreign("No charge of ours.")


def report(name: str, holding: Holding, **data: str) -> None:
    """Tell what Stripe did to the money of a holding."""
    tell(name, holding, by=None, stream=holding.stream, title=holding.title, **data)


def text(holding: Holding, amount_minor: int) -> str:
    """An amount of a holding, as people read it."""
    return money.text(amount_minor, holding.currency)
