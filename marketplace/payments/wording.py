"""How papers write days and amounts: the same for every reader, on every day."""

from __future__ import annotations

from datetime import date

from marketplace.kernel.money import CURRENCIES


def day(value: date) -> str:
    """`27 November 2026`, always with the year."""
    return f"{value.day} {value:%B} {value.year}"


def figures(minor: int, currency: str) -> str:
    """`48,000.00`: an amount without its currency; below zero with a minus sign."""
    exponent = CURRENCIES[currency].exponent
    whole, part = divmod(abs(minor), 10**exponent)
    sign = "\N{MINUS SIGN}" if minor < 0 else ""
    return f"{sign}{whole:,}" + (f".{part:0{exponent}d}" if exponent else "")


def amount(minor: int, currency: str) -> str:
    """`48,000.00 USD`: an amount and its currency's code."""
    return f"{figures(minor, currency)}\N{NO-BREAK SPACE}{currency.upper()}"
