"""What people send about an agreement. Rows are added by a button that sends the form: no script needed."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request
from wtforms import DateField, FieldList, FormField, IntegerField, SelectField
from wtforms import Form as Part
from wtforms.validators import InputRequired, Optional

from marketplace.config import rules
from marketplace.contracts.terms import MILESTONES_MOST, PIECES_MOST, fees
from marketplace.kernel import money
from marketplace.kernel.errors import Refused
from marketplace.kernel.forms import Amount, Form, area, line
from marketplace.talent.models import KINDS, PLATFORMS

REASON_MOST = 500


class PiecePart(Part):
    title = line("Working title", 120, required=False)
    platform = SelectField("Platform", choices=list(PLATFORMS.items()))
    kind = SelectField("Kind", choices=list(KINDS.items()))


class MilestonePart(Part):
    title = line("Title", 120, required=False)
    amount = Amount("Price", required=False)
    due_on = DateField("Due", [Optional()])
    pieces = FieldList(FormField(PiecePart), "Pieces", min_entries=1, max_entries=PIECES_MOST)

    def is_blank(self) -> bool:
        """Whether nothing was typed into this row."""
        return not (self.title.data or self.amount.data or any(row["title"] for row in self.pieces.data))

    def typed(self) -> dict[str, Any]:
        """The milestone as `terms.settle` takes it; rows of pieces without a title are nothing."""
        return {
            "title": self.title.data or "",
            "amount_minor": self.amount.minor or 0,
            "due_on": self.due_on.data,
            "pieces": [row for row in self.pieces.data if row["title"]],
        }


class TermsForm(Form):
    """All that is agreed. `add` and `remove` buttons change the rows and show the form again, `reckon` the sums."""

    title = line("Title of the contract", 120)
    milestones = FieldList(FormField(MilestonePart), "Milestones", min_entries=1, max_entries=MILESTONES_MOST)
    rounds = IntegerField("Rounds of changes included", [InputRequired("Say how many rounds are included.")])
    review_days = IntegerField("Days to review", [InputRequired("Say how many days a review may take.")])
    rights = area("Rights", 2000)
    message = area("Message", 2000, required=False)

    def __init__(self, currency: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.currency = currency
        for row in self.milestones:
            row.form.amount.currency = currency

    def sent(self) -> bool:
        """As every form; but a button that adds or removes a row only shows the form again."""
        return not self._rows_changed() and super().sent()

    def prices(self) -> dict[str, Any]:
        """What the sums are made of, as `terms.breakdown` takes it; what is no amount yet is left out."""
        rows = [(row.form.title.data, _minor(row.form.amount.data, self.currency)) for row in self.milestones]
        items = [{"title": title or "Untitled", "amount_minor": minor} for title, minor in rows if minor]
        return {"currency": self.currency, "milestones": items, **fees()}

    def typed(self) -> dict[str, Any]:
        """The terms as the verbs take them."""
        rows = [row.form for row in self.milestones if not row.form.is_blank()]
        return {
            "title": self.title.data,
            "currency": self.currency,
            "rounds": self.rounds.data,
            "review_days": self.review_days.data,
            "rights": self.rights.data,
            "message": self.message.data or "",
            "milestones": [row.typed() for row in rows],
        }

    def _rows_changed(self) -> bool:
        if request.method != "POST" or not ({"add", "remove", "reckon"} & request.form.keys()):
            return False
        if "reckon" in request.form:
            return True
        what = request.form.get("add", "") or request.form.get("remove", "")
        outer, _, inner = what.partition("-")
        found = next((row for row in self.milestones if row.name == f"milestones-{outer}"), None)
        if "add" in request.form:
            rows: Any = found.form.pieces if found is not None else self.milestones
            if len(rows) < rows.max_entries:
                rows.append_entry()
        elif found is not None:
            _remove(found.form.pieces if inner else self.milestones, inner or outer)
        return True


class OfferForm(TermsForm):
    """A direct invitation also says for which brand."""

    brand = SelectField("For which brand?", [InputRequired("Choose a brand.")])


class AmendForm(TermsForm):
    """Existing milestones keep all but their dates; `milestones` are those that come new."""

    milestones = FieldList(FormField(MilestonePart), "New milestones", max_entries=MILESTONES_MOST)
    dues = FieldList(DateField("Due", [Optional()]), "Dates")

    def prices_with(self, agreed: dict[str, Any]) -> dict[str, Any]:
        """As `prices`, after the milestones that were `agreed` and with the fees of then."""
        typed = self.prices()
        return {**typed, "milestones": agreed["milestones"] + typed["milestones"], **fees(agreed)}

    def amended(self, agreed: dict[str, Any]) -> dict[str, Any]:
        """The complete new terms: what was `agreed`, with the new dates and what was added."""
        typed = self.typed()
        dues = [field.data for field in self.dues]
        kept = [
            {**item, "due_on": due or item["due_on"]}
            for item, due in zip(agreed["milestones"], dues, strict=False)
        ]
        return {**typed, "milestones": kept + typed["milestones"]}


class DeclineForm(Form):
    reason = area("Why? It is sent along.", REASON_MOST, required=False)


class EndForm(Form):
    reason = area("Why do you end it? The other side reads this.", REASON_MOST)


def opening(data: dict[str, Any]) -> dict[str, Any]:
    """Terms as a form's first values."""
    return {
        "title": data["title"],
        "rounds": data.get("rounds", rules().rounds_included),
        "review_days": data.get("review_days", rules().review_days),
        "rights": data.get("rights", ""),
        "message": "",
        "milestones": [_row(item, data["currency"]) for item in data["milestones"]],
    }


def _row(item: dict[str, Any], currency: str) -> dict[str, Any]:
    due = item.get("due_on")
    return {
        "title": item["title"],
        "amount": money.plain(item["amount_minor"], currency) if item["amount_minor"] else "",
        "due_on": date.fromisoformat(due) if due else None,
        "pieces": item["pieces"],
    }


def _minor(typed: str | None, currency: str) -> int:
    """The amount in a field as it stands, or nothing."""
    try:
        return money.parse(typed or "", currency)
    except Refused:
        return 0


def _remove(rows: Any, index: str) -> None:
    """Drop the row with this index, unless it is the only one."""
    if len(rows) > rows.min_entries:
        rows.entries = [row for row in rows.entries if row.name.rsplit("-", 1)[1] != index]
