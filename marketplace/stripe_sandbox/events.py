"""What happened, told in both of Stripe's ways, and put up for delivery in the same transaction.

v1 objects tell *snapshot* events, which carry the object. Accounts v2 tell *thin* events, which only name it.
"""

import json
import time
from datetime import datetime
from typing import Any

from . import VERSION
from .call import Call
from .clock import iso, now
from .errors import malformed, missing
from .pages_v2 import CURSOR, page_v2
from .params import Parser, fields, flag, items, listing, text
from .query import SIGNS, page
from .settings import Settings
from .store import PLATFORM, Obj, new_id

LIST: Parser = listing("type", delivery_success=flag, types=items(text))
LIST_THIN: Parser = fields(
    {**CURSOR, "object_id": text, "types": items(text), "created": fields(dict.fromkeys(SIGNS, text))}
)
THIN = "v2.core.event"
KEPT_SECONDS = 30 * 86400
"""How long Stripe shows an event."""
_UNHEARD = "select 1 from deliveries where deliveries.event = objects.id and deliveries.state <> 'delivered'"


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
    """An event of the last 30 days."""
    event = call.store.get("event", call.id, call.account)
    if event["created"] < now() - KEPT_SECONDS:
        raise missing("event", call.id)
    return _counted(call, event)


def _counted(call: Call, event: Obj) -> Obj:
    sql = "select count(*) from deliveries where event = ? and state <> 'delivered'"
    return {**event, "pending_webhooks": call.store.rows(sql, event["id"])[0][0]}


def list_(call: Call) -> Obj:
    """Events of the last 30 days, newest first; `type` may end in `*`, `types` names up to twenty,
    `delivery_success` tells those that every endpoint has heard from the others.
    """
    wanted: list[str] = call.params.get("types", [])
    if len(wanted) > 20:
        raise malformed("Array must have at most 20 elements.", "parameter_invalid_array", "types")
    more, values = " and created >= ?", (now() - KEPT_SECONDS, *wanted)
    if wanted:
        more += f" and type in ({','.join('?' * len(wanted))})"
    if type := call.params.get("type"):
        more, values = f"{more} and type glob ?", (*values, type)
    if (heard := call.params.get("delivery_success")) is not None:
        more += f" and {'not ' if heard else ''}exists ({_UNHEARD})"
    found = page(call, "event", "/v1/events", more=more, values=values)
    return {**found, "data": [_counted(call, event) for event in found["data"]]}


def _moment(value: str, path: str) -> int:
    """A moment as v2 writes it, in seconds since 1970."""
    try:
        return int(datetime.fromisoformat(value).timestamp())
    except ValueError as error:
        raise malformed(f"Invalid timestamp: {value}", "parameter_invalid", path) from error


def retrieve_thin(call: Call) -> Obj:
    return call.store.get(THIN, call.id)


def list_thin(call: Call) -> Obj:
    """Thin events newest first, perhaps of one object, of some types, of some time."""
    asked, more, values = call.params, "", tuple[Any, ...]()
    if about := asked.get("object_id"):
        more, values = " and json_extract(body, '$.related_object.id') = ?", (about,)
    if types := asked.get("types"):
        more, values = f"{more} and type in ({','.join('?' * len(types))})", (*values, *types)
    for word, moment in asked.get("created", {}).items():
        more = f"{more} and created {SIGNS[word]} ?"
        values = (*values, _moment(moment, f"created[{word}]"))
    return page_v2(call, THIN, "/v2/core/events", more, values)
