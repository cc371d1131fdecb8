"""What people may send about briefs: one form a step of the wizard, and the small ones."""

from __future__ import annotations

from typing import Any, Self

from babel import Locale
from wtforms import DateField, FieldList, FormField, IntegerField, RadioField, SelectField, TextAreaField
from wtforms import Form as Part
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from marketplace.briefs.models import RISKS, VISIBILITIES, Brief
from marketplace.config import rules, settings
from marketplace.kernel import money
from marketplace.kernel.clock import today
from marketplace.kernel.forms import Amount, Form, Ticks, area, currencies, line
from marketplace.kernel.text import has_controls, line_ends
from marketplace.talent.models import AI_POLICIES, KINDS, PLATFORMS, SUBJECTS

LANGUAGES = {
    code: Locale("en").languages[code]
    for code in (
        "en",
        "de",
        "fr",
        "es",
        "it",
        "pt",
        "nl",
        "da",
        "nb",
        "sv",
        "fi",
        "pl",
        "cs",
        "ar",
        "hi",
        "ja",
    )
}
# The three scales of a voice sheet, each from 1 to 5.
AXES = {
    "formal": ("How formal?", ("As to a friend", "Relaxed", "In between", "Measured", "Formal")),
    "serious": ("How serious?", ("Playful", "Light", "In between", "Sober", "Grave")),
    "plain": ("How plain?", ("For experts", "Technical", "In between", "Plain", "Plainest words")),
}
FIVE = [(str(number), str(number)) for number in range(1, 6)]
PIECE_ROWS = 12
POSTS = 3
QUESTIONS = 3


class Several(TextAreaField):
    """Several short texts in one field: one a line, or parted by commas. `data` is a list."""

    data: Any

    def __init__(self, label: str, most: int, part: str = "\n", length: int = 200, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.most, self.part, self.length = most, part, length

    def _value(self) -> str:
        return (self.part + " " if self.part == "," else self.part).join(self.data or [])

    def process_formdata(self, valuelist: list[str]) -> None:
        """Part what was typed; empty parts are nothing."""
        typed = line_ends(valuelist[0]) if valuelist else ""
        self.data = [piece.strip() for piece in typed.split(self.part) if piece.strip()]

    def pre_validate(self, form: Any) -> None:
        """At most `most` parts of at most `length` characters."""
        if len(self.data or []) > self.most:
            raise ValidationError(f"At most {self.most} here, please: choose the ones that matter.")
        for piece in self.data or []:
            if has_controls(piece) or len(piece) > self.length:
                raise ValidationError(f"Each may have at most {self.length} characters of plain text.")


class Step(Form):
    """One step of the wizard. A draft may be saved with gaps; `is_complete` is asked before going on."""

    # Fields to fill in before going on, each with what to say when it is empty.
    needs: dict[str, str] = {}

    @classmethod
    def of(cls, brief: Brief) -> Self:
        """The form with what the draft says."""
        return cls(obj=brief)

    def columns(self) -> dict[str, Any]:
        """What to keep, as columns of Brief."""
        return {name: field.data for name, field in self._fields.items() if name != "csrf_token"}

    def is_complete(self) -> bool:
        """Whether nothing needed is empty; otherwise the fields say what is missing."""
        for name, sentence in self.needs.items():
            field = self._fields[name]
            if not field.data:
                field.errors = [*field.errors, sentence]
                self.status = 422
        return self.status == 200


class Goal(Step):
    needs = {
        "title": "Give the brief a title.",
        "goal": "Say what you need and why.",
        "learns": "Say what a reader should learn.",
    }
    title = line("Title", 120, required=False)
    goal = area("What do you need, and why?", 3000, required=False)
    result = area("What will have changed when it works?", 600, required=False)
    learns = area("What should a reader learn?", 600, required=False)
    subject_area = SelectField("Subject", choices=[("", "Choose one"), *SUBJECTS.items()])


class Voice(Step):
    needs = {"audience": "Say who will read this.", "languages": "Choose the language to write in."}
    audience = area("Who will read this?", 1200, required=False)
    languages = Ticks("Written in", choices=list(LANGUAGES.items()))
    formal = RadioField(AXES["formal"][0], choices=FIVE, validators=[Optional()], validate_choice=False)
    serious = RadioField(AXES["serious"][0], choices=FIVE, validators=[Optional()], validate_choice=False)
    plain = RadioField(AXES["plain"][0], choices=FIVE, validators=[Optional()], validate_choice=False)
    sounds_like = Several("Lines that sound like us", 5)
    never = Several("Lines we would never say", 5)
    use = Several("Words to use", 20, ",", 40)
    avoid = Several("Words to avoid", 20, ",", 40)
    posts = FieldList(area("Sample post", 3000, required=False), min_entries=POSTS, max_entries=POSTS)

    @classmethod
    def of(cls, brief: Brief) -> Self:
        """The form with the audience and the voice sheet being drafted."""
        sheet = dict(brief.voice_draft)
        axes = {axis: str(value) for axis, value in sheet.pop("axes", {}).items()}
        posts = [*sheet.pop("posts", []), *[""] * POSTS][:POSTS]
        return cls(audience=brief.audience, languages=brief.languages, posts=posts, **axes, **sheet)

    def columns(self) -> dict[str, Any]:
        """Audience, languages and the voice sheet as one value."""
        chosen = {axis: self._fields[axis].data for axis in AXES}
        sheet = {name: self._fields[name].data or [] for name in ("sounds_like", "never", "use", "avoid")}
        sheet["axes"] = {axis: int(value) for axis, value in chosen.items() if value in dict(FIVE)}
        sheet["posts"] = [post for post in self.posts.data if post]
        return {
            "audience": self.audience.data or "",
            "languages": self.languages.data or [],
            "voice_draft": sheet,
        }

    def is_complete(self) -> bool:
        """Also all three scales and one line that sounds like the brand."""
        for axis in AXES:
            if not self._fields[axis].data:
                self._fields[axis].errors = ["Choose one of the five."]
                self.status = 422
        if not self.sounds_like.data:
            self.sounds_like.errors = ["Give at least one line that sounds like you."]
            self.status = 422
        return super().is_complete()


class PieceRow(Part):
    """One row of pieces. Without a number it is no row."""

    kind = SelectField("Kind", choices=list(KINDS.items()))
    platform = SelectField("Network", choices=list(PLATFORMS.items()))
    count = IntegerField(
        "How many", [Optional(), NumberRange(1, 100, "Ask for 1 to 100 pieces in a row, in figures.")]
    )
    due_on = DateField("Wanted by", [Optional()])

    def validate_due_on(self, field: DateField) -> None:
        """A day in the future."""
        if field.data is not None and field.data <= today():
            raise ValidationError("Choose a day in the future.")


class Pieces(Step):
    pieces = FieldList(FormField(PieceRow), min_entries=1, max_entries=PIECE_ROWS)

    @classmethod
    def of(cls, brief: Brief) -> Self:
        """The form with a row for each kind of piece."""
        names = ("kind", "platform", "count", "due_on")
        return cls(pieces=[{name: getattr(piece, name) for name in names} for piece in brief.pieces])

    def columns(self) -> dict[str, Any]:
        """The rows that have a number."""
        return {"pieces": [row for row in self.pieces.data if row["count"]]}

    def is_complete(self) -> bool:
        """At least one row with a number."""
        if not any(row["count"] for row in self.pieces.data):
            self.pieces[0].form.count.errors = ["Ask for at least one piece."]
            self.status = 422
        return self.status == 200

    def reshape(self, then: str, drop: str) -> bool:
        """Add or take away a row when one of those buttons was used. Returns whether it was."""
        if then == "add" and len(self.pieces) < PIECE_ROWS:
            self.pieces.append_entry({"count": 1})
        elif drop:
            kept = [row for row in self.pieces.entries if row.id != drop]
            self.pieces.entries[:] = kept
            if not kept:
                self.pieces.append_entry()
        return then == "add" or bool(drop)


class Money(Step):
    needs = {"rights": "Say who may use the text, and where."}
    currency = SelectField("Currency", choices=[])
    low = Amount("At least", required=False)
    high = Amount("At most", required=False)
    milestones_wished = IntegerField(
        "Milestones you have in mind", [InputRequired("Say how many."), NumberRange(1, 6, "Choose 1 to 6.")]
    )
    starts_on = DateField("Work starts on", [Optional()])
    risk = RadioField("What is at risk if a post goes wrong?", choices=list(RISKS.items()))
    ai_policy = RadioField("May the writer use AI?", choices=list(AI_POLICIES.items()))
    rights = area("Who may use the text, and where?", 600, required=False)
    visibility = RadioField("Who may pitch?", choices=list(VISIBILITIES.items()))
    questions = FieldList(line("Question", 300, required=False), min_entries=QUESTIONS, max_entries=QUESTIONS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency.choices = currencies()
        if self.currency.data in settings().currencies:
            self.low.currency = self.high.currency = self.currency.data

    @classmethod
    def of(cls, brief: Brief) -> Self:
        """The form with the draft's money and terms."""
        shown = {"low": brief.low_minor, "high": brief.high_minor}
        amounts = {
            name: money.plain(minor, brief.currency) for name, minor in shown.items() if minor is not None
        }
        questions = [*brief.questions, *[""] * QUESTIONS][:QUESTIONS]
        names = ("currency", "milestones_wished", "starts_on", "risk", "ai_policy", "rights", "visibility")
        return cls(questions=questions, **amounts, **{name: getattr(brief, name) for name in names})

    def columns(self) -> dict[str, Any]:
        """Money in minor units; questions without the empty ones."""
        found = super().columns()
        del found["low"], found["high"]
        found["questions"] = [question for question in self.questions.data if question]
        return {**found, "low_minor": self.low.minor, "high_minor": self.high.minor}

    def validate_high(self, field: Amount) -> None:
        """A range, from the smallest milestone upwards."""
        least = rules().smallest_milestone[self.low.currency]
        if self.low.minor is not None and self.low.minor < least:
            raise ValidationError(f"A milestone here costs at least {money.text(least, self.low.currency)}.")
        if self.low.minor is not None and field.minor is not None and field.minor < self.low.minor:
            raise ValidationError("The most must not be lower than the least.")

    def validate_starts_on(self, field: DateField) -> None:
        """A day in the future."""
        if field.data is not None and field.data <= today():
            raise ValidationError("Choose a day in the future.")

    def is_complete(self) -> bool:
        """Also both ends of the range."""
        for field in (self.low, self.high):
            if field.minor is None:
                field.errors = [*field.errors, "Give an amount: a range helps people price honestly."]
                self.status = 422
        return super().is_complete()


STEP_FORMS: dict[str, type[Step]] = {"goal": Goal, "voice": Voice, "pieces": Pieces, "money": Money}


class New(Form):
    brand = RadioField("Which brand is it for?", validators=[InputRequired("Choose a brand.")])


class Invite(Form):
    brief = RadioField("Which brief?", validators=[InputRequired("Choose a brief.")])


class Ask(Form):
    body = area("Your question", 600, least=10)


class Answer(Form):
    answer = area("Your answer", 2000)


class Reason(Form):
    reason = area("The reason", 400, least=10)
