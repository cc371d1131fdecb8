"""Numbers of papers: one after the other in each issuer's year, none missing and none twice.

The series' row stays locked from the number to the end of the transaction, so that a rollback gives the number
back and two processes wait for each other. Papers are therefore made after the money moved, never with it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from marketplace.kernel.clock import now
from marketplace.kernel.db import add, db, insert_new
from marketplace.kernel.events import tell
from marketplace.kernel.jobs import later
from marketplace.payments.papers import Document, Series
from marketplace.payments.pdf import MAKING


def next_number(issuer: str, year: int) -> int:
    """The next number of `issuer` (platform, person:<id>, contract:<id>) in `year`; others wait for this one."""
    db.session.execute(insert_new(Series, {"issuer": issuer, "year": year, "last": 0}))
    counted = (
        update(Series)
        .where(Series.issuer == issuer, Series.year == year)
        .values(last=Series.last + 1)
        .returning(Series.last)
    )
    return db.session.execute(counted).scalar_one()


def number_all(wanted: list[dict[str, Any]]) -> list[Document]:
    """Make these papers, each with the next number of its issuer, and have their PDFs made.

    wanted: the columns of Document but number, year and made_at. Issuers are taken in one order, so that two
    transactions never wait for each other in a ring.
    """
    made = []
    for columns in sorted(wanted, key=lambda one: str(one["issuer"])):
        year = columns["issued_on"].year
        number = next_number(columns["issuer"], year)
        row = add(Document(number=number, year=year, made_at=now(), **columns))
        tell("document.made", row, by=None, stream=row.stream, kind=row.kind, number=row.label)
        later(MAKING, str(row.id))
        made.append(row)
    return made
