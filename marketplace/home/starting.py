"""What a business does before its first brief goes out, as a list of tasks."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import selectinload

from marketplace.accounts.models import Brand, Organisation, Person, organisations_of
from marketplace.briefs.models import Brief, owned_by
from marketplace.kernel.db import find, many


@dataclass(frozen=True)
class Task:
    """One line of the list. state: done, todo, blocked or waiting."""

    label: str
    href: str
    state: str
    hint: str = ""


def tasks(person: Person) -> list[Task]:
    """The four tasks, each blocked by the one before it."""
    org = next(iter(many(organisations_of(person).options(selectinload(Organisation.brands)).limit(1))), None)
    brief = find(owned_by(person).order_by(Brief.published_at.is_(None), Brief.created_at.desc()).limit(1))
    editor = next((b for b in org.brands if b.accountable_editor_id is None), None) if org else None
    has_editor = org is not None and editor is None
    published = brief is not None and brief.state != "draft"
    return [
        Task("Confirm your e-mail address", "/settings/confirm", state(person.is_verified, True), CONFIRM),
        Task(
            "Set up your business",
            "/settings/business/found",
            state(org is not None, person.is_verified),
            SET_UP,
        ),
        Task("Name the accountable editor", editor_href(editor), state(has_editor, org is not None), EDITOR),
        Task(
            "Write the voice sheet and the first brief",
            brief_href(brief),
            state(published, has_editor),
            BRIEF,
        ),
    ]


def state(is_done: bool, can_start: bool) -> str:
    """A task's state from whether it is done and whether the one before it is."""
    return "done" if is_done else "todo" if can_start else "blocked"


def editor_href(brand: Brand | None) -> str:
    """Where the first brand without an editor gets one."""
    return f"/settings/brands/{brand.id}/editor" if brand is not None else "/settings/business"


def brief_href(brief: Brief | None) -> str:
    """The draft where it was left, or a new brief."""
    if brief is None:
        return "/briefs/new"
    return f"/briefs/{brief.id}/edit/{brief.step}" if brief.state == "draft" else f"/briefs/{brief.id}"


CONFIRM = "The link in your mailbox; nobody publishes, pitches or pays without it."
SET_UP = "Its name, country and currency. It starts with one brand of the same name."
EDITOR = "The person who answers for every word the brand approves. It may be you."
BRIEF = "Five steps, saved as you go: goal, voice, pieces, money, check."
