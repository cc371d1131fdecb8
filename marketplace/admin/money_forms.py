"""What an admin may send about money: always a reason from a list and a sentence; both stay on record."""

from __future__ import annotations

from wtforms import HiddenField, SelectField
from wtforms.validators import UUID, InputRequired

from marketplace.admin.forms import because
from marketplace.kernel.errors import Stale
from marketplace.kernel.forms import Amount, Form, area

INCOMPLETE = "This page is incomplete: please open it again."
WHY = {
    "agreed": "Both sides agreed",
    "undelivered": "The work was not delivered",
    "partly": "A part of the work was delivered",
    "looked": "Somebody looked, and all is well",
    "ours": "A mistake of ours",
    "bank": "A bank or Stripe made it necessary",
    "fraud": "Fraud",
    "law": "The law requires it",
}
EVIDENCE = 20_000


class Deciding(Form):
    """A decision about money. wanted: made with the page, so that a double click is one decision."""

    wanted = HiddenField("Request", [InputRequired(INCOMPLETE), UUID(INCOMPLETE)])
    reason = because(WHY)
    sentence = area("What happened", 500, least=10)

    @property
    def words(self) -> str:
        """The reason as it is kept and told."""
        return f"{WHY[self.reason.data]}. {self.sentence.data}"


class DecidingAmount(Deciding):
    """A decision about an amount."""

    amount = Amount("Amount")


class Ruling(Deciding):
    """How the money of a milestone is split. shown: the split whose effect the page showed."""

    to_professional = Amount("To the professional, before our fee")
    to_business = Amount("Back to the business")
    shown = HiddenField("Shown")

    @property
    def split(self) -> tuple[int, int]:
        """What goes to the professional and what to the business, in minor units."""
        return self.to_professional.minor or 0, self.to_business.minor or 0

    def reckon(self) -> None:
        """Read the two amounts only: the reason is asked for when the ruling is made."""
        if not all([self.to_professional.validate(self), self.to_business.validate(self)]):
            self.status = 422

    def agree(self) -> None:
        """Refuse (409) a split whose effect the page did not show yet."""
        if self.shown.data != "{}:{}".format(*self.split):
            raise Stale("Below is what this split does. Look at it, and press the button again.")


class Repair(DecidingAmount):
    """An amount from one account of the ledger into another. The page names the accounts."""

    out_of = SelectField("Out of", [InputRequired("Choose where it comes from.")])
    into = SelectField("Into", [InputRequired("Choose where it goes.")])


class Explaining(Form):
    """Why a difference is right as it stands."""

    sentence = area("What was found out", 500, least=10)


class Evidence(Form):
    """Our answer to a bank."""

    evidence = area("What the bank reads", EVIDENCE, least=50)


class Conceding(Form):
    """Let the bank have it."""

    sentence = area("Explanation", 500, least=10)
