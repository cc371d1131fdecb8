"""Stripe's test cards and what each does. Other numbers are declined, as in Stripe's test mode."""

from dataclasses import dataclass
from datetime import date

from .errors import StripeError, invalid


@dataclass(frozen=True)
class Card:
    """A test card: its number, and what happens when somebody pays with it."""

    number: str
    outcome: str
    decline: tuple[str, str | None, str] | None = None
    """(code, decline code, sentence) of a refusal by the bank."""
    authenticates: bool = False
    at_once: bool = False
    """The money is available at once, whatever the settling time."""
    refund: str = "succeeded"
    """What becomes of a refund to this card: succeeded,
    failed (after it had succeeded) or pending (then succeeded).
    """
    country: str = "US"


def _declined(decline_code: str, sentence: str) -> tuple[str, str | None, str]:
    return "card_declined", decline_code, sentence


_BROKE = "Your card has insufficient funds."
_DECLINED = "Your card was declined."
_WENT_WRONG = "An error occurred while processing your card. Try again in a little bit."
_NOT_A_TEST_CARD = "Your card was declined. Your request was in test mode, but used a non test card."

CARDS = (
    Card("4242424242424242", "Pays."),
    Card("4000002500003155", "Asks to authenticate (3-D Secure), then pays.", authenticates=True),
    Card("4000000000000002", "Is declined.", _declined("generic_decline", _DECLINED)),
    Card("4000000000009995", "Is declined: insufficient funds.", _declined("insufficient_funds", _BROKE)),
    Card("4000000000000069", "Is declined: expired.", ("expired_card", None, "Your card has expired.")),
    Card("4000000000000119", "Is declined: processing error.", ("processing_error", None, _WENT_WRONG)),
    Card("4000000000000077", "Pays; the money is available at once.", at_once=True),
    Card("4000000000005126", "Pays; a refund to it fails later.", refund="failed"),
    Card("4000000000007726", "Pays; a refund to it is pending first.", refund="pending"),
)


def recognise(number: str) -> Card:
    """The card with this number; an unknown one is a card that the bank declines."""
    known = {card.number: card for card in CARDS}
    return known.get(number) or Card(
        number, "Is declined.", _declined("test_mode_live_card", _NOT_A_TEST_CARD)
    )


def by_last4(last4: str) -> Card:
    """The test card that ends so, for acts that come long after the number was forgotten."""
    return next((card for card in CARDS if card.number.endswith(last4)), CARDS[0])


def checked(number: str, expiry: str, cvc: str) -> tuple[str, int, int]:
    """(digits, month, year) as typed; refuses with a sentence about the first field that cannot be right."""
    digits = number.replace(" ", "").replace("-", "")
    if not digits.isdigit() or not 12 <= len(digits) <= 19 or not _luhn(digits):
        raise _typed("Your card number is invalid.", "incorrect_number", "number")
    month, _, year = expiry.replace(" ", "").partition("/")
    if not (month.isdigit() and year.isdigit() and 1 <= int(month) <= 12 and len(year) in (2, 4)):
        raise _typed("Your card's expiration date is incomplete.", "invalid_expiry_month", "expiry")
    full_year = int(year) + 2000 if len(year) == 2 else int(year)
    today = date.today()
    if (full_year, int(month)) < (today.year, today.month):
        raise _typed("Your card's expiration date is in the past.", "invalid_expiry_year", "expiry")
    if not cvc.isdigit() or len(cvc) not in (3, 4):
        raise _typed("Your card's security code is incomplete.", "invalid_cvc", "cvc")
    return digits, int(month), full_year


def _typed(sentence: str, code: str, field: str) -> StripeError:
    return invalid(sentence, code, field)


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
