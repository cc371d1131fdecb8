"""What people send about their accounts."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email
from wtforms import BooleanField, Field, PasswordField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from marketplace.accounts.models import MAIL_KINDS, ROLES
from marketplace.accounts.organisations import ROLE_NAMES
from marketplace.accounts.passwords import LONGEST
from marketplace.kernel.countries import COUNTRIES
from marketplace.kernel.forms import Form, Sound, Ticks, area, currencies, line, trim


def email(label: str = "E-mail address") -> Any:
    """An e-mail address, one and plain."""
    checks = [InputRequired(f"{label} is missing."), Sound(names=True), an_address]
    return StringField(label, checks, filters=[trim])


def an_address(_form: Any, field: Field) -> None:
    """Refuses what is not one deliverable-looking address, and keeps its normal form."""
    if len(field.data) > 254:  # the longest there is; parsing more takes long
        raise ValidationError("Write one e-mail address, like dana@example.org.")
    try:
        field.data = validate_email(field.data, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise ValidationError("Write one e-mail address, like dana@example.org.") from error


def password(label: str = "Password") -> Any:
    """A password, taken exactly as typed."""
    most = Length(max=LONGEST, message=f"A password may have at most {LONGEST} characters.")
    return PasswordField(label, [InputRequired(f"{label} is missing."), Sound(), most])


class SignUp(Form):
    side = RadioField(
        "What brings you here?",
        [InputRequired("Choose what brings you here.")],
        choices=[("business", "I want to hire"), ("professional", "I write for a living")],
    )
    name = line("Your name", 80)
    email = email()
    password = password()
    terms = BooleanField(
        "I accept the terms and the privacy notice", [InputRequired("Please accept the terms.")]
    )


class Confirm(Form):
    password = password("The password you chose")


class SignIn(Form):
    email = email()
    password = password()


class Forgot(Form):
    email = email()


class Reset(Form):
    password = password("New password")


class Account(Form):
    name = line("Your name", 80)
    timezone = SelectField(
        "Time zone", choices=[(z, z) for z in sorted(available_timezones() - {"localtime"})]
    )
    theme = SelectField("Colours", choices=[("", "As the device"), ("light", "Light"), ("dark", "Dark")])


class Password(Form):
    old = password("Present password")
    password = password("New password")


class Email(Form):
    email = email("New e-mail address")


class Found(Form):
    name = line("Name of the business", 100)
    country = SelectField("Country", choices=COUNTRIES)
    currency = SelectField("Currency", choices=[])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency.choices = currencies()


class Business(Form):
    name = line("Name of the business", 100)
    country = SelectField("Country", choices=COUNTRIES)
    city = line("City", 80, required=False)
    website = line("Website", 200, required=False)
    about = area("About the business", 1000, required=False)

    def validate_website(self, field: Field) -> None:
        """Only addresses that browsers open as pages."""
        if field.data and not field.data.startswith(("https://", "http://")):
            raise ValidationError("A website begins with https://.")


class NewBrand(Form):
    brand = line("Name of the brand", 100)


class Editor(Form):
    editor = SelectField("Accountable editor")


class Invite(Form):
    email = email()
    role = SelectField("Role", choices=list(ROLE_NAMES.items()), default="editor")


class Roles(Form):
    roles = Ticks("Roles", choices=[(role, ROLE_NAMES[role]) for role in ROLES])


class Notices(Form):
    mailed = Ticks("Send me a mail about", choices=list(MAIL_KINDS.items()))


class Close(Form):
    sure = BooleanField(
        "I have downloaded what I want to keep",
        [InputRequired("Please download your data first, then tick this.")],
    )
