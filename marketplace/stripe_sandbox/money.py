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
        sentence = f"Invalid currency: {lowered}. Stripe currently supports these currencies: {offered}"
        raise invalid(sentence, None, "currency")
    return lowered


def shown(amount_minor: int, currency: str) -> str:
    """An amount as a person reads it: `$1,250.00`, `¥500`, `KWD 1.250`."""
    decimals = DECIMALS[currency]
    number = f"{amount_minor / 10**decimals:,.{decimals}f}"
    return f"{SIGNS[currency]}{number}" if currency in SIGNS else f"{currency.upper()} {number}"


def stripe_fee(amount_minor: int, method: str = "card") -> int:
    """Stripe's processing fee: of a card 2.9 % plus 30 minor units; of a bank debit 0.8 %, at most 500."""
    if method != "card":
        return min((amount_minor * 8 + 500) // 1000, 500)
    return (amount_minor * 29 + 500) // 1000 + 30


def chargeable(amount_minor: int, currency: str, what: str = "Amount must be") -> StripeError | None:
    """Why this amount cannot be charged, or None when it can; `what` begins the sentence on small ones."""
    least = SMALLEST_CHARGE[currency]
    if amount_minor < least:
        return invalid(f"{what} at least {shown(least, currency)} {currency}", "amount_too_small", "amount")
    if amount_minor > LARGEST_CHARGE:
        sentence = f"Amount must be no more than {shown(LARGEST_CHARGE, currency)} {currency}"
        return invalid(sentence, "amount_too_large", "amount")
    if DECIMALS[currency] == 3 and amount_minor % 10:
        return invalid(
            f"Invalid amount: {currency} amounts must be a multiple of 10.", "parameter_invalid_integer"
        )
    return None
