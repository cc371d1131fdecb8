"""What agreed amounts cost and bring, and by which numbers: the same for both sides, before anybody signs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from marketplace.config import Rules, rules
from marketplace.kernel import money
from marketplace.payments.models import Holding


@dataclass(frozen=True)
class Item:
    """One milestone on a bill; all in minor units of the bill's currency."""

    title: str
    amount: int
    fee: int
    client_fee: int
    kill_started: int
    kill_drafted: int

    @property
    def net(self) -> int:
        """What the professional receives when all of it is released."""
        return self.amount - self.fee


@dataclass(frozen=True)
class Bill:
    """Several milestones together. fee_bps: taken from the professional's side; client_fee_bps: paid on top."""

    currency: str
    fee_bps: int
    client_fee_bps: int
    items: tuple[Item, ...]

    @property
    def amount(self) -> int:
        """The price of all the work, in minor units: what is held."""
        return sum(item.amount for item in self.items)

    @property
    def fee(self) -> int:
        """The platform's fee on all of it, rounded milestone by milestone, as it is taken."""
        return sum(item.fee for item in self.items)

    @property
    def client_fee(self) -> int:
        """What the business pays on top."""
        return sum(item.client_fee for item in self.items)

    @property
    def net(self) -> int:
        """What the professional receives when all of it is released."""
        return self.amount - self.fee

    @property
    def pays(self) -> int:
        """What the business pays altogether."""
        return self.amount + self.client_fee

    @property
    def law(self) -> Rules:
        """The numbers in force beside the fees."""
        return rules()

    @property
    def cover(self) -> int:
        """What the platform carries of a chargeback of approved work, per milestone."""
        return rules().chargeback_cover[self.currency]


def make(amounts: Iterable[tuple[str, int]], currency: str, *, fee_bps: int, client_fee_bps: int = 0) -> Bill:
    """The bill of milestones, each a title and an amount in minor units."""
    items = tuple(_item(title, amount, currency, fee_bps, client_fee_bps) for title, amount in amounts)
    return Bill(currency, fee_bps, client_fee_bps, items)


def of_holdings(holdings: list[Holding]) -> Bill:
    """The bill of the milestones that `holdings` (at least one, of one contract) are for."""
    first = holdings[0]
    amounts = [(row.title, row.amount_minor) for row in holdings]
    return make(amounts, first.currency, fee_bps=first.fee_bps, client_fee_bps=first.client_fee_bps)


def _item(title: str, amount: int, currency: str, fee_bps: int, client_fee_bps: int) -> Item:
    law, step = rules(), money.step_of(currency)
    return Item(
        title=title,
        amount=amount,
        fee=money.fee_until(amount, fee_bps, step),
        client_fee=money.fee_until(amount, client_fee_bps, step),
        kill_started=money.fee_until(amount, law.kill_fee_started_bps, step),
        kill_drafted=money.fee_until(amount, law.kill_fee_drafted_bps, step),
    )
