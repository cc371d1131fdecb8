"""Adding, changing, ordering, removing samples."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from marketplace.kernel.clock import today
from marketplace.kernel.db import commit, db, many
from marketplace.kernel.errors import Forbidden, Missing, Refused, Stale
from marketplace.talent import samples
from marketplace.talent.models import Sample, own_samples, shown_samples
from tests import make

FIELDS: dict[str, Any] = {
    "platform": "x",
    "client": "Calder Council",
    "role": "wrote",
    "written_on": today() - timedelta(days=9),
    "text": "You have nine bins.",
    "brief": "Nine become four.",
    "learns": "Which four stay.",
    "link": "",
    "permission": "public",
    "alt": "",
}


def test_a_sample_joins_the_end_of_the_list(app: Any) -> None:
    profile = make.professional(admitted=False)
    samples.add_sample(profile, by=profile.person, **FIELDS)
    assert [row.text for row in many(own_samples(profile.id))][-1] == "You have nine bins."


def test_a_ninth_sample_is_refused(app: Any) -> None:
    profile = make.professional(admitted=False)
    for _ in range(5):
        samples.add_sample(profile, by=profile.person, **FIELDS)
    with pytest.raises(Refused, match="which is the most"):
        samples.add_sample(profile, by=profile.person, **FIELDS)


def test_an_edit_of_read_words_is_a_new_row_that_waits(app: Any) -> None:
    profile = make.professional()
    old = profile.samples[0]
    new = samples.revise_sample(old, by=profile.person, **FIELDS)
    commit()
    assert new is not old
    assert (new.state, new.replaces_id, old.state) == ("waiting", old.id, "frozen")
    assert old in many(shown_samples(profile.id))
    assert many(own_samples(profile.id))[0].id == new.id


def test_a_draft_is_changed_in_place(app: Any) -> None:
    profile = make.professional(admitted=False)
    assert samples.revise_sample(profile.samples[0], by=profile.person, **FIELDS) is profile.samples[0]


def test_replaced_words_cannot_be_changed_again(app: Any) -> None:
    profile = make.professional()
    first = profile.samples[0]
    samples.revise_sample(first, by=profile.person, **FIELDS)
    with pytest.raises(Stale):
        samples.revise_sample(first, by=profile.person, **FIELDS)


def test_strangers_find_no_sample_and_staff_only_look(app: Any) -> None:
    profile = make.professional()
    with pytest.raises(Missing):
        samples.revise_sample(profile.samples[0], by=make.person(), **FIELDS)
    with pytest.raises(Forbidden):
        samples.remove_sample(profile.samples[0], by=make.staff())


def test_an_admitted_professional_keeps_three(app: Any) -> None:
    profile = make.professional()
    with pytest.raises(Refused, match="at least 3"):
        samples.remove_sample(profile.samples[0], by=profile.person)


def test_removing_an_edit_removes_what_it_replaces(app: Any) -> None:
    profile = make.professional()
    samples.add_sample(profile, by=profile.person, **FIELDS)
    new = samples.revise_sample(profile.samples[0], by=profile.person, **FIELDS)
    samples.remove_sample(new, by=profile.person)
    commit()
    assert profile.samples[0].state == "removed"


def test_samples_move_up_through_the_page(app: Any, browser: Any) -> None:
    profile = make.professional()
    first, second = profile.samples[:2]
    browser(profile.person).post(f"/profile/samples/{second.id}/move", {"to": "up"})
    db.session.expire_all()
    assert [row.id for row in many(own_samples(profile.id))][:2] == [second.id, first.id]


def test_a_day_to_come_is_refused_and_the_text_is_kept(app: Any, browser: Any) -> None:
    profile = make.professional(admitted=False)
    sent = {**FIELDS, "written_on": (today() + timedelta(days=2)).isoformat()}
    answer = browser(profile.person).post("/profile/samples/new", sent)
    assert answer.status_code == 422
    assert "has not come yet" in answer.text
    assert "You have nine bins." in answer.text


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "www.example.com", "https://"])
def test_only_addresses_of_the_web_become_links(app: Any, browser: Any, link: str) -> None:
    profile = make.professional(admitted=False)
    answer = browser(profile.person).post("/profile/samples/new", {**FIELDS, "link": link})
    assert answer.status_code == 422


def test_another_professionals_sample_is_not_there(app: Any, browser: Any) -> None:
    mine, theirs = make.professional(), make.professional("Bram Other")
    for path in ("edit", "remove", "let-in"):
        answer = browser(mine.person).get(f"/profile/samples/{theirs.samples[0].id}/{path}")
        assert answer.status_code == 404


def test_only_shown_samples_have_a_page_for_strangers(app: Any, browser: Any) -> None:
    profile = make.professional()
    draft: Sample = samples.add_sample(profile, by=profile.person, **FIELDS)
    commit()
    address = f"/professionals/{profile.handle}/samples"
    assert browser().get(f"{address}/{profile.samples[0].id}").status_code == 200
    assert browser().get(f"{address}/{draft.id}").status_code == 404
    assert browser(profile.person).get(f"{address}/{draft.id}").status_code == 200
