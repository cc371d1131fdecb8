"""What happens at Stripe without the product asking: banks, cardholders, and people at Stripe's dashboard.

Each act has a name and a few parameters: `{"act": "dispute", "charge": "ch_…", "amount": 500}`; the object it
is about may also be named by `id`. What comes back is the object that the act made or changed.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from . import (
    accounts,
    balance,
    chores,
    clock,
    disputes,
    external_accounts,
    fraud_warnings,
    payments,
    payouts,
    refunds,
    topups,
    transfers,
)
from .call import Call
from .errors import malformed
from .params import Parser, fields, positive, text
from .store import PLATFORM, Obj


class Act(NamedTuple):
    """One thing that can happen: what a person reads, what it needs to know, and what it does."""

    what: str
    parser: Parser
    work: Callable[[Call], Obj]
    names: tuple[str, ...]


def perform(call: Call, wanted: Obj) -> Obj:
    """Let the act `wanted["act"]` happen. Refuses an unknown act, unknown ids, and what cannot happen now."""
    given = {name: value for name, value in wanted.items() if value not in ("", None)}
    name = given.pop("act", "")
    if name not in ACTS:
        raise malformed(f"Invalid act: must be one of {', '.join(ACTS)}", "parameter_invalid", "act")
    act = ACTS[name]
    if "id" in given and act.names:
        given[act.names[0]] = given.pop("id")
    return act.work(replace(call, params=act.parser(given, "")))


def _act(what: str, work: Callable[[Call], Obj], *needed: str, **optional: Parser) -> Act:
    known = {**dict.fromkeys(needed, text), **optional}
    return Act(what, fields(known, needed), work, tuple(known))


def _charge(call: Call) -> Obj:
    return call.store.get("charge", call.params["charge"], param="charge")


def _dispute(call: Call) -> Obj:
    return call.store.get("dispute", call.params["dispute"], param="dispute")


def _open(call: Call, inquiry: bool) -> Obj:
    wanted = call.params
    return disputes.open_(
        call, _charge(call), wanted.get("amount"), wanted.get("reason", "fraudulent"), inquiry
    )


def _decided(verdict: str) -> Callable[[Call], Obj]:
    return lambda call: disputes.decide(call, _dispute(call), verdict)


def _reverse(call: Call) -> Obj:
    return transfers.reverse(replace(call, ids=(call.params.pop("transfer"),)))


def _fail_refund(call: Call) -> Obj:
    return refunds.fail(call, call.store.get("refund", call.params["refund"], param="refund"))


def _standing(change: Callable[[Call, Obj], Obj]) -> Callable[[Call], Obj]:
    return lambda call: change(call, accounts.get(call, call.params["account"], "account"))


def _change_bank(call: Call) -> Obj:
    account, wanted = call.params["account"], call.params
    number = wanted.get("number", "000123456789")
    if account == PLATFORM:
        return external_accounts.register(call, PLATFORM, external_accounts.checked(number), "us")
    found = accounts.get(call, account, "account")
    country = wanted.get("country") or found["identity"]["country"] or "us"
    return accounts.set_bank(call, found, number, country)


def _fail_payout(call: Call) -> Obj:
    return payouts.fail(call, call.params["payout"], call.params.get("failure_code", "account_closed"))


def _refuse(call: Call) -> Obj:
    call.store.note(PLATFORM, refunds.DEBITS, True)
    return balance.get(call)


def _allow(call: Call) -> Obj:
    call.store.forget(PLATFORM, refunds.DEBITS)
    return balance.get(call)


def _advance(call: Call) -> Obj:
    ahead = (call.store.noted("clock", "ahead") or 0) + call.params.get("seconds", 86400)
    call.store.note("clock", "ahead", ahead)
    clock.set_ahead(ahead)
    return _tick(call)


def _tick(call: Call) -> Obj:
    chores.run(call)
    return {"object": "clock", "now": clock.now()}


def _platform_payout(call: Call) -> Obj:
    call.params.setdefault("currency", "usd")
    return payouts.create(call)


def _settle_async(call: Call) -> Obj:
    return payments.settle_async(call, call.params["payment_intent"], call.params["outcome"])


_OF_A_CHARGE: dict[str, Parser] = {"amount": positive, "reason": text}
ACTS = {
    "dispute": _act(
        "Dispute a charge (a chargeback)", lambda call: _open(call, False), "charge", **_OF_A_CHARGE
    ),
    "inquiry": _act(
        "Inquire about a charge, without money", lambda call: _open(call, True), "charge", **_OF_A_CHARGE
    ),
    "escalate": _act("Turn an inquiry into a chargeback", _decided("escalated"), "dispute"),
    "dispute_won": _act("Decide a dispute: the platform wins", _decided("won"), "dispute"),
    "dispute_lost": _act("Decide a dispute: the platform loses", _decided("lost"), "dispute"),
    "fraud_warning": _act(
        "Warn of fraud", lambda call: fraud_warnings.open_for(call, _charge(call)), "charge"
    ),
    "refund": _act("Refund at Stripe's dashboard", refunds.create, "charge", amount=positive),
    "fail_refund": _act("Let a refund fail at the card's bank", _fail_refund, "refund"),
    "reverse_transfer": _act(
        "Reverse a transfer at Stripe's dashboard", _reverse, "transfer", amount=positive
    ),
    "restrict_account": _act("Ask an account for a document", _standing(accounts.restrict), "account"),
    "reject_account": _act("Reject an account", _standing(accounts.reject), "account"),
    "enable_account": _act("Enable an account", _standing(accounts.enable), "account"),
    "close_account": _act("Close an account", _standing(accounts.close), "account"),
    "change_bank": _act(
        "Change the bank account of an account", _change_bank, "account", number=text, country=text
    ),
    "fail_payout": _act("Let a payout come back from the bank", _fail_payout, "payout", failure_code=text),
    "settle_async": _act(
        "Let the bank answer a debit: succeeded or failed", _settle_async, "payment_intent", "outcome"
    ),
    "topup": _act("Top up the platform's balance", topups.create_settled, amount=positive, currency=text),
    "refuse_debits": _act("Let the platform's bank refuse Stripe's debits: refunds wait for money", _refuse),
    "allow_debits": _act("Let the platform's bank allow Stripe's debits", _allow),
    "advance_clock": _act("Move the clock forward by some seconds", _advance, seconds=positive),
    "tick": _act("Do at once what time would bring", _tick),
    "platform_payout": _act("Pay out to the platform", _platform_payout, amount=positive, currency=text),
}
