"""What people send at the desk."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField, IntegerField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from marketplace.deliverables.actions import TEXT_MOST, Draft
from marketplace.kernel.forms import Form, Sound, area, line
from marketplace.kernel.text import line_ends

NOTE_MOST = 2000


class DraftForm(Form):
    # Not trimmed: what is approved is exactly what was typed.
    text = TextAreaField(
        "Text",
        [
            Optional(),
            Sound(),
            Length(max=TEXT_MOST, message=f"A draft may have at most {TEXT_MOST:,} characters."),
        ],
        filters=[lambda value: line_ends(value) if isinstance(value, str) else value],
    )
    note = area("Note to the editor", NOTE_MOST, required=False)
    sources = area("Sources", 4000, required=False)
    link = line("Link that goes with it", 500, required=False)
    revision = IntegerField(widget=HiddenInput(), default=0)

    def draft(self) -> Draft:
        """What was typed, as the verbs take it."""
        return Draft(
            self.text.data or "", self.note.data or "", self.sources.data or "", self.link.data or "",
            self.revision.data or 0,
        )  # fmt: skip


class DecisionForm(Form):
    sha256 = HiddenField(validators=[InputRequired("Open the text again: its fingerprint is missing.")])


class ChangesForm(Form):
    note = area("What should change?", NOTE_MOST)


class NoteForm(Form):
    quote = area("Words it is about", 1000, required=False)
    start = IntegerField(widget=HiddenInput(), default=-1, validators=[Optional()])
    body = area("Your note", NOTE_MOST)
    suggestion = area("Suggest other words", 1000, required=False)


class ReplyForm(Form):
    body = area("Your reply", NOTE_MOST)


class RoundForm(Form):
    allow = BooleanField(
        "Allow one more round of changes for free", [InputRequired("Tick the box to allow it.")]
    )


class PasteForm(Form):
    text = TextAreaField("Paste a text", [InputRequired("Paste the text first.")])
