"""What happened, told in both of Stripe's ways, and put up for delivery in the same transaction.

v1 objects tell *snapshot* events, which carry the object. Accounts v2 tell *thin* events, which only name it.
"""

import json
import time
from typing import Any

from . import VERSION
from .call import Call
from .clock import iso, now
from .params import Parser, items, listing, text
from .query import page
from .settings import Settings
from .store import PLATFORM, Obj, new_id

LIST: Parser = listing("type", "delivery_success", types=items(text))


def endpoint(settings: Settings, name: str) -> tuple[str, str]:
    """(address, signing secret) of the endpoint `platform`, `connect` or `thin`."""
    prefix = "" if name == "platform" else f"{name}_"
    return getattr(settings, f"{prefix}webhook_url"), getattr(settings, f"{prefix}webhook_secret")


def tell(call: Call, type: str, obj: Obj, before: Obj | None = None) -> None:
    """A snapshot event about `obj`; `before` holds the previous values of what an update changed."""
    own = call.account == PLATFORM
    name = "platform" if own else "connect"
    data = {"object": obj} if before is None else {"object": obj, "previous_attributes": before}
    event: Obj = {
        "id": new_id("evt_"), "object": "event", "api_version": VERSION, "created": now(), "data": data,
        "livemode": False, "pending_webhooks": int(all(endpoint(call.settings, name))),
        "request": {"id": call.request_id, "idempotency_key": call.idempotency_key}, "type": type,
    }  # fmt: skip
    if not own:
        event["account"] = call.account
    call.store.put(event, call.account)
    _post(call, name, event)


def tell_thin(call: Call, type: str, account_id: str, data: Obj | None = None) -> None:
    """A thin event about an account;
    `data` is only in the event that is fetched, never in the notification.
    """
    request = {"id": call.request_id, "idempotency_key": call.idempotency_key or ""}
    notification: Obj = {
        "id": new_id("evt_test_"), "object": "v2.core.event", "type": type, "created": iso(),
        "livemode": False,
        "context": None, "reason": {"type": "request", "request": request} if call.request_id else None,
        "related_object": {
            "id": account_id, "type": "v2.core.account", "url": f"/v2/core/accounts/{account_id}"},
    }  # fmt: skip
    call.store.put({**notification, "changes": None, "data": data or {}})
    _post(call, "thin", notification)


def _post(call: Call, name: str, event: Obj) -> None:
    if all(endpoint(call.settings, name)):
        sql = "insert into deliveries(event, endpoint, payload, due_at) values(?,?,?,?)"
        call.store.rows(sql, event["id"], name, json.dumps(event), time.time())


def retrieve(call: Call) -> Obj:
    return call.store.get("event", call.id, call.account)


def list_(call: Call) -> Obj:
    """Events newest first; `type` may end in `*`, `types` names up to twenty."""
    wanted: list[str] = call.params.get("types", [])
    more, values = "", tuple(wanted)
    if wanted:
        more = f" and type in ({','.join('?' * len(wanted))})"
    if type := call.params.get("type"):
        more, values = f"{more} and type glob ?", (*values, type)
    return page(call, "event", "/v1/events", more=more, values=values)


def retrieve_thin(call: Call) -> Obj:
    return call.store.get("v2.core.event", call.id)


def list_thin(call: Call) -> Obj:
    """Thin events newest first, perhaps of one object only."""
    found: list[Any] = call.store.where("v2.core.event")
    if about := call.params.get("object_id"):
        found = [event for event in found if event["related_object"]["id"] == about]
    return {"data": found[: call.params.get("limit", 20)], "next_page_url": None, "previous_page_url": None}
