"""HTTP: sockets in, answers out, and the clock that ticks beside them."""

import json
import threading
import time
import traceback
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from . import acts, acts_page, bulk, chores, clock, faults, onboarding_page, panel, pay_page, webhooks
from .api import Api, Reply, Request
from .call import Call
from .errors import StripeError
from .html import Page
from .settings import Settings
from .store import Obj, Store

DELIVERY_SECONDS = 0.1
CHORE_SECONDS = 1
_STYLES = Path(__file__).with_name("sandbox.css")
_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
_SHOWN: dict[str, tuple[Callable[[Call], Page], Callable[[Call, dict[str, str]], Page]]] = {
    "_faults": (panel.show, panel.send),
    "_acts": (acts_page.show, acts_page.send),
    "pay": (pay_page.show, pay_page.send),
    "authenticate": (pay_page.show_authentication, pay_page.send_authentication),
    "onboarding": (onboarding_page.show, onboarding_page.send),
}


def _act(call: Call, wanted: Obj) -> Obj:
    return {"act": wanted.get("act"), "object": acts.perform(call, wanted)}


def _fault(call: Call, wanted: Obj) -> Obj:
    faults.order(call.store, wanted)
    how = webhooks.manner(call.store)
    return {
        "faults": faults.waiting(call.store), "webhooks": how["mode"], "manner": how,
        "deliveries": webhooks.counts(call.store),
    }  # fmt: skip


def _reset(call: Call, wanted: Obj) -> Obj:
    call.store.empty()
    clock.set_ahead(0)
    return {"forgotten": True}


_ORDERS = {"/_acts": _act, "/_faults": _fault, "/_reset": _reset}


def _order(order: Callable[[Call, Obj], Obj], call: Call, body: str) -> Obj:
    with call.store.transaction():
        return order(call, json.loads(body))


class Sandbox(ThreadingHTTPServer):
    """The listening process: one store, one API, one thread for what happens by itself."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, settings: Settings) -> None:
        super().__init__(("127.0.0.1", settings.port), Handler)
        self.settings = settings
        self.store = Store(settings.db, settings.fast)
        self.api = Api(self.store, settings)
        self._stopped = threading.Event()
        clock.set_ahead(self.store.noted("clock", "ahead") or 0)

    def run(self) -> None:
        """Serve until interrupted."""
        for seconds, work in ((DELIVERY_SECONDS, self._deliver), (CHORE_SECONDS, self._chores)):
            threading.Thread(target=self._repeat, args=(seconds, work), daemon=True).start()
        try:
            self.serve_forever()
        except KeyboardInterrupt:
            self._stopped.set()

    def _repeat(self, seconds: float, work: Callable[[], None]) -> None:
        while not self._stopped.wait(seconds):
            try:
                work()
            except Exception:  # one bad object must not stop the clock for all others
                traceback.print_exc()

    def _deliver(self) -> None:
        while webhooks.deliver_due(self.store, self.settings) and not self._stopped.is_set():
            pass

    def _chores(self) -> None:
        with self.store.transaction():
            chores.run(Call(self.store, self.settings))


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Sandbox

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the state page tells more than a log would."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        target = urlsplit(self.path)
        if not self._is_ours():
            self._json(
                403, {"error": {"message": "Ask from this machine, and from a page of the sandbox itself."}}
            )
        elif target.path.startswith(("/v1/", "/v2/")):
            self._api(
                self.server.api.answer(
                    Request(self.command, target.path, target.query, dict(self.headers), body)
                )
            )
        else:
            self._page(target.path, target.query, body)

    def _is_ours(self) -> bool:
        """Not a name that some other site made point here, and no form of another site."""
        host = (self.headers.get("Host") or "").rpartition(":")[0] or self.headers.get("Host")
        known = {"127.0.0.1", "localhost", urlsplit(self.server.settings.public_url).hostname}
        return host in known and not (
            self.command == "POST" and self.headers.get("Sec-Fetch-Site") == "cross-site"
        )

    def _api(self, reply: Reply) -> None:
        spoiled = reply.trouble.kind if reply.trouble else ""
        if reply.trouble and spoiled == "timeout":
            time.sleep(reply.trouble.seconds)
        if spoiled in ("timeout", "drop_after"):
            self.close_connection = True
        elif spoiled == "wrong_json":
            half = json.dumps(reply.body).encode()
            self._send(reply.status, "application/json", half[: len(half) // 2], reply.headers)
        else:
            self._json(reply.status, reply.body, reply.headers)

    def _page(self, path: str, query: str, body: str) -> None:
        kind, _, id = path.removeprefix("/c/").removeprefix("/").partition("/")
        call = Call(self.server.store, self.server.settings, ids=(id,))
        if path == "/healthz":
            self._json(200, {"status": "ok"})
        elif path == "/_state":
            self._json(200, panel.state(call, dict(parse_qsl(query)).get("kinds", "")))
        elif path == "/_sandbox.css":
            self._send(200, "text/css; charset=utf-8", _STYLES.read_bytes())
        elif path == "/_bulk":
            self._refusing(lambda: {"kept": bulk.load(call.store, body)})
        elif path in _ORDERS and self.headers.get("Content-Type", "").startswith("application/json"):
            self._refusing(lambda: _order(_ORDERS[path], call, body))
        else:
            self._html(self._person(call, path, kind, dict(parse_qsl(body, keep_blank_values=True))))

    def _person(self, call: Call, path: str, kind: str, form: dict[str, str]) -> Page:
        """What a person at a browser gets."""
        if kind not in _SHOWN:
            return panel.home(call) if path == "/" else panel.nothing(call)
        show, send = _SHOWN[kind]
        if self.command != "POST":
            return show(call)
        with call.store.transaction():
            return send(call, form)

    def _refusing(self, order: Callable[[], Obj]) -> None:
        """What a program asks of the sandbox itself."""
        try:
            answer = order()
        except StripeError as error:
            self._json(error.status, error.body)
        else:
            self._json(200, answer)

    def _json(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        self._send(status, "application/json", json.dumps(body).encode(), headers)

    def _html(self, page: Page) -> None:
        headers = {
            "Content-Security-Policy": _POLICY,
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
        }
        if page.location:
            headers["Location"] = page.location
        self._send(page.status, "text/html; charset=utf-8", page.markup.encode(), headers)

    def _send(self, status: int, type: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        standard = {
            "Content-Type": type,
            "Content-Length": str(len(body)),
            "X-Content-Type-Options": "nosniff",
        }
        for name, value in {**standard, **(headers or {})}.items():
            self.send_header(name, value.replace("\r", "").replace("\n", ""))
        self.end_headers()
        self.wfile.write(body)
