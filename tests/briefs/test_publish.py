"""Publishing says what is missing, and freezes the voice sheet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from marketplace.briefs import actions
from marketplace.briefs.models import VoiceSheet
from marketplace.config import rules
from marketplace.kernel.clock import now, today
from marketplace.kernel.db import commit, many
from marketplace.kernel.errors import Forbidden, Missing, Refused, Stale
from tests import make
from tests.briefs import drafts


def test_a_whole_draft_opens_for_21_days(app: Any) -> None:
    brief = drafts.ready()
    actions.publish(brief, by=make.owner_of(brief.organisation))
    commit()
    assert brief.is_taking
    assert brief.closes_at is not None
    assert abs(brief.closes_at - now() - rules().brief_open) < timedelta(minutes=1)
    assert brief.sheet == drafts.sheet()


@pytest.mark.parametrize(
    ("gap", "sentence"),
    [
        ({"title": ""}, "title"),
        ({"goal": ""}, "what you need"),
        ({"learns": ""}, "should learn"),
        ({"audience": ""}, "who will read"),
        ({"voice_draft": {}}, "voice sheet"),
        ({"languages": []}, "language"),
        ({"low_minor": None}, "range"),
        ({"rights": ""}, "who may use"),
        ({"pieces": []}, "at least one piece"),
        ({"starts_on": today()}, "in the future"),
        ({"goal": "Buy followers."}, "asks for followers"),
    ],
)
def test_each_gap_is_said_in_a_sentence(app: Any, gap: dict[str, Any], sentence: str) -> None:
    brief = drafts.ready()
    for name, value in gap.items():
        setattr(brief, name, value)
    with pytest.raises(Refused, match=f"(?i){sentence}"):
        actions.publish(brief, by=make.owner_of(brief.organisation))


@pytest.mark.parametrize("lacks", ["verified_at", "accountable_editor_id"])
def test_the_business_must_be_verified_and_name_an_editor(app: Any, lacks: str) -> None:
    brief = drafts.ready()
    setattr(brief.organisation if lacks == "verified_at" else brief.brand, lacks, None)
    with pytest.raises(Refused, match=r"verified|accountable editor"):
        actions.publish(brief, by=make.owner_of(brief.organisation))


def test_the_check_page_lists_every_gap_with_a_way_to_mend_it(browser: Any) -> None:
    org = make.business()
    brief = actions.begin(org.brands[0], by=make.owner_of(org))
    commit()
    path = f"/briefs/{brief.id}/edit"
    shown = browser(make.owner_of(org)).get(f"{path}/check").text
    assert "8 things are left to do" in shown or "9 things are left to do" in shown
    assert shown.count("Mend this") >= 8
    refused = browser(make.owner_of(org)).post(f"{path}/check")
    assert refused.status_code == 422


def test_the_same_voice_is_one_version_and_a_changed_one_the_next(app: Any) -> None:
    first = drafts.ready()
    boss = make.owner_of(first.organisation)
    actions.publish(first, by=boss)
    second = actions.begin(first.brand, by=boss)
    assert second.voice_draft == first.sheet
    for name in ("title", "goal", "learns", "audience", "languages", "low_minor", "high_minor", "rights"):
        setattr(second, name, getattr(first, name))
    rows = [{"kind": "post", "platform": "x", "count": 1, "due_on": None}]
    changed = {**first.sheet, "never": ["Exciting news"]}
    actions.save_step(second, "voice", by=boss, pieces=rows, voice_draft=changed)
    actions.publish(second, by=boss)
    assert [sheet.version for sheet in many(select(VoiceSheet).order_by(VoiceSheet.version))] == [1, 2]
    assert first.sheet["never"] == []


def test_who_may_publish_and_only_once(app: Any) -> None:
    brief = drafts.ready()
    with pytest.raises(Missing):
        actions.publish(brief, by=make.person())
    with pytest.raises(Forbidden):
        actions.publish(brief, by=make.member(brief.organisation, "editor"))
    actions.publish(brief, by=make.member(brief.organisation, "hiring"))
    with pytest.raises(Stale):
        actions.publish(brief, by=make.owner_of(brief.organisation))
