"""Describing oneself, pricing, pausing."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.kernel.db import commit, db
from marketplace.kernel.errors import Forbidden, Missing, Refused
from marketplace.talent import actions
from marketplace.talent.models import Rate
from tests import make
from tests.vetting.test_whole_way import ABOUT


def test_the_professional_changes_the_profile(app: Any, browser: Any) -> None:
    profile = make.professional()
    browser(profile.person).post("/profile", {**ABOUT, "statement": "I write plainly."})
    db.session.refresh(profile)
    assert profile.statement == "I write plainly."
    assert profile.languages == [{"code": "en", "level": "native"}]


def test_a_boast_gets_a_polite_note_and_nothing_typed_is_lost(app: Any, browser: Any) -> None:
    profile = make.professional()
    typed = {**ABOUT, "statement": "I have 40k followers and write about buses."}
    answer = browser(profile.person).post("/profile", typed)
    assert answer.status_code == 422
    assert "Please take out “40k followers”" in answer.text
    assert "I have 40k followers and write about buses." in answer.text


def test_a_stranger_finds_nothing_and_staff_may_only_look(app: Any) -> None:
    profile = make.professional()
    with pytest.raises(Missing):
        actions.describe(profile, statement="Mine now.", by=make.person())
    with pytest.raises(Forbidden):
        actions.describe(profile, statement="Ours now.", by=make.staff())


def test_a_caller_cannot_admit_through_describe(app: Any) -> None:
    profile = make.professional(admitted=False)
    with pytest.raises(TypeError):
        actions.describe(profile, admitted_at=profile.created_at, by=profile.person)


def test_rates_are_replaced_as_a_whole(app: Any, browser: Any) -> None:
    profile = make.professional()
    hers = browser(profile.person)
    sent = {"currency": "jpy", "amount_thread": "48000", "includes_thread": "Up to eight posts"}
    assert hers.post("/profile/rates", sent).status_code == 303
    db.session.expire_all()
    assert [(rate.kind, rate.amount_minor) for rate in profile.rates] == [("thread", 48000)]
    assert profile.currency == "jpy"


def test_an_unreadable_price_is_kept_as_typed(app: Any, browser: Any) -> None:
    profile = make.professional()
    answer = browser(profile.person).post("/profile/rates", {"currency": "usd", "amount_post": "1e3"})
    assert answer.status_code == 422
    assert 'value="1e3"' in answer.text
    assert db.session.query(Rate).count() == 1


def test_a_profile_without_prices_is_refused(app: Any) -> None:
    profile = make.professional()
    with pytest.raises(Refused, match="at least one"):
        actions.price(profile, {}, currency="usd", by=profile.person)


def test_a_paused_profile_is_not_found_until_it_is_shown_again(app: Any, browser: Any) -> None:
    profile = make.professional()
    hers, address = browser(profile.person), f"/professionals/{profile.handle}"
    hers.post("/profile/pause")
    assert browser().get(address).status_code == 404
    assert hers.post("/profile/pause").status_code == 409
    hers.post("/profile/resume")
    assert browser().get(address).status_code == 200


def test_two_people_of_one_name_get_two_handles(app: Any) -> None:
    handles = [actions.begin(make.person("Ines Okafor", side="professional")).handle for _ in range(3)]
    commit()
    assert handles == ["ines-okafor", "ines-okafor-2", "ines-okafor-3"]
