"""A paper as templates read it: what it froze, with days and amounts in words."""

from __future__ import annotations

from datetime import date
from typing import Any

from marketplace.kernel.show import percent
from marketplace.payments import wording
from marketplace.payments.papers import Document

# Which template shows which kind; the others are shown as sales.
BODIES = {
    "receipt": "receipt",
    "payout_statement": "payout",
    "yearly": "yearly",
    "contract": "contract",
}


class Paper:
    """What templates need of a Document; nothing of it depends on the reader, the day or the settings."""

    def __init__(self, row: Document) -> None:
        self.row = row
        self.data: dict[str, Any] = row.data
        self.code = row.currency.upper()

    @property
    def body(self) -> str:
        """The template of what stands between head and foot."""
        is_note = self.row.kind == "credit_note" and "net_minor" not in self.data
        return f"payments/papers/_{'receipt' if is_note else BODIES.get(self.row.kind, 'sale')}.html"

    @property
    def heading(self) -> str:
        """`Invoice`, `Receipt`, `Statement of 2026`."""
        return str(self.data["heading"])

    @property
    def title(self) -> str:
        """The heading with the number, for the file and its name."""
        return (
            f"{self.heading} ({self.row.label})"
            if self.row.kind == "yearly"
            else f"{self.heading} {self.row.label}"
        )

    @property
    def day(self) -> str:
        """The day of issue."""
        return wording.day(self.row.issued_on)

    @property
    def rate(self) -> str:
        """The rate of tax: `20 %`."""
        return percent(self.data["rate_bps"])

    def figures(self, minor: int) -> str:
        """An amount without its currency, which its column names."""
        return wording.figures(minor, self.row.currency)

    def amount(self, minor: int) -> str:
        """An amount with its currency's code."""
        return wording.amount(minor, self.row.currency)

    def on(self, iso: str) -> str:
        """A day that was kept as text."""
        return wording.day(date.fromisoformat(iso))

    @property
    def moved_months(self) -> list[dict[str, Any]]:
        """The months of a year in which something moved."""
        return [row for row in self.data["months"] if any(row[key] for key, _ in self.data["columns"])]
