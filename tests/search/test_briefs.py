"""The page where professionals find work and a business finds its own briefs."""

from __future__ import annotations

from typing import Any

from marketplace.briefs.models import BriefInvitation
from marketplace.kernel.db import add, commit
from tests import make
from tests.search.people import wanted


def test_a_stranger_sees_open_briefs_with_their_budget(app: Any, browser: Any) -> None:
    wanted()
    page = browser().get("/briefs").text
    assert "Launch week, told straight" in page
    assert "$300 to $900" in page


def test_drafts_closed_and_invited_only_briefs_stay_away_from_strangers(app: Any, browser: Any) -> None:
    wanted("A draft", state="draft")
    wanted("Over", state="closed")
    wanted("For some", visibility="invited")
    page = browser().get("/briefs").text
    assert "No brief is open" in page
    assert "For some" not in page


def test_an_invitation_comes_first(app: Any, browser: Any) -> None:
    profile = make.professional()
    old = wanted("Older, for some", visibility="invited")
    wanted("Newer, for all")
    add(BriefInvitation(brief_id=old.id, profile_id=profile.id, by_id=old.by_id))
    commit()
    page = browser(profile.person).get("/briefs").text
    assert "You are invited" in page
    assert page.index("Older, for some") < page.index("Newer, for all")


def test_a_business_sees_its_own_by_state_first(app: Any, browser: Any) -> None:
    org = make.business()
    wanted("Ours to finish", org=org, state="draft")
    wanted("Somebody else’s")
    reader = browser(make.owner_of(org))
    page = reader.get("/briefs").text
    assert "Ours to finish" in page
    assert "Somebody else’s" not in page
    assert "Somebody else’s" in reader.get("/briefs?mine=0").text


def test_filters_narrow_the_briefs(app: Any, browser: Any) -> None:
    wanted("In English")
    page = browser().get("/briefs?platform=x").text
    assert "Nothing has all of this" in page
    assert "In English" in browser().get("/briefs?platform=linkedin&kind=post&budget=middle&language=en").text
