"""Finding people and contracts among many."""

from __future__ import annotations

from typing import Any

from marketplace.admin.people import PER_PAGE
from tests import make
from tests.counting import queries
from tests.reviews import ended


def test_people_are_found_by_name_and_address(app: Any, browser: Any) -> None:
    ines, admin = make.professional().person, browser(make.staff())
    for words in ("okaf", "INES", ines.email):
        assert ines.email in admin.get("/admin/people", query_string={"q": words}).text
    assert ines.email not in admin.get("/admin/people?q=whitlock").text


def test_signs_are_not_wildcards_and_names_are_escaped(app: Any, browser: Any) -> None:
    person = make.person("<b>Bold</b>")
    admin = browser(make.staff())
    assert person.email not in admin.get("/admin/people?q=%25").text
    assert "&lt;b&gt;Bold" in admin.get("/admin/people").text


def test_states_filter(app: Any, browser: Any) -> None:
    person = make.person()
    admin = browser(make.staff())
    assert person.email in admin.get("/admin/people?state=active").text
    assert person.email not in admin.get("/admin/people?state=suspended").text
    assert admin.get("/admin/people?state=nonsense&after=nonsense").status_code == 200


def test_pages_follow_each_other_without_gap_or_repeat(app: Any, browser: Any) -> None:
    people = [make.person(f"Person{number} Test") for number in range(PER_PAGE + 5)]
    admin = browser(make.staff())
    first = admin.get("/admin/people?q=test").text
    second = admin.get(f"/admin/people?q=test&after={people[5].id}").text
    for number, person in enumerate(people):
        assert (person.email in first) is (number >= 5)
        assert (person.email in second) is (number < 5)


def test_a_full_page_costs_few_queries(app: Any, browser: Any) -> None:
    for number in range(6):
        make.business(f"Business {number}")
        ended.contract(make.business(), make.professional())
    admin = browser(make.staff())
    for path in ("/admin/people", "/admin/contracts"):
        with queries(app) as sent:
            assert admin.get(path).status_code == 200
        assert len(sent) <= 12


def test_a_person_s_page_says_what_they_are(app: Any, browser: Any) -> None:
    contract = ended.contract()
    admin = browser(make.staff())
    text = admin.get(f"/admin/people/{make.owner_of(contract.organisation).id}").text
    assert "Northgate Transit (owner)" in text
    assert "Launch week" in text


def test_contracts_are_found_by_either_side(app: Any, browser: Any) -> None:
    ended.contract()
    admin = browser(make.staff())
    for words in ("launch", "northgate", "okafor"):
        assert "Launch week" in admin.get("/admin/contracts", query_string={"q": words}).text
    assert "Launch week" not in admin.get("/admin/contracts?state=active").text
