"""The inbox: what is new, opening it, and the one count."""

from __future__ import annotations

from typing import Any

from marketplace.accounts.models import Person
from marketplace.kernel.db import add, commit
from marketplace.notifications.models import Notice
from tests import make
from tests.counting import queries


def notice(person: Person, number: int = 1, line: str = "A pitch came in", **also: Any) -> Notice:
    """One line in the inbox of `person`."""
    row = add(Notice(person_id=person.id, event_number=number, line=line, url="/settings", **also))
    commit()
    return row


def test_the_latest_stands_first_and_is_escaped(app: Any, browser: Any) -> None:
    person = make.person()
    notice(person, 1, "The older")
    notice(person, 2, "<script>The newer", asks=True)
    text = browser(person).get("/inbox").text
    assert text.index("&lt;script&gt;The newer") < text.index("The older")
    assert text.count("data-new") == 2


def test_opening_marks_it_read_and_goes_on(app: Any, browser: Any) -> None:
    person = make.person()
    row, here = notice(person), browser(person)
    answer = here.post(f"/inbox/{row.id}/read")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/settings")
    assert "data-new" not in here.get("/inbox").text


def test_a_stranger_cannot_open_it(app: Any, browser: Any) -> None:
    row = notice(make.person())
    assert browser(make.person()).post(f"/inbox/{row.id}/read").status_code == 404
    assert browser().get("/inbox").status_code == 303


def test_looking_changes_nothing(app: Any, browser: Any) -> None:
    row = notice(make.person())
    person = make.person()
    assert browser(person).get(f"/inbox/{row.id}/read").status_code == 405


def test_all_can_be_read_at_once_but_only_ones_own(app: Any, browser: Any) -> None:
    person, neighbour = make.person(), make.person()
    for number in (1, 2, 3):
        notice(person, number)
    notice(neighbour)
    assert browser(person).post("/inbox/read-all").status_code == 303
    assert "data-new" not in browser(person).get("/inbox").text
    assert "data-new" in browser(neighbour).get("/inbox").text


def test_without_a_token_nothing_is_marked(app: Any, browser: Any) -> None:
    person = make.person()
    notice(person)
    here = browser(person)
    here.client.post("/inbox/read-all", data={})
    assert "data-new" in here.get("/inbox").text


def test_the_masthead_shows_one_count(app: Any, browser: Any) -> None:
    person = make.person()
    notice(person, 1)
    notice(person, 2)
    text = browser(person).get("/inbox").text
    assert text.count('id="unread"') == 1
    assert ", 2 new" in text


def test_the_count_is_quiet_while_nothing_changed(app: Any, browser: Any) -> None:
    person = make.person()
    notice(person)
    here = browser(person)
    assert here.get("/inbox/count?known=1").status_code == 204
    answer = here.get("/inbox/count?known=0", headers={"HX-Request": "true"})
    assert ", 1 new" in answer.text
    assert "<html" not in answer.text
    again = here.get("/inbox/count?known=0", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_strange_page_address_shows_the_first_page(app: Any, browser: Any) -> None:
    person = make.person()
    notice(person)
    for before in ("x", "-1", "٣", "9" * 40, "1;drop"):
        assert "A pitch came in" in browser(person).get("/inbox", query_string={"before": before}).text


def test_a_long_inbox_has_pages_and_costs_the_same(app: Any, browser: Any) -> None:
    person = make.person()
    for number in range(1, 36):
        add(Notice(person_id=person.id, event_number=number, line=f"Number {number}.", url="/inbox"))
    commit()
    here = browser(person)
    with queries(app) as sent:
        first = here.get("/inbox").text
    assert len(sent) <= 12
    assert "Number 35." in first
    assert "Number 5." not in first
    assert "Number 5." in here.get("/inbox?before=6").text
