"""The only file that knows Stripe's SDK: plain dicts in, plain dicts out, every outcome one of three."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import stripe as sdk

from marketplace.config import settings

TIMEOUT = 20
SOON = timedelta(minutes=1)  # when a question that was not answered is asked again
_TYPES_AT_ONCE = 20  # Stripe lists events of so many types in one question
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


class Absent(Exception):
    """Stripe knows no such object, or it is not ours to see."""


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
        "customer": lambda params, options: v1.customers.create(params, options),
        "cancel_intent": lambda params, options: v1.payment_intents.cancel(params["intent"], {}, options),
        "reverse": lambda params, options: v1.transfers.reversals.create(
            params["transfer"], _but(params, "transfer"), options
        ),
        "evidence": lambda params, options: v1.disputes.update(
            params["dispute"], _but(params, "dispute"), options
        ),
        "concede": lambda params, options: v1.disputes.close(params["dispute"], {}, options),
        "payout": lambda params, options: v1.payouts.create(
            _but(params, "account"), _on(params.get("account", ""), **options)
        ),
        "hold_payouts": _reschedule,
        "resume_payouts": _reschedule,
        "detach": lambda params, options: v1.payment_methods.detach(params["method"], {}, options),
        "refund": lambda params, options: v1.refunds.create(params, options),
        "transfer": lambda params, options: v1.transfers.create(params, options),
        "payee": lambda params, options: v2.core.accounts.create(params, options),
        "link": lambda params, options: v2.core.account_links.create(params, options),
    }


def _plain(answer: Any) -> Obj:
    found: Obj = answer.to_dict() if hasattr(answer, "to_dict") else dict(answer)
    return found


def _reschedule(params: Obj, options: Obj) -> Any:
    asked = _on(params["account"], payments=params["payments"], **options)
    return client().raw_request("post", "/v1/balance_settings", **asked).data


def _rescheduled(params: Obj) -> list[Any]:
    found: Any = client().raw_request("get", "/v1/balance_settings", **_on(params["account"])).data
    there = ((found["payments"].get("payouts") or {}).get("schedule") or {}).get("interval")
    return _if(found, lambda _: there == params["payments"]["payouts"]["schedule"]["interval"])


def _but(params: Obj, name: str) -> Any:
    return {key: value for key, value in params.items() if key != name}


def _on(account: str, **options: Any) -> Any:
    """The options of a call, made in a connected account's name if one is given, else in the platform's own."""
    return {**options, "stripe_account": account} if account else options


def send(op: str, params: Obj, key: str) -> Outcome:
    """Do one call of the outbox. Speaks to the network: never inside a transaction.

    op: a key of `_calls`. key: the idempotency key.
    """
    try:
        return Done(_plain(_calls()[op](params, {"idempotency_key": key})))
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
            made = _plain(found)
            if op in _FOUND_BY_ID or (known and (made.get("metadata") or {}) == known):
                return Done(made)
    except sdk.StripeError as error:
        return Unknown(f"{type(error).__name__}: {error}")
    return Nothing()


# These act on one object: what it says now is what became of them.
_FOUND_BY_ID = ("expire", "cancel_intent", "evidence", "concede", "detach", "hold_payouts", "resume_payouts")


def _candidates(op: str, params: Obj) -> Iterable[Any]:
    v1, v2 = client().v1, client().v2
    found: dict[str, Callable[[], Iterable[Any]]] = {
        "customer": lambda: v1.customers.list({"limit": 100}).auto_paging_iter(),
        "checkout": lambda: v1.checkout.sessions.list({"limit": 100}).auto_paging_iter(),
        "expire": lambda: _if(v1.checkout.sessions.retrieve(params["session"]), lambda s: s.status != "open"),
        "cancel_intent": lambda: _if(
            v1.payment_intents.retrieve(params["intent"]), lambda i: i.status == "canceled"
        ),
        "refund": lambda: _all(v1.refunds, {"payment_intent": params["payment_intent"]}),
        "transfer": lambda: _all(v1.transfers, {"transfer_group": params["transfer_group"]}),
        "reverse": lambda: v1.transfers.reversals.list(params["transfer"], {"limit": 100}).auto_paging_iter(),
        "evidence": lambda: _if(
            v1.disputes.retrieve(params["dispute"]), lambda d: d.evidence_details.submission_count > 0
        ),
        "concede": lambda: _if(v1.disputes.retrieve(params["dispute"]), lambda d: d.status == "lost"),
        "payout": lambda: v1.payouts.list({"limit": 100}, _on(params.get("account", ""))).auto_paging_iter(),
        "detach": lambda: _if(v1.payment_methods.retrieve(params["method"]), lambda m: m.customer is None),
        **dict.fromkeys(("hold_payouts", "resume_payouts"), lambda: _rescheduled(params)),
        "payee": lambda: v2.core.accounts.list({"limit": 20}).auto_paging_iter(),
    }
    return found[op]() if op in found else []


def _if(found: Any, done: Callable[[Any], bool]) -> list[Any]:
    return [found] if done(found) else []


def _all(service: Any, wanted: Obj) -> Iterable[Any]:
    pages: Iterable[Any] = service.list({**wanted, "limit": 100}).auto_paging_iter()
    return pages


def _ask(question: Callable[[], Any]) -> Obj:
    try:
        answer: Obj = question().to_dict()
        return answer
    except sdk.StripeError as error:
        if error.http_status in (403, 404):
            raise Absent(str(error)) from error
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
    """A refund with its charge. Raises Unreachable."""
    return _ask(lambda: client().v1.refunds.retrieve(refund_id, {"expand": ["charge"]}))


def fetch_transfer(transfer_id: str) -> Obj:
    """A transfer with all that was taken back of it. Raises Unreachable."""
    found = _ask(lambda: client().v1.transfers.retrieve(transfer_id))
    if found["reversals"]["has_more"]:
        found["reversals"]["data"] = _list(
            lambda: client().v1.transfers.reversals.list(transfer_id, {"limit": 100})
        )
    return found


def fetch_dispute(dispute_id: str) -> Obj:
    """A dispute with its charge and the movements it caused. Raises Unreachable."""
    return _ask(lambda: client().v1.disputes.retrieve(dispute_id, {"expand": ["charge"]}))


def fetch_warning(warning_id: str) -> Obj:
    """An early warning of fraud, with its charge. Raises Unreachable."""
    return _ask(lambda: client().v1.radar.early_fraud_warnings.retrieve(warning_id, {"expand": ["charge"]}))


def fetch_payout(payout_id: str, account: str) -> Obj:
    """A payout of a connected account; of the platform itself when `account` is empty. Raises Unreachable."""
    wanted: Any = {"expand": ["destination"]}
    return _ask(lambda: client().v1.payouts.retrieve(payout_id, wanted, _on(account)))


def fetch_topup(topup_id: str) -> Obj:
    """Money that the platform added to its balance. Raises Unreachable."""
    return _ask(lambda: client().v1.topups.retrieve(topup_id, {"expand": ["balance_transaction"]}))


def payout_items(payout_id: str, account: str) -> list[Obj]:
    """The movements that an automatic payout brought to the bank. Raises Unreachable."""
    wanted: Any = {"payout": payout_id, "limit": 100, "expand": ["data.source"]}
    return _list(lambda: client().v1.balance_transactions.list(wanted, _on(account)))


def saved_methods(customer_id: str) -> list[Obj]:
    """The ways to pay that a customer kept. Raises Unreachable."""
    return _list(lambda: client().v1.customers.payment_methods.list(customer_id, {"limit": 100}))


def _list(question: Callable[[], Any]) -> list[Obj]:
    try:
        return [found.to_dict() for found in question().auto_paging_iter()]
    except sdk.StripeError as error:
        raise Unreachable(str(error)) from error


def fetch_payee(account_id: str) -> Obj:
    """A connected account with what it may do. Raises Unreachable."""
    return _ask(lambda: client().v2.core.accounts.retrieve(account_id, _ACCOUNT))


def events_since(moment: datetime, types: list[str]) -> list[Obj]:
    """The platform's events of `types` since `moment`, oldest first. Raises Unreachable."""
    found: list[Obj] = []
    for start in range(0, len(types), _TYPES_AT_ONCE):
        wanted: Any = {"created": {"gte": int(moment.timestamp())}, "limit": 100}
        wanted["types"] = types[start : start + _TYPES_AT_ONCE]
        found += _list(lambda wanted=wanted: client().v1.events.list(wanted))[::-1]  # type: ignore[misc]
    return sorted(found, key=lambda event: int(event["created"]))


def verify(body: bytes, signature: str) -> tuple[str, Obj]:
    """The endpoint whose secret signed `body` (`platform`, `connect` or `thin`), and the event as a dict.

    Snapshot and thin events alike: both are signed the same way, and both are only hints.
    Raises Forged when no secret fits or the event is of the other mode.
    """
    ours = settings()
    secrets = {
        "platform": ours.stripe_webhook_secret,
        "connect": ours.stripe_connect_webhook_secret,
        "thin": ours.stripe_accounts_webhook_secret,
    }
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


_LISTS = {
    "balance_transaction": "/v1/balance_transactions",
    "charge": "/v1/charges",
    "refund": "/v1/refunds",
    "transfer": "/v1/transfers",
    "dispute": "/v1/disputes",
    "payout": "/v1/payouts",
    "topup": "/v1/topups",
}


def list_all(kind: str, account: str = "", **filters: Any) -> Iterator[Obj]:
    """All objects of a kind that fit `filters`, newest first, asked for by the hundred: one page is in memory.

    kind: a key of `_LISTS`. account: a connected account's own. The SDK's objects are left out, which take
    ten times as long to make as a page takes to read. Raises Absent for an account that is not ours to see, and
    Unreachable.
    """
    wanted = {**filters, "limit": 100, **_on(account)}
    while True:
        try:
            page: Any = client().raw_request("get", _LISTS[kind], **wanted).data
        except sdk.StripeError as error:
            if account and error.http_status in (403, 404):
                raise Absent(str(error)) from error
            raise Unreachable(str(error)) from error
        yield from page["data"]
        if not page["has_more"]:
            return
        wanted["starting_after"] = page["data"][-1]["id"]


def fetch_balance() -> Obj:
    """What stands on the platform's account, available and pending. Raises Unreachable."""
    return _ask(lambda: client().v1.balance.retrieve())


def fetch_movement(transaction_id: str) -> Obj:
    """One balance transaction of the platform's account, with the object that made it. Raises Absent, Unreachable."""
    return _ask(lambda: client().v1.balance_transactions.retrieve(transaction_id, {"expand": ["source"]}))


PINNED = str(sdk.api_version)  # the version of Stripe's API that this SDK speaks


@dataclass(frozen=True)
class Told:
    """An answer with its envelope. version: of the API, as Stripe spoke it. at: Stripe's own time."""

    said: Obj
    version: str
    at: datetime


def told(address: str, **wanted: Any) -> Told:
    """What Stripe says at an address of the API that only reads, such as `/v1/account`.

    Left as it came: this SDK's objects trip over maps that are null. Raises Absent, Unreachable.
    """
    try:
        answer: Any = client().raw_request("get", address, **wanted)
    except sdk.StripeError as error:
        if error.http_status in (403, 404):
            raise Absent(str(error)) from error
        raise Unreachable(str(error)) from error
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Told(answer.data, headers.get("stripe-version", ""), parsedate_to_datetime(headers["date"]))
