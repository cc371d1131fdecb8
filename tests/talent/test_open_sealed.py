"""Sealed samples: readers and named businesses only, every opening logged."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from marketplace.kernel import clock
from marketplace.kernel.clock import now
from marketplace.kernel.db import commit, db, many
from marketplace.kernel.errors import Missing, Refused
from marketplace.talent import samples
from marketplace.talent.models import Opening, Profile, Sample
from tests import make

SECRET = "The merger closes on Friday at noon."


def sealed() -> tuple[Profile, Sample, str]:
    profile = make.professional()
    sample = profile.samples[0]
    sample.permission, sample.text, sample.client = "sealed", SECRET, "Silent Client"
    sample.brief, sample.learns = "Silent brief.", "Silent lesson."
    commit()
    return profile, sample, f"/professionals/{profile.handle}/samples/{sample.id}"


def log() -> list[tuple[str, Any]]:
    db.session.expire_all()
    return [(row.part, row.person_id) for row in many(select(Opening).order_by(Opening.created_at))]


def test_strangers_and_other_businesses_see_nothing_of_it(app: Any, browser: Any) -> None:
    profile, _, address = sealed()
    for visitor in (None, make.owner_of(make.business()), make.professional("Bram Other").person):
        for path in (address, f"/professionals/{profile.handle}"):
            page = browser(visitor).get(path)
            assert page.status_code == 200
            assert "sealed sample" in page.text
            for secret in (SECRET, "Silent Client", "Silent brief.", "Silent lesson."):
                assert secret not in page.text
        assert browser(visitor).get(f"{address}/image").status_code == 404
    assert log() == []


def test_a_business_let_in_opens_it_for_seven_days_and_is_logged(app: Any, browser: Any) -> None:
    profile, _, address = sealed()
    org = make.business()
    boss = make.owner_of(org)
    sample_id = address.rsplit("/", 1)[1]
    sent = browser(profile.person).post(f"/profile/samples/{sample_id}/let-in", {"name": "northgate transit"})
    assert sent.status_code == 303
    assert SECRET in browser(boss).get(address).text
    assert log() == [("text", boss.id)]
    assert boss.name in browser(profile.person).get(address).text
    clock.move_to(now() + timedelta(days=7, minutes=1))
    assert SECRET not in browser(boss).get(address).text
    assert len(log()) == 1


def test_a_reader_opens_it_and_is_logged_without_a_name_for_the_owner(app: Any, browser: Any) -> None:
    profile, _, address = sealed()
    reader = make.reader("Rosa Reader")
    assert SECRET in browser(reader).get(address).text
    assert log() == [("text", reader.id)]
    page = browser(profile.person).get(address).text
    assert "A reader" in page
    assert "Rosa Reader" not in page


def test_the_log_cannot_be_changed(app: Any) -> None:
    _, sample, _ = sealed()
    opening = samples.open_sealed(sample, by=make.reader())
    commit()
    opening.part = "image"
    with pytest.raises(Exception, match="append-only"):
        db.session.flush()


def test_only_a_real_business_is_let_in(app: Any) -> None:
    profile, sample, _ = sealed()
    with pytest.raises(Refused, match="no one business"):
        samples.let_in(sample, "Nobody Ltd", by=profile.person)
    with pytest.raises(Missing):
        samples.let_in(sample, "Nobody Ltd", by=make.person())
