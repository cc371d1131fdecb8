"""Money: whole minor units and a currency. No floats, no division except by rule."""

from __future__ import annotations

import re
from dataclasses import dataclass

from marketplace.kernel.errors import Refused

# Decimals people write (ISO 4217). Only currencies that settle in themselves are offered.
EXPONENTS = {"usd": 2, "eur": 2, "gbp": 2, "jpy": 0, "kwd": 3}
SIGNS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in minor units (cents, yen) of one lower-case ISO currency."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"Minor units are whole numbers, not {type(self.minor).__name__}.")
        if self.currency not in EXPONENTS:
            raise ValueError(f"{self.currency} is not a currency of this marketplace.")

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __str__(self) -> str:
        return text(self.minor, self.currency)

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up.")
        return other.minor


def parse(typed: str, currency: str) -> int:
    """Minor units of an amount a person typed, such as `480`, `480.00` or, in yen, `48000`.

    Only ASCII digits, at most seven before the point and exactly the currency's decimals after it:
    Python would also take `1_000`, `１２`, `NaN` and `1e3`. Raises Refused with a sentence.
    """
    exponent = EXPONENTS[currency]
    decimals = rf"([.][0-9]{{{exponent}}})?" if exponent else "()"
    match = re.fullmatch(rf"([0-9]{{1,{9 - exponent}}}){decimals}", typed, re.ASCII)
    if match is None:
        example = "480" if exponent == 0 else "480 or 480." + "0" * exponent
        raise Refused(f"Write the amount in figures only, such as {example}.")
    scale: int = 10**exponent
    return int(match[1]) * scale + int((match[2] or ".0")[1:])


def text(minor: int, currency: str) -> str:
    """The amount as people read it: `$480.00`, `¥48,000`, `-£5.00`, `KWD 1.250`."""
    exponent = EXPONENTS[currency]
    whole, part = divmod(abs(minor), 10**exponent)
    figures = f"{whole:,}" + (f".{part:0{exponent}d}" if exponent else "")
    sign = SIGNS.get(currency, currency.upper() + "\N{NO-BREAK SPACE}")
    return ("-" if minor < 0 else "") + sign + figures


def plain(minor: int, currency: str) -> str:
    """The amount as `parse` takes it: `480.00`."""
    exponent = EXPONENTS[currency]
    whole, part = divmod(minor, 10**exponent)
    return str(whole) + (f".{part:0{exponent}d}" if exponent else "")


def short(minor: int, currency: str) -> str:
    """As `text`, without `.00`: for prices in running lines."""
    return text(minor, currency).removesuffix("." + "0" * (EXPONENTS[currency] or 9))


def fee_until(released: int, bps: int) -> int:
    """The platform's fee on all released so far, rounded half up, in minor units.

    The fee of one release is the difference of two such sums, so that any split of a milestone
    costs exactly the fee of the whole.
    """
    return (released * bps + 5000) // 10_000


def fee(amount: int, bps: int, released_before: int = 0) -> int:
    """The fee of releasing `amount` after `released_before`, in minor units; 0 <= fee <= amount."""
    return fee_until(released_before + amount, bps) - fee_until(released_before, bps)
