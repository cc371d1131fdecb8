"""Stripe's test cards and what each does. Other numbers are declined, as in Stripe's test mode."""

from dataclasses import dataclass
from datetime import date

from .errors import StripeError, invalid
from .store import Obj


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
    dispute: str = ""
    """What the cardholder says against the charge afterwards: fraudulent, product_not_received or inquiry."""
    warning: bool = False
    """The card's bank warns of fraud afterwards."""

    @property
    def brand(self) -> str:
        """What kind of card it is, in Stripe's word."""
        return {"3": "amex", "5": "mastercard"}.get(self.number[:1], "visa")


def _declined(decline_code: str, sentence: str) -> tuple[str, str | None, str]:
    return "card_declined", decline_code, sentence


_BROKE = "Your card has insufficient funds."
_DECLINED = "Your card was declined."
_WENT_WRONG = "An error occurred while processing your card. Try again in a little bit."
_NOT_A_TEST_CARD = "Your card was declined. Your request was in test mode, but used a non test card."
_WRONG_CVC = "Your card's security code is incorrect."
_ASKS = "3-D Secure"

CARDS = (
    Card("4242424242424242", "Pays."),
    Card("5555555555554444", "Pays (Mastercard)."),
    Card("4000000000000077", "Pays; available at once.", at_once=True),
    Card("4000002500003155", f"{_ASKS}, then pays.", authenticates=True),
    Card("4000002760003184", f"{_ASKS} every time, then pays.", authenticates=True),
    Card("4000000000003220", f"{_ASKS} (version 2), then pays.", authenticates=True),
    Card("4000008400001629", f"{_ASKS}, then declined.",
         _declined("generic_decline", _DECLINED), authenticates=True),
    Card("4000000000000002", "Declined.", _declined("generic_decline", _DECLINED)),
    Card("4000000000009995", "Declined: insufficient funds.", _declined("insufficient_funds", _BROKE)),
    Card("4000000000009987", "Declined: lost card.", _declined("lost_card", _DECLINED)),
    Card("4000000000009979", "Declined: stolen card.", _declined("stolen_card", _DECLINED)),
    Card("4000000000000069", "Declined: expired.", ("expired_card", None, "Your card has expired.")),
    Card("4000000000000127", "Declined: wrong CVC.", ("incorrect_cvc", None, _WRONG_CVC)),
    Card("4000000000000119", "Declined: processing error.", ("processing_error", None, _WENT_WRONG)),
    Card("4000000000005126", "Pays; a refund fails later.", refund="failed"),
    Card("4000000000007726", "Pays; a refund waits first.", refund="pending"),
    Card("4000000000000259", "Pays, then a dispute: fraud.", dispute="fraudulent"),
    Card("4000000000002685", "Pays, then a dispute: not received.", dispute="product_not_received"),
    Card("4000000000001976", "Pays, then an inquiry.", dispute="inquiry"),
    Card("4000000000005423", "Pays, then a fraud warning.", warning=True),
)  # fmt: skip
TOKENS = {
    "visa": "4242424242424242", "mastercard": "5555555555554444", "bypassPending": "4000000000000077",
    "authenticationRequiredOnSetup": "4000002500003155", "authenticationRequired": "4000002760003184",
    "threeDSecure2Required": "4000000000003220", "threeDSecureRequired": "4000000000003220",
    "threeDSecureRequiredChargeDeclined": "4000008400001629",
    "chargeDeclined": "4000000000000002", "chargeDeclinedInsufficientFunds": "4000000000009995",
    "chargeDeclinedLostCard": "4000000000009987", "chargeDeclinedStolenCard": "4000000000009979",
    "chargeDeclinedExpiredCard": "4000000000000069", "chargeDeclinedIncorrectCvc": "4000000000000127",
    "chargeDeclinedProcessingError": "4000000000000119",
    "refundFail": "4000000000005126", "pendingRefund": "4000000000007726",
    "createDispute": "4000000000000259", "createDisputeProductNotReceived": "4000000000002685",
    "createDisputeInquiry": "4000000000001976", "createIssuerFraudRecord": "4000000000005423",
}  # fmt: skip
"""Stripe's names for test cards, as in `pm_card_visa`, `pm_card_visa_chargeDeclined` and `tok_visa`."""


def named(token: str) -> str | None:
    """The number of the test card that a token stands for, or None."""
    for prefix in ("pm_card_", "tok_"):
        if token.startswith(prefix):
            name = token.removeprefix(prefix)
            return TOKENS.get(name) or TOKENS.get(name.removeprefix("visa_"))
    return None


def recognise(number: str) -> Card:
    """The card with this number; an unknown one is a card that the bank declines."""
    known = {card.number: card for card in CARDS}
    return known.get(number) or Card(
        number, "Is declined.", _declined("test_mode_live_card", _NOT_A_TEST_CARD)
    )


def by_last4(last4: str) -> Card:
    """The test card that ends so, for acts that come long after the number was forgotten."""
    return next((card for card in CARDS if card.number.endswith(last4)), CARDS[0])


def of(charge: Obj) -> Card:
    """The test card that a charge was paid with; the one that simply pays when it was a bank account."""
    card = charge["payment_method_details"].get("card")
    return by_last4(card["last4"]) if card else CARDS[0]


def checked(number: str, expiry: str, cvc: str = "123") -> tuple[str, int, int]:
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
