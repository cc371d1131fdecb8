"""What an admin may send: always a reason from a list, and a sentence."""

from __future__ import annotations

from wtforms import SelectField
from wtforms.validators import InputRequired

from marketplace.kernel.forms import Form, area

# Why somebody is stopped, in the words that they read.
SUSPEND = {
    "fraud": "Suspected fraud",
    "identity": "Not the person they say they are",
    "abuse": "Threats or insults",
    "copied": "Work that is not theirs",
    "outside": "Taking payments around the marketplace",
    "spam": "Unwanted messages or pitches",
}
RESTORE = {
    "mistake": "The suspension was a mistake",
    "settled": "The matter is settled",
    "appeal": "The appeal was right",
}


def because(choices: dict[str, str]) -> SelectField:
    """One reason from a list."""
    return SelectField(
        "Reason", [InputRequired("Choose a reason.")], choices=[("", "Choose a reason"), *choices.items()]
    )


class Suspend(Form):
    """Stop a person."""

    reason = because(SUSPEND)
    sentence = area("What happened", 500, least=10)

    @property
    def words(self) -> str:
        """The reason as it is told."""
        return f"{SUSPEND[self.reason.data]}. {self.sentence.data}"


class Restore(Form):
    """Let a person act again."""

    reason = because(RESTORE)
    sentence = area("What was found", 500, least=10)

    @property
    def words(self) -> str:
        """The reason as it is kept."""
        return f"{RESTORE[self.reason.data]}. {self.sentence.data}"
