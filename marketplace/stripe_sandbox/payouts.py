"""Automatic payouts: what a connected account has available goes to its bank a little later."""

from . import shapes
from .balance import move
from .call import Call
from .clock import now
from .events import tell
from .params import Parser, listing, request
from .query import page
from .store import PLATFORM, Obj

GET: Parser = request({})
LIST: Parser = listing("status")
FAILING_LAST4 = ("1116", "3001")
"""Ends of the account numbers for which Stripe's test mode fails a payout: the bank does not know the
account.
"""
_UNDER_WAY = """
select id, account from objects where kind = 'payout' and json_extract(body, '$.status') = 'in_transit'
"""
_DUE = """
select account, json_extract(body, '$.currency') as currency, sum(json_extract(body, '$.net')) as total
from objects where kind = 'balance_transaction' and account <> ? and json_extract(body, '$.available_on') <= ?
group by account, currency having total > 0 and max(json_extract(body, '$.created')) <= ?
"""
"""Accounts with money that has been lying still for a while."""


def run(call: Call) -> None:
    """Start what is due and finish what was under way; the clock calls this."""
    for id, account in call.store.rows(_UNDER_WAY):
        _finish(call.on(account), call.store.get("payout", id, account))
    moment = now()
    for account, currency, amount in call.store.rows(
        _DUE, PLATFORM, moment, moment - call.settings.payout_seconds
    ):
        bank = call.store.noted(account, "bank")
        if bank and not call.store.noted(account, "payouts_stopped"):
            _start(call.on(account), currency, amount, bank)


def _start(theirs: Call, currency: str, amount: int, bank: Obj) -> None:
    payout = shapes.payout(
        amount=amount, currency=currency, destination=bank["id"], arrival_date=now(), status="in_transit",
        description="STRIPE PAYOUT",
    )  # fmt: skip
    payout["balance_transaction"] = move(theirs, -amount, currency, "payout", payout["id"])["id"]
    tell(theirs, "payout.created", theirs.store.put(payout, theirs.account))


def _finish(theirs: Call, payout: Obj) -> None:
    bank = theirs.store.noted(theirs.account, "bank")
    if bank["last4"] not in FAILING_LAST4:
        payout.update(status="paid", reconciliation_status="completed")
        tell(theirs, "payout.paid", theirs.store.put(payout, theirs.account), {"status": "in_transit"})
        return
    back = move(theirs, payout["amount"], payout["currency"], "payout_failure", payout["id"])
    payout.update(
        status="failed", failure_code="account_closed", failure_balance_transaction=back["id"],
        failure_message="The bank account has been closed",
    )  # fmt: skip
    theirs.store.note(theirs.account, "payouts_stopped", True)
    tell(theirs, "payout.failed", theirs.store.put(payout, theirs.account), {"status": "in_transit"})


def retrieve(call: Call) -> Obj:
    return call.store.get("payout", call.id, call.account)


def list_(call: Call) -> Obj:
    return page(call, "payout", "/v1/payouts", ("status",))
