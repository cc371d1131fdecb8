"""Deliveries: signed, retried with growing pauses, never lost by a restart,
never sent while a transaction is open.
"""

import hashlib
import hmac
import http.client
import random
import time
from urllib.parse import urlsplit

from .clock import now
from .events import endpoint
from .settings import Settings
from .store import Store

TIMEOUT_SECONDS = 20
LONGEST_PAUSE_SECONDS = 3600
GIVE_UP_ATTEMPTS = 80
"""About three days at the longest pause, as Stripe does."""
MODES = ("normal", "duplicate", "lose", "shuffle")


def mode(store: Store) -> str:
    """How the fault panel wants deliveries to go."""
    return store.noted("webhooks", "mode") or "normal"


def signature(payload: str, secret: str, moment: int) -> str:
    """The header Stripe-Signature: the moment and an HMAC-SHA256 over moment and payload."""
    digest = hmac.new(secret.encode(), f"{moment}.{payload}".encode(), hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def deliver_due(store: Store, settings: Settings) -> int:
    """Send everything that is due, oldest first; returns how many were tried."""
    sql = (
        "select id, endpoint, payload, attempts from deliveries where state = 'waiting' and due_at"
        " <= ? order by id limit 100"
    )
    due, how = store.rows(sql, time.time()), mode(store)
    if how == "shuffle":
        random.shuffle(due)
    for id, name, payload, attempts in due:
        if how == "lose":
            _record(store, id, "lost", attempts, "The fault panel lost it.")
            continue
        said = [_post(payload, *endpoint(settings, name)) for _ in range(2 if how == "duplicate" else 1)]
        _record(store, id, "delivered" if said[-1].startswith("2") else "waiting", attempts + 1, said[-1])
    return len(due)


def _record(store: Store, id: int, state: str, attempts: int, said: str) -> None:
    if state == "waiting" and attempts >= GIVE_UP_ATTEMPTS:
        state = "dead"
    due_at = time.time() + min(LONGEST_PAUSE_SECONDS, 2 ** min(attempts - 1, 12))
    sql = "update deliveries set state = ?, attempts = ?, said = ?, due_at = ? where id = ?"
    store.rows(sql, state, attempts, said, due_at, id)


def _post(payload: str, url: str, secret: str) -> str:
    """The status the endpoint answered with, or what went wrong."""
    target = urlsplit(url)
    address = target._replace(scheme="", netloc="").geturl() or "/"
    secure = target.scheme == "https"
    connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = connect(target.hostname or "", target.port, timeout=TIMEOUT_SECONDS)
    headers = {
        "Content-Type": "application/json; charset=utf-8", "User-Agent": "Stripe/1.0 (sandbox)",
        "Stripe-Signature": signature(payload, secret, now()),
    }  # fmt: skip
    try:
        connection.request("POST", address, payload.encode(), headers)
        return str(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        connection.close()
