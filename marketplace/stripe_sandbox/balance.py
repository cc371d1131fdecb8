"""The pretend Stripe's own books: every movement is a balance transaction, a balance is their sum.

The sums are kept: `purses` has the whole of each account and currency, `movements` what is not available yet
and which automatic payout settled what.
"""

from typing import Any

from . import shapes
from .call import Call
from .clock import now
from .errors import invalid
from .params import Parser, listing, request
from .query import page
from .store import Obj, Store

GET: Parser = request({})
LIST: Parser = listing("type", "source", "currency", "payout")
_PENDING = "select sum(net) from movements where account = ? and currency = ? and available_on > ?"
_MOVED = "insert into movements(txn, account, currency, available_on, net) values(?,?,?,?,?)"
_TOTAL = """
insert into purses(account, currency, total, moved_at) values(?,?,?,?) on conflict(account, currency)
do update set total = total + excluded.total, moved_at = max(moved_at, excluded.moved_at)
"""


def move(call: Call, amount: int, currency: str, type: str, source: str, **known: Any) -> Obj:
    """Book `amount` minor units (may be negative) on the call's account;
    `fee`, `fee_for` and `available_on` when they differ.
    """
    fee, available_on = known.pop("fee", 0), known.pop("available_on", now())
    what = known.pop("fee_for", "Stripe processing fees")
    details = {"amount": fee, "application": None, "currency": currency, "type": "stripe_fee"}
    entry = shapes.balance_transaction(
        amount=amount, currency=currency, type=type, source=source, fee=fee, net=amount - fee,
        available_on=available_on, status=_status(available_on),
        reporting_category=known.pop("category", type),
        fee_details=[{**details, "description": what}] if fee else [], **known,
    )  # fmt: skip
    call.store.put(entry, call.account)
    count(call.store, call.account, entry)
    return entry


def count(store: Store, account: str, entry: Obj) -> None:
    """Add a kept balance transaction to the sums of its account."""
    _, txn = store.place(entry["id"])
    currency, net = entry["currency"], entry["net"]
    store.rows(_MOVED, txn, account, currency, entry["available_on"], net)
    store.rows(_TOTAL, account, currency, net, entry["created"])


def _status(available_on: int) -> str:
    return "available" if available_on <= now() else "pending"


def funds(call: Call, currency: str) -> tuple[int, int]:
    """(available, pending) minor units of the call's account in one currency."""
    found = call.store.rows(
        "select total from purses where account = ? and currency = ?", call.account, currency
    )
    pending: int = call.store.rows(_PENDING, call.account, currency, now())[0][0] or 0
    return (found[0][0] if found else 0) - pending, pending


def get(call: Call) -> Obj:
    """The balance of the account, per currency; what may leave at once is what is available."""
    sql = "select currency from purses where account = ? order by currency"
    currencies = [row[0] for row in call.store.rows(sql, call.account)] or ["usd"]
    sums = [(currency, *funds(call, currency)) for currency in currencies]
    return {
        "object": "balance", "livemode": False, "connect_reserved": [],
        "available": [_amount(available, currency) for currency, available, _ in sums],
        "pending": [_amount(pending, currency) for currency, _, pending in sums],
        "instant_available": [_amount(max(0, available), currency) for currency, available, _ in sums],
    }  # fmt: skip


def _amount(total: int, currency: str) -> Obj:
    return {"amount": total, "currency": currency, "source_types": {"card": total}}


def retrieve(call: Call) -> Obj:
    return _aged(call.store.get("balance_transaction", call.id, call.account))


def list_(call: Call) -> Obj:
    """Balance transactions; `payout` names an automatic payout and gives what it paid out, and itself."""
    more, values = "", tuple[str, ...]()
    if payout := call.params.get("payout"):
        if not call.store.get("payout", payout, call.account, "payout")["automatic"]:
            sentence = "Balance transaction history can only be filtered on automatic transfers, not manual."
            raise invalid(sentence, None, "payout")
        more, values = " and seq in (select txn from movements where payout = ?)", (payout,)
    filters = ("type", "source", "currency")
    found = page(call, "balance_transaction", "/v1/balance_transactions", filters, more, values)
    found["data"] = [_aged(entry) for entry in found["data"]]
    return found


def _aged(entry: Obj) -> Obj:
    return {**entry, "status": _status(entry["available_on"])}
