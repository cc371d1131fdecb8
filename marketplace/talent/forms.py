"""What professionals may send about themselves, and others about them."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from babel import Locale
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, FieldList, FormField, RadioField, SelectField
from wtforms import Form as PlainForm
from wtforms.validators import InputRequired, Optional, ValidationError

from marketplace.config import settings
from marketplace.currencies import CURRENCIES
from marketplace.kernel.countries import COUNTRIES
from marketplace.kernel.forms import Amount, Form, Ticks, area, currencies, line
from marketplace.kernel.money import plain
from marketplace.talent.models import (
    AI_POLICIES,
    KINDS,
    LEVELS,
    PERMISSIONS,
    PLATFORMS,
    REGISTERS,
    SAMPLE_ROLES,
    SUBJECTS,
    Profile,
)

LANGUAGES = sorted(
    ((code, name) for code, name in Locale("en").languages.items() if len(code) == 2),
    key=lambda pair: pair[1],
)
ZONES = sorted(
    zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc", "System"))
)
LANGUAGE_ROWS = 4


def options(known: dict[str, str], empty: str = "") -> list[tuple[str, str]]:
    """`known` as the options of a list, with a first line for none where `empty` says what it reads."""
    return ([("", empty)] if empty else []) + list(known.items())


class Language(PlainForm):
    """One language and how well it is written."""

    code = SelectField("Language", choices=[("", "None"), *LANGUAGES])
    level = SelectField("Level", choices=options(LEVELS))


class About(Form):
    """Who the professional is."""

    name = line("Name or pen name", 80)
    statement = line("What you write, in one sentence", 160)
    biography = area("About you", 2000, least=80)
    platforms = Ticks("Where you write", choices=options(PLATFORMS))
    subjects = Ticks("What you write about", choices=options(SUBJECTS))
    registers = Ticks("How you sound", choices=options(REGISTERS))
    languages = FieldList(FormField(Language), min_entries=LANGUAGE_ROWS, max_entries=LANGUAGE_ROWS)
    country = SelectField(
        "Country", [InputRequired("Country is missing.")], choices=[("", "Choose"), *COUNTRIES]
    )
    city = line("City", 80, required=False)
    timezone = SelectField(
        "Time zone", choices=[("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in ZONES)]
    )
    hours = line("Hours you answer in", 80, required=False)
    free_from = DateField("Free from", [Optional()])
    ai_policy = RadioField("Do you use AI to write?", choices=options(AI_POLICIES), default="none")

    @classmethod
    def of(cls, profile: Profile) -> About:
        """The form filled with what the profile says now."""
        rows = [dict(row) for row in profile.languages]
        rows += [{"code": "", "level": "native"}] * (LANGUAGE_ROWS - len(rows))
        kept = {name: getattr(profile, name) for name in cls.plain_names()}
        return cls(data={**kept, "languages": rows})

    @staticmethod
    def plain_names() -> list[str]:
        """The fields that a profile holds as they are typed."""
        return ["name", "statement", "biography", "platforms", "subjects", "registers", "country", "city",
                "timezone", "hours", "free_from", "ai_policy"]  # fmt: skip

    def fields(self) -> dict[str, Any]:
        """What `describe` takes."""
        typed = {name: self.data[name] or ([] if name in {"platforms", "subjects", "registers"} else "")
                 for name in self.plain_names()}  # fmt: skip
        spoken = {row["code"]: row["level"] for row in self.languages.data if row["code"]}
        return {
            **typed,
            "free_from": self.free_from.data,
            "languages": [{"code": code, "level": level} for code, level in spoken.items()],
        }


class Rates(Form):
    """Prices by kind of piece: a pair of fields `amount_<kind>` and `includes_<kind>` for each."""

    currency = SelectField("Currency")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency.choices = currencies()
        chosen = self.currency.data if self.currency.data in CURRENCIES else settings().currencies[0]
        for kind in KINDS:
            self.amount(kind).currency = chosen

    def amount(self, kind: str) -> Amount:
        """The price field of one kind of piece."""
        return cast(Amount, self[f"amount_{kind}"])

    def rates(self) -> dict[str, tuple[int, str]]:
        """What `price` takes: the kinds that have a price."""
        return {
            kind: (minor, self[f"includes_{kind}"].data or "")
            for kind in KINDS
            if (minor := self.amount(kind).minor) is not None
        }


RatesByKind: type[Rates] = type(
    "RatesByKind",
    (Rates,),
    {f"amount_{kind}": Amount(f"{name}, from", required=False) for kind, name in KINDS.items()}
    | {
        f"includes_{kind}": line(f"What it includes: {name.lower()}", 160, required=False)
        for kind, name in KINDS.items()
    },
)


def rates_form(profile: Profile) -> Rates:
    """The form filled with the rates of now."""
    data: dict[str, Any] = {"currency": profile.currency}
    for rate in profile.rates:
        data[f"amount_{rate.kind}"] = plain(rate.amount_minor, profile.currency)
        data[f"includes_{rate.kind}"] = rate.includes
    return RatesByKind(data=data)


class SampleForm(Form):
    """One sample of published work."""

    platform = SelectField("Published on", choices=options(PLATFORMS))
    client = line("For whom", 80, description="The brand that spoke, or your own name.")
    role = SelectField("What you did", choices=options(SAMPLE_ROLES))
    written_on = DateField("Published on which day", [InputRequired("The day is missing.")])
    brief = area("The brief, in two lines", 400)
    text = area("The text, exactly as it was published", 20_000)
    learns = line("What the reader learns", 240)
    link = line("Where it can be seen", 500, required=False)
    permission = RadioField("May it be shown?", choices=options(PERMISSIONS), default="public")
    image = FileField("Image")
    alt = line("What the image shows", 300, required=False)
    drop_image = BooleanField("Take the image away")

    def validate_link(self, field: Any) -> None:
        """Only addresses of the web, since it becomes a link."""
        if field.data and (
            urlsplit(field.data).scheme not in {"http", "https"} or not urlsplit(field.data).netloc
        ):
            raise ValidationError("Write the whole address, beginning with https://.")

    def validate_drop_image(self, field: Any) -> None:
        """Not both a new image and none."""
        if field.data and self.upload:
            raise ValidationError("Either choose a new image or take the image away.")

    @property
    def upload(self) -> Any:
        """The file that was sent, or None."""
        return self.image.data if getattr(self.image.data, "filename", "") else None

    def fields(self) -> dict[str, Any]:
        """What `add_sample` and `revise_sample` take."""
        return {name: self.data[name] or "" for name in SAMPLE_FIELDS}


SAMPLE_FIELDS = (
    "platform",
    "client",
    "role",
    "written_on",
    "text",
    "brief",
    "learns",
    "link",
    "permission",
    "alt",
)


class LetIn(Form):
    """Which business may open a sealed sample."""

    name = line("Name of the business", 120)


class Keep(Form):
    """Which of one's businesses keeps the professional in mind, and a note of its own."""

    organisation_id = SelectField("For")
    note = line("A note for your colleagues", 240, required=False)
