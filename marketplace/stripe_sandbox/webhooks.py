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
from .store import Obj, Store

TIMEOUT_SECONDS = 20
LONGEST_PAUSE_SECONDS = 3600
GIVE_UP_ATTEMPTS = 80
"""About three days at the longest pause, as Stripe does."""
MODES = {
    "normal": "normal",
    "duplicate": "sent twice",
    "lose": "lost for good",
    "shuffle": "in any order",
    "delay": "some seconds late",
    "hold": "held back until they are normal again",
}
_BATCH = 100
_USUAL: Obj = {"mode": "normal", "share": 1.0, "seconds": 5, "seed": 0}


def manner(store: Store) -> Obj:
    """How deliveries go: `mode`, the `share` of them it concerns (0 to 1, drawn with `seed`), and the
    `seconds` that a delay takes.
    """
    return {**_USUAL, **(store.noted("webhooks", "manner") or {})}


def set_manner(store: Store, wanted: Obj) -> None:
    """Let deliveries go another way from now on."""
    store.note("webhooks", "manner", {**_USUAL, **wanted})


def counts(store: Store) -> dict[str, int]:
    """How many deliveries there are in each state: waiting, delivered, lost, dead."""
    found = store.rows("select state, count(*) from deliveries group by state")
    return {state: count for state, count in found}


def signature(payload: str, secret: str, moment: int) -> str:
    """The header Stripe-Signature: the moment and an HMAC-SHA256 over moment and payload."""
    digest = hmac.new(secret.encode(), f"{moment}.{payload}".encode(), hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def deliver_due(store: Store, settings: Settings) -> int:
    """Send a batch of what is due, oldest first; returns how many were tried."""
    how = manner(store)
    if how["mode"] == "hold":
        return 0
    sql = (
        "select id, endpoint, payload, attempts, said from deliveries where state = 'waiting' and due_at <= ?"
        " order by id limit ?"
    )
    due = store.rows(sql, time.time(), _BATCH)
    if how["mode"] == "shuffle":
        random.shuffle(due)
    for id, name, payload, attempts, said in due:
        mode = how["mode"] if _is_meant(how, id) else "normal"
        if mode == "lose":
            _record(store, id, "lost", attempts, "The fault panel lost it.")
        elif mode == "delay" and said is None:
            store.rows("update deliveries set due_at = due_at + ?, said = 'delayed' where id = ?",
                       how["seconds"], id)  # fmt: skip
        else:
            _send(store, settings, id, name, payload, attempts, 2 if mode == "duplicate" else 1)
    return len(due)


def _is_meant(how: Obj, id: int) -> bool:
    """Whether the mode concerns this delivery: the same ones again for the same seed."""
    return bool(random.Random(f"{how['seed']}:{id}").random() < how["share"])  # noqa: S311  no secret


def _send(
    store: Store, settings: Settings, id: int, name: str, payload: str, attempts: int, times: int
) -> None:
    said = [_post(payload, *endpoint(settings, name)) for _ in range(times)]
    _record(store, id, "delivered" if said[-1].startswith("2") else "waiting", attempts + 1, said[-1])


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
