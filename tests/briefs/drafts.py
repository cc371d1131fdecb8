"""What is typed into each step of the wizard."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marketplace.briefs import actions
from marketplace.briefs.models import Brief
from marketplace.kernel.clock import today
from marketplace.kernel.db import commit
from tests import make

GOAL = {
    "title": "Launch week, told straight",
    "goal": "The 14 gets a new timetable and nobody believes it.",
    "result": "Fewer calls in the first week.",
    "learns": "Which buses change, and why.",
    "subject_area": "public-services",
}
VOICE = {
    "audience": "People who wait at Carrow Street.",
    "languages": ["en"],
    "formal": "2",
    "serious": "3",
    "plain": "5",
    "sounds_like": "The bus is late.\r\nHere is why.",
    "never": "Exciting news",
    "use": "bus, stop",
    "avoid": "solution",
    "posts-0": "The 14 is late.",
    "posts-1": "",
    "posts-2": "",
}


def soon(days: int = 20) -> str:
    """A day in the future, as browsers send it."""
    return (today() + timedelta(days=days)).isoformat()


def pieces() -> dict[str, Any]:
    """One row of pieces."""
    row = {"kind": "post", "platform": "linkedin", "count": "4", "due_on": soon()}
    return {f"pieces-0-{name}": value for name, value in row.items()}


def money() -> dict[str, Any]:
    """The money step."""
    return {
        "currency": "usd",
        "low": "300",
        "high": "900.00",
        "milestones_wished": "2",
        "starts_on": soon(5),
        "risk": "low",
        "ai_policy": "assist",
        "rights": "All rights on payment.",
        "visibility": "open",
        "questions-0": "What would you say first?",
        "questions-1": "",
        "questions-2": "",
    }


def steps() -> dict[str, dict[str, Any]]:
    """All steps in their order."""
    return {"goal": GOAL, "voice": VOICE, "pieces": pieces(), "money": money()}


def sheet() -> dict[str, Any]:
    """A filled voice sheet."""
    axes = {"formal": 2, "serious": 3, "plain": 5}
    return {
        "axes": axes,
        "sounds_like": ["The bus is late."],
        "never": [],
        "use": [],
        "avoid": [],
        "posts": [],
    }


def ready() -> Brief:
    """A draft that lacks nothing."""
    org = make.business()
    brief = actions.begin(org.brands[0], by=make.owner_of(org))
    fields = {name: GOAL[name] for name in ("title", "goal", "learns")}
    actions.save_step(brief, "goal", by=make.owner_of(org), **fields)
    rows = [{"kind": "post", "platform": "x", "count": 2, "due_on": None}]
    actions.save_step(
        brief, "money", by=make.owner_of(org), audience="Riders.", languages=["en"], voice_draft=sheet(),
        pieces=rows, low_minor=30000, high_minor=90000, rights="All."
    )  # fmt: skip
    commit()
    return brief
