"""Hearing late: what Stripe did and no message told us is fetched and entered by the same functions as ever."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy.exc import IntegrityError

from marketplace.kernel.errors import Refused, Stale
from marketplace.kernel.jobs import transaction
from marketplace.payments import apply, chargebacks, payees, payouts, refunds, stripe, transfers
from marketplace.payments.entering import Early, Foreign, Obj, Quarantine


class Heard(NamedTuple):
    """How it went. foreign: it carries nothing of ours. reason: why it could not be entered, empty when it was."""

    reason: str = ""
    foreign: bool = False


def hear(fetch: Callable[[], Obj], enter: Callable[[Obj], None]) -> Heard:
    """Fetch an object, and enter it in a transaction of its own. Raises Unreachable.

    Outside of any transaction, since it speaks to the network.
    """
    try:
        found = fetch()
        with transaction():
            enter(found)
    except stripe.Absent as reason:
        return Heard(re.sub(r"^Request req_\w+: ", "", str(reason)), foreign=True)
    except Foreign as reason:
        return Heard(str(reason), foreign=True)
    except (Early, Quarantine, Refused, Stale) as reason:
        return Heard(str(reason))
    except IntegrityError:
        return Heard("The database refuses to enter it.")
    return Heard()


def hear_source(source: Obj) -> Heard:
    """Hear of the object that made a movement, which is `source`. Raises Unreachable."""
    key = source["id"]
    match source["object"]:
        case "charge":
            intent = source.get("payment_intent")
            if not intent:
                return Heard("No Checkout of ours made it.", foreign=True)
            return hear(lambda: stripe.fetch_intent(intent), apply.intent)
        case "refund":
            return hear_refund(key)
        case "transfer":
            return hear_transfer(key)
        case "transfer_reversal":
            return hear_transfer(source["transfer"])
        case "dispute":
            return hear_dispute(key)
        case "payout":
            return hear_payout(key, "")
        case "topup":
            return hear(lambda: stripe.fetch_topup(key), payouts.topup)
    return Heard(f"Objects of the kind {source['object'].replace('_', ' ')} are not used here.", foreign=True)


def hear_refund(key: str) -> Heard:
    """Hear of a refund. Raises Unreachable, as those below."""
    return hear(lambda: stripe.fetch_refund(key), refunds.refund)


def hear_transfer(key: str) -> Heard:
    """Hear of a transfer and of what was taken back of it."""
    return hear(lambda: stripe.fetch_transfer(key), transfers.transfer)


def hear_dispute(key: str) -> Heard:
    """Hear of a dispute."""
    return hear(lambda: stripe.fetch_dispute(key), chargebacks.dispute)


def hear_payout(key: str, account: str) -> Heard:
    """Hear of a payout of a connected account, or of the platform's own when `account` is empty."""
    return hear(lambda: stripe.fetch_payout(key, account), lambda found: payouts.payout(found, account))


def hear_payment(session_id: str) -> Heard:
    """Hear of a Checkout page and of what was paid there."""
    return hear(lambda: stripe.retrieve_checkout(session_id), apply.checkout)


def hear_payee(account: str) -> Heard:
    """Hear of a connected account."""
    return hear(lambda: stripe.fetch_payee(account), payees.payee)
