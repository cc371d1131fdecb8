"""The sandbox as its own process, the real SDK in front of it, and an endpoint that hears its webhooks."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import pytest
import stripe

from .openapi import document
from .watching import Watch

ROOT = Path(__file__).parents[2]
SECRETS = {"platform": "whsec_platform", "connect": "whsec_connect", "thin": "whsec_thin"}
Json = dict[str, Any]
Sdk = Any
"""The SDK's client. Its types call every expandable property "id, object or nothing";
a test knows which it asked for.
"""


@dataclass
class Delivery:
    """One webhook as it arrived."""

    payload: bytes
    signature: str
    endpoint: str

    @property
    def body(self) -> Json:
        whole: Json = json.loads(self.payload)
        return whole


@dataclass
class Inbox:
    """What the product's webhook address would have received;
    it answers 500 once to a body containing `refuse`.
    """

    url: str = ""
    heard: list[Delivery] = field(default_factory=list)
    refuse: bytes = b""
    judged: int = 0
    """How many of those heard were compared with Stripe's document."""
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def wait(self, fits: Callable[[Json], bool], times: int = 1) -> Delivery:
        """The delivery that fits, as soon as it has come so often."""

        def found() -> list[Delivery]:
            return [each for each in self.heard if fits(each.body)]

        with self.arrived:
            assert self.arrived.wait_for(lambda: len(found()) >= times, timeout=10), "no such webhook came"
            return found()[-1]

    def about(self, type: str, id: str) -> Delivery:
        """The snapshot event of this type about this object."""
        return self.wait(
            lambda body: body["type"] == type and body.get("data", {}).get("object", {}).get("id") == id
        )


def _listener(inbox: Inbox) -> ThreadingHTTPServer:
    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            payload = self.rfile.read(int(self.headers["Content-Length"]))
            with inbox.arrived:
                refused = bool(inbox.refuse) and inbox.refuse in payload
                inbox.refuse = b"" if refused else inbox.refuse
                inbox.heard.append(Delivery(payload, self.headers["Stripe-Signature"], self.path.strip("/")))
                inbox.arrived.notify_all()
            self.send_response(500 if refused else 200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    return ThreadingHTTPServer(("127.0.0.1", 0), Listener)


@pytest.fixture(scope="session")
def inbox() -> Iterator[Inbox]:
    inbox = Inbox()
    server = _listener(inbox)
    inbox.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield inbox
    server.shutdown()
    server.server_close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(inbox: Inbox, db: Path, *more: str) -> tuple[subprocess.Popen[bytes], str]:
    """A running sandbox, and its address; banks answer debits there only when a test lets them."""
    port = _free_port()
    command = [sys.executable, "-m", "marketplace.stripe_sandbox", "--port", str(port), "--db", str(db)]
    command += ["--payout-seconds", "1", "--async-seconds", "3600", *more]
    for name, secret in SECRETS.items():
        prefix = "" if name == "platform" else f"{name}-"
        command += [f"--{prefix}webhook-url", f"{inbox.url}/{name}", f"--{prefix}webhook-secret", secret]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline().startswith(b"Stripe sandbox on")
    return process, f"http://127.0.0.1:{port}"


def stop(process: subprocess.Popen[bytes], *, kindly: bool = False) -> None:
    """As the machine would when the power goes: nothing is put away. kindly: asked to, as at a shutdown."""
    (process.terminate if kindly else process.kill)()
    process.wait(timeout=10)
    assert process.stdout
    process.stdout.close()


@pytest.fixture(scope="session")
def sandbox(inbox: Inbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running sandbox."""
    process, address = start(inbox, tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite")
    yield address
    stop(process, kindly=True)


@pytest.fixture(scope="session")
def quick_sandbox(inbox: Inbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a sandbox in which banks answer debits by themselves, at the clock's next tick."""
    process, address = start(
        inbox, tmp_path_factory.mktemp("quick") / "sandbox.sqlite", "--async-seconds", "0"
    )
    yield address
    stop(process, kindly=True)


@pytest.fixture(autouse=True)
def watch(monkeypatch: pytest.MonkeyPatch, inbox: Inbox) -> Iterator[Watch | None]:
    """Judges all that the SDK asks and hears and all webhooks, where STRIPE_SPEC names Stripe's document."""
    if "STRIPE_SPEC" not in os.environ:
        yield None
        return
    watch = Watch(document())
    monkeypatch.setattr(stripe.RequestsClient, "request", watch.around(stripe.RequestsClient.request))
    yield watch
    new, inbox.judged = inbox.heard[inbox.judged :], len(inbox.heard)
    for delivery in new:
        watch.judge_event(delivery.body)
    assert watch.faults == []


def sdk(address: str) -> Sdk:
    """The SDK's client in front of a sandbox."""
    return stripe.StripeClient("sk_test_sandbox", base_addresses={"api": address}, max_network_retries=0)


@pytest.fixture
def client(sandbox: str) -> Sdk:
    return sdk(sandbox)


class _NoFollow(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoFollow, urllib.request.ProxyHandler({}))


@dataclass
class Seen:
    """What a browser gets: a page, or the address it is sent to."""

    status: int
    text: str
    location: str


def visit(url: str, form: Json | None = None) -> Seen:
    """Open a page, or send its form; does not follow where it leads."""
    sent = urlencode(form).encode() if form is not None else None
    try:
        answer = _OPENER.open(url, sent, timeout=10)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return Seen(answer.status, answer.read().decode(), answer.headers.get("Location", ""))


def call_json(url: str, body: Json | None = None) -> Json:
    """Ask the sandbox's own JSON addresses."""
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode() if body is not None else None, headers)
    with _OPENER.open(request, timeout=10) as answer:
        whole: Json = json.loads(answer.read())
        return whole


CARD = {
    "number": "4242 4242 4242 4242",
    "expiry": "12 / 40",
    "cvc": "123",
    "name": "Ada Lovelace",
    "do": "pay",
}
MakeSession = Callable[..., Any]
Charge = Callable[..., Any]
Payee = Callable[..., str]
Trouble = Callable[..., None]
Act = Callable[..., Json]


def line(amount: int, currency: str = "usd") -> Json:
    """One thing to pay, in minor units."""
    product = {"name": "First milestone"}
    return {
        "price_data": {"currency": currency, "unit_amount": amount, "product_data": product},
        "quantity": 1,
    }


@pytest.fixture
def session(client: Sdk) -> MakeSession:
    """Makes an open Checkout Session over 100.00 dollars; a parameter that is None is left out."""

    def make(amount: int = 100_00, **more: Any) -> Any:
        params: Any = {
            "mode": "payment", "line_items": [line(amount)],
            "success_url": "http://127.0.0.1:5000/paid?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://127.0.0.1:5000/back", "metadata": {"payment_id": "pay-1"},
            "payment_intent_data": {"metadata": {"payment_id": "pay-1"}, "transfer_group": "group-1"}, **more,
        }  # fmt: skip
        given = {name: value for name, value in params.items() if value is not None}
        return client.v1.checkout.sessions.create(cast(Any, given))

    return make


@pytest.fixture
def charge(client: Sdk, session: MakeSession) -> Charge:
    """A charge of 100.00 dollars, paid by a person at the hosted page."""

    def make(amount: int = 100_00, card: str = "4242424242424242") -> Any:
        made = session(amount)
        assert visit(made.url, {**CARD, "number": card}).status == 303
        paid = client.v1.checkout.sessions.retrieve(made.id, {"expand": ["payment_intent.latest_charge"]})
        return paid.payment_intent.latest_charge

    return make


@pytest.fixture
def payee(client: Sdk) -> Payee:
    """The id of a connected account; onboarded unless said otherwise."""

    def make(number: str = "DE89370400440532013000", onboarded: bool = True) -> str:
        transfers = {"stripe_balance": {"stripe_transfers": {"requested": True}}}
        account = client.v2.core.accounts.create(
            {
                "display_name": "Grace Hopper", "contact_email": "grace@example.com", "dashboard": "express",
                "identity": {"country": "us"}, "configuration": {"recipient": {"capabilities": transfers}},
            }
        )  # fmt: skip
        if onboarded:
            onboard = {"name": "Grace Hopper", "country": "us", "number": number, "do": "submit"}
            assert visit(link(client, account.id), onboard).status == 303
        return str(account.id)

    return make


def link(client: Sdk, account: str, use: str = "account_onboarding") -> str:
    """The address of a fresh page for onboarding, or for an update of the account."""
    addresses = {"refresh_url": "http://127.0.0.1:5000/refresh", "return_url": "http://127.0.0.1:5000/return"}
    onboarding: Any = {"configurations": ["recipient"], **addresses}
    made = client.v2.core.account_links.create(
        {"account": account, "use_case": {"type": use, use: onboarding}}
    )
    return str(made.url)


@pytest.fixture
def trouble(sandbox: str) -> Iterator[Trouble]:
    """Orders faults; none is left behind."""

    def order(**wanted: Any) -> None:
        call_json(f"{sandbox}/_faults", wanted)

    yield order
    call_json(f"{sandbox}/_faults", {"clear": "yes"})


@pytest.fixture
def act(sandbox: str) -> Act:
    """Lets something happen at Stripe that the product did not ask for; the object that it changed."""

    def happen(name: str, **wanted: Any) -> Json:
        changed: Json = call_json(f"{sandbox}/_acts", {"act": name, **wanted})["object"]
        return changed

    return happen


def refusal(sandbox: str, path: str, body: Json) -> str:
    """Why the sandbox does not do what a program asked of it."""
    with pytest.raises(urllib.error.HTTPError) as refused:
        call_json(f"{sandbox}{path}", body)
    with refused.value as answer:
        return str(json.loads(answer.read())["error"]["message"])
