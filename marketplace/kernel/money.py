"""Money: whole minor units and a currency. No floats, no division except by rule."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.currencies import CURRENCIES as CURRENCIES
from marketplace.currencies import Currency
from marketplace.kernel.errors import Refused


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in minor units (cents, yen) of one lower-case ISO currency."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"Minor units are whole numbers, not {type(self.minor).__name__}.")
        if self.currency not in CURRENCIES:
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
    Python would also take `1_000`, `１２`, `NaN` and `1e3`. Raises Refused with a sentence, also for
    an amount between two steps of the currency and for one above what Stripe takes at once.
    """
    kind = CURRENCIES[currency]
    decimals = rf"([.][0-9]{{{kind.exponent}}})?" if kind.exponent else "()"
    match = re.fullmatch(rf"([0-9]{{1,{9 - kind.exponent}}}){decimals}", typed, re.ASCII)
    if match is None:
        raise Refused(_not_an_amount(typed, kind))
    scale: int = 10**kind.exponent
    minor = int(match[1]) * scale + int((match[2] or ".0")[1:])
    if minor % kind.charge_step:
        raise Refused(f"Amounts in this currency go in steps of {text(kind.charge_step, currency)}.")
    if minor > kind.max_minor:
        raise Refused(f"The largest amount here is {text(kind.max_minor, currency)}.")
    return minor


def _not_an_amount(typed: str, kind: Currency) -> str:
    """Why `typed` is no amount, in a sentence."""
    if kind.exponent == 0 and re.fullmatch(r"[0-9]{1,9}[.,][0-9]+", typed, re.ASCII):
        return f"The {kind.name} has no decimals: write whole figures only, such as 480."
    example = "480" if kind.exponent == 0 else "480 or 480." + "0" * kind.exponent
    return f"Write the amount in figures only, such as {example}."


def text(minor: int, currency: str) -> str:
    """The amount as people read it: `$480.00`, `¥48,000`, `-£5.00`, `KWD 1.250`."""
    kind = CURRENCIES[currency]
    whole, part = divmod(abs(minor), 10**kind.exponent)
    figures = f"{whole:,}" + (f".{part:0{kind.exponent}d}" if kind.exponent else "")
    return ("-" if minor < 0 else "") + kind.sign + figures


def plain(minor: int, currency: str) -> str:
    """The amount as `parse` takes it: `480.00`; below zero with a minus sign, for tables."""
    exponent = CURRENCIES[currency].exponent
    whole, part = divmod(abs(minor), 10**exponent)
    return ("-" if minor < 0 else "") + str(whole) + (f".{part:0{exponent}d}" if exponent else "")


def short(minor: int, currency: str) -> str:
    """As `text`, without `.00`: for prices in running lines."""
    return text(minor, currency).removesuffix("." + "0" * (CURRENCIES[currency].exponent or 9))


def step_of(currency: str) -> int:
    """The smallest amount in which this currency moves at Stripe, in minor units."""
    return CURRENCIES[currency].charge_step


def fee_until(released: int, bps: int, step: int = 1) -> int:
    """The platform's fee on all released so far, rounded half up, in minor units.

    The fee of one release is the difference of two such sums, so that any split of a milestone
    costs exactly the fee of the whole. step: what the fee is a multiple of, as `step_of` the currency says.
    """
    return (released * bps + 5000 * step) // (10_000 * step) * step


def fee(amount: int, bps: int, released_before: int = 0, step: int = 1) -> int:
    """The fee of releasing `amount` after `released_before`, in minor units; 0 <= fee <= amount."""
    return fee_until(released_before + amount, bps, step) - fee_until(released_before, bps, step)


def allocate(amount: int, weights: Sequence[int], step: int = 1) -> list[int]:
    """Share `amount` minor units by `weights`, one part a weight, so that the parts add up exactly.

    Each gets its whole share rounded down to a multiple of `step`; what remains goes one step each to the
    largest remainders, the earlier first among equals. Raises ValueError for an amount below zero or
    between two steps, and for weights below zero or all zero.
    """
    total = sum(weights)
    if amount < 0 or amount % step or total <= 0 or min(weights) < 0:
        raise ValueError(f"{amount} in steps of {step} cannot be shared by {list(weights)}.")
    shares = [divmod(amount // step * weight, total) for weight in weights]
    parts = [whole for whole, _ in shares]
    order = sorted(range(len(shares)), key=lambda index: (-shares[index][1], index))
    for index in order[: amount // step - sum(parts)]:
        parts[index] += 1
    return [part * step for part in parts]
