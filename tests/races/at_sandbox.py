"""The sandbox beside a race: what it has, a person at its payment page, and the worker's calls to it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from marketplace.kernel import jobs
from marketplace.kernel.db import db, many
from marketplace.payments.models import Payment, StripeCall
from tests.races.volleys import key_of
from tests.stripe_sandbox.conftest import CARD, call_json, visit

Obj = dict[str, Any]
OPEN = ("ready", "sending", "unknown")


def objects(sandbox: str, kind: str) -> list[Obj]:
    """All objects of one kind, of every account."""
    found: list[Obj] = call_json(f"{sandbox}/_state?kinds={kind}")["objects"].get(kind, [])
    return found


def work_off(but: str = "") -> None:
    """Send every open call of the outbox, and those that follow from them; but none of one kind."""
    while True:
        waiting = many(
            select(StripeCall.id).where(StripeCall.state.in_(OPEN), StripeCall.op != but).limit(100)
        )
        db.session.rollback()
        if not waiting:
            return
        for key in waiting:
            jobs.perform("payments.call", str(key))


def pay(payment: Payment, card: str = CARD["number"]) -> None:
    """Pay at the sandbox's own page."""
    db.session.rollback()
    url = db.session.get_one(Payment, key_of(payment), populate_existing=True).url
    db.session.rollback()
    visit(url, {**CARD, "number": card})
