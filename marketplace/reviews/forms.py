"""What a person may send about the other side."""

from __future__ import annotations

from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired

from marketplace.kernel.forms import Form, area
from marketplace.reviews.models import GROUNDS

MARKS = [(mark, str(mark)) for mark in range(1, 6)]


def mark(label: str) -> RadioField:
    """A mark from 1 to 5."""
    return RadioField(label, [InputRequired("Choose a mark.")], choices=MARKS, coerce=_whole)


def _whole(value: object) -> int | None:
    return (
        int(value) if isinstance(value, int | str) and str(value).isascii() and str(value).isdigit() else None
    )


class OfProfessional(Form):
    """A business reviews the professional."""

    substance = mark("Substance: was there something to learn?")
    style = mark("Style: how much did you edit before it could be published?")
    voice = mark("Voice: did it sound like you?")
    reliability = mark("Reliability: did it come as agreed?")
    hire_again = RadioField(
        "Would you hire them again?",
        [InputRequired("Say whether you would hire them again.")],
        choices=[("yes", "Yes"), ("no", "No")],
    )
    quote = area("One line of the work", 280, required=False)
    body = area("What should the next business know?", 2000, least=20)


class OfBusiness(Form):
    """A professional reviews the business."""

    clarity = mark("Clarity: did the brief say what was wanted?")
    speed = mark("Speed: how fast did answers come?")
    decisions = mark("Decisions: could you rely on them?")
    body = area("What should the next professional know?", 2000, least=20)


class Reply(Form):
    """The one answer of the side that was reviewed."""

    body = area("Your answer", 1000, least=10)


class Remove(Form):
    """An admin takes a review away."""

    ground = SelectField("Ground", choices=[("", "Choose a ground"), *GROUNDS.items()],
                         validators=[InputRequired("Choose one of the grounds.")])  # fmt: skip
    sentence = area("What happened", 500, least=10)
