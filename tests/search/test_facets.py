"""Filters, their counts, orders and pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marketplace.kernel.clock import now, today
from marketplace.kernel.db import commit
from marketplace.search import finding
from tests import make
from tests.counting import queries
from tests.search.people import wanted, writer


def names(**asked: Any) -> list[str]:
    return [found.row.name for found in finding.professionals(**asked).found]


def test_values_of_one_facet_are_alternatives_and_facets_add_up(app: Any) -> None:
    writer("Ada One", registers=["dry"], platforms=["x"])
    writer("Bea Two", registers=["warm"], platforms=["x"])
    writer("Cyd Three", registers=["dry"], platforms=["linkedin"])
    assert sorted(names(facets={"voice": ["dry", "warm"]})) == ["Ada One", "Bea Two", "Cyd Three"]
    assert names(facets={"voice": ["dry"], "platform": ["x"]}) == ["Ada One"]


def test_a_count_says_what_ticking_would_leave(app: Any) -> None:
    writer("Ada One", registers=["dry"], platforms=["x"])
    writer("Bea Two", registers=["warm"], platforms=["x"])
    writer("Cyd Three", registers=["dry"], platforms=["linkedin"])
    results = finding.professionals(facets={"voice": ["dry"]})
    assert results.total == 2
    assert results.counts["voice"] == {"dry": 2, "warm": 1}
    assert results.counts["platform"] == {"x": 1, "linkedin": 1}


def test_paused_hidden_and_suspended_people_are_in_no_list_and_no_count(app: Any) -> None:
    paused, hidden, suspended = writer("Ada One"), writer("Bea Two"), writer("Cyd Three")
    paused.paused_at = hidden.hidden_at = suspended.person.suspended_at = now()
    commit()
    results = finding.professionals()
    assert (results.total, results.found) == (0, [])
    assert not any(sum(values.values()) for values in results.counts.values())


def test_those_free_soonest_come_first_and_those_who_do_not_say_last(app: Any) -> None:
    writer("Ada Never", free_from=None)
    writer("Bea Later", free_from=today() + timedelta(days=20))
    writer("Cyd Now", free_from=today() - timedelta(days=90))
    assert names(sort="free") == ["Cyd Now", "Bea Later", "Ada Never"]
    assert names(facets={"free": ["week"]}) == ["Cyd Now"]
    assert finding.professionals().counts["free"] == {"week": 1, "month": 2}


def test_rates_are_filtered_by_band_and_ordered(app: Any) -> None:
    dear, cheap = writer("Ada Dear"), writer("Bea Cheap")
    dear.rates[0].amount_minor, cheap.rates[0].amount_minor = 25000, 9900
    commit()
    finding_again(dear, cheap)
    assert names(sort="rate") == ["Bea Cheap", "Ada Dear"]
    assert names(facets={"rate": ["high"]}) == ["Ada Dear"]


def finding_again(*profiles: Any) -> None:
    from marketplace.search import indexing

    for profile in profiles:
        indexing.reindex_professional(str(profile.id))


def test_equals_take_turns_from_day_to_day_and_no_page_repeats_one(app: Any, monkeypatch: Any) -> None:
    for number in range(25):
        writer(f"Writer{number} Name")
    first, second = names(), names(page=2)
    assert len(first) == 20
    assert len({*first, *second}) == 25
    tomorrow = today() + timedelta(days=1)
    monkeypatch.setattr("marketplace.search.matching.today", lambda: tomorrow)
    assert names() != first


def test_a_list_costs_the_same_with_many_as_with_one(app: Any, browser: Any) -> None:
    boss = make.owner_of(make.business())
    reader = browser(boss)
    reader.get("/professionals")
    spent = []
    for number in (1, 12):
        for _ in range(number):
            writer()
        with queries(app) as sent:
            assert reader.get("/professionals?q=bus&voice=dry&platform=x&free=month").status_code == 200
        spent.append(len(sent))
    assert spent[0] == spent[1] <= 12


def test_invitations_of_others_are_in_no_list_and_no_count(app: Any) -> None:
    wanted("For all")
    wanted("For some", visibility="invited")
    stranger = finding.briefs()
    assert [found.row.title for found in stranger.found] == ["For all"]
    assert stranger.counts["platform"] == {"linkedin": 1}
    professional = make.professional()
    assert finding.briefs(viewer=professional.person).total == 1
