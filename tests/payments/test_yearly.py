"""The statement of a year is what the ledger says, to the minor unit, for each owner and currency, once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from marketplace.kernel import clock
from marketplace.kernel.db import commit, many
from marketplace.kernel.errors import Refused
from marketplace.payments import yearly
from marketplace.payments.actions import refund, release
from marketplace.payments.backward import claw_back
from marketplace.payments.ledger import post
from marketplace.payments.papers import Document
from tests import make
from tests.payments.conftest import again
from tests.payments.papering import funded, handed, lost, printed

MARCH, MAY, NEXT = (
    datetime(2027, 3, 4, tzinfo=UTC),
    datetime(2027, 5, 6, tzinfo=UTC),
    datetime(2028, 1, 2, tzinfo=UTC),
)


def a_year() -> Any:
    """Held and released in part in March; in May some was refunded, some taken back, some sent and paid out."""
    clock.move_to(MARCH)
    on = funded()
    release(again(on), 30000, by=None, reason="Approved", request_id="a")
    commit()
    clock.move_to(MAY)
    refund(again(on), 8000, by=None, reason="Cancelled", request_id="b")
    claw_back(handed(on), 10000, by=make.staff(), reason="Not theirs", request_id="c")
    pro = again(on).payee_id
    there = {f"memo:pro_stripe:{pro}": 27000, "memo:world": -27000}
    post(
        "transfer",
        "tr_1",
        "usd",
        {f"payable:{pro}": 27000, "stripe:balance": -27000, **there},
        stream=on.stream,
    )
    post(
        "payout_paid",
        "po_1",
        "usd",
        {"memo:world": 25000, f"memo:pro_stripe:{pro}": -25000},
        stream="payouts:all",
    )
    commit()
    clock.move_to(NEXT)
    return on


def statement_of(side: str) -> Document:
    """The one statement of the professional, or of the business."""
    column = Document.person_id if side == "professional" else Document.organisation_id
    (row,) = many(select(Document).where(Document.kind == "yearly", column.is_not(None)))
    return row


def rows(row: Document) -> dict[str, int]:
    """The sums of a statement by their words."""
    return {line["text"]: line["minor"] for line in row.data["rows"]}


def test_a_professionals_year_in_sums(app: Any) -> None:
    a_year()
    yearly.make_all(2027)
    row = statement_of("professional")
    assert rows(row) == {
        "Released for your work": 30000, "Taken back after a release": -10000, "Our fee": -2000,
        "Sent to your account at Stripe": -27000, "Owed to you at the end of the year": -9000,
        "Sent there": 27000, "Paid out to your bank": -25000, "At Stripe at the end of the year": 2000,
    }  # fmt: skip
    assert (row.total_minor, row.issued_on.isoformat()) == (18000, "2027-12-31")


def test_a_businesss_year_in_sums(app: Any) -> None:
    a_year()
    yearly.make_all(2027)
    row = statement_of("business")
    assert rows(row) == {
        "Paid in and held": 48000, "Released to professionals": -30000, "Returned to you out of what was held": -8000,
        "Held at the end of the year": 10000, "Work released": 30000, "Returned to you after a release": -10000,
        "Work paid for": 20000,
    }  # fmt: skip
    assert row.total_minor == 20000


def test_a_chargeback_that_the_platform_carries_costs_the_professional_nothing(app: Any) -> None:
    clock.move_to(MARCH)
    on = funded()
    release(again(on), 48000, by=None, reason="Approved", request_id="a")
    lost(on, 48000)
    clock.move_to(NEXT)
    yearly.make_all(2027)
    assert rows(statement_of("professional")) == {
        "Released for your work": 48000, "Taken back after a release": -48000, "Chargebacks that we carried": 43200,
        "Owed to you at the end of the year": 43200, "At Stripe at the end of the year": 0,
    }  # fmt: skip


def test_months_sum_to_the_year(app: Any) -> None:
    a_year()
    yearly.make_all(2027)
    row = statement_of("professional")
    moved = {month["month"]: month["net"] for month in row.data["months"] if month["net"]}
    assert moved == {"March": 27000, "May": -9000}
    assert sum(moved.values()) == row.total_minor


def test_the_next_year_begins_where_the_last_ended(app: Any) -> None:
    a_year()
    clock.move_to(datetime(2029, 1, 2, tzinfo=UTC))
    yearly.last_year()
    assert rows(statement_of("business")) == {
        "Held at the start of the year": 10000, "Held at the end of the year": 10000, "Work paid for": 0,
    }  # fmt: skip
    assert rows(statement_of("professional"))["Owed to you at the start of the year"] == -9000


def test_the_pdf_has_the_same_sums(app: Any) -> None:
    a_year()
    yearly.make_all(2027)
    words = printed(statement_of("professional")).replace("\N{NO-BREAK SPACE}", " ")
    for part in (
        "Statement of 2027",
        "180.00 USD",
        "Released for your work 300.00",
        "\N{MINUS SIGN}270.00",
        "March",
        "May",
    ):
        assert part in words


def test_each_is_made_once(app: Any) -> None:
    a_year()
    assert [yearly.make_all(2027), yearly.make_all(2027)] == [2, 0]


def test_a_year_that_is_not_over_is_refused(app: Any) -> None:
    a_year()
    with pytest.raises(Refused, match="2028 is not over yet"):
        yearly.make_all(2028)


def test_the_command_says_how_many_it_made(app: Any) -> None:
    a_year()
    run = app.test_cli_runner().invoke
    assert run(args=["documents", "year", "2027"]).output == "2 statements of 2027 made.\n"
    answer = run(args=["documents", "year", "2028"])
    assert (answer.exit_code, "not over yet" in answer.stderr) == (1, True)


def test_each_currency_has_a_statement_of_its_own(app: Any) -> None:
    clock.move_to(MARCH)
    org, payee = make.business(), make.person("Ines Okafor", side="professional")
    for currency in ("usd", "jpy"):
        release(
            make.funded(make.holding(org, payee, currency=currency)),
            1000,
            by=None,
            reason="x",
            request_id="a",
        )
    commit()
    clock.move_to(NEXT)
    assert yearly.make_all(2027) == 4
    found = many(select(Document.currency).where(Document.person_id == payee.id).order_by(Document.currency))
    assert found == ["jpy", "usd"]


def test_the_last_second_of_the_year_belongs_to_it(app: Any) -> None:
    clock.move_to(datetime(2027, 12, 31, 23, 59, 50, tzinfo=UTC))
    on = funded()
    clock.move_to(datetime(2028, 1, 1, tzinfo=UTC))
    release(again(on), 48000, by=None, reason="Approved", request_id="a")
    commit()
    clock.move_to(datetime(2029, 1, 2, tzinfo=UTC))
    yearly.make_all(2027)
    assert rows(statement_of("business")) == {
        "Paid in and held": 48000, "Held at the end of the year": 48000, "Work paid for": 0,
    }  # fmt: skip
