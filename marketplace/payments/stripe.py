"""The only file that knows Stripe's SDK: plain dicts in, plain dicts out, every outcome one of three."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import stripe as sdk

from marketplace.config import settings

TIMEOUT = 20
Obj = dict[str, Any]
log = logging.getLogger(__name__)

_MONEY = ["latest_charge.balance_transaction"]
_SESSION = ["payment_intent.latest_charge.balance_transaction"]
_ACCOUNT: Any = {"include": ["configuration.recipient", "requirements"]}


@dataclass(frozen=True)
class Done:
    """Stripe did it; `answer` is the object."""

    answer: Obj


@dataclass(frozen=True)
class Rejected:
    """Stripe said definitely no, and remembers it under this key."""

    sentence: str
    code: str


@dataclass(frozen=True)
class Unknown:
    """It may have been done or not: ask again with the same key, unless Stripe only repeats itself."""

    sentence: str
    replayed: bool = False


@dataclass(frozen=True)
class Nothing:
    """Looked at Stripe: what was asked for does not exist there."""


Outcome = Done | Rejected | Unknown | Nothing


class Unreachable(Exception):
    """Stripe did not answer a question; ask later."""


class Forged(Exception):
    """A message that Stripe did not sign, or that is for the other mode (live or test)."""


@cache
def _client(key: str, base: str) -> sdk.StripeClient:
    # The outbox retries with its own key and its own pauses; the SDK's would hide unknown outcomes.
    given: Any = {"api": base} if base else {}
    http = sdk.RequestsClient(timeout=TIMEOUT)
    return sdk.StripeClient(key, base_addresses=given, max_network_retries=0, http_client=http)


def client() -> sdk.StripeClient:
    """The SDK's client: of the sandbox process, or of Stripe."""
    ours = settings()
    return _client(ours.stripe_secret_key, ours.stripe_api_base if ours.payments_mode == "sandbox" else "")


def _calls() -> dict[str, Callable[[Any, Any], Any]]:
    v1, v2 = client().v1, client().v2
    return {
        "checkout": lambda params, options: v1.checkout.sessions.create(params, options),
        "expire": lambda params, options: v1.checkout.sessions.expire(params["session"], {}, options),
        "refund": lambda params, options: v1.refunds.create(params, options),
        "transfer": lambda params, options: v1.transfers.create(params, options),
        "payee": lambda params, options: v2.core.accounts.create(params, options),
        "link": lambda params, options: v2.core.account_links.create(params, options),
    }


def send(op: str, params: Obj, key: str) -> Outcome:
    """Do one call of the outbox. Speaks to the network: never inside a transaction.

    op: checkout, expire, refund, transfer, payee or link. key: the idempotency key.
    """
    try:
        return Done(_calls()[op](params, {"idempotency_key": key}).to_dict())
    except sdk.StripeError as error:
        return classified(error)


def classified(error: sdk.StripeError) -> Outcome:
    """What an error of the SDK says about whether it was done.

    Only an answer of 4xx is a no; 409 (the same key is being worked on) and 429 are not.
    """
    status = error.http_status or 0
    if 400 <= status < 500 and status not in (409, 429):
        return Rejected(error.user_message or str(error), error.code or str(status))
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    return Unknown(f"{type(error).__name__}: {error}", headers.get("idempotent-replayed") == "true")


def look_up(op: str, params: Obj) -> Outcome:
    """What became of a call whose key can no longer tell: found at Stripe by what it carries, or Nothing."""
    known = params.get("metadata", {})
    try:
        for found in _candidates(op, params):
            made: Obj = found.to_dict()
            if op == "expire" or (known and (made.get("metadata") or {}) == known):
                return Done(made)
    except sdk.StripeError as error:
        return Unknown(f"{type(error).__name__}: {error}")
    return Nothing()


def _candidates(op: str, params: Obj) -> Iterable[Any]:
    v1, v2 = client().v1, client().v2
    match op:
        case "checkout":
            return v1.checkout.sessions.list({"limit": 100}).auto_paging_iter()
        case "expire":
            found = v1.checkout.sessions.retrieve(params["session"])
            return [found] if found.status != "open" else []
        case "refund":
            return v1.refunds.list(
                {"payment_intent": params["payment_intent"], "limit": 100}
            ).auto_paging_iter()
        case "transfer":
            return v1.transfers.list(
                {"transfer_group": params["transfer_group"], "limit": 100}
            ).auto_paging_iter()
        case "payee":
            return v2.core.accounts.list({"limit": 20}).auto_paging_iter()
    return []


def _ask(question: Callable[[], Any]) -> Obj:
    try:
        answer: Obj = question().to_dict()
        return answer
    except sdk.StripeError as error:
        raise Unreachable(str(error)) from error


def retrieve_checkout(session_id: str) -> Obj:
    """A Checkout Session with its intent, charge and balance transaction. Raises Unreachable."""
    return _ask(lambda: client().v1.checkout.sessions.retrieve(session_id, {"expand": _SESSION}))


def fetch_intent(intent_id: str) -> Obj:
    """A payment intent with its charge and balance transaction. Raises Unreachable."""
    return _ask(lambda: client().v1.payment_intents.retrieve(intent_id, {"expand": _MONEY}))


def fetch_charge(charge_id: str) -> Obj:
    """A charge with its balance transaction. Raises Unreachable."""
    return _ask(lambda: client().v1.charges.retrieve(charge_id, {"expand": ["balance_transaction"]}))


def fetch_refund(refund_id: str) -> Obj:
    """A refund. Raises Unreachable."""
    return _ask(lambda: client().v1.refunds.retrieve(refund_id))


def fetch_transfer(transfer_id: str) -> Obj:
    """A transfer. Raises Unreachable."""
    return _ask(lambda: client().v1.transfers.retrieve(transfer_id))


def fetch_payee(account_id: str) -> Obj:
    """A connected account with what it may do. Raises Unreachable."""
    return _ask(lambda: client().v2.core.accounts.retrieve(account_id, _ACCOUNT))


def events_since(moment: datetime, types: list[str]) -> list[Obj]:
    """The platform's events of `types` since `moment`, oldest first. Raises Unreachable."""
    wanted: Any = {"created": {"gte": int(moment.timestamp())}, "types": types, "limit": 100}
    try:
        found = [event.to_dict() for event in client().v1.events.list(wanted).auto_paging_iter()]
    except sdk.StripeError as error:
        raise Unreachable(str(error)) from error
    return found[::-1]


def verify(body: bytes, signature: str) -> tuple[str, Obj]:
    """The endpoint whose secret signed `body` (`platform` or `connect`), and the event as a dict.

    Snapshot and thin events alike: both are signed the same way, and both are only hints.
    Raises Forged when no secret fits or the event is of the other mode.
    """
    ours = settings()
    secrets = {"platform": ours.stripe_webhook_secret, "connect": ours.stripe_connect_webhook_secret}
    for source, secret in secrets.items():
        if secret and _is_signed(body, signature, secret):
            event: Obj = json.loads(body)
            if bool(event.get("livemode")) != ours.stripe_secret_key.startswith(("sk_live_", "rk_live_")):
                raise Forged("This event is of the other mode.")
            return source, event
    raise Forged("No secret of ours signed this.")


def _is_signed(body: bytes, signature: str, secret: str) -> bool:
    try:
        sdk.WebhookSignature.verify_header(body.decode(), signature, secret, tolerance=300)
    except (sdk.SignatureVerificationError, UnicodeDecodeError):
        return False
    return True
