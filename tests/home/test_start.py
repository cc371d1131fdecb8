"""What a business does before its first brief, one thing after the other."""

from __future__ import annotations

from typing import Any

from marketplace.home.starting import tasks
from marketplace.kernel.db import commit
from tests import make


def states(person: Any) -> list[str]:
    return [task.state for task in tasks(person)]


def test_each_step_opens_the_next(app: Any) -> None:
    person = make.person("Nora New")
    assert states(person) == ["done", "todo", "blocked", "blocked"]
    person.verified_at = None
    assert states(person) == ["todo", "blocked", "blocked", "blocked"]


def test_a_business_names_its_editor_then_writes(app: Any) -> None:
    org = make.business()
    boss = make.owner_of(org)
    assert states(boss) == ["done", "done", "done", "todo"]
    org.brands[0].accountable_editor_id = None
    commit()
    assert states(boss) == ["done", "done", "todo", "blocked"]
    assert tasks(boss)[2].href == f"/settings/brands/{org.brands[0].id}/editor"


def test_a_draft_is_opened_where_it_was_left_and_a_published_brief_is_the_end(app: Any, browser: Any) -> None:
    org = make.business()
    draft = make.brief(org, state="draft")
    boss = make.owner_of(org)
    assert tasks(boss)[3].href == f"/briefs/{draft.id}/edit/check"
    make.brief(org)
    assert states(boss) == ["done"] * 4
    assert "All done." in browser(boss).get("/start").text


def test_a_stranger_signs_in_first(app: Any, browser: Any) -> None:
    assert browser().get("/start").status_code == 303
