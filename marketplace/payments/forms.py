"""What a person may send about money: consent to one amount, which the button names."""

from __future__ import annotations

from wtforms import HiddenField
from wtforms.validators import UUID, InputRequired, Regexp

from marketplace.kernel.forms import Act

INCOMPLETE = "This page is incomplete: please open it again."


class ReleaseForm(Act):
    """Release the amount shown. wanted: made with the page, so that a double click is one release."""

    wanted = HiddenField("Request", [InputRequired(INCOMPLETE), UUID(INCOMPLETE)])
    amount = HiddenField("Amount", [InputRequired(INCOMPLETE), Regexp("[0-9]{1,12}$", message=INCOMPLETE)])
