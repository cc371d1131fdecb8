"""The trail: filters, pages, and a table that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from sqlalchemy import select

from marketplace.admin.trail import PER_PAGE, guarded
from marketplace.kernel.clock import now, today
from marketplace.kernel.db import commit, many
from marketplace.kernel.events import Event, tell
from tests import make


def told(name: str = "brief.closed", by: Any = None, **data: Any) -> Event:
    """Something that happened."""
    brief = make.brief()
    event = tell(name, brief, by=by or make.owner_of(brief.organisation), **data)
    commit()
    return event


def test_it_filters_by_who_what_and_day(app: Any, browser: Any) -> None:
    nadia = make.person()
    event = told(by=nadia, title="Nadia closed this")
    told("brief.warned", title="Somebody else")
    admin = browser(make.staff())
    for part in (
        {"who": nadia.email},
        {"who": str(nadia.id)},
        {"about": event.subject},
        {"name": "brief.cl"},
    ):
        text = admin.get("/admin/audit", query_string=part).text
        assert "Nadia closed this" in text
        assert "Somebody else" not in text
    assert "Nadia closed this" in admin.get(f"/admin/audit?day={today()}").text
    assert "Nadia closed this" not in admin.get("/admin/audit?day=2020-01-01").text


@pytest.mark.parametrize("query", ["day=yesterday", "who=nobody", "before=x", "name=%25", "day=0001-01-01",
                                   "day=9999-12-31", "before=999999999999999999"])  # fmt: skip
def test_nonsense_is_answered_plainly(app: Any, browser: Any, query: str) -> None:
    told()
    assert browser(make.staff()).get(f"/admin/audit?{query}").status_code == 200


def test_what_people_said_in_private_is_not_shown(app: Any, browser: Any) -> None:
    told("message.written", body="My sister is ill.")
    admin = browser(make.staff())
    assert "sister" not in admin.get("/admin/audit").text
    assert "sister" not in admin.get("/admin/audit.csv").text


def test_pages_follow_each_other(app: Any, browser: Any) -> None:
    brief = make.brief()
    numbers = [tell("brief.warned", brief, by=None, title=f"Number {n}.").number for n in range(PER_PAGE + 2)]
    commit()
    admin = browser(make.staff())
    first = admin.get("/admin/audit?name=brief.warned").text
    second = admin.get(f"/admin/audit?name=brief.warned&before={numbers[2]}").text
    assert "Number 2." in first
    assert "Number 1." not in first
    assert "Number 1." in second


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"
    assert guarded("plain") == "plain"


def test_the_table_is_guarded_and_its_taking_told(app: Any, browser: Any) -> None:
    told(by=make.person('=HYPERLINK("http://evil.example")'))
    answer = browser(make.staff()).get("/admin/audit.csv?name=brief.")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert answer.mimetype == "text/csv"
    assert rows[1][6].startswith("'=HYPERLINK")
    assert len(many(select(Event).where(Event.name == "admin.exported"))) == 1
    assert now().isoformat()[:10] == rows[1][1][:10]
