"""The one table of currencies. Everything else asks it: rules, forms, lists, the checks against Stripe."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Currency:
    """One currency, as Stripe counts it; all amounts in minor units (cents, yen, fils)."""

    code: str
    name: str
    sign: str
    # Decimals people write (ISO 4217).
    exponent: int
    # Stripe charges, refunds and transfers only multiples of the one, and pays out multiples of the other.
    charge_step: int
    payout_step: int
    # The least and the most that Stripe takes in one payment.
    min_minor: int
    max_minor: int
    smallest_milestone: int
    chargeback_cover: int
    two_admins_from: int
    # What stands beside 100 dollars in lists: a round figure, no rate of exchange.
    beside_100: int


def _currency(code: str, name: str, sign: str, exponent: int, least: int, whole: int) -> Currency:
    """`whole`: 1,000 dollars' worth in round figures; the rules' amounts are parts of it."""
    step = 10 if exponent == 3 else 1
    return Currency(
        code, name, sign, exponent, charge_step=step, payout_step=step, min_minor=least,
        max_minor=99_999_999 // step * step, smallest_milestone=whole // 200, chargeback_cover=whole // 2,
        two_admins_from=whole, beside_100=whole // 10,
    )  # fmt: skip


# Every currency that this marketplace can count. Offered are those in the setting CURRENCIES, and of these an
# account at Stripe can use the ones that settle in themselves: `flask --app app stripe doctor` says which.
CURRENCIES = {
    row.code: row
    for row in (
        _currency("usd", "US dollar", "$", 2, least=50, whole=100_000),
        _currency("eur", "euro", "€", 2, least=50, whole=100_000),
        _currency("gbp", "pound sterling", "£", 2, least=30, whole=100_000),
        _currency("jpy", "Japanese yen", "¥", 0, least=50, whole=100_000),
        _currency("kwd", "Kuwaiti dinar", "KWD\N{NO-BREAK SPACE}", 3, least=150, whole=300_000),
    )
}
