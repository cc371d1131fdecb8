"""What Stripe knows about currencies: decimals, smallest charge, its own fee."""

from .errors import StripeError, invalid

DECIMALS = {"usd": 2, "eur": 2, "gbp": 2, "jpy": 0, "kwd": 3}
SMALLEST_CHARGE = {"usd": 50, "eur": 50, "gbp": 30, "jpy": 50, "kwd": 150}
LARGEST_CHARGE = 99_999_999
SIGNS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}


def known_currency(currency: str) -> str:
    """The currency in lower case; refuses one that the sandbox does not settle."""
    lowered = currency.lower()
    if lowered not in DECIMALS:
        offered = ", ".join(sorted(DECIMALS))
        raise invalid(
            f"Invalid currency: {lowered}. The sandbox supports these currencies: {offered}", None, "currency"
        )
    return lowered


def shown(amount_minor: int, currency: str) -> str:
    """An amount as a person reads it: `$1,250.00`, `¥500`, `KWD 1.250`."""
    decimals = DECIMALS[currency]
    number = f"{amount_minor / 10**decimals:,.{decimals}f}"
    return f"{SIGNS[currency]}{number}" if currency in SIGNS else f"{currency.upper()} {number}"


def stripe_fee(amount_minor: int) -> int:
    """Stripe's processing fee: 2.9 % rounded half up, plus 30 minor units."""
    return (amount_minor * 29 + 500) // 1000 + 30


def chargeable(amount_minor: int, currency: str) -> StripeError | None:
    """Why this amount cannot be charged, or None when it can."""
    least = SMALLEST_CHARGE[currency]
    if amount_minor < least:
        sentence = (
            f"The Checkout Session's total amount due must add up to at least {shown(least, currency)}"
            f" {currency}"
        )
        return invalid(sentence, "amount_too_small")
    if amount_minor > LARGEST_CHARGE:
        return invalid(f"Amount must be no more than {shown(LARGEST_CHARGE, currency)}", "amount_too_large")
    if DECIMALS[currency] == 3 and amount_minor % 10:
        return invalid(
            f"Invalid amount: {currency} amounts must be a multiple of 10.", "parameter_invalid_integer"
        )
    return None
