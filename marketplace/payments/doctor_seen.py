"""What the doctor looks at, gathered once: Stripe's account, our settings, our own signs of life.

Speaks to the network: never inside a transaction. The checks judge what was seen and ask nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any, Literal
from urllib.request import urlopen

from sqlalchemy import func, select

from marketplace.config import Settings, settings
from marketplace.kernel.clock import now
from marketplace.kernel.db import db, find, many
from marketplace.kernel.heartbeat import is_anyone_alive, machine_now
from marketplace.kernel.jobs import transaction
from marketplace.payments import stripe, webhook
from marketplace.payments.models import Cursor, Payee, Webhook

Obj = dict[str, Any]
Level = Literal["right", "look", "missing"]
WAIT_SECONDS = 10  # for our own address to answer
# When the poller, which comes every five minutes, must have heard of an event.
BEHIND = timedelta(minutes=15)
ASKED: dict[str, tuple[str, Obj]] = {
    "account": ("/v1/account", {}),
    "balance": ("/v1/balance", {}),
    "payouts": ("/v1/balance_settings", {}),
    "endpoints": ("/v1/webhook_endpoints", {"limit": 100}),
    "destinations": ("/v2/core/event_destinations", {"include": ["webhook_endpoint.url"], "limit": 100}),
    "accounts": ("/v2/core/accounts", {"limit": 1}),
}


@dataclass(frozen=True)
class Finding:
    """One sentence. level: `right`; `look`, what a person should look at; `missing`, what must be mended."""

    level: Level
    about: str
    sentence: str


def right(about: str, sentence: str) -> Finding:
    """That this is as it should be."""
    return Finding("right", about, sentence)


def look_at(about: str, sentence: str) -> Finding:
    """That a person should look, though payments work."""
    return Finding("look", about, sentence)


def missing(about: str, sentence: str) -> Finding:
    """That this must be mended."""
    return Finding("missing", about, sentence)


@dataclass(frozen=True)
class Seen:
    """What there was to see. said: Stripe's answers by the names of `ASKED`. unread: why one is not among them."""

    ours: Settings
    said: dict[str, Obj] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    version: str = ""
    # How far our clock is ahead of Stripe's; None when Stripe did not answer.
    ahead: timedelta | None = None
    # Why our own address does not answer, or empty.
    site: str = ""
    is_worker_alive: bool = True
    # Events that the poller has not brought though they are old enough; None when the list could not be read.
    unheard: int | None = 0
    # When the last message of each kind came: platform, connect, thin.
    heard_at: dict[str, datetime] = field(default_factory=dict)
    has_ready_payee: bool = False

    @property
    def is_live(self) -> bool:
        """Whether the key moves real money."""
        return self.ours.stripe_secret_key.startswith(("sk_live_", "rk_live_"))

    @property
    def is_stripe(self) -> bool:
        """Whether this is Stripe and not the sandbox."""
        return self.ours.payments_mode == "stripe"

    @property
    def address(self) -> str:
        """Where Stripe's messages belong."""
        return f"{self.ours.base_url.rstrip('/')}/webhooks/stripe"


def look() -> Seen:
    """Gather everything: some questions to Stripe, one to our own address, a few rows."""
    with transaction():
        own = _own_signs()
        cursor = find(select(Cursor).where(Cursor.name == "events"))
        since = cursor.at if cursor else None
    db.session.remove()
    said, unread, envelope = _ask_all()
    return Seen(
        ours=settings(),
        said=said,
        unread=unread,
        version=envelope.version if envelope else "",
        ahead=machine_now() - envelope.at if envelope else None,
        site=_site(settings()),
        unheard=_unheard(since),
        **own,
    )


def _own_signs() -> Obj:
    latest = select(Webhook.source, func.max(Webhook.created_at)).group_by(Webhook.source)
    return {
        "is_worker_alive": is_anyone_alive(),
        "heard_at": {source: at for source, at in db.session.execute(latest)},
        "has_ready_payee": bool(many(select(Payee.id).where(Payee.state == "ready").limit(1))),
    }


def _ask_all() -> tuple[dict[str, Obj], dict[str, str], stripe.Told | None]:
    said: dict[str, Obj] = {}
    unread: dict[str, str] = {}
    envelope = None
    for name, (address, wanted) in ASKED.items():
        try:
            envelope = stripe.told(address, **wanted)
            said[name] = envelope.said
        except (stripe.Absent, stripe.Unreachable) as reason:
            unread[name] = str(reason).strip().split("\n")[0]
            if name == "account":
                # Without the account nothing else answers either: one sentence is enough.
                return said, unread, None
    return said, unread, envelope


def _unheard(since: datetime | None) -> int | None:
    """How many events the poller has not brought by now; None when Stripe's list could not be read."""
    try:
        found = stripe.events_since(since or webhook.BEGINNING, list(webhook.HANDLED))
    except (stripe.Absent, stripe.Unreachable):
        return None
    with transaction():
        ids = [event["id"] for event in found if event["created"] < (now() - BEHIND).timestamp()][:500]
        known = set(many(select(Webhook.event_id).where(Webhook.event_id.in_(ids))))
    return len(set(ids) - known)


def _site(ours: Settings) -> str:
    """Why our own address does not answer by https with a certificate that holds; empty when it does, or is http."""
    if not ours.secure:
        return ""
    try:
        with urlopen(f"{ours.base_url.rstrip('/')}/healthz", timeout=WAIT_SECONDS):  # noqa: S310 (https, see above)
            return ""
    except (OSError, HTTPException) as reason:
        return str(reason)


def quoted(names: Iterator[str] | list[str]) -> str:
    """Names as a sentence lists them."""
    return ", ".join(names)
