"""Payouts: what an account has available goes to its bank, by itself or when asked."""

from . import accounts, balance_settings, external_accounts, shapes
from .balance import funds, move
from .call import Call
from .changes import change
from .clock import now
from .errors import invalid
from .events import tell
from .external_accounts import Failure
from .money import DECIMALS, known_currency
from .params import Parser, choice, listing, metadata, positive, request, text
from .query import page
from .store import PLATFORM, Obj

CREATE: Parser = request(
    {
        "amount": positive, "currency": text, "description": text, "destination": text, "metadata": metadata,
        "method": choice("standard", "instant"), "source_type": choice("card", "bank_account", "fpx"),
        "statement_descriptor": text,
    },
    ["amount", "currency"],
)  # fmt: skip
UPDATE: Parser = request({"metadata": metadata})
GET: Parser = request({})
LIST: Parser = listing("status", "destination")
_INSTANT_LIMIT = 9_999
"""The most that goes at once, in whole units of the currency."""
_MOVING = """
select id, account, json_extract(body, '$.status') from objects indexed by payouts_moving
where kind = 'payout' and json_extract(body, '$.status') in ('pending', 'in_transit') order by seq
"""
_DUE = "select account, currency from purses where account <> ? and total > 0 and moved_at <= ?"
"""Accounts with money that has been lying still for a while."""
_SETTLE = """
update movements set payout = ? where account = ? and currency = ? and available_on <= ? and payout is null
"""


def run(call: Call) -> None:
    """Finish what was under way, send what waited, and start what is due; the clock calls this."""
    for id, account, status in call.store.rows(_MOVING):
        theirs = call.on(account)
        payout = call.store.get("payout", id, account)
        if status == "in_transit":
            _arrive(theirs, payout)
        elif payout["created"] + call.settings.payout_seconds <= now():
            payout["status"] = "in_transit"
            tell(theirs, "payout.updated", call.store.put(payout, account), {"status": "pending"})
    for account, currency in call.store.rows(_DUE, PLATFORM, now() - call.settings.payout_seconds):
        _start(call.on(account), currency)


def _start(theirs: Call, currency: str) -> None:
    """An automatic payout of all that is available, unless something stands in its way."""
    available, _ = funds(theirs, currency)
    bank = external_accounts.current(theirs)
    by_hand = balance_settings.schedule(theirs)["interval"] == "manual"
    if available <= 0 or bank is None or by_hand or _obstacle(theirs):
        return
    payout = shapes.payout(
        amount=available, currency=currency, destination=bank["id"], arrival_date=now(),
        description="STRIPE PAYOUT", status="in_transit",
    )  # fmt: skip
    payout["balance_transaction"] = move(theirs, -available, currency, "payout", payout["id"])["id"]
    theirs.store.rows(_SETTLE, payout["id"], theirs.account, currency, now())
    tell(theirs, "payout.created", theirs.store.put(payout, theirs.account))


def _obstacle(call: Call) -> str:
    """Why the account pays nothing out now, or an empty text."""
    if call.account == PLATFORM:
        return ""
    if not accounts.is_active(accounts.get(call, call.account), "payouts"):
        return "Cannot create payouts: this account has requirements that need to be collected."
    if call.store.noted(call.account, accounts.STOPPED):
        return "The external account of this account was disabled after a failed payout. Please update it."
    return ""


def _arrive(theirs: Call, payout: Obj) -> None:
    """The bank took the payout, or sent it back."""
    bank = theirs.store.get("bank_account", payout["destination"], theirs.account)
    if failure := external_accounts.failure(bank):
        _return(theirs, payout, failure)
        return
    done = "completed" if payout["automatic"] else "not_applicable"
    payout.update(status="paid", reconciliation_status=done)
    tell(theirs, "payout.paid", theirs.store.put(payout, theirs.account), {"status": "in_transit"})
    if payout["automatic"]:
        tell(theirs, "payout.reconciliation_completed", payout)


def _return(theirs: Call, payout: Obj, failure: Failure) -> Obj:
    before = {"status": payout["status"]}
    back = move(theirs, payout["amount"], payout["currency"], "payout_failure", payout["id"])
    payout.update(
        status="failed", failure_code=failure.code, failure_message=failure.message,
        failure_balance_transaction=back["id"],
    )  # fmt: skip
    theirs.store.note(theirs.account, accounts.STOPPED, True)
    tell(theirs, "payout.failed", theirs.store.put(payout, theirs.account), before)
    return payout


def fail(call: Call, id: str, code: str) -> Obj:
    """A payout comes back from the bank, also one that arrived: the money returns, and payouts stop until
    the bank account is changed. Refuses a payout that is not with the bank, and an unknown failure code.
    """
    found = call.store.rows("select account from objects where id = ? and kind = 'payout'", id)
    theirs = call.on(found[0][0] if found else call.account)
    payout = call.store.get("payout", id, theirs.account, "payout")
    if payout["status"] not in ("paid", "in_transit"):
        raise invalid(f"Payout {id} is {payout['status']}: it cannot fail.", None, "payout")
    if code not in external_accounts.FAILURES:
        known = ", ".join(external_accounts.FAILURES)
        raise invalid(f"Invalid failure_code: must be one of {known}", None, "failure_code")
    return _return(theirs, payout, external_accounts.FAILURES[code])


def create(call: Call) -> Obj:
    """Pay `amount` minor units out of what is available: `standard` in some time, or `instant`, at once.

    Refuses more than there is, an account that may not, and a bank that takes nothing at once.
    """
    wanted = call.params
    amount, currency = wanted["amount"], known_currency(wanted["currency"])
    instant = wanted.get("method") == "instant"
    bank = _bank(call, wanted.get("destination"))
    _check(call, amount, currency, bank, instant)
    payout = shapes.payout(
        amount=amount, currency=currency, destination=bank["id"], automatic=False,
        arrival_date=now() + (0 if instant else call.settings.payout_seconds),
        description=wanted.get("description"), metadata=wanted.get("metadata", {}),
        method="instant" if instant else "standard", reconciliation_status="not_applicable",
        statement_descriptor=wanted.get("statement_descriptor"),
        status="in_transit" if instant else "pending",
    )  # fmt: skip
    payout["balance_transaction"] = move(call, -amount, currency, "payout", payout["id"])["id"]
    tell(call, "payout.created", call.store.put(payout, call.account))
    return payout


def _bank(call: Call, wanted: str | None) -> Obj:
    bank = external_accounts.current(call)
    if wanted:
        return call.store.get("bank_account", wanted, call.account, "destination")
    if bank is None:
        raise invalid("Sorry, you don't have any external accounts.", None, "destination")
    return bank


def _check(call: Call, amount: int, currency: str, bank: Obj, instant: bool) -> None:
    if obstacle := _obstacle(call):
        raise invalid(obstacle, "payouts_not_allowed")
    if DECIMALS[currency] == 3 and amount % 10:
        sentence = f"Invalid amount: {currency} amounts must be a multiple of 10."
        raise invalid(sentence, "parameter_invalid_integer", "amount")
    if instant and "instant" not in bank["available_payout_methods"]:
        sentence = "The destination of this payout does not support instant payouts."
        raise invalid(sentence, "instant_payouts_unsupported", "method")
    if instant and amount > _INSTANT_LIMIT * 10 ** DECIMALS[currency]:
        sentence = "This payout is more than may be paid out instantly at a time."
        raise invalid(sentence, "instant_payouts_limit_exceeded", "amount")
    if amount > funds(call, currency)[0]:
        sentence = (
            "You have insufficient funds in your Stripe account for this transfer. Your card balance is too"
            " low. You can use the the /v1/balance endpoint to view your Stripe balance."
        )
        raise invalid(sentence, "balance_insufficient")


def cancel(call: Call) -> Obj:
    """Take back a payout that was asked for and has not left yet."""
    payout = retrieve(call)
    if payout["status"] != "pending":
        raise invalid(f"Payouts with status {payout['status']} cannot be canceled.")
    move(call, payout["amount"], payout["currency"], "payout_cancel", payout["id"])
    payout["status"] = "canceled"
    tell(call, "payout.canceled", call.store.put(payout, call.account), {"status": "pending"})
    return payout


def retrieve(call: Call) -> Obj:
    return call.store.get("payout", call.id, call.account)


def update(call: Call) -> Obj:
    """Change the metadata."""
    return change(call, retrieve(call), "payout.updated")


def last(call: Call, count: int) -> list[Obj]:
    """The newest payouts of all accounts."""
    sql = "select id, account from objects where kind = 'payout' order by seq desc limit ?"
    return [call.store.get("payout", id, account) for id, account in call.store.rows(sql, count)]


def list_(call: Call) -> Obj:
    return page(call, "payout", "/v1/payouts", ("status", "destination"))
