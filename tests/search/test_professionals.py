"""The page where businesses choose by reading."""

from __future__ import annotations

from typing import Any

from marketplace.kernel.db import add, commit
from marketplace.kernel.events import tell
from marketplace.talent.models import Shortlisting
from tests import make
from tests.search.people import writer

FRAGMENT = {"HX-Request": "true"}


def test_a_result_leads_with_the_words_that_were_asked_for(app: Any, browser: Any) -> None:
    writer("Dagny Solheim", "First a dull sentence. A heat pump <b>moves</b> heat. Then another.")
    page = browser().get("/professionals?q=HEAT").text
    assert "A <mark>heat</mark> pump &lt;b&gt;moves&lt;/b&gt; <mark>heat</mark>" in page
    assert "<strong>1 writer</strong>" in page


def test_htmx_gets_the_results_alone_and_the_counts_beside_them(app: Any, browser: Any) -> None:
    writer()
    whole, part = browser().get("/professionals"), browser().get("/professionals", headers=FRAGMENT)
    assert "<html" in whole.text
    assert "<html" not in part.text
    assert 'id="results"' in part.text
    assert 'id="count"' in part.text
    assert "HX-Request" in whole.headers["Vary"]


def test_chips_take_out_one_filter_and_clearing_keeps_the_words(app: Any, browser: Any) -> None:
    writer()
    page = browser().get("/professionals?q=bus&voice=dry&platform=x&voice=nonsense").text
    assert 'href="/professionals?q=bus&amp;platform=x"' in page
    assert 'href="/professionals?q=bus"' in page
    assert "Clear both" in page


def test_a_page_that_no_list_has_is_no_error(app: Any, browser: Any) -> None:
    writer()
    for number in ("0", "-1", "99", "abc", "9" * 50, "²"):
        assert browser().get(f"/professionals?page={number}").status_code == 200
    assert "past the last one" in browser().get("/professionals?page=99").text


def test_an_empty_list_says_why(app: Any, browser: Any) -> None:
    assert "No writer is listed yet" in browser().get("/professionals").text
    writer()
    assert "Nothing has all of this" in browser().get("/professionals?q=umbrella").text


def test_a_business_shortlists_a_stranger_signs_in_a_professional_does_neither(
    app: Any, browser: Any
) -> None:
    profile, org = writer(), make.business()
    boss = make.owner_of(org)
    assert f"/professionals/{profile.handle}/shortlist" in browser(boss).get("/professionals").text
    assert "Sign in to shortlist" in browser().get("/professionals").text
    assert "hortlist" not in browser(profile.person).get("/professionals").text
    add(Shortlisting(organisation_id=org.id, profile_id=profile.id, by_id=boss.id))
    commit()
    assert "On your shortlist" in browser(boss).get("/professionals").text


def test_the_index_is_kept_by_what_happens(app: Any, work: Any, browser: Any) -> None:
    sample = make.professional("Ines Okafor").samples[0]
    tell("sample.revised", sample, by=None)
    commit()
    assert "No writer is listed" in browser().get("/professionals").text
    work()
    assert "Ines Okafor" in browser().get("/professionals").text


def test_everything_can_be_read_again_by_command(app: Any, browser: Any) -> None:
    make.professional("Ines Okafor"), make.brief()
    done = app.test_cli_runner().invoke(args=["search", "rebuild"])
    assert "Read again: 1 professionals, 1 briefs." in done.output
    assert "Ines Okafor" in browser().get("/professionals").text
