"""The letter after the readings: the decision, the reasons line by line, and when to try again. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from marketplace.config import rules
from marketplace.vetting.models import LINES

Marks = Sequence[dict[str, Any]]


def verdict(marks: Marks) -> str:
    """`admitted` or `not_yet`, from the marks of all who read: each line's average, and the whole."""
    averages = [sum(mark[line] for mark in marks) / len(marks) for line in LINES]
    total = sum(mark[line] for mark in marks for line in LINES) / (len(marks) * len(LINES))
    good = total >= rules().vetting_average and min(averages) >= rules().vetting_floor
    return "admitted" if good else "not_yet"


def write(decision: str, marks: Marks, reasons: Marks, reapply_at: datetime | None) -> str:
    """The letter in plain words.

    marks, reasons: one dict a reader, by line. reapply_at: when the professional may send samples again.
    """
    average = sum(mark[line] for mark in marks for line in LINES) / (len(marks) * len(LINES))
    parts = [opening(decision, len(marks), average)]
    for line, meaning in LINES.items():
        given = " and ".join(str(mark[line]) for mark in marks)
        said = "\n".join(f"Reader {number}: {reason[line]}" for number, reason in enumerate(reasons, 1))
        parts.append(f"{line.capitalize()} ({meaning[0].lower()}{meaning[1:]}): {given} of 5.\n{said}")
    parts.append(closing(decision, reapply_at))
    return "\n\n".join(parts)


def opening(decision: str, readers: int, average: float) -> str:
    """The decision in its first sentence, and how it came about."""
    said = "You are admitted." if decision == "admitted" else "Not yet."
    count = {2: "Two", 3: "Three"}.get(readers, str(readers))
    return (
        f"{said} {count} readers read your samples without your name and without each other’s marks. Their average "
        f"is {average:.1f} of 5; it takes {rules().vetting_average} and no line under {rules().vetting_floor}."
    )


def closing(decision: str, reapply_at: datetime | None) -> str:
    """What comes next."""
    if decision == "admitted":
        return (
            "Your profile is shown from today, with these marks, the weak ones too. Readers look again in a year, "
            "and at every sample that you add or change."
        )
    return f"You may send samples again from {day(reapply_at)}. Nothing of this decision is shown to anyone."


def refusal(reason: str, reapply_at: datetime | None) -> str:
    """The letter where an admin refuses outright."""
    return (
        f"Your application is refused.\n\nThe reason: {reason}\n\nYou may apply again from {day(reapply_at)}. "
        "If you think that this is a mistake, write to us: a second admin answers."
    )


def day(moment: datetime | None) -> str:
    """`20 February 2027`."""
    return f"{moment.day} {moment:%B %Y}" if moment else "now"
