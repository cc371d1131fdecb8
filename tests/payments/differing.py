"""Ways in which Stripe's books and ours can come to differ, each done behind our back or by an entry too many.

Nothing here changes a row that exists: somebody acts at Stripe, or posts an entry that is valid by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from marketplace.kernel.clock import now
from marketplace.kernel.db import add, commit
from marketplace.payments.ledger import post
from marketplace.payments.models import Payee, StripeCall, Webhook
from marketplace.payments.outside import Payout
from tests import make
from tests.payments.reconciling import World

STREAM = "books:all"


class Seed(NamedTuple):
    """One way to differ. do: makes it, and may return the id that the sentence names. open: whether a person
    is left with it; else it was heard late and entered."""

    name: str
    do: Callable[[World], str | None]
    cause: str
    kind: str
    words: str
    open: bool


def enter(kind: str, key: str, currency: str = "usd", **lines: int) -> None:
    """Post a valid entry; `stripe` stands for the balance at Stripe, the rest is unapplied money."""
    moved = lines.get("stripe", 0)
    post(kind, key, currency, {"stripe:balance": moved, "bank:platform": -moved}, stream=STREAM)
    commit()


def foreign_charge(world: World) -> str:
    line = {
        "quantity": 1,
        "price_data": {"currency": "usd", "unit_amount": 7700, "product_data": {"name": "A mug"}},
    }
    page = world.client.v1.checkout.sessions.create(
        {"mode": "payment", "line_items": [line], "success_url": "http://localhost/thanks"}
    )
    return str(world.pay(page.url).id)


def unheard_charge(world: World) -> str:
    return str(world.pay_unheard()[1].id)


def extra_charge(world: World) -> str:
    enter("fund", "ch_invented", stripe=48000)
    return "ch_invented"


def wrong_amount(world: World) -> str:
    _, charge = world.pay_unheard()
    enter("fund", charge.id, stripe=charge.amount + 500)
    enter("stripe_fee", charge.balance_transaction.id, stripe=-charge.balance_transaction.fee)
    return str(charge.id)


def wrong_currency(world: World) -> str:
    _, charge = world.pay_unheard()
    enter("fund", charge.id, "eur", stripe=charge.amount)
    enter("stripe_fee", charge.balance_transaction.id, stripe=-charge.balance_transaction.fee)
    return str(charge.id)


def wrong_fee(world: World) -> str:
    _, charge = world.pay_unheard()
    enter("fund", charge.id, stripe=charge.amount)
    enter("stripe_fee", charge.balance_transaction.id, stripe=-1)
    return str(charge.id)


def twice_entered(world: World) -> str:
    charge = world.payment(world.held).charge_id or ""
    enter("fund_surplus", charge, stripe=48000)
    return charge


def _transfer_again(world: World, destination: str) -> str:
    known = {"release_id": str(world.release.id), "install": "x"}
    made = world.client.v1.transfers.create(
        {"amount": 1000, "currency": "usd", "destination": destination, "metadata": known,
         "transfer_group": world.sent.stream.replace(":", "_")}
    )  # fmt: skip
    return str(made.id)


def transfer_twice(world: World) -> str:
    first = world.client.v1.transfers.retrieve(world.release.transfer_id)
    return _transfer_again(world, first.destination)


def transfer_elsewhere(world: World) -> str:
    transfers: Any = {"stripe_balance": {"stripe_transfers": {"requested": True}}}
    other = world.client.v2.core.accounts.create(
        {"display_name": "Mallory", "contact_email": "mallory@example.com", "dashboard": "express",
         "identity": {"country": "us"}, "configuration": {"recipient": {"capabilities": transfers}}}
    )  # fmt: skip
    world.act("enable_account", account=other.id)
    return _transfer_again(world, other.id)


def missing_transfer(world: World) -> str:
    enter("transfer", "tr_invented", stripe=-1000)
    return "tr_invented"


def unheard_refund(world: World) -> str:
    from marketplace.payments.actions import refund

    made = refund(world.held, 5000, by=None, reason="Cancelled", request_id="unheard")
    commit()
    sent = world.client.v1.refunds.create(
        {"payment_intent": world.payment(world.held).intent_id or "", "amount": 5000,
         "metadata": {"refund_id": str(made.id)}}
    )  # fmt: skip
    return str(sent.id)


def missing_refund(world: World) -> str:
    enter("refund", "re_invented", stripe=-5000)
    return "re_invented"


def failed_refund(world: World) -> str:
    refund = world.refund.stripe_refund or ""
    world.act("fail_refund", refund=refund)
    return refund


def outside_refund(world: World) -> str:
    return str(world.act("refund", charge=world.payment(world.held).charge_id, amount=700)["id"])


def outside_reversal(world: World) -> str:
    return str(world.act("reverse_transfer", transfer=world.release.transfer_id, amount=900)["id"])


def dispute(world: World) -> str:
    return str(world.act("dispute", charge=world.payment(world.held).charge_id)["id"])


def dispute_won(world: World) -> str:
    opened = dispute(world)
    world.catch_up()
    world.act("dispute_won", dispute=opened)
    return opened


def topup(world: World) -> str:
    return str(world.act("topup", amount=5000, currency="usd")["id"])


def platform_payout(world: World) -> str:
    return str(world.act("platform_payout", amount=2500, currency="usd")["id"])


def missing_payout(world: World) -> str:
    enter("platform_payout", "txn_invented", stripe=-2500)
    return "txn_invented"


def stuck_payout(world: World) -> str:
    add(Payout(person_id=world.sent.payee_id, currency="usd", amount_minor=100, state="in_transit",
               stripe_payout="po_invented"))  # fmt: skip
    commit()
    return "po_invented"


def stuck_call(world: World) -> str:
    add(StripeCall(op="refund", ref_id=uuid4(), epoch=0, idem_key="k", params={}, state="sending",
                   first_sent_at=now() - timedelta(minutes=20), lease_until=now()))  # fmt: skip
    commit()
    return "20 minutes"


def dead_message(world: World) -> str:
    add(Webhook(source="platform", event_id="evt_1", type="charge.updated", object_id="ch_1", account="",
                payload={}, state="dead", error="Nobody answered."))  # fmt: skip
    commit()
    return "ch_1"


def account_out_of_sight(world: World) -> str:
    """Money of a professional stands, by our books, in an account that Stripe does not show us."""
    person = make.person("Nora Nowhere", side="professional")
    add(Payee(person_id=person.id, country="us", state="ready", stripe_account="acct_invented"))
    memo = {f"memo:pro_stripe:{person.id}": 100, "memo:world": -100}
    post("gift", str(uuid4()), "usd", memo, stream=STREAM)
    commit()
    return "acct_invented"


def drifted_counter(world: World) -> str:
    held = world.held
    lines = {f"held:{held.id}": -100, "expense:loss": 100}
    post("gift", str(uuid4()), "usd", lines, stream=held.stream, holding_id=held.id)
    commit()
    return "Four posts"


def insolvent(world: World) -> str:
    lines = {f"unapplied:{uuid4()}": -500_000, "expense:loss": 500_000}
    post("gift", str(uuid4()), "usd", lines, stream=STREAM)
    commit()
    return "are missing at Stripe"


def unexplained_sum(world: World) -> str:
    post("gift", str(uuid4()), "usd", {"stripe:balance": 1, "bank:platform": -1}, stream=STREAM)
    commit()
    return "stand"


SEEDS = (
    Seed("a charge that is not ours", foreign_charge, "unknown_object", "charge", "which is not ours", True),
    Seed("a charge nobody told us", unheard_charge, "late_webhook", "charge", "No message told us", False),
    Seed("a charge too many", extra_charge, "missing_at_stripe", "charge", "Stripe has no movement", True),
    Seed("another amount", wrong_amount, "amount", "charge", "$480.00, in our books $485.00", True),
    Seed("another currency", wrong_currency, "currency", "charge", "in USD, in our books in EUR", True),
    Seed("another fee", wrong_fee, "unsettled_fee", "charge", "in our books it is $0.01", True),
    Seed("entered twice", twice_entered, "duplicate", "charge", "twice: as fund and fund surplus", True),
    Seed(
        "transferred twice", transfer_twice, "duplicate", "transfer", "which was done before: see tr_", True
    ),
    Seed("sent elsewhere", transfer_elsewhere, "mismatched_account", "transfer_state", "not to acct_", True),
    Seed("a transfer too many", missing_transfer, "missing_at_stripe", "transfer", "no movement", True),
    Seed("a refund nobody told us", unheard_refund, "late_webhook", "refund", "No message", False),
    Seed("a refund too many", missing_refund, "missing_at_stripe", "refund", "no movement", True),
    Seed("a refund that failed", failed_refund, "late_webhook", "refund_failure", "No message", False),
    Seed("a refund by hand", outside_refund, "outside_action", "refund", "not here", True),
    Seed("a reversal by hand", outside_reversal, "outside_action", "reversal", "taken back at Stripe", True),
    Seed("a dispute", dispute, "late_webhook", "dispute", "No message", False),
    Seed("a dispute won", dispute_won, "late_webhook", "dispute", "of $380.00", False),
    Seed("a top-up", topup, "late_webhook", "topup", "No message", False),
    Seed("a withdrawal", platform_payout, "late_webhook", "payout", "No message", False),
    Seed("a withdrawal too many", missing_payout, "missing_at_stripe", "payout", "no movement", True),
    Seed(
        "a payout Stripe denies",
        stuck_payout,
        "state",
        "payout_state",
        "is in transit here. No such payout",
        True,
    ),
    Seed(
        "an account out of sight", account_out_of_sight, "mismatched_account", "payout_state", "be seen", True
    ),
    Seed("a stuck call", stuck_call, "stuck_call", "call", "has no answer", True),
    Seed("a dead message", dead_message, "unheard", "message", "Nobody answered.", True),
    Seed("a counter", drifted_counter, "counter", "holding", "but its account holds", True),
    Seed("too little money", insolvent, "solvency", "solvency", "are owed to others", True),
    Seed("a cent too many", unexplained_sum, "balance", "balance", "but our books", True),
)
