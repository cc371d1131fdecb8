"""Keeping a professional in mind, and letting go."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from marketplace.kernel.db import db, many
from marketplace.talent.models import Shortlisting
from tests import make


def rows() -> list[Shortlisting]:
    db.session.expire_all()
    return many(select(Shortlisting))


def test_a_business_keeps_a_professional_in_mind_once(app: Any, browser: Any) -> None:
    profile, org = make.professional(), make.business()
    boss = browser(make.owner_of(org))
    for note in ("", "For the winter."):
        sent = {"organisation_id": str(org.id), "note": note}
        assert boss.post(f"/professionals/{profile.handle}/shortlist", sent).status_code == 303
    assert [row.note for row in rows()] == ["For the winter."]
    assert "For the winter." in boss.get(f"/professionals/{profile.handle}").text
    assert "For the winter." not in browser(profile.person).get(f"/professionals/{profile.handle}").text


def test_it_is_taken_off_once(app: Any, browser: Any) -> None:
    profile, org = make.professional(), make.business()
    boss, sent = browser(make.owner_of(org)), {"organisation_id": str(org.id)}
    boss.post(f"/professionals/{profile.handle}/shortlist", sent)
    assert boss.post(f"/professionals/{profile.handle}/drop", sent).status_code == 303
    assert boss.post(f"/professionals/{profile.handle}/drop", sent).status_code == 409
    assert rows() == []


def test_a_viewer_may_look_but_not_keep_and_a_stranger_finds_nothing(app: Any, browser: Any) -> None:
    profile, org = make.professional(), make.business()
    address, sent = f"/professionals/{profile.handle}/drop", {"organisation_id": str(org.id)}
    assert browser(make.member(org, "viewer")).post(address, sent).status_code == 403
    assert browser(make.person()).post(address, sent).status_code == 404
    assert rows() == []
