"""Statements: the ledger's lines as the people whose money it is read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Select, Subquery, cast, func, literal, or_, select, union_all
from sqlalchemy.orm import contains_eager, joinedload, lazyload

from marketplace.accounts.models import Person
from marketplace.kernel.clock import now
from marketplace.kernel.db import db, many
from marketplace.kernel.events import Event
from marketplace.kernel.money import Money, plain
from marketplace.payments import payouts
from marketplace.payments.claims import ChargebackPart, Debt
from marketplace.payments.ledger import Entry, Line
from marketplace.payments.models import Freeze, Holding, Release
from marketplace.payments.outside import Payout

SIZE = 20
MOST = 10_000
UNSENT = ("authorised", "blocked", "reversed", "partially_reversed")
# A statement shows amounts only: it does not look at freezes and payments.
LEAN = (lazyload(Holding.freezes), lazyload(Holding.allocations))
# What a line of each kind is called, its badge, and the badge's colour: to the business, to the professional.
# Where one kind of entry has lines in two kinds of accounts, the one that is not the first is named apart.
Words = dict[str, tuple[str, str, str]]
# Entries with what one of their lines says: code, minor units, currency.
Lines = Select[Entry, str, int, str]
BUSINESS: Words = {
    "fund": ("Held for {title}", "Held", "ok"),
    "release": ("Released to {payee} for {title}", "Released", ""),
    "release_void": ("Release taken back for {title}", "Held", "ok"),
    "refund_auth": ("Refunded from {title}", "Refunded", ""),
    "refund_void": ("Refund taken back for {title}", "Held", "ok"),
    "refund_external": ("Refunded from {title} by hand", "Refunded", ""),
    "refund_failed": ("Refund by hand came back for {title}", "Held", "ok"),
    "dispute_lost": ("Taken back by your bank from {title}", "Taken back", "bad"),
    "dispute_regained": ("Given back by your bank for {title}", "Held", "ok"),
    "repair": ("Put right for {title}", "Put right", ""),
    # What came back out of a release was never held again: it is shown coming, and going to the business.
    "back:clawback": ("Taken back from {payee} after the release of {title}", "Taken back", ""),
    "gone:clawback": ("Refunded from {title}", "Refunded", ""),
    "back:refund_void": ("Left with {payee} after all, for {title}", "Released", ""),
    "gone:refund_void": ("Refund taken back for {title}", "Taken back", ""),
    "back:refund_external": ("Taken back after the release, by hand", "Taken back", ""),
    "gone:refund_external": ("Refunded by hand", "Refunded", ""),
    "back:refund_failed": ("Left with the professional after all", "Released", ""),
    "gone:refund_failed": ("Refund by hand came back", "Taken back", ""),
    "back:dispute_lost": ("Taken back after the release, by your bank", "Taken back", ""),
    "gone:dispute_lost": ("Returned to you by your bank", "Taken back", "bad"),
}
# The entries by which money of a release comes back, and the accounts that bear it.
BACKWARD = tuple(key.partition(":")[2] for key in BUSINESS if key.startswith("back:"))
BEARERS = ("receivable:%", "revenue:platform_fee", "expense:loss")
EARNINGS: Words = {
    "release": ("Released to you for {title}, after our fee", "Released", ""),
    "release_void": ("Release taken back for {title}", "Taken back", "bad"),
    "transfer": ("Sent to your payout account for {title}", "Sent", "ok"),
    "reversal": ("Transfer taken back at Stripe for {title}: yours again", "Released", ""),
    "debt_offset": ("Kept from {title} for what you owed", "Kept", ""),
    "repair": ("Put right for {title}", "Put right", ""),
    "receivable:debt_offset": ("Paid off what you owed, out of {title}", "Paid off", "ok"),
    "receivable:reversal": ("Taken out of your account at Stripe for what you owed", "Paid off", "ok"),
    "receivable:clawback": (
        "Returned to the business after the release of {title}: you owe it",
        "Owed",
        "bad",
    ),
    "receivable:dispute_lost": ("Lost to a chargeback after the release: you owe it", "Owed", "bad"),
    "receivable:dispute_regained": ("The bank gave it back: you owe it no more", "Paid off", "ok"),
    "receivable:refund_external": (
        "Returned by hand after the release: you owe it",
        "Owed",
        "bad",
    ),
    "receivable:refund_void": ("The return of {title} was taken back: you owe it no more", "Paid off", "ok"),
    "receivable:refund_failed": ("What was returned by hand came back: you owe it no more", "Paid off", "ok"),
    "receivable:write_off": ("Given up by us: you owe it no more", "Paid off", "ok"),
    "receivable:repair": ("Put right for what you owed", "Put right", ""),
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


def business_lines(person: Person) -> Lines:
    """The lines of what the organisations of `person` have held, newest first; they add up to what is held now.

    What came back after a release adds two that cancel: out of the release, and to the business.
    """
    mine = select(Entry.id).where(
        Entry.stream.in_(select(Holding.stream).where(Holding.organisation_id.in_(person.organisation_ids)))
    )
    held = _parts(Line.code, Line.amount_minor, Line.number).where(
        Line.code.startswith("held:"), Line.entry_id.in_(mine)
    )
    borne = func.sum(Line.amount_minor)
    after = Line.entry_id.in_(mine.where(Entry.kind.in_(BACKWARD)))
    ways = [
        _parts(literal(code), way * borne, literal(number))
        .where(after, or_(*(Line.code.like(each) for each in BEARERS)))
        .group_by(Line.entry_id, Line.currency)
        .having(borne != 0)
        for code, way, number in (("gone:", 1, 98), ("back:", -1, 99))
    ]
    return _lines(union_all(held, *ways).subquery(), BUSINESS)


def earning_lines(person: Person) -> Lines:
    """The lines of what `person` earned and owes, newest first; they add up to what is still to be sent."""
    mine = _parts(Line.code, Line.amount_minor, Line.number).where(
        Line.code.in_((f"payable:{person.id}", f"receivable:{person.id}"))
    )
    return _lines(mine.subquery(), EARNINGS)


def _parts(code: Any, amount: Any, number: Any) -> Select[Any]:
    return select(
        Line.entry_id, code.label("code"), amount.label("minor"), Line.currency, number.label("number")
    )


def _lines(parts: Subquery, words: Words) -> Lines:
    """Entries with their parts, of the kinds that have words."""
    line = parts.c
    kinds = {kind.partition(":")[2] or kind for kind in words}
    found = select(Entry, line.code, cast(line.minor, BigInteger), line.currency)
    found = found.join(parts, line.entry_id == Entry.id).where(Entry.kind.in_(kinds))
    return found.order_by(Entry.at.desc(), Entry.id, line.number)


def count(lines: Lines) -> int:
    """How many lines there are in all."""
    return db.session.scalar(select(func.count()).select_from(lines.order_by(None).subquery())) or 0


def rows(
    lines: Lines,
    words: Words,
    titles_of: Callable[[set[str]], dict[str, str]],
) -> list[StatementRow]:
    """The statement of `lines`. words: BUSINESS or EARNINGS. titles_of: finds contracts' titles by stream."""
    found = db.session.execute(lines).all()
    titles = titles_of({entry.stream for entry, *_ in found})
    ids = {_holding_id(entry, code) for entry, code, *_ in found}
    named = select(Holding).where(Holding.id.in_(ids)).options(joinedload(Holding.payee), *LEAN)
    holdings = {row.id: row for row in many(named)}
    made = []
    for entry, code, minor, currency in found:
        text, state, kind = words.get(f"{code.partition(':')[0]}:{entry.kind}") or words[entry.kind]
        holding = holdings.get(_holding_id(entry, code))  # type: ignore[arg-type]
        about = {"title": f"“{holding.title}”", "payee": holding.payee.name} if holding else {}
        made.append(
            StatementRow(
                at=entry.at, text=text.format_map(defaultdict(str, about)), state=state, kind=kind,
                amount=Money(-minor, currency), holding_id=holding.id if holding else None,
                contract=titles.get(entry.stream, ""),
            )
        )  # fmt: skip
    return made


def _holding_id(entry: Entry, code: str) -> UUID | None:
    # An entry that pays for several holdings names none; its lines do.
    return UUID(code.split(":")[1]) if code.startswith("held:") else entry.holding_id


def sums(amounts: Iterable[tuple[int, str]]) -> list[Money]:
    """The sum in each currency, leaving out nothing and zero."""
    total: dict[str, int] = defaultdict(int)
    for minor, currency in amounts:
        total[currency] += minor
    return [Money(minor, currency) for currency, minor in sorted(total.items()) if minor]


def standing(person: Person) -> Sequence[Any]:
    """What stands in each contract of `person`'s organisations: stream, currency, held, released, refunded, taken.

    They add up to what was paid for it. released: what stayed released. taken: by the bank of the business.
    """
    clawed = func.sum(ChargebackPart.amount_minor - ChargebackPart.held_minor).label("clawed")
    banks = select(ChargebackPart.holding_id, clawed).group_by(ChargebackPart.holding_id).subquery()
    by_bank = func.coalesce(banks.c.clawed, 0)
    found = (
        select(
            Holding.stream,
            Holding.currency,
            func.sum(Holding.funded_minor - Holding.released_minor - Holding.refunded_minor - Holding.lost_minor)
            .label("held"),
            func.sum(Holding.released_minor - Holding.clawed_minor).label("released"),
            func.sum(Holding.refunded_minor + Holding.clawed_minor - by_bank).label("refunded"),
            func.sum(Holding.lost_minor + by_bank).label("taken"),
        )
        .outerjoin(banks, banks.c.holding_id == Holding.id)
        .where(Holding.organisation_id.in_(person.organisation_ids), Holding.funded_minor > 0)
        .group_by(Holding.stream, Holding.currency)
        .order_by(func.max(Holding.created_at).desc())
        .limit(50)
    )  # fmt: skip
    return db.session.execute(found).all()


@dataclass(frozen=True)
class Earnings:
    """Where a professional's money stands.

    waiting: releases within their hold, soonest first; frozen and blocked: those that something stops; payable:
    due and on its way; there: in the account at Stripe; going: asked for, or on its way to the bank; debts: what is
    open, each with its holding.
    """

    held: list[Money]
    waiting: list[Release]
    payable: list[Money]
    there: list[Money]
    going: list[Money]
    paid_out: list[Money]
    frozen: list[Release]
    blocked: list[Release]
    debts: list[tuple[Debt, Holding]]

    @property
    def owed(self) -> list[Money]:
        """What is owed in each currency."""
        return sums((debt.left_minor, debt.currency) for debt, _ in self.debts)


def earnings(person: Person) -> Earnings:
    """What is held for `person`, released, payable, at Stripe, paid out and owed; a fixed number of queries."""
    kept = many(select(Holding).where(Holding.payee_id == person.id, Holding.funded_minor > 0).options(*LEAN))
    mine = select(Release).join(Release.holding).options(contains_eager(Release.holding).options(*LEAN))
    mine = mine.where(Holding.payee_id == person.id, Release.state.in_(UNSENT)).order_by(Release.due_at)
    stopped = set(many(select(Freeze.holding_id).where(Freeze.until_at.is_(None))))
    unsent = [row for row in many(mine) if row.due_minor > 0]
    going = [row for row in unsent if row.state == "authorised" and row.holding_id not in stopped]
    paid_out = select(Payout.amount_minor, Payout.currency).where(
        Payout.person_id == person.id, Payout.state == "paid"
    )
    there, leaving = payouts.free_and_leaving(person)
    return Earnings(
        held=sums((row.left_minor, row.currency) for row in kept),
        waiting=[row for row in going if row.due_at > now()],
        payable=sums((row.due_minor, row.holding.currency) for row in going if row.due_at <= now()),
        there=there,
        going=leaving,
        paid_out=sums((minor, currency) for minor, currency in db.session.execute(paid_out).all()),
        frozen=[row for row in unsent if row.state == "authorised" and row.holding_id in stopped],
        blocked=[row for row in unsent if row.state != "authorised"],
        debts=_debts(person),
    )


def _debts(person: Person) -> list[tuple[Debt, Holding]]:
    """What `person` still owes, oldest first."""
    found = select(Debt, Holding).join(Holding, Holding.id == Debt.holding_id).options(*LEAN)
    rows = db.session.execute(
        found.where(Debt.person_id == person.id).order_by(Debt.created_at, Debt.id)
    ).all()
    return [(debt, holding) for debt, holding in rows if debt.left_minor]


def table(found: list[StatementRow]) -> list[list[str]]:
    """The statement as rows of text for a spreadsheet; nothing in it can be a formula."""
    heading = ["Date", "What", "Contract", "State", "Amount", "Currency"]
    body = [
        [
            row.at.date().isoformat(),
            row.text,
            row.contract,
            row.state,
            plain(row.amount.minor, row.amount.currency),
            row.amount.currency.upper(),
        ]
        for row in found
    ]
    return [heading, *([harmless(cell) for cell in line[:4]] + line[4:] for line in body)]


def harmless(cell: str) -> str:
    """`cell` so that a spreadsheet shows it and never runs it: a text that begins like a formula is quoted."""
    return f"'{cell}" if cell[:1] in "=+-@\t\r＝＋－＠" and cell else cell


# What happened to one holding, in words; anything else about its milestone is not about money.
SENTENCES = {
    "holding.opened": "{amount} agreed.",
    "payment.started": "Payment of {amount} begun.",
    "payment.processing": "The bank was asked for {amount}; its answer takes some days.",
    "payment.held": "{amount} held.",
    "payment.failed": "The payment failed: {reason}",
    "payment.expired": "The payment page closed unpaid.",
    "payment.surplus": "{amount} came when nothing waited for it, and goes back whole.",
    "payment.released": "{amount} released: {net} for the professional, {fee} our fee.",
    "payment.release_voided": "{amount} of a release taken back before it was sent. {reason}",
    "payment.refund_started": "Refund of {amount} on its way.",
    "payment.refunded": "{amount} refunded.",
    "payment.refund_failed": "The refund of {amount} failed: we are looking into it.",
    "payment.refund_refused": "Stripe refused a refund: we are looking into it.",
    "payment.refund_retried": "The refund of {amount} is sent again.",
    "payment.refund_voided": "The refund of {amount} was taken back. {reason}",
    "payment.clawed_back": "{amount} returned to the business after the release. {reason}",
    "payment.warned": "The bank warned that this payment may be fraud.",
    "transfer.sent": "{amount} sent to the payout account.",
    "transfer.blocked": "The transfer could not be made: {reason}",
    "transfer.sent_again": "The transfer of {amount} is sent again.",
    "transfer.reversed": "{amount} of the transfer taken back at Stripe.",
    "debt.owed": "{amount} owed by the professional. {reason}",
    "debt.offset": "{amount} of a release kept for an earlier debt.",
    "debt.written_off": "{amount} of what was owed given up by us.",
    "chargeback.opened": "The bank of the business disputes {amount}: {reason}.",
    "chargeback.won": "The bank decided about {amount}: the money stays.",
    "chargeback.lost": "The bank decided about {amount}: it keeps the money.",
    "holding.ruled": "Ruled: {to_professional} to the professional, {to_business} to the business. {reason}",
    "holding.frozen": "Frozen: {reason}",
    "holding.thawed": "Thawed.",
}
PAID = ("payment.held", "payment.released", "transfer.sent", "chargeback.won")
BAD = ("payment.failed", "payment.refund_failed", "payment.refund_refused", "payment.warned", "transfer.blocked",
       "transfer.reversed", "debt.owed", "chargeback.opened", "chargeback.lost", "holding.frozen")  # fmt: skip
KINDS = {**dict.fromkeys(PAID, "paid"), **dict.fromkeys(BAD, "bad")}


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
