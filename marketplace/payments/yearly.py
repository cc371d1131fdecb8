"""The statement of a year, for a professional or a business, in one currency: sums of the ledger, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from marketplace.config import settings
from marketplace.kernel.clock import now
from marketplace.kernel.db import db, find, many
from marketplace.kernel.errors import Refused
from marketplace.kernel.jobs import transaction
from marketplace.payments import moves, parties
from marketplace.payments.ledger import Entry
from marketplace.payments.models import Holding
from marketplace.payments.numbering import number_all
from marketplace.payments.papers import Document
from marketplace.payments.parties import PLATFORM
from marketplace.payments.year_sums import Meant, Year, accounts, bounds, meant

NOTE = "All sums come from the ledger, by the day (UTC) on which money moved. This is no invoice."
Row = dict[str, Any]


def last_year() -> None:
    """Job, each night of January from the 2nd: the statements of the year that ended."""
    make_all(now().year - 1)


def make_all(year: int) -> int:
    """Make every statement of `year` that is missing, each in its own transaction; returns how many.

    Refuses a year that is not over: its sums may still change.
    """
    if year >= now().year:
        raise Refused(f"{year} is not over yet: its statements are made on 2 January {year + 1}.")
    with transaction():
        owners = list(_owners(year))
    made = 0
    for make, key, currency in owners:
        with transaction():
            made += make(key, year, currency)
    return made


def _owners(year: int) -> Iterator[tuple[Callable[[UUID, int, str], int], UUID, str]]:
    """Whose money moved in `year` or before, in which currency, and what makes their statement."""
    _, end = bounds(year)
    there = Holding.stream.in_(select(Entry.stream).where(Entry.at < end))
    for make, column in ((_professional, Holding.payee_id), (_business, Holding.organisation_id)):
        found = select(column, Holding.currency).where(there).distinct().order_by(column, Holding.currency)
        for key, currency in db.session.execute(found).all():
            yield make, key, currency


def _professional(key: UUID, year: int, currency: str) -> int:
    """The statement of a professional: what the work brought, what was sent, what reached the bank."""
    mine = accounts((f"payable:{key}", f"receivable:{key}"), year, currency)
    there = accounts((f"memo:pro_stripe:{key}",), year, currency)
    streams = select(Holding.stream).where(Holding.payee_id == key, Holding.currency == currency)
    work = meant(many(streams.distinct()), year)
    for month in work.months:
        month["net"] = month["sold"] - month["fee"]
    total = work.net("sold") - work.net("fee")
    columns = [["sold", "Work released"], ["fee", "Our fee"], ["net", "After the fee"]]
    return _make(
        f"person:{key}", year, currency, total, rows=_earned(mine, work) + _at_stripe(there), columns=columns,
        months=work.months, headline="Released for your work, after our fee", recipient=parties.person(key),
        person_id=key, organisation_id=None,
    )  # fmt: skip


def _earned(mine: Year, work: Meant) -> list[Row]:
    sold, fee = work.net("sold"), work.net("fee")
    earned, sent, given_up = -mine.of(*moves.READERS), mine.of("transfer", "reversal"), -mine.of("write_off")
    return [
        _row("Owed to you at the start of the year", -mine.before),
        _row("Released for your work", work.came["sold"]),
        _row("Taken back after a release", -work.went["sold"]),
        _row("Our fee", -fee),
        # What a lost chargeback took from the platform, and not from the professional.
        _row("Chargebacks that we carried", earned - (sold - fee)),
        _row("Debt that we gave up", given_up),
        _row("Corrections", -mine.moved - earned - given_up + sent),
        _row("Sent to your account at Stripe", -sent),
        _row("Owed to you at the end of the year", -mine.after, total=True),
    ]


def _at_stripe(there: Year) -> list[Row]:
    paid, came = there.of("payout_paid", "payout_failed"), there.of("transfer", "reversal")
    return [
        _row("At Stripe at the start of the year", there.before),
        _row("Sent there", came),
        _row("Paid out to your bank", paid),
        _row("Corrections at Stripe", there.moved - came - paid),
        _row("At Stripe at the end of the year", there.after, total=True),
    ]


def _business(key: UUID, year: int, currency: str) -> int:
    """The statement of a business: what was paid in, what became of it, what is still held."""
    mine = many(select(Holding).where(Holding.organisation_id == key, Holding.currency == currency))
    held = accounts((f"held:{row.id}" for row in mine), year, currency)
    work = meant({row.stream for row in mine}, year)
    columns = [["held", "Paid in, less what came back"], ["sold", "Work released"]]
    return _make(
        f"organisation:{key}", year, currency, work.net("sold"), rows=_bought(held, work), columns=columns,
        months=work.months, headline="Work paid for", recipient=parties.organisation(key),
        person_id=None, organisation_id=key,
    )  # fmt: skip


def _bought(held: Year, work: Meant) -> list[Row]:
    released = held.of("release", "release_void")
    return [
        _row("Held at the start of the year", -held.before),
        _row("Paid in and held", work.came["held"]),
        _row("Released to professionals", -released),
        _row("Returned to you out of what was held", -work.went["held"]),
        _row("Corrections", -held.moved - (work.net("held") - released)),
        _row("Held at the end of the year", -held.after, total=True),
        _row("Work released", work.came["sold"]),
        _row("Returned to you after a release", -work.went["sold"]),
        _row("Work paid for", work.net("sold"), total=True),
        _row("Fees paid on top", work.client_fee),
    ]


def _row(text: str, minor: int, *, total: bool = False) -> Row:
    return {"text": text, "minor": minor, "total": total}


def _make(
    owner: str,
    year: int,
    currency: str,
    total: int,
    *,
    person_id: UUID | None,
    organisation_id: UUID | None,
    rows: list[Row],
    **data: Any,
) -> int:
    """Make one statement, if anything stood or moved and there is none; returns 1 or 0."""
    cause = f"year:{owner}:{year}:{currency}"
    known = find(select(Document.id).where(Document.kind == "yearly", Document.cause == cause))
    if known or not any(row["minor"] for row in rows):
        return 0
    data |= {
        "heading": f"Statement of {year}", "issuer": parties.platform(), "site": settings().site_name,
        "contract": "", "rows": [row for row in rows if row["minor"] or row["total"]], "lines": [],
        "corrects": None, "facts": [], "notes": [NOTE],
    }  # fmt: skip
    number_all([
        {"kind": "yearly", "cause": cause, "issuer": PLATFORM, "issued_on": date(year, 12, 31), "currency": currency,
         "total_minor": total, "stream": cause, "person_id": person_id, "organisation_id": organisation_id,
         "data": data}
    ])  # fmt: skip
    return 1
