"""What closing an account means for money: none may be on its way, and the statement goes along."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from marketplace.accounts.closing import sole_organisations
from marketplace.accounts.models import Person
from marketplace.kernel import money
from marketplace.kernel.db import many
from marketplace.payments import statement
from marketplace.payments.claims import Debt
from marketplace.payments.models import UNDER_WAY, Holding, Payment, Release


def objections(person: Person) -> list[str]:
    """The money that is held, being paid in, or not yet paid out, in sentences."""
    alone = [organisation.id for organisation in sole_organisations(person)]
    kept = select(Holding).where(Holding.organisation_id.in_(alone), Holding.funded_minor > 0)
    found = [
        f"{money.text(row.left_minor, row.currency)} is still held for “{row.title}”: release it or have it returned."
        for row in many(kept)
        if row.left_minor
    ]
    paying = select(Payment).where(Payment.organisation_id.in_(alone), Payment.state.in_(UNDER_WAY))
    found += [
        f"A payment of {money.text(row.amount_minor, row.currency)} is under way: cancel it, or let it end."
        for row in many(paying)
    ]
    coming = (
        select(Release)
        .join(Release.holding)
        .options(contains_eager(Release.holding))
        .where(Holding.payee_id == person.id, Release.state.in_(statement.UNSENT))
    )
    found += [
        f"{money.text(row.due_minor, row.holding.currency)} for “{row.holding.title}” is not paid out to you yet."
        for row in many(coming)
        if row.due_minor > 0
    ]
    owing = [debt for debt in many(select(Debt).where(Debt.person_id == person.id)) if debt.left_minor]
    return found + [
        f"You still owe {money.text(debt.left_minor, debt.currency)}: {debt.reason}" for debt in owing
    ]


def export(person: Person) -> list[dict[str, Any]]:
    """The statements of what one earned and of what one's businesses held."""
    made: list[dict[str, Any]] = []
    for lines, words in (
        (statement.earning_lines(person), statement.EARNINGS),
        (statement.business_lines(person), statement.BUSINESS),
    ):
        heading, *body = statement.table(statement.rows(lines.limit(statement.MOST), words, lambda _: {}))
        made += [dict(zip(heading, line, strict=True)) for line in body]
    return made
