"""Statements: what each side sees of its own money, on the page, as a spreadsheet and on paper."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from sqlalchemy import select

from marketplace.accounts.models import Membership
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, commit, one
from marketplace.payments.actions import refund, release
from marketplace.payments.backward import claw_back, void_refund
from marketplace.payments.check import books
from marketplace.payments.claims import Chargeback
from marketplace.payments.models import Payment
from marketplace.payments.statement import harmless
from tests import make
from tests.counting import queries
from tests.payments.conftest import again, balance
from tests.payments.papering import handed


def worked(**also: Any) -> Any:
    """A holding of which a part was released and a part refunded."""
    on = make.funded(make.holding(**also))
    release(on, 20000, by=None, reason="Approved", request_id="a")
    refund(on, 10000, by=None, reason="Cancelled", request_id="b")
    commit()
    return on


def test_the_business_sees_what_is_held_released_and_refunded(app: Any, browser: Any) -> None:
    on = worked()
    shown = browser(make.owner_of(on.organisation)).get("/payments").text
    for words in ("Held for “Four posts”", "Released to Ines Okafor", "Refunded from", "-$200.00", "$180.00"):
        assert words in shown


def test_the_professional_sees_earnings_and_the_next_step(app: Any, browser: Any) -> None:
    on = worked()
    shown = browser(again(on).payee).get("/payments").text
    for words in (
        "Held for you",
        "$180.00",
        "Released to you for “Four posts”",
        "waiting out the hold",
        "Set up payouts",
    ):
        assert words in shown


def test_an_empty_statement_says_what_will_be_there(app: Any, browser: Any) -> None:
    assert "Nothing has moved yet" in browser(make.person()).get("/payments").text


def test_a_strangers_money_is_not_shown(app: Any, browser: Any) -> None:
    on = worked()
    stranger = browser(make.person())
    assert "Four posts" not in stranger.get("/payments").text
    assert stranger.get(f"/payments/holdings/{again(on).id}").status_code == 404
    assert browser().get("/payments").status_code == 303


def test_each_row_opens_its_timeline(app: Any, browser: Any) -> None:
    on = worked()
    shown = browser(make.owner_of(on.organisation)).get(f"/payments/holdings/{on.id}").text
    for words in (
        "$480.00 agreed",
        "$480.00 held",
        "$200.00 released: $180.00 for the professional, $20.00 our fee",
    ):
        assert words in shown


def test_the_spreadsheet_runs_nothing(app: Any, browser: Any) -> None:
    on = worked(title="=HYPERLINK(1)")
    answer = browser(make.owner_of(on.organisation)).get("/payments.csv")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["Date", "What", "Contract", "State", "Amount", "Currency"]
    assert sorted(row[4] for row in rows[1:]) == ["-100.00", "-200.00", "480.00"]
    assert not any(cell[:1] in "=+@" and cell for row in rows[1:] for cell in row[:4])


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@a", "\tb", "\rc"])
def test_texts_that_begin_like_formulas_are_quoted(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert harmless("Four posts") == "Four posts"


def test_paper_shows_every_line(app: Any, browser: Any) -> None:
    on = worked()
    shown = browser(make.owner_of(on.organisation)).get("/payments/print").text
    for words in (f"Statement of {again(on).organisation.name}", "Held now", "$180.00", f"{now():%B %Y}"):
        assert words in shown


def test_a_long_statement_has_pages_and_few_queries(app: Any, browser: Any) -> None:
    org = make.business()
    for number in range(22):
        make.funded(make.holding(org, title=f"Post {number}"))
    boss = browser(make.owner_of(org))
    with queries(app) as sent:
        shown = boss.get("/payments")
    assert "1 to 20 of 22" in shown.text
    assert len(sent) <= 12
    assert "21 to 22 of 22" in boss.get("/payments?page=2").text


def test_who_earns_and_hires_sees_each_side_apart(app: Any, browser: Any) -> None:
    on = worked()
    both = make.person("Bo Both", side="professional")
    add(Membership(organisation_id=again(on).organisation_id, person_id=both.id, role="finance"))
    commit()
    theirs = browser(both)
    assert "Nothing has moved yet" in theirs.get("/payments").text
    assert "Held for “Four posts”" in theirs.get("/payments?side=business").text
    assert "Held for “Four posts”" in theirs.get("/payments.csv?side=business").text


def sums_of(boss: Any) -> tuple[list[list[str]], int]:
    """The lines of the spreadsheet without their dates, and what they add up to in cents."""
    rows = list(csv.reader(io.StringIO(boss.get("/payments.csv").text)))[1:]
    return [[row[1], row[3], row[4]] for row in rows], sum(round(float(row[4]) * 100) for row in rows)


def test_a_claw_back_is_on_the_statement_and_in_the_sums(app: Any, browser: Any) -> None:
    on = worked()
    claw_back(handed(on), 5000, by=make.staff(), reason="Not theirs.", request_id="c")
    commit()
    boss = browser(make.owner_of(again(on).organisation))
    rows, total = sums_of(boss)
    assert ["Taken back from Ines Okafor after the release of “Four posts”", "Taken back", "50.00"] in rows
    assert ["Refunded from “Four posts”", "Refunded", "-50.00"] in rows
    assert total == -balance(f"held:{again(on).id}") == 18000
    assert figures(boss) == ["$180.00", "$150.00", "$150.00"]
    assert "Taken back from Ines Okafor" in boss.get("/payments/print").text


def test_a_claw_back_that_was_taken_back_cancels_out(app: Any, browser: Any) -> None:
    on = worked()
    made = claw_back(handed(on), 5000, by=make.staff(), reason="Not theirs.", request_id="c")
    made.state = "failed"
    void_refund(made, by=make.staff(), reason="It was theirs.")
    commit()
    boss = browser(make.owner_of(again(on).organisation))
    assert ["Refund taken back for “Four posts”", "Taken back", "50.00"] in sums_of(boss)[0]
    assert (sums_of(boss)[1], figures(boss)) == (18000, ["$180.00", "$200.00", "$100.00"])


def figures(boss: Any) -> list[str]:
    """The sums at the top of the page."""
    top = boss.get("/payments").text.partition('class="figures')[2].partition("</dl>")[0]
    return re.findall(r"<span>([^<]*)</span>", top)


def test_a_lost_chargeback_is_on_the_statement_and_in_the_sums(
    app: Any, browser: Any, paid: Any, act: Any, catch_up: Any
) -> None:
    on = make.holding()
    paid(on)
    release(again(on), 20000, by=None, reason="Approved", request_id="a")
    commit()
    act("dispute", charge=one(select(Payment.charge_id)))
    catch_up()
    act("dispute_lost", dispute=one(select(Chargeback)).stripe_dispute)
    catch_up()
    boss = browser(make.owner_of(again(on).organisation))
    rows, total = sums_of(boss)
    assert ["Taken back by your bank from “Four posts”", "Taken back", "-280.00"] in rows
    assert ["Taken back after the release, by your bank", "Taken back", "200.00"] in rows
    assert ["Returned to you by your bank", "Taken back", "-200.00"] in rows
    assert (total, balance(f"held:{again(on).id}"), books()) == (0, 0, [])
    assert figures(boss) == ["$0.00", "$0.00", "$0.00", "$480.00"]
