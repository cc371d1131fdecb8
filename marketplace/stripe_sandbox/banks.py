"""Bank debits: methods whose outcome is known only later, and Stripe's test accounts for them."""

from dataclasses import dataclass

from .errors import StripeError, invalid
from .store import Obj


@dataclass(frozen=True)
class Scheme:
    """A kind of bank debit: what people call it, its one currency, what it asks for."""

    type: str
    label: str
    currency: str
    number_label: str
    routing_label: str = ""
    routing: str = ""
    """The only routing number of test accounts; empty when the account number says it all."""


@dataclass(frozen=True)
class Account:
    """A test account: its number, and what becomes of a debit."""

    type: str
    number: str
    outcome: str
    failure: tuple[str, str] | None = None
    """(code, sentence) of a debit that the bank sends back."""
    slow: bool = False
    """The bank takes twenty times as long as others."""


SCHEMES = {
    scheme.type: scheme
    for scheme in (
        Scheme("us_bank_account", "US bank account", "usd", "Account number", "Routing number", "110000000"),
        Scheme("sepa_debit", "SEPA Direct Debit", "eur", "IBAN"),
        Scheme("bacs_debit", "Bacs Direct Debit", "gbp", "Account number", "Sort code", "108800"),
    )
}
_CLOSED = ("account_closed", "The customer's bank account has been closed.")
_NO_ACCOUNT = ("no_account", "The customer's bank account could not be located.")
_BROKE = ("insufficient_funds", "The customer's account has insufficient funds to cover this payment.")
_NOT_ALLOWED = ("debit_not_authorized", "The customer has notified their bank that this is not authorized.")
_PAYS = "Pays, some seconds later."
ACCOUNTS = (
    Account("us_bank_account", "000123456789", _PAYS),
    Account("us_bank_account", "000111111113", "Fails later: the account is closed.", _CLOSED),
    Account("us_bank_account", "000111111116", "Fails later: no such account.", _NO_ACCOUNT),
    Account("us_bank_account", "000222222227", "Fails later: insufficient funds.", _BROKE),
    Account("us_bank_account", "000333333335", "Fails later: not authorized.", _NOT_ALLOWED),
    Account("sepa_debit", "AT611904300234573201", _PAYS),
    Account("sepa_debit", "DE89370400440532013000", _PAYS),
    Account("sepa_debit", "AT861904300235473202", "Fails later: insufficient funds.", _BROKE),
    Account("sepa_debit", "AT321904300235473204", "Pays, much later.", slow=True),
    Account("sepa_debit", "AT051904300235473205", "Fails much later: insufficient funds.", _BROKE, slow=True),
    Account("sepa_debit", "DE62370400440532013001", "Fails later: insufficient funds.", _BROKE),
    Account("sepa_debit", "IT60X0542811101000000123456", "Fails later: not authorized.", _NOT_ALLOWED),
    Account("bacs_debit", "00012345", _PAYS),
    Account("bacs_debit", "22222227", "Fails later: insufficient funds.", _BROKE),
    Account("bacs_debit", "33333335", "Fails later: not authorized.", _NOT_ALLOWED),
)


def accounts(type: str) -> list[Account]:
    """The test accounts of one scheme."""
    return [account for account in ACCOUNTS if account.type == type]


def recognise(type: str, number: str) -> Account:
    """The test account with this number; refuses any other, as Stripe's test mode does."""
    for account in accounts(type):
        if account.number == number:
            return account
    example = accounts(type)[0].number
    sentence = f"You must use a test bank account number in test mode. Try {example}."
    raise invalid(sentence, "account_number_invalid", "number")


def checked(type: str, number: str, routing: str = "") -> str:
    """The account number as typed, without its spaces; refuses with a sentence about the field at fault."""
    scheme = SCHEMES[type]
    compact = number.replace(" ", "").upper()
    if routing.replace(" ", "").replace("-", "") != scheme.routing:
        sentence = f"In test mode the {scheme.routing_label.lower()} is {scheme.routing}."
        raise invalid(sentence, "routing_number_invalid", "routing")
    return recognise(type, compact).number


def shape(type: str, number: str) -> Obj:
    """What a payment method shows of its account."""
    last4, print_ = number[-4:], f"sandbox{number[-6:]}"
    if type == "sepa_debit":
        return {"bank_code": number[4:9], "branch_code": "", "country": number[:2], "fingerprint": print_,
                "generated_from": None, "last4": last4}  # fmt: skip
    if type == "bacs_debit":
        return {"fingerprint": print_, "last4": last4, "sort_code": SCHEMES[type].routing}
    return {
        "account_holder_type": "individual", "account_type": "checking", "bank_name": "STRIPE TEST BANK",
        "financial_connections_account": None, "fingerprint": print_, "last4": last4,
        "networks": {"preferred": "ach", "supported": ["ach"]}, "routing_number": SCHEMES[type].routing,
        "status_details": None,
    }  # fmt: skip


_ON_A_CHARGE = {
    "us_bank_account": (
        "account_holder_type", "account_type", "bank_name", "fingerprint", "last4", "routing_number",
    ),
    "sepa_debit": ("bank_code", "branch_code", "country", "fingerprint", "last4"),
    "bacs_debit": ("fingerprint", "last4", "sort_code"),
}  # fmt: skip


def on_a_charge(method: Obj) -> Obj:
    """What a charge shows of the account that it debits, in the shape of `payment_method_details`."""
    type = method["type"]
    details = {name: method[type][name] for name in _ON_A_CHARGE[type]}
    details |= {"payment_reference": None} if type == "us_bank_account" else {}
    details |= {"mandate": None} if type != "us_bank_account" else {}
    return {"type": type, type: details}


def usable(types: list[str], currency: str) -> StripeError | None:
    """Why these payment method types cannot pay in this currency, or None when they can."""
    for type in types:
        scheme = SCHEMES.get(type)
        if scheme and scheme.currency != currency:
            sentence = (
                f"The payment method type `{type}` cannot be used with the currency `{currency}`."
                f" It supports: {scheme.currency}."
            )
            return invalid(sentence, None, "payment_method_types")
    return None
