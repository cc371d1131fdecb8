"""What readers may send."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from wtforms import FieldList, FormField, RadioField, StringField
from wtforms import Form as PlainForm
from wtforms.validators import InputRequired, Length, Optional

from marketplace.kernel.forms import Form, Sound, area, trim
from marketplace.vetting.actions import Note
from marketplace.vetting.models import LINES, WORDS

NOTES_A_SAMPLE = 2


class MarginRow(PlainForm):
    """A note on exact words."""

    quote = StringField("Exact words", [Optional(), Sound(), Length(max=200)], filters=[trim])
    note = StringField("Your note", [Optional(), Sound(), Length(max=240)], filters=[trim])


class Marks(Form):
    """Five marks, each with its sentence; `mark_<line>` and `why_<line>` are added below."""

    note = area("What a business should know", 600, required=False)
    margins = FieldList(FormField(MarginRow))

    def marks(self) -> dict[str, int]:
        """The mark by line."""
        return {line: int(self[line].data) for line in LINES}

    def reasons(self) -> dict[str, str]:
        """The sentence by line."""
        return {line: str(self[f"why_{line}"].data) for line in LINES}

    def notes(self, sample_ids: list[UUID]) -> list[Note]:
        """The margin notes; the rows of the form go by the order of the samples."""
        return [
            Note(sample_ids[index // NOTES_A_SAMPLE], row["quote"] or "", row["note"] or "")
            for index, row in enumerate(self.margins.data[: len(sample_ids) * NOTES_A_SAMPLE])
            if row["quote"] or row["note"]
        ]


def marked(line: str) -> Any:
    """The five words to choose from on one line."""
    choices = [(str(number), word) for number, word in enumerate(WORDS, 1)]
    return RadioField(line.capitalize(), [InputRequired(f"Give {line} a mark from 1 to 5.")], choices=choices)


def why(line: str) -> Any:
    """The sentence for one line."""
    return area(f"Why this mark for {line}, in a sentence", 400)


MarksByLine: type[Marks] = type(
    "MarksByLine",
    (Marks,),
    {name: field for line in LINES for name, field in ((line, marked(line)), (f"why_{line}", why(line)))},
)


def marks_form(samples: int) -> Marks:
    """The rubric, with room for notes on so many samples."""
    form = MarksByLine()
    while len(form.margins) < samples * NOTES_A_SAMPLE:
        form.margins.append_entry()
    return form


class Refusal(Form):
    """Why an admin refuses an application outright."""

    reason = area("The reason, as the applicant will read it", 600, least=20)
