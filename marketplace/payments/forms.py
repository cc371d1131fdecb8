"""What a person may send about money: consent to one amount, which the button names.

`amount` is the sum that the page showed, in minor units, sent back with the button: another sum by then is shown
first and never taken.
"""

from __future__ import annotations

from wtforms import HiddenField, RadioField
from wtforms.validators import UUID, InputRequired, Optional, Regexp

from marketplace.kernel.errors import Stale
from marketplace.kernel.forms import Act, Amount, Ticks

INCOMPLETE = "This page is incomplete: please open it again."
SUMS = "[0-9]{1,12}$"


def shown_sum() -> HiddenField:
    """The sum that the page showed."""
    return HiddenField("Amount", [InputRequired(INCOMPLETE), Regexp(SUMS, message=INCOMPLETE)])


def request_id() -> HiddenField:
    """Made with the page, so that a double click is one deed."""
    return HiddenField("Request", [InputRequired(INCOMPLETE), UUID(INCOMPLETE)])


class FundForm(Act):
    """Pay for one milestone."""

    amount = HiddenField("Amount", [Optional(), Regexp(SUMS, message=INCOMPLETE)])

    @property
    def shown(self) -> int | None:
        """The sum that the page showed, in minor units."""
        return int(self.amount.data) if self.amount.data else None


class FundSeveral(Act):
    """Pay for the ticked milestones in one payment."""

    numbers = Ticks("Milestones to pay for", coerce=int, choices=[])
    amount = shown_sum()


class ReleaseForm(Act):
    """Release what the page showed. how: what the sum was made from; it changes with `how` and `typed` only."""

    wanted = request_id()
    amount = shown_sum()
    how = RadioField("How much", choices=[], validate_choice=False)
    typed = Amount("The amount", required=False)

    def chosen(self, offers: dict[str, int]) -> int:
        """The amount that is meant, in minor units. offers: what `all` and `pieces` come to."""
        if self.how.data == "amount":
            return self.typed.minor or 0
        return offers.get(self.how.data or "", int(self.amount.data or 0))

    def agree(self, minor: int, text: str) -> None:
        """Refuse (409) an amount that the page did not show yet. text: the amount as people read it."""
        if str(minor) != str(self.amount.data):
            raise Stale(f"It is {text} now. Look at what it brings, and press the button again.")


class PayOutForm(Act):
    """Pay out at once."""

    amount = Amount("Amount")
