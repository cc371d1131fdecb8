"""What a person may say about their papers."""

from __future__ import annotations

import re
from typing import Any

from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import Length, Optional, ValidationError

from marketplace.kernel.countries import COUNTRIES
from marketplace.kernel.forms import Form, area, line, trim

CHOICES = [("", "Choose a country"), *COUNTRIES]


class Rate(StringField):
    """A rate of tax as people write it (`20`, `7.5`); `bps` holds hundredths of a per cent once validated."""

    bps: int = 0

    def pre_validate(self, form: Any) -> None:
        """Parse: up to two digits before the point and two after it."""
        match = re.fullmatch(r"([0-9]{1,2})(?:[.,]([0-9]{1,2}))?\s*%?", self.data or "0", re.ASCII)
        if match is None:
            raise ValidationError("Write the rate in figures only, such as 20 or 7.5.")
        self.bps = int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0"))


class Details(Form):
    """Name, address and tax number as papers give them."""

    legal_name = line("Legal name", 200, required=False)
    address = area("Address", 500, required=False)
    country = SelectField("Country", choices=CHOICES)
    tax_id = line("Tax number", 40, required=False)


class SellerDetails(Details):
    """As above, for who writes: with the rate of tax and the consent to invoices."""

    rate = Rate("Rate of tax, in per cent", [Optional(), Length(max=8)], filters=[trim])
    consents = BooleanField("Invoices and credit notes may be made in my name")
