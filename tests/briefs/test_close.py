"""How briefs end: closed with a reason, hired, expired; and what a business's record says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from marketplace.briefs import actions, deadlines
from marketplace.briefs.models import Brief
from marketplace.briefs.record import Record, record_of
from marketplace.kernel import clock, sweep
from marketplace.kernel.clock import now
from marketplace.kernel.db import commit, db, many, rollback
from marketplace.kernel.errors import Stale
from tests import make


def swept(brief: Brief) -> tuple[str, bool]:
    """The brief's state, and whether it was warned, after the sweep has fired what is due for briefs."""
    rollback()
    for due, fire in ((deadlines.warning, actions.warn), (deadlines.expiring, actions.expire)):
        for brief_id in many(due(now())):
            fire(brief_id)
            commit()
    db.session.refresh(brief)
    return brief.state, brief.warned_at is not None


def test_a_closed_brief_says_why_and_ends_its_pitches(browser: Any) -> None:
    row = make.proposal()
    web, path = browser(make.owner_of(row.brief.organisation)), f"/briefs/{row.brief_id}/close"
    assert web.post(path, {"reason": "no"}).status_code == 422
    assert web.post(path, {"reason": "The budget went to the roof."}).status_code == 303
    db.session.expire_all()
    assert (row.state, row.reason) == ("closed", "The budget went to the roof.")
    assert "The budget went to the roof." in browser(row.profile.person).get(f"/briefs/{row.brief_id}").text
    assert web.post(path, {"reason": "The budget went to the roof."}).status_code == 409


def test_only_the_business_closes(browser: Any) -> None:
    brief = make.brief()
    path, why = f"/briefs/{brief.id}/close", {"reason": "The budget went to the roof."}
    assert browser(make.person()).post(path, why).status_code == 404
    assert browser(make.member(brief.organisation, "viewer")).post(path, why).status_code == 403


def test_the_sweep_warns_five_days_before_and_expires_after_21(app: Any) -> None:
    brief = make.brief()
    start = now()
    clock.move_to(start + timedelta(days=15))
    assert swept(brief) == ("open", False)
    clock.move_to(start + timedelta(days=16, minutes=1))
    assert swept(brief) == ("open", True)
    clock.move_to(start + timedelta(days=21, minutes=1))
    assert swept(brief)[0] == "expired"


def test_a_late_pitch_leaves_14_days_to_decide(app: Any) -> None:
    brief = make.brief()
    start = now()
    clock.move_to(start + timedelta(days=20))
    actions.expect_decision(brief)
    row = make.proposal(brief)
    clock.move_to(start + timedelta(days=22))
    assert swept(brief)[0] == "open"
    assert not brief.is_taking
    clock.move_to(start + timedelta(days=34, minutes=1))
    assert swept(brief)[0] == "expired"
    assert row.state == "closed"


def test_both_deadlines_are_wired(app: Any) -> None:
    assert {"brief.expire", "brief.warn"} <= {deadline.name for deadline in sweep.deadlines}


def test_a_brief_is_hired_once(app: Any) -> None:
    brief = make.brief()
    boss = make.owner_of(brief.organisation)
    assert actions.hire(brief, by=boss).state == "hired"
    with pytest.raises(Stale):
        actions.hire(brief, by=boss)
    with pytest.raises(Stale):
        actions.close(brief, "Too late for that.", by=boss)


def test_the_record_counts_hires_and_days(app: Any) -> None:
    org = make.business()
    assert record_of(org.id) == Record(0, 0, 0)
    assert record_of(org.id).sentence == "First brief here"
    for state, days in (("hired", 4), ("hired", 6), ("closed", 9)):
        brief = make.brief(org, state=state)
        brief.closed_at = now() + timedelta(days=days, minutes=1)
    commit()
    assert record_of(org.id) == Record(3, 2, 6)
    assert "2 of 3" in record_of(org.id).sentence
