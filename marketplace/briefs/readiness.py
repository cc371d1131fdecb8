"""What a draft still lacks before it may be published. Questions about a row; nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from marketplace.briefs.models import Brief
from marketplace.briefs.refusals import refusal
from marketplace.kernel.clock import today

AXES = ("formal", "serious", "plain")


@dataclass(frozen=True)
class Gap:
    """step: where it is mended (`business` for the business's settings). sentence: what is missing."""

    step: str
    sentence: str


def gaps(brief: Brief) -> list[Gap]:
    """Everything that stands between `brief` and its publishing, in the order of the steps."""
    found = [*_business(brief), *_goal(brief), *_voice(brief), *_pieces(brief), *_money(brief)]
    return found + [Gap(step, sentence) for step, text in texts(brief) if (sentence := refusal(text))]


def _business(brief: Brief) -> Iterator[Gap]:
    if brief.organisation.verified_at is None or brief.organisation.closed_at is not None:
        yield Gap(
            "business", f"{brief.organisation.name} is not verified yet: only verified businesses publish."
        )
    if brief.brand.accountable_editor_id is None:
        yield Gap(
            "business",
            f"Name the accountable editor of {brief.brand.name}: the person who approves its words.",
        )


def _goal(brief: Brief) -> Iterator[Gap]:
    if not brief.title:
        yield Gap("goal", "Give the brief a title.")
    if not brief.goal:
        yield Gap("goal", "Say what you need and why.")
    if not brief.learns:
        yield Gap("goal", "Say what a reader should learn.")


def _voice(brief: Brief) -> Iterator[Gap]:
    if not brief.audience:
        yield Gap("voice", "Say who will read this.")
    if not is_filled(brief.sheet):
        yield Gap(
            "voice", "Fill in the voice sheet: all three scales, and at least one line that sounds like you."
        )
    if not brief.languages:
        yield Gap("voice", "Choose the language to write in.")


def is_filled(sheet: dict[str, Any]) -> bool:
    """Whether a voice sheet says enough to write from."""
    axes = sheet.get("axes", {})
    return all(axes.get(axis) in range(1, 6) for axis in AXES) and bool(sheet.get("sounds_like"))


def _pieces(brief: Brief) -> Iterator[Gap]:
    if not brief.pieces:
        yield Gap("pieces", "Ask for at least one piece.")
    if any(piece.due_on is not None and piece.due_on <= today() for piece in brief.pieces):
        yield Gap("pieces", "A piece is wanted on a day that has passed: choose a day in the future.")


def _money(brief: Brief) -> Iterator[Gap]:
    if brief.low_minor is None or brief.high_minor is None:
        yield Gap("money", "Give the money as a range: what you would pay at least and at most.")
    if not brief.rights:
        yield Gap("money", "Say who may use the text, and where.")
    if brief.starts_on is not None and brief.starts_on <= today():
        yield Gap("money", "Work would start on a day that has passed: choose a day in the future.")


def texts(brief: Brief) -> list[tuple[str, str]]:
    """The step and the words of everything that could ask for what is refused here."""
    goal = ("title", "goal", "result", "learns")
    said = [("goal", getattr(brief, name)) for name in goal]
    return [
        *said,
        ("voice", brief.audience),
        ("money", brief.rights),
        *(("money", q) for q in brief.questions),
    ]
