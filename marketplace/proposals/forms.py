"""What people may send about proposals."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from wtforms import BooleanField, DateField, FieldList, FormField, RadioField
from wtforms import Form as Part
from wtforms.validators import InputRequired, Optional, ValidationError

from marketplace.briefs.models import Brief
from marketplace.config import rules
from marketplace.kernel import money
from marketplace.kernel.forms import Amount, Form, area, line
from marketplace.kernel.text import words
from marketplace.proposals.models import ProposalVersion
from marketplace.proposals.terms import AI_DECLARATIONS, AI_ORDER, MILESTONES_MOST, Bid
from marketplace.talent.models import Sample


class MilestoneRow(Part):
    """One milestone. Wholly empty, it is none."""

    title = line("What you deliver", 120, required=False)
    price = Amount("Price", required=False)
    due_on = DateField("By", [Optional()])

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return not (self.title.data or self.price.data or (self.due_on.raw_data and self.due_on.raw_data[0]))

    def offer(self) -> dict[str, Any]:
        """The milestone as a version keeps it. Only for a row that was found sound."""
        assert self.due_on.data is not None
        return {
            "title": self.title.data,
            "amount_minor": self.price.minor,
            "due_on": self.due_on.data.isoformat(),
        }

    def validate(self, extra_validators: Any = None) -> bool:
        """A row that was begun needs all three."""
        sound = bool(super().validate(extra_validators))
        if self.is_empty:
            return sound
        for field, sentence in (
            (self.title, "Say what you deliver."),
            (self.price, "Name a price."),
            (self.due_on, "Name a day."),
        ):
            if not field.data and not field.errors:
                field.errors, sound = [sentence], False
        return sound


class Pitch(Form):
    pitch = area("Your pitch", 3000)
    answers = FieldList(area("Your answer", 2000))
    sample = RadioField("One sample that shows it", validators=[InputRequired("Choose a sample.")])
    milestones = FieldList(FormField(MilestoneRow), min_entries=1, max_entries=MILESTONES_MOST)
    ai_declaration = RadioField("AI", validators=[InputRequired("Say how you use AI.")])
    confirmed = BooleanField("Send it as it is: I know that it repeats an earlier pitch")

    @classmethod
    def on(cls, brief: Brief, samples: list[Sample], version: ProposalVersion | None = None) -> Self:
        """The form for one brief, empty or with what an earlier version said."""
        form = cls(**(_typed(version, brief.currency) if version else {}))
        while len(form.answers) < len(brief.questions):
            form.answers.append_entry()
        form.sample.choices = [(str(sample.id), sample.text[:80]) for sample in samples]
        allowed = AI_ORDER[: AI_ORDER.index(brief.ai_policy) + 1]
        form.ai_declaration.choices = [(use, AI_DECLARATIONS[use]) for use in allowed]
        for row in form.milestones:
            row.form.price.currency = brief.currency
        return form

    def validate_pitch(self, field: Any) -> None:
        """Told before anything else, since it is the heart of it."""
        least, most, count = rules().pitch_words_least, rules().pitch_words_most, len(words(field.data or ""))
        if not least <= count <= most:
            raise ValidationError(f"A pitch has {least} to {most} words; this one has {count}.")

    def reshape(self, then: str, drop: str, currency: str) -> bool:
        """Add or take away a milestone when one of those buttons was used. Returns whether it was."""
        if then == "add" and len(self.milestones) < MILESTONES_MOST:
            self.milestones.append_entry().form.price.currency = currency
        elif drop:
            self.milestones.entries[:] = [row for row in self.milestones.entries if row.id != drop]
            if not self.milestones.entries:
                self.milestones.append_entry()
        return then == "add" or bool(drop)

    def bid(self, samples: list[Sample]) -> Bid:
        """What was typed, as the verbs take it."""
        rows = [row.form.offer() for row in self.milestones if not row.form.is_empty]
        return Bid(
            pitch=self.pitch.data or "",
            answers=[answer or "" for answer in self.answers.data],
            sample=next(sample for sample in samples if str(sample.id) == self.sample.data),
            milestones=rows,
            ai_declaration=self.ai_declaration.data,
            confirmed=self.confirmed.data,
        )


def _typed(version: ProposalVersion, currency: str) -> dict[str, Any]:
    rows = [
        {
            "title": row["title"],
            "price": money.plain(row["amount_minor"], currency),
            "due_on": date.fromisoformat(row["due_on"]),
        }
        for row in version.milestones
    ]
    return {
        "pitch": version.pitch,
        "answers": version.answers,
        "sample": str(version.sample_id),
        "milestones": rows,
        "ai_declaration": version.ai_declaration,
    }


class Decline(Form):
    reason = area("Why not this one?", 400, least=10)
