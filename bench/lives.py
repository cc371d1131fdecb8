"""Many milestones that were paid, released, transferred and partly refunded: their rows here, their objects there.

Both sides are written straight into their stores, since what is measured is the comparison of the two.
"""

from __future__ import annotations

import json
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import insert

from marketplace.accounts.models import Person
from marketplace.kernel.clock import now
from marketplace.kernel.db import Base, commit, db, insert_new
from marketplace.payments.ledger import BOUNDS, Entry, LedgerAccount, Line, Posted
from marketplace.payments.models import Allocation, Holding, Payee, Payment, Refund, Release
from marketplace.stripe_sandbox import shapes
from tests import make

PAID, BACK, BPS, FEE = 48000, 9600, 1000, 1422
DAYS = 90
PAYEES = 50
Rows = dict[type[Base], list[dict[str, Any]]]


class Payees(NamedTuple):
    """Who is paid: their ids here and their accounts there, by turns; and who pays."""

    people: list[tuple[UUID, str]]
    organisation: UUID
    owner: UUID


def payees(sandbox: str) -> Payees:
    """The business, and the professionals with their accounts at the sandbox."""
    org, people = make.business(), []
    for number in range(PAYEES):
        person: Person = make.person(f"Writer {number}", side="professional")
        account = f"acct_bench{number}"
        db.session.add(Payee(person_id=person.id, country="us", state="ready", stripe_account=account))
        people.append((person.id, account))
    commit()
    send(sandbox, [{"id": account, "object": "v2.core.account"} for _, account in people])
    return Payees(people, org.id, make.owner_of(org).id)


class Life:
    """One milestone from its payment to its transfer. Every fifth gave a part back."""

    def __init__(self, number: int, whole: int, who: Payees) -> None:
        self.id, self.at = uuid4(), now() - timedelta(days=DAYS) + number * timedelta(days=DAYS) / whole
        self.person, self.account = who.people[number % PAYEES]
        self.who, self.back = who, BACK if number % 5 == 0 else 0
        self.stream = f"contract:{uuid4()}"
        self.released = PAID - self.back
        self.fee = self.released * BPS // 10_000
        self.net = self.released - self.fee
        self.payment, self.release, self.refund = uuid4(), uuid4(), uuid4()
        self.key = self.id.hex

    def rows(self, into: Rows) -> None:
        """Its rows, the ledger apart."""
        own = {"created_at": self.at}
        into[Holding].append({
            **own, "id": self.id, "subject": f"milestone:{uuid4()}", "stream": self.stream, "currency": "usd",
            "organisation_id": self.who.organisation, "payee_id": self.person, "title": "Four posts",
            "amount_minor": PAID, "fee_bps": BPS, "hold_seconds": 0, "funded_minor": PAID, "fee_minor": self.fee,
            "released_minor": self.released, "refunded_minor": self.back,
        })  # fmt: skip
        into[Payment].append({
            **own, "id": self.payment, "organisation_id": self.who.organisation, "stream": self.stream,
            "currency": "usd", "amount_minor": PAID, "by_id": self.who.owner, "state": "succeeded",
            "charge_id": f"ch_{self.key}",
        })  # fmt: skip
        into[Allocation].append({**own, "id": uuid4(), "payment_id": self.payment, "holding_id": self.id,
                                 "amount_minor": PAID})  # fmt: skip
        into[Release].append({
            **own, "id": self.release, "holding_id": self.id, "number": 1, "request_id": "all", "reason": "Approved",
            "gross_minor": self.released, "fee_minor": self.fee, "net_minor": self.net, "due_at": self.at,
            "state": "paid", "transfer_id": f"tr_{self.key}", "transfer_minor": self.net, "sent_minor": self.net,
        })  # fmt: skip
        if self.back:
            into[Refund].append({
                **own, "id": self.refund, "holding_id": self.id, "payment_id": self.payment, "request_id": "back",
                "reason": "Cancelled", "amount_minor": self.back, "state": "succeeded",
                "stripe_refund": f"re_{self.key}",
            })  # fmt: skip

    def entries(self) -> Iterator[tuple[str, str, dict[str, int]]]:
        """Its entries: kind, external id, lines."""
        held, payable, memo = f"held:{self.id}", f"payable:{self.person}", f"memo:pro_stripe:{self.person}"
        yield "fund", f"ch_{self.key}", {"stripe:balance": PAID, held: -PAID}
        yield "stripe_fee", f"txn_c{self.key}", {"expense:stripe_fee": FEE, "stripe:balance": -FEE}
        yield "release", str(self.release), {held: self.released, "revenue:platform_fee": -self.fee,
                                             payable: -self.net}  # fmt: skip
        yield "transfer", f"tr_{self.key}", {payable: self.net, "stripe:balance": -self.net, memo: self.net,
                                             "memo:world": -self.net}  # fmt: skip
        if self.back:
            pending = f"refund_pending:{self.id}"
            yield "refund_auth", str(self.refund), {held: self.back, pending: -self.back}
            yield "refund", f"re_{self.key}", {pending: self.back, "stripe:balance": -self.back}

    def objects(self) -> Iterator[dict[str, Any]]:
        """What Stripe has of it."""
        yield self._moved("c", PAID, "charge", f"ch_{self.key}", FEE)
        yield shapes.transfer(
            id=f"tr_{self.key}", created=self._seconds, amount=self.net, currency="usd",
            destination=self.account, destination_payment=f"py_{self.key}", source_transaction=f"ch_{self.key}",
            metadata={"release_id": str(self.release)}, transfer_group=self.stream.replace(":", "_"),
        )  # fmt: skip
        yield self._moved("t", -self.net, "transfer", f"tr_{self.key}")
        if self.back:
            yield shapes.refund(
                id=f"re_{self.key}", created=self._seconds, amount=self.back, currency="usd",
                charge=f"ch_{self.key}", payment_intent=f"pi_{self.key}",
                metadata={"refund_id": str(self.refund)}, reason=None,
            )  # fmt: skip
            yield self._moved("r", -self.back, "refund", f"re_{self.key}")

    @property
    def _seconds(self) -> int:
        return int(self.at.timestamp())

    def _moved(self, letter: str, amount: int, type: str, source: str, fee: int = 0) -> dict[str, Any]:
        return shapes.balance_transaction(
            id=f"txn_{letter}{self.key}", created=self._seconds, available_on=self._seconds, amount=amount, fee=fee,
            net=amount - fee, currency="usd", type=type, source=source, status="available", description=None,
            fee_details=[], reporting_category=type,
        )  # fmt: skip


def write(lives: list[Life], sandbox: str) -> int:
    """Put lives into the database and their objects into the sandbox; returns how many objects."""
    rows: Rows = defaultdict(list)
    for life in lives:
        life.rows(rows)
        for kind, key, lines in life.entries():
            _enter(rows, life.at, kind, key, lines)
    accounts = [_account(code) for code in sorted({line["code"] for line in rows[Line]})]
    for start in range(0, len(accounts), 500):
        db.session.execute(insert_new(LedgerAccount, accounts[start : start + 500]))
    for table in (Holding, Payment, Allocation, Release, Refund, Entry, Line, Posted):
        if rows[table]:
            db.session.execute(insert(table), rows[table])
    commit()
    objects = [found for life in lives for found in life.objects()]
    send(sandbox, objects)
    return len(objects)


def _enter(rows: Rows, at: datetime, kind: str, key: str, lines: dict[str, int]) -> None:
    entry_id = uuid4()
    for number, (code, amount) in enumerate(lines.items()):
        rows[Line].append({"entry_id": entry_id, "number": number, "code": code, "currency": "usd",
                           "amount_minor": amount})  # fmt: skip
    rows[Entry].append({"id": entry_id, "kind": kind, "external_id": key, "at": at, "stream": "bench"})
    rows[Posted].append({"entry_id": entry_id})


def _account(code: str) -> dict[str, Any]:
    lo, hi = BOUNDS.get(code.split(":")[0], (None, None))
    return {"code": code, "currency": "usd", "balance": 0, "lo": lo, "hi": hi}


def send(sandbox: str, objects: list[dict[str, Any]]) -> None:
    """Load objects into the sandbox."""
    body = "\n".join(json.dumps({"object": found}) for found in objects).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{sandbox}/_bulk", body), timeout=120) as answer:
        answer.read()
