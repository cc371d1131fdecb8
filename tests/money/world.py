"""A marketplace in a box: our own process, the sandbox's, one clock for both, and everybody who acts in it."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import random
import time
import urllib.error
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import stripe as sdk
from sqlalchemy import func, select

from marketplace.accounts.models import Organisation, Person
from marketplace.kernel import clock, jobs, sweep
from marketplace.kernel.db import add, commit, db, rollback
from marketplace.kernel.errors import Missing, Refused
from marketplace.kernel.http import Marketplace
from marketplace.payments import calls, stripe, webhook
from marketplace.payments.models import StripeCall, Webhook
from marketplace.payments.outbox import OPEN
from tests import make
from tests.database import Database
from tests.stripe_sandbox.conftest import CARD, Seen, call_json, visit

T = TypeVar("T")
Obj = dict[str, Any]
SECRETS = {"platform": "whsec_test", "connect": "whsec_connect_test"}
BANKS = {
    "us_bank_account": {"us_bank_account_number": "000123456789", "us_bank_account_routing": "110000000"},
    "sepa_debit": {"sepa_debit_number": "DE89370400440532013000"},
}
EVENTS = "event,v2.core.event"
PLATFORM = "acct_platform"
FORGOTTEN = 10 * 86400
LONGEST_PAUSE = int(webhook.PAUSES[-1].total_seconds()) + 1
LEASE = int(calls.LEASE.total_seconds()) + 1


class Failures(logging.Handler):
    """What the sweep could not do: it goes on and only logs, so the program must look."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.sentences: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it, with the traceback."""
        self.sentences.append(logging.Formatter().format(record))


class World:
    """One program's marketplace. Verbs go through `do`; what happens at Stripe goes through `act` and `visit`.

    done and refused count what came through, by its name, over all programs of a run.
    """

    def __init__(self, app: Marketplace, database: Database, sandbox: str) -> None:
        self.app, self.database, self.sandbox = app, database, sandbox
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.luck = random.Random(0)
        self.heard: set[str] = set()
        self.pages: list[str] = []
        self.dies = False
        self.unpolled = 0
        self.people: dict[str, UUID] = {}
        self.failures = Failures()
        self.client = sdk.StripeClient(
            "sk_test_sandbox", base_addresses={"api": sandbox}, max_network_retries=0
        )

    def begin(self, seed: int) -> None:
        """An empty marketplace at an empty Stripe: a business with two who pay, two professionals, two admins.

        seed: what ids are drawn from, so that a program can be run again exactly.
        """
        self.note("program")
        db.session.remove()
        clock.reset()
        self.luck.seed(seed)
        self.database.empty(self.app)
        call_json(f"{self.sandbox}/_reset", {})
        self.heard, self.pages, self.dies, self.unpolled = set(), [], False, 0
        self.failures.sentences.clear()
        org = make.business()
        self.org_id = org.id
        self.people = {
            "owner": make.owner_of(org).id,
            "finance": make.member(org, "finance").id,
            "ines": make.person("Ines Okafor", side="professional").id,
            "omar": make.person("Omar Second", side="professional").id,
            "ada": make.staff().id,
            "bo": make.staff(name="Bo Second").id,
        }
        db.session.remove()

    def person(self, name: str) -> Person:
        """One of the people, as they are now."""
        return db.session.get_one(Person, self.people[name])

    @property
    def organisation(self) -> Organisation:
        """The business."""
        return db.session.get_one(Organisation, self.org_id)

    def do(self, name: str, verb: Callable[[], Any]) -> bool:
        """One request: done and committed, or refused, or the process dies before its commit (`dies`)."""
        try:
            verb()
            if self.dies:
                self.dies = False
                rollback()
                return self.note("died before commit", False)
            commit()
        except (Refused, Missing):
            rollback()
            self.refused[name] += 1
            return False
        finally:
            db.session.remove()
        return self.note(name)

    def note(self, name: str, answer: bool = True) -> bool:
        """Count that something came through."""
        self.done[name] += 1
        return answer

    def work(self, most: int = 10_000) -> int:
        """The worker does at most so many jobs; how many it did."""
        return jobs.drain(most)

    def poll(self) -> None:
        """What cron does every five minutes."""
        self.unpolled = 0
        jobs.perform("payments.poll")
        self.note("poll")

    def wait(self, seconds: int) -> None:
        """Let time pass here and at Stripe, and what is due be found.

        Nobody is down for a month: by then Stripe shows no event any more, which is what reconciliation is for.
        """
        self.unpolled += seconds
        if self.unpolled > FORGOTTEN:
            self.poll()
        clock.move_to(clock.now() + timedelta(seconds=seconds))
        self.act("advance_clock", seconds=seconds)
        sweep.sweep()
        db.session.remove()

    def act(self, name: str, **wanted: Any) -> Obj | None:
        """Something happens at Stripe that we did not ask for; None when it cannot happen now."""
        try:
            answer = call_json(f"{self.sandbox}/_acts", {"act": name, **wanted})
        except urllib.error.HTTPError:
            self.refused[f"act {name}"] += 1
            return None
        self.note(f"act {name}")
        found: Obj = answer["object"]
        return found

    def trouble(self, **wanted: Any) -> None:
        """Order faults at the sandbox."""
        call_json(f"{self.sandbox}/_faults", wanted)

    def state(self, kinds: str) -> dict[str, list[Obj]]:
        """All objects of these kinds at Stripe, oldest first; each kind that is asked for is there."""
        found = call_json(f"{self.sandbox}/_state?kinds={kinds}")["objects"]
        return {kind: found.get(kind, []) for kind in kinds.split(",")}

    def pay(self, url: str, by: str) -> Seen:
        """Somebody pays at Stripe's page: with the number of a card, or with a bank account of a kind."""
        form = {**CARD, "number": by, "by": "card"}
        if by in BANKS:
            form = {**CARD, **BANKS[by], "by": by}
        return visit(url, {**form, "email": "dana@example.org"})

    def send(self, url: str, form: Obj) -> Seen:
        """Somebody presses a button of another page at Stripe."""
        return visit(url, form)

    def unheard(self) -> list[Obj]:
        """Events that no webhook has brought here, oldest first."""
        found = self.state(EVENTS)
        return [event for kind in EVENTS.split(",") for event in found[kind] if event["id"] not in self.heard]

    def deliver(self, event: Obj) -> None:
        """One webhook arrives, signed as Stripe signs it."""
        body = json.dumps(event).encode()
        secret = SECRETS["connect" if event.get("_account", PLATFORM) != PLATFORM else "platform"]
        moment = int(time.time())
        mac = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
        source, read = stripe.verify(body, f"t={moment},v1={mac}")
        webhook.keep(source, read)
        commit()
        db.session.remove()
        self.heard.add(event["id"])

    def customer_retries(self, intent: str) -> bool:
        """The customer pays an old intent again, past all our pages; False when Stripe does not let them."""
        try:
            wanted: Any = {"payment_method": "pm_card_visa"}
            self.client.v1.payment_intents.confirm(intent, wanted)
        except sdk.StripeError:
            return False
        return True

    def die_while_calling(self, call_id: UUID, sends: bool) -> None:
        """A worker claims a call, perhaps sends it, and dies before it records what came of it."""
        with jobs.transaction():
            row = calls.claim(call_id)
            sending = (row.op, row.params, row.idem_key) if row else None
        db.session.remove()
        if sending and sends:
            stripe.send(*sending)
        if sending:
            self.note("worker died")

    def settle(self) -> None:
        """Trouble is over: everything is sent, heard and done; time passes only as far as leases need it."""
        self.trouble(clear="yes")
        self.act("allow_debits")
        self.act("tick")
        for turn in range(12):
            did = self.work()
            self.poll()
            did += self.work()
            self._hear_of_accounts()
            did += self.work()
            if not did and not self._waiting():
                return
            self.wait(LEASE if turn % 2 else LONGEST_PAUSE)
        raise AssertionError("It does not come to rest: there is always another job, call or message.")

    def _waiting(self) -> int:
        """How many calls are not over, and how many messages not read."""
        calls_open = select(func.count()).where(StripeCall.state.in_(OPEN))
        unread = select(func.count()).where(Webhook.state == "new")
        found = (db.session.scalar(calls_open) or 0) + (db.session.scalar(unread) or 0)
        db.session.remove()
        return found

    def _hear_of_accounts(self) -> None:
        """What no list of Stripe's tells the poller comes by webhooks, which Stripe repeats for three days."""
        for event in self.unheard():
            if event["type"].startswith("v2.") or event.get("_account", PLATFORM) != PLATFORM:
                self.deliver(event)

    def row(self, value: T) -> T:
        """Put a row into the database, outside of any verb."""
        add(value)
        commit()
        return value
