"""Bank accounts that payouts go to, and Stripe's test numbers for them."""

from typing import NamedTuple

from .call import Call
from .errors import invalid
from .store import PLATFORM, Obj, new_id

_BANK = "bank"
CURRENCIES = {"us": "usd", "gb": "gbp", "jp": "jpy"}
"""By country; everywhere else the sandbox knows it is the euro."""


class Failure(NamedTuple):
    """Why a bank sends a payout back: a code, and a sentence."""

    code: str
    message: str


_NO_ACCOUNT = Failure("no_account", "The bank account details on file are probably incorrect.")
_CLOSED = Failure("account_closed", "The bank account has been closed.")
_BROKE = Failure("insufficient_funds", "The bank account has insufficient funds.")
_FORBIDDEN = Failure("debit_not_authorized", "Debit transactions are not approved on this bank account.")
_CURRENCY = Failure("invalid_currency", "The bank was unable to process this payout because of its currency.")
FAILURES = {failure.code: failure for failure in (_NO_ACCOUNT, _CLOSED, _BROKE, _FORBIDDEN, _CURRENCY)}
_BY_END = {
    "1116": _NO_ACCOUNT, "1113": _CLOSED, "2227": _BROKE, "3335": _FORBIDDEN, "4440": _CURRENCY,
    "3001": _NO_ACCOUNT, "3002": _CLOSED, "3003": _BROKE, "3004": _FORBIDDEN, "3005": _CURRENCY,
}  # fmt: skip
_SLOW_END = "9991"
NUMBERS = (
    ("000123456789", "Payouts arrive (United States)."),
    ("DE89 3704 0044 0532 0130 00", "Payouts arrive."),
    ("000999999991", "Payouts arrive, but never at once (instantly)."),
    ("000111111116", "Payouts fail: no such account."),
    ("000111111113", "Payouts fail: the account is closed."),
    ("000222222227", "Payouts fail: insufficient funds."),
    ("DE62 3704 0044 0532 0130 01", "Payouts fail: no such account."),
    ("DE62 3704 0044 0532 0130 02", "Payouts fail: the account is closed."),
)
"""What the pages list: (number, what it does)."""


def checked(number: str) -> str:
    """The number without its spaces; refuses with a sentence what can be no account number."""
    compact = number.replace(" ", "").upper()
    if not (compact.isascii() and compact.isalnum() and 8 <= len(compact) <= 34):
        sentence = "Enter an IBAN or an account number of 8 to 34 letters and digits."
        raise invalid(sentence, "account_number_invalid", "number")
    return compact


def register(call: Call, account: str, number: str, country: str) -> Obj:
    """Send the payouts of an account to this number from now on; returns the new bank account."""
    methods = ["standard"] if number.endswith(_SLOW_END) else ["standard", "instant"]
    words = "account_holder_name account_holder_type account_type customer fingerprint"
    bank: Obj = {
        "id": new_id("ba_"), "object": "bank_account", "account": account, "available_payout_methods": methods,
        "bank_name": "STRIPE TEST BANK", "country": country.upper(), "currency": CURRENCIES.get(country, "eur"),
        "default_for_currency": True, "last4": number[-4:], "metadata": {}, "status": "new",
        "routing_number": "110000000" if country == "us" else None, **dict.fromkeys(words.split()),
        "requirements": None, "future_requirements": None,
    }  # fmt: skip
    call.store.note(account, _BANK, bank["id"])
    return call.store.put(bank, account)


def current(call: Call) -> Obj | None:
    """The bank account that payouts of the call's account go to, or None."""
    id = call.store.noted(call.account, _BANK)
    if id is None and call.account == PLATFORM:
        return register(call, PLATFORM, "000123456789", "us")
    return call.store.find(id, call.account) if id else None


def failure(bank: Obj) -> Failure | None:
    """Why a payout to this account fails, or None when it arrives."""
    return _BY_END.get(bank["last4"])
