"""The pretend Stripe's own books: every movement is a balance transaction, a balance is their sum."""

from typing import Any

from . import shapes
from .call import Call
from .clock import now
from .params import Parser, listing, request
from .query import page
from .store import Obj

GET: Parser = request({})
LIST: Parser = listing("type", "source", "currency", "payout")
_PENDING = "json_extract(body, '$.available_on') > ?"


def move(call: Call, amount: int, currency: str, type: str, source: str, **known: Any) -> Obj:
    """Book `amount` minor units (may be negative) on the call's account;
    `fee` and `available_on` when they differ.
    """
    fee, available_on = known.pop("fee", 0), known.pop("available_on", now())
    details = {"amount": fee, "application": None, "currency": currency, "type": "stripe_fee"}
    entry = shapes.balance_transaction(
        amount=amount, currency=currency, type=type, source=source, fee=fee, net=amount - fee,
        available_on=available_on, status=_status(available_on),
        reporting_category=known.pop("category", type),
        fee_details=[{**details, "description": "Stripe processing fees"}] if fee else [], **known,
    )  # fmt: skip
    return call.store.put(entry, call.account)


def _status(available_on: int) -> str:
    return "available" if available_on <= now() else "pending"


def funds(call: Call, currency: str) -> tuple[int, int]:
    """(available, pending) minor units of the call's account in one currency."""
    sums = _sums(call).get(currency, {})
    return sums.get("available", 0), sums.get("pending", 0)


def _sums(call: Call) -> dict[str, dict[str, int]]:
    sql = (
        f"select json_extract(body, '$.currency'), {_PENDING}, sum(json_extract(body, '$.net')) from objects"  # noqa: S608  names are ours, values are bound
        " where kind = 'balance_transaction' and account = ? group by 1, 2 order by 1"
    )
    sums: dict[str, dict[str, int]] = {}
    for currency, pending, total in call.store.rows(sql, now(), call.account):
        sums.setdefault(currency, {})["pending" if pending else "available"] = total
    return sums


def get(call: Call) -> Obj:
    """The balance of the account, per currency."""
    sums = _sums(call) or {"usd": {}}

    def column(name: str) -> list[Obj]:
        amounts = [(currency, parts.get(name, 0)) for currency, parts in sums.items()]
        return [
            {"amount": total, "currency": currency, "source_types": {"card": total}}
            for currency, total in amounts
        ]

    parts = {"available": column("available"), "pending": column("pending"), "connect_reserved": []}
    return {"object": "balance", "livemode": False, **parts}


def retrieve(call: Call) -> Obj:
    return _aged(call.store.get("balance_transaction", call.id, call.account))


def list_(call: Call) -> Obj:
    found = page(call, "balance_transaction", "/v1/balance_transactions", ("type", "source", "currency"))
    found["data"] = [_aged(entry) for entry in found["data"]]
    return found


def _aged(entry: Obj) -> Obj:
    return {**entry, "status": _status(entry["available_on"])}
