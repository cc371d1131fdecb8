"""Statements: the ledger's lines as the people whose money it is read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload, lazyload

from marketplace.accounts.models import Person
from marketplace.kernel.clock import now
from marketplace.kernel.db import db, many
from marketplace.kernel.events import Event
from marketplace.kernel.money import Money, plain
from marketplace.payments.ledger import Entry, Line
from marketplace.payments.models import Holding, Release

SIZE = 20
MOST = 10_000
# A statement shows amounts only: it does not look at freezes and payments.
LEAN = (lazyload(Holding.freezes), lazyload(Holding.allocations))
# What a line of each kind is called, its badge, and the badge's colour: to the business, to the professional.
BUSINESS = {
    "fund": ("Held for {title}", "Held", "ok"),
    "release": ("Released to {payee} for {title}", "Released", ""),
    "refund_auth": ("Refunded from {title}", "Refunded", ""),
    "refund_void": ("Refund taken back for {title}", "Held", "ok"),
    "release_void": ("Release taken back for {title}", "Held", "ok"),
}
EARNINGS = {
    "release": ("Released to you for {title}, after our fee", "Released", ""),
    "release_void": ("Release taken back for {title}", "Taken back", "bad"),
    "transfer": ("Sent to your payout account for {title}", "Sent", "ok"),
}


@dataclass(frozen=True)
class StatementRow:
    """One line of a statement. amount: positive when the reader's money grew."""

    at: datetime
    text: str
    amount: Money
    state: str
    kind: str
    holding_id: UUID | None
    contract: str


def business_lines(person: Person) -> Select[Entry, Line]:
    """The lines of what the organisations of `person` have held, newest first."""
    mine = select(Holding.stream).where(Holding.organisation_id.in_(person.organisation_ids))
    return _lines(BUSINESS).where(Entry.stream.in_(mine), Line.code.startswith("held:"))


def earning_lines(person: Person) -> Select[Entry, Line]:
    """The lines of what `person` earned, newest first."""
    return _lines(EARNINGS).where(Line.code == f"payable:{person.id}")


def _lines(kinds: Iterable[str]) -> Select[Entry, Line]:
    found = select(Entry, Line).join(Line, Line.entry_id == Entry.id).where(Entry.kind.in_(kinds))
    return found.order_by(Entry.at.desc(), Entry.id, Line.number)


def count(lines: Select[Entry, Line]) -> int:
    """How many lines there are in all."""
    return db.session.scalar(select(func.count()).select_from(lines.order_by(None).subquery())) or 0


def rows(
    lines: Select[Entry, Line],
    words: dict[str, tuple[str, str, str]],
    titles_of: Callable[[set[str]], dict[str, str]],
) -> list[StatementRow]:
    """The statement of `lines`. words: BUSINESS or EARNINGS. titles_of: finds contracts' titles by stream."""
    found = db.session.execute(lines).all()
    titles = titles_of({entry.stream for entry, _ in found})
    ids = {_holding_id(entry, line) for entry, line in found}
    named = select(Holding).where(Holding.id.in_(ids)).options(joinedload(Holding.payee), *LEAN)
    holdings = {row.id: row for row in many(named)}
    made = []
    for entry, line in found:
        text, state, kind = words[entry.kind]
        holding = holdings.get(_holding_id(entry, line))  # type: ignore[arg-type]
        about = {"title": f"“{holding.title}”", "payee": holding.payee.name} if holding else {}
        made.append(
            StatementRow(
                at=entry.at, text=text.format_map(defaultdict(str, about)), state=state, kind=kind,
                amount=Money(-line.amount_minor, line.currency), holding_id=holding.id if holding else None,
                contract=titles.get(entry.stream, ""),
            )
        )  # fmt: skip
    return made


def _holding_id(entry: Entry, line: Line) -> UUID | None:
    # An entry that pays for several holdings names none; its lines do.
    return UUID(line.code.split(":")[1]) if line.code.startswith("held:") else entry.holding_id


def sums(amounts: Iterable[tuple[int, str]]) -> list[Money]:
    """The sum in each currency, leaving out nothing and zero."""
    total: dict[str, int] = defaultdict(int)
    for minor, currency in amounts:
        total[currency] += minor
    return [Money(minor, currency) for currency, minor in sorted(total.items()) if minor]


def standing(person: Person) -> Sequence[Any]:
    """What stands in each contract of `person`'s organisations: stream, currency, held, released, refunded."""
    found = (
        select(
            Holding.stream,
            Holding.currency,
            func.sum(Holding.funded_minor - Holding.released_minor - Holding.refunded_minor - Holding.lost_minor)
            .label("held"),
            func.sum(Holding.released_minor).label("released"),
            func.sum(Holding.refunded_minor).label("refunded"),
        )
        .where(Holding.organisation_id.in_(person.organisation_ids), Holding.funded_minor > 0)
        .group_by(Holding.stream, Holding.currency)
        .order_by(func.max(Holding.created_at).desc())
        .limit(50)
    )  # fmt: skip
    return db.session.execute(found).all()


@dataclass(frozen=True)
class Earnings:
    """Where a professional's money stands. waiting: releases within their hold, soonest first."""

    held: list[Money]
    waiting: list[Release]
    payable: list[Money]
    paid: list[Money]
    blocked: list[Release]


def earnings(person: Person) -> Earnings:
    """What is held for `person`, released, payable and paid."""
    kept = many(select(Holding).where(Holding.payee_id == person.id, Holding.funded_minor > 0).options(*LEAN))
    mine = select(Release).join(Release.holding).options(contains_eager(Release.holding).options(*LEAN))
    mine = mine.where(Holding.payee_id == person.id)
    open_ones = many(mine.where(Release.state.in_(("authorised", "blocked"))).order_by(Release.due_at))
    paid = select(Release.net_minor, Holding.currency).join(Release.holding)
    done = db.session.execute(paid.where(Holding.payee_id == person.id, Release.state == "paid")).all()
    due = [row for row in open_ones if row.state == "authorised" and row.due_at <= now()]
    return Earnings(
        held=sums((row.left_minor, row.currency) for row in kept),
        waiting=[row for row in open_ones if row.state == "authorised" and row.due_at > now()],
        payable=sums((row.net_minor, row.holding.currency) for row in due),
        paid=sums((minor, currency) for minor, currency in done),
        blocked=[row for row in open_ones if row.state == "blocked"],
    )


def table(found: list[StatementRow]) -> list[list[str]]:
    """The statement as rows of text for a spreadsheet; nothing in it can be a formula."""
    heading = ["Date", "What", "Contract", "State", "Amount", "Currency"]
    body = [
        [
            row.at.date().isoformat(),
            row.text,
            row.contract,
            row.state,
            _signed(row.amount),
            row.amount.currency.upper(),
        ]
        for row in found
    ]
    return [heading, *([harmless(cell) for cell in line[:4]] + line[4:] for line in body)]


def _signed(amount: Money) -> str:
    return ("-" if amount.minor < 0 else "") + plain(abs(amount.minor), amount.currency)


def harmless(cell: str) -> str:
    """`cell` so that a spreadsheet shows it and never runs it: a text that begins like a formula is quoted."""
    return f"'{cell}" if cell[:1] in "=+-@\t\r＝＋－＠" and cell else cell


# What happened to one holding, in words; anything else about its milestone is not about money.
SENTENCES = {
    "holding.opened": "{amount} agreed.",
    "payment.started": "Payment of {amount} begun.",
    "payment.held": "{amount} held.",
    "payment.failed": "The payment could not be started: {reason}",
    "payment.expired": "The payment page closed unpaid.",
    "payment.released": "{amount} released: {net} for the professional, {fee} our fee.",
    "payment.refund_started": "Refund of {amount} on its way.",
    "payment.refunded": "{amount} refunded.",
    "payment.refund_failed": "The refund of {amount} failed: we are looking into it.",
    "transfer.sent": "{amount} sent to the payout account.",
    "transfer.blocked": "The transfer could not be made: {reason}",
    "holding.frozen": "Frozen: {reason}",
    "holding.thawed": "Thawed.",
}
KINDS = {"payment.held": "paid", "payment.released": "paid", "transfer.sent": "paid", "transfer.blocked": "bad",
         "payment.failed": "bad", "payment.refund_failed": "bad", "holding.frozen": "bad"}  # fmt: skip


@dataclass(frozen=True)
class Moment:
    """One line of a timeline."""

    text: str
    at: datetime
    kind: str


def timeline(holding: Holding) -> list[Moment]:
    """What happened to the money of `holding`, oldest first."""
    told = select(Event).where(Event.subject == holding.subject, Event.name.in_(SENTENCES))
    return [
        Moment(SENTENCES[row.name].format_map(defaultdict(str, row.data)), row.at, KINDS.get(row.name, ""))
        for row in many(told.order_by(Event.number).limit(200))
    ]
