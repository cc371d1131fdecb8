"""Forms: what a person may send. Parsing, trimming and field errors; no rules that need the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import g, request
from flask_wtf import FlaskForm
from wtforms import Field, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, StopValidation, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from marketplace.config import settings
from marketplace.currencies import CURRENCIES
from marketplace.kernel import money
from marketplace.kernel.db import rollback
from marketplace.kernel.errors import Refused
from marketplace.kernel.text import has_controls, has_hidden, line_ends

EXPIRED = (
    "This page was open too long, so nothing was sent yet. Everything you typed is still here: send it again."
)


class Form(FlaskForm):
    """The root of every form. It always carries the hidden CSRF field, and one place for a refusal."""

    class Meta:
        # The kernel checks the token for every POST; this form only shows the outcome.
        csrf = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refusal = ""
        self.status = 200

    def sent(self) -> bool:
        """Whether the form was posted and all its fields are sound. Otherwise `status` says why not."""
        if request.method != "POST":
            return False
        if g.get("csrf_failed"):
            self.refusal, self.status = EXPIRED, 400
            self.validate()
            return False
        if self.validate():
            return True
        self.status = 422
        return False

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Run a verb; a refusal undoes it and is shown in the form, with what was typed kept."""
        try:
            yield
        except Refused as refused:
            rollback()
            self.status = refused.status
            field = self._fields.get(refused.field)
            if field is None:
                self.refusal = refused.sentence
            else:
                field.errors = [*field.errors, refused.sentence]

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Field ids and sentences, for the error summary."""
        found: list[tuple[str, str]] = []
        for field in self:
            if field.name != "csrf_token":
                found += [(field.id, str(error)) for error in _flat(field.errors)]
        return found


class Act(Form):
    """A form without fields: one button."""


def _flat(errors: Any) -> list[str]:
    if isinstance(errors, dict):
        errors = [inner for value in errors.values() for inner in value]
    return [
        text for error in errors for text in (_flat(error) if isinstance(error, list | dict) else [error])
    ]


class Sound:
    """Refuses control characters and, where `names` is set, characters that hide or turn text."""

    def __init__(self, names: bool = False) -> None:
        self.names = names

    def __call__(self, _form: Any, field: Field) -> None:
        if has_controls(field.data or ""):
            raise StopValidation("This holds control characters that cannot be shown: please type it again.")
        if self.names and has_hidden(field.data or ""):
            raise StopValidation("This holds invisible characters: please type it again.")


def trim(value: Any) -> Any:
    """WTForms filter: no space around."""
    return value.strip() if isinstance(value, str) else value


def line(label: str, most: int = 200, *, required: bool = True, least: int = 0, **kwargs: Any) -> Any:
    """One line of text without hidden characters, at most `most` characters."""
    return StringField(label, _checks(label, least, most, required, names=True), filters=[trim], **kwargs)


def area(label: str, most: int = 5000, *, required: bool = True, least: int = 0, **kwargs: Any) -> Any:
    """A text of several lines, at most `most` characters; line ends become LF."""
    ends = [lambda value: line_ends(value) if isinstance(value, str) else value]
    return TextAreaField(label, _checks(label, least, most, required), filters=[*ends, trim], **kwargs)


def _checks(label: str, least: int, most: int, required: bool, names: bool = False) -> list[Any]:
    first: Any = InputRequired(f"{label} is missing.") if required else Optional()
    checks = [first, Sound(names)]
    if required:
        checks.append(NotBlank(label))
    if least:
        checks.append(Length(min=least, message=f"{label} needs at least {least} characters."))
    checks.append(Length(max=most, message=f"{label} may have at most {most:,} characters."))
    return checks


class NotBlank:
    """Refuses a field that holds only spaces."""

    def __init__(self, label: str) -> None:
        self.label = label

    def __call__(self, _form: Any, field: Field) -> None:
        if not (field.data or "").strip():
            raise StopValidation(f"{self.label} is missing.")


def currencies() -> list[tuple[str, str]]:
    """The choices of a currency: those that are offered, by code and name."""
    return [(code, f"{code.upper()}, {CURRENCIES[code].name}") for code in settings().currencies]


class Amount(StringField):
    """An amount of money in `currency`; `minor` holds its minor units once validated."""

    minor: int | None = None

    def __init__(self, label: str, currency: str = "usd", required: bool = True, **kwargs: Any) -> None:
        first: Any = InputRequired(f"{label} is missing.") if required else Optional()
        super().__init__(label, [first], filters=[trim], **kwargs)
        self.currency = currency

    def pre_validate(self, form: Any) -> None:
        """Parse by the currency's own decimals."""
        if self.data:
            try:
                self.minor = money.parse(self.data, self.currency)
            except Refused as refused:
                raise ValidationError(refused.sentence) from refused


class Ticks(SelectMultipleField):
    """Several choices as checkboxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()
