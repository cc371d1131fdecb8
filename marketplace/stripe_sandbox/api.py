"""One API request from beginning to end: who asks, with which key, what for, and what goes wrong on order."""

import base64
import copy
import json
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field

from . import VERSION, connect, faults
from .call import Call
from .errors import StripeError, broken, malformed
from .faults import Fault
from .idempotency import Keys, Remembered, fingerprint
from .params import decode
from .query import expand
from .routes import Route, find
from .settings import Settings
from .store import PLATFORM, Obj, Store, new_id


@dataclass
class Request:
    """What came over the wire. Header names are in any case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: str


@dataclass
class Reply:
    """What goes back; `trouble` spoils it on the way."""

    status: int
    body: Obj
    headers: dict[str, str] = field(default_factory=dict)
    trouble: Fault | None = None


class Api:
    """The two API namespaces, /v1 and /v2."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._keys = Keys(store)

    def answer(self, request: Request) -> Reply:
        """Do what the request asks, at most once per idempotency key."""
        request_id = new_id("req_", 14)
        try:
            reply = self._admit(request, request_id)
        except StripeError as error:
            reply = Reply(error.status, error.body)
        standard = {"Request-Id": request_id, "Stripe-Version": VERSION}
        if key := request.headers.get("Idempotency-Key"):
            standard["Idempotency-Key"] = key
        reply.headers = {**standard, **reply.headers}
        return reply

    def _admit(self, request: Request, request_id: str) -> Reply:
        _authenticate(request.headers.get("Authorization", ""))
        route, ids = find(request.method, request.path)
        account = request.headers.get("Stripe-Account") or request.headers.get("Stripe-Context") or PLATFORM
        key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
        call = Call(self._store, self._settings, account, ids, request_id=request_id, idempotency_key=key)
        if account != PLATFORM:
            connect.accessible(call, account)
        fault = faults.take(self._store, request.method, request.path)
        if fault and (refusal := fault.refusal()):
            raise refusal
        with self._keys.held(account, key) if key else nullcontext():
            if fault and fault.kind == "delay":
                time.sleep(fault.seconds)
            return self._once(call, route, _sent(request), request, fault)

    def _once(self, call: Call, route: Route, sent: Obj, request: Request, fault: Fault | None) -> Reply:
        key, print_ = call.idempotency_key, fingerprint(request.method, request.path, sent)
        if key and (first := self._keys.recall(call.account, key, print_)):
            replayed = {"Idempotent-Replayed": "true", "Original-Request": first.request_id}
            return Reply(first.status, first.body, replayed)
        call.params = route.parser(sent, "")
        answer = self._work(call, route, fault.kind if fault else "", print_)
        return Reply(answer.status, answer.body, trouble=fault)

    def _work(self, call: Call, route: Route, trouble: str, print_: str) -> Remembered:
        try:
            with self._store.transaction():
                if trouble == "error_before":
                    raise broken()
                done = answer = self._perform(call, route)
                if trouble == "error_after":
                    answer = Remembered(500, broken().body, call.request_id or "")
                self._remember(call, print_, answer if _keeps_failures(route) else done)
        except StripeError as error:
            answer = Remembered(error.status, error.body, call.request_id or "")
            if error.executed and _keeps_failures(route):
                with self._store.transaction():
                    self._remember(call, print_, answer)
        return answer

    def _perform(self, call: Call, route: Route) -> Remembered:
        """Do the work; a refusal whose attempt stays on record (a declined card) is an answer like others."""
        try:
            made = route.handler(call)
        except StripeError as error:
            if not error.stays:
                raise
            return Remembered(error.status, error.body, call.request_id or "")
        paths = call.params.get("expand", [])
        body = expand(call, copy.deepcopy(made), paths) if paths else made
        return Remembered(200, body, call.request_id or "")

    def _remember(self, call: Call, print_: str, answer: Remembered) -> None:
        if call.idempotency_key:
            self._keys.remember(call.account, call.idempotency_key, print_, answer)


def _keeps_failures(route: Route) -> bool:
    """v1 replays the first answer even when it was a failure; v2 tries again until it succeeds once."""
    return route.path.startswith("/v1/")


def _authenticate(header: str) -> None:
    scheme, _, key = header.partition(" ")
    if scheme == "Basic":
        key = base64.b64decode(key).decode().partition(":")[0]
    if key.startswith(("sk_live_", "rk_live_")):
        sentence = "This is a sandbox: it takes no live key. Check where the key and the address come from."
        raise StripeError(401, "invalid_request_error", sentence, executed=False)
    if not key.startswith(("sk_test_", "rk_test_")):
        raise StripeError(
            401, "invalid_request_error", f"Invalid API Key provided: {key[:7]}…", executed=False
        )


def _sent(request: Request) -> Obj:
    """The parameters as they were sent: a query, a form (v1), or JSON (v2)."""
    if request.method != "POST":
        return decode(request.query)
    if not request.path.startswith("/v2/"):
        return decode(request.body)
    try:
        sent = json.loads(request.body or "{}")
    except ValueError as error:
        raise malformed("Invalid JSON.", "parameter_invalid", "") from error
    return sent if isinstance(sent, dict) else {}
