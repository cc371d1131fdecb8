"""The books' page: what differs from Stripe's, filtered, with its age and what to do; money over time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from marketplace.admin.plots import money_over_time, plot, scale
from marketplace.kernel.clock import move_to, now, today
from marketplace.kernel.db import add, commit, db, one
from marketplace.payments import check, day_ends, freezing
from marketplace.payments.models import Cursor
from marketplace.payments.outside import DayEnd, Difference
from marketplace.payments.reconcile_differences import Finding, heard, note, resolve
from tests import make
from tests.counting import queries


def differ(number: int = 1, cause: str = "missing_here", currency: str = "usd", **also: Any) -> Difference:
    """An open difference about a charge."""
    note(Finding(cause, "charge", f"ch_{number}", f"Charge {number} differs.", currency, 100, 50, **also))
    commit()
    return one(select(Difference).where(Difference.object_id == f"ch_{number}"))


def test_nothing_differs_before_and_after_the_first_comparison(app: Any, browser: Any) -> None:
    admin = browser(make.staff())
    assert "Not yet compared with Stripe’s" in admin.get("/admin/books").text
    add(Cursor(name="reconcile", at=now() - timedelta(hours=2)))
    commit()
    page = admin.get("/admin/books").text
    assert ("2 hours ago" in page, "Stripe’s books and ours agree." in page) == (True, True)


def test_a_comparison_that_is_missing_is_said(app: Any, browser: Any) -> None:
    add(Cursor(name="reconcile", at=now() - timedelta(days=3)))
    commit()
    assert "The nightly comparison with Stripe is missing" in browser(make.staff()).get("/admin/books").text


def test_a_difference_has_its_age_its_cause_and_what_to_do(app: Any, browser: Any) -> None:
    differ(holdings=(make.funded().id,))
    move_to(now() + timedelta(days=2))
    page = browser(make.staff()).get("/admin/books").text
    for words in (
        "Charge 1 differs.",
        "2 days ago",
        "Not in our books",
        "find out what it was for",
        "Four posts",
    ):
        assert words in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {1, 2, 3}),
        ("?state=over", {4}),
        ("?state=any", {1, 2, 3, 4}),
        ("?cause=amount", {2}),
        ("?currency=eur", {3}),
        ("?state=open&cause=amount&currency=eur", set()),
        ("?state=x&cause=y&currency=z&after=w", {1, 2, 3, 4}),
    ],
)
def test_the_list_is_filtered(app: Any, browser: Any, query: str, shown: set[int]) -> None:
    differ(1), differ(2, cause="amount"), differ(3, currency="eur")
    heard(Finding("late_webhook", "charge", "ch_4", "Charge 4 differs."), None)
    commit()
    page = browser(make.staff()).get(f"/admin/books{query}").text
    assert {number for number in range(1, 5) if f"Charge {number} differs." in page} == shown


def test_a_long_list_goes_on_and_costs_the_same(app: Any, browser: Any) -> None:
    held = make.funded()
    admin, counts, first = browser(make.staff()), [], ""
    for upto in (3, 45):
        for number in range(upto):
            note(
                Finding(
                    "amount", "charge", f"ch_{number}", f"Charge {number}: differs.", "usd", 1, 2, (held.id,)
                )
            )
        commit()
        with queries(app) as sent:
            first = admin.get("/admin/books").text
        counts.append(len(sent))
    assert ("Charge 39: differs." in first, "Charge 40: differs." in first) == (True, False)
    after = first.split("after=")[1].split("&amp;")[0].split('"')[0]
    assert "Charge 40: differs." in admin.get(f"/admin/books?after={after}").text
    with queries(app) as checking:
        check.books()
    # What the check of the books asks for itself is its own matter.
    assert counts[0] == counts[1]
    assert counts[1] - len(checking) <= 18


def test_one_difference_shows_both_sides_and_what_it_froze(app: Any, browser: Any) -> None:
    held = make.funded()
    charge = held.allocations[0].payment.charge_id or ""
    note(Finding("amount", "charge", charge, "Stripe says less.", "usd", 48000, 47000, (held.id,)))
    commit()
    row = one(select(Difference))
    page = browser(make.staff()).get(f"/admin/books/{row.id}").text
    for words in ("$480.00", "$470.00", "What it froze", "frozen <time", "stripe:balance", f"held:{held.id}"):
        assert words in page
    resolve(row, "It was a typing mistake.", by=make.staff("admin", "Abe Admin"))
    commit()
    again = browser(make.staff()).get(f"/admin/books/{row.id}").text
    assert ("It was a typing mistake." in again, "thawed <time" in again) == (True, True)


@pytest.mark.parametrize(("mode", "link"), [("stripe", True), ("sandbox", False)])
def test_it_leads_to_stripes_own_page_where_there_is_one(
    app: Any, browser: Any, monkeypatch: pytest.MonkeyPatch, mode: str, link: bool
) -> None:
    from marketplace.config import settings

    row = differ()
    monkeypatch.setattr(settings(), "payments_mode", mode)
    page = browser(make.staff()).get(f"/admin/books/{row.id}").text
    assert ("https://dashboard.stripe.com/test/payments/ch_1" in page) == link


def test_others_find_no_difference(app: Any, browser: Any) -> None:
    row = differ()
    for person in (make.staff("reader"), make.person(), make.professional().person):
        assert browser(person).get(f"/admin/books/{row.id}").status_code == 404


def test_days_are_recorded_once_and_go_on_from_each_other(app: Any) -> None:
    first = make.funded()
    move_to(now() + timedelta(days=2))
    make.funded(make.holding(amount_minor=10000))
    move_to(now() + timedelta(days=2))
    assert (day_ends.record_day_ends(), day_ends.record_day_ends()) == (4, 0)
    commit()
    held = db.session.scalars(
        select(DayEnd.amount_minor).where(DayEnd.kind == "held").order_by(DayEnd.day)
    ).all()
    assert held == [48000, 48000, 58000, 58000]
    assert day_ends.standing()["held", first.currency] == 58000


def test_nothing_is_recorded_before_money_moved(app: Any) -> None:
    assert (day_ends.record_day_ends(), day_ends.standing(), money_over_time({})) == (0, {}, [])


def test_money_over_time_is_drawn_and_told(app: Any, browser: Any) -> None:
    make.funded()
    move_to(now() + timedelta(days=3))
    day_ends.record_day_ends()
    commit()
    page = browser(make.staff()).get("/admin/books").text
    assert page.count("<polyline") == 3
    assert "Held, payable and our fees in USD, by day" in page
    assert page.count("$480.00") >= 4


@pytest.mark.parametrize(
    ("amounts", "axis"),
    [
        ([], (0, 100, 50)),
        ([7], (0, 100, 50)),
        ([48000], (0, 60000, 20000)),
        ([123456, -1000], (-50000, 150000, 50000)),
        ([999], (0, 1000, 500)),
    ],
)
def test_an_axis_has_round_figures_and_room_for_all(amounts: list[int], axis: tuple[int, int, int]) -> None:
    assert scale(amounts) == axis


def test_a_line_stands_where_its_amounts_say() -> None:
    days = [today() - timedelta(days=2), today() - timedelta(days=1), today()]
    amounts = {("held", "usd", day): minor for day, minor in zip(days, (0, 30000, 60000), strict=True)}
    drawn = plot("usd", amounts)
    held = [tuple(map(float, point.split(","))) for point in drawn.series[0].points.split()]
    assert [x for x, _ in held] == sorted(x for x, _ in held)
    assert held[1][1] == pytest.approx((held[0][1] + held[2][1]) / 2)
    assert (held[0][1], held[2][1]) == (drawn.base, drawn.up[-1].at)
    assert drawn.rows[0] == (days[2], ["$600.00", "$0.00", "$0.00"])


def test_a_freeze_of_another_kind_is_not_the_books(app: Any, browser: Any) -> None:
    held = make.funded()
    freezing.freeze(held, "They disagree.", by=None, kind="dispute")
    row = differ(holdings=(held.id,))
    assert "What it froze" in browser(make.staff()).get(f"/admin/books/{row.id}").text
    assert browser(make.staff()).get(f"/admin/books/{row.id}").text.count("frozen <time") == 1
