"""The blind shelf: words first, names after the shortlist, the same cost whatever the number."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.briefs.models import Brief, Question
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, commit, db
from marketplace.proposals.models import Proposal
from tests import make
from tests.counting import queries

CANARIES = (
    "Zephyrine",
    "Quillfeather",
    "zephyrine-",
    "Canary Holdings",
    "Zara Passport",
    "quill@feather.example",
    "quill.example",
)


def signed(brief: Any, **also: Any) -> Proposal:
    """A proposal whose writer signed it with everything that could give them away."""
    zephyrine = make.professional("Zephyrine Quillfeather")
    zephyrine.person.name = "Zara Passport"
    zephyrine.samples[0].client = "Canary Holdings"
    zephyrine.samples[0].text = "Canary Holdings is late. So says Zephyrine."
    row = make.proposal(brief, zephyrine, **also)
    row.latest.pitch += (
        f" Zephyrine Quillfeather, {zephyrine.handle}, quill@feather.example, https://quill.example/me,"
        " by passport Zara Passport, late of Canary Holdings"
    )
    row.latest.milestones = [{"title": "By Quillfeather", "amount_minor": 48000, "due_on": "2027-12-20"}]
    commit()
    return row


@pytest.mark.parametrize("read", [True, False])
def test_nothing_names_the_writer_before_the_shortlist(browser: Any, read: bool) -> None:
    brief = make.brief()
    row = signed(brief, read_at=now() if read else None)
    other = make.proposal(brief, make.professional("Other Writer"), read_at=now())
    web = browser(make.owner_of(brief.organisation))
    for path in (
        f"/briefs/{brief.id}/proposals", f"/proposals/{row.id}", f"/proposals/{row.id}/decline",
        f"/briefs/{brief.id}/proposals/compare?p={row.id}&p={other.id}", f"/briefs/{brief.id}",
    ):  # fmt: skip
        page = web.get(path)
        assert page.status_code == 200
        assert not [canary for canary in CANARIES if canary.lower() in page.text.lower()], path
        assert str(row.profile_id) not in page.text
        assert str(row.profile.person_id) not in page.text


def test_after_the_shortlist_the_name_is_there(browser: Any) -> None:
    brief = make.brief()
    row = signed(brief, read_at=now())
    web = browser(make.owner_of(brief.organisation))
    assert web.post(f"/proposals/{row.id}/shortlist").status_code == 303
    shown = web.get(f"/briefs/{brief.id}/proposals?tab=shortlist").text
    assert "Zephyrine Quillfeather" in shown
    assert f"/professionals/{row.profile.handle}" in shown
    assert f"/proposals/{row.id}/offer" in shown


def test_the_price_comes_after_the_words(browser: Any) -> None:
    brief = make.brief()
    make.proposal(brief, read_at=now())
    page = browser(make.owner_of(brief.organisation)).get(f"/briefs/{brief.id}/proposals").text
    assert page.index("six minutes are the apology") < page.index("$480.00")


def was_read(row: Proposal) -> bool:
    """Whether the database knows of a first reading."""
    db.session.refresh(row)
    return row.read_at is not None


def test_looking_reads_nothing_and_opening_does(browser: Any) -> None:
    row = make.proposal(brief := make.brief())
    web = browser(make.owner_of(brief.organisation))
    assert "six minutes are the apology" not in web.get(f"/briefs/{brief.id}/proposals").text
    assert not was_read(row)
    web.post(f"/briefs/{brief.id}/proposals/read", {"p": str(row.id)})
    assert was_read(row)
    assert "six minutes are the apology" in web.get(f"/briefs/{brief.id}/proposals").text


def test_strangers_find_no_shelf_and_a_writer_finds_their_own_pitch(browser: Any) -> None:
    row = make.proposal()
    path = f"/briefs/{row.brief_id}/proposals"
    assert browser(make.person()).get(path).status_code == 404
    assert browser(make.professional("Other One").person).get(path).status_code == 404
    assert browser(row.profile.person).get(path).headers["Location"] == f"/proposals/{row.id}"
    assert browser(make.person()).get(f"/proposals/{row.id}").status_code == 404
    assert browser(make.person()).get(f"{path}/compare?p={row.id}").status_code == 404
    assert browser(make.person()).post(f"{path}/read").status_code == 404


def crowd(brief_id: Any, more: int) -> None:
    """So many more read pitches and questions on a brief; the session forgets them all."""
    brief = db.session.get_one(Brief, brief_id)
    for number in range(more):
        make.proposal(brief, make.professional(f"Writer{number} {more}"), read_at=now())
        add(Question(brief_id=brief.id, by_id=brief.by_id, body="Why?"))
    commit()
    db.session.expunge_all()


@pytest.mark.parametrize("page", ["/briefs/{}/proposals", "/briefs/{}"])
def test_the_cost_does_not_grow_with_the_rows(app: Any, browser: Any, page: str) -> None:
    brief = make.brief()
    web, brief_id, costs = browser(make.owner_of(brief.organisation)), brief.id, []
    for more in (1, 8):
        crowd(brief_id, more)
        with queries(app) as sent:
            assert web.get(page.format(brief_id)).status_code == 200
        costs.append(len([line for line in sent if line.startswith("SELECT")]))
    assert costs[0] == costs[1] <= 12


def test_three_at_most_stand_side_by_side(browser: Any) -> None:
    brief = make.brief()
    rows = [make.proposal(brief, make.professional(f"W{at} Riter"), read_at=now()) for at in range(4)]
    web = browser(make.owner_of(brief.organisation))
    wanted = "&".join(f"p={row.id}" for row in rows)
    page = web.get(f"/briefs/{brief.id}/proposals/compare?{wanted}").text
    assert page.count('<th scope="col"') == 3
    assert "Three at a time" in page
    assert "at least two" in web.get(f"/briefs/{brief.id}/proposals/compare?p={rows[0].id}").text
