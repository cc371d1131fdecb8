"""Whatever money does, in whatever order papers are made: they say what the ledger says, and no number is missing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from marketplace.accounts.models import Person
from marketplace.config import settings as ours
from marketplace.kernel import events
from marketplace.kernel.db import commit, rollback
from marketplace.kernel.errors import Refused
from marketplace.payments import details, documents, refunds
from marketplace.payments.actions import refund, release
from marketplace.payments.backward import claw_back, take_back
from marketplace.payments.check import books
from marketplace.payments.models import Holding
from tests import make
from tests.payments.conftest import again
from tests.payments.papering import charge_of, consenting, handed, lost

AMOUNT = some.integers(1, 60_000)
DEEDS = some.one_of(
    some.tuples(some.just("release"), AMOUNT),
    some.tuples(some.just("void"), AMOUNT),
    some.tuples(some.just("refund"), AMOUNT),
    some.tuples(some.just("claw"), AMOUNT),
    some.tuples(some.just("hand"), AMOUNT),
    some.tuples(some.sampled_from(["lose", "papers", "consent", "withdraw"]), AMOUNT),
)
PROGRAMS = some.lists(DEEDS, min_size=1, max_size=12)
RELAXED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.fixture(autouse=True)
def every_currency(monkeypatch: pytest.MonkeyPatch) -> None:
    """Currencies without decimals and with three are offered too; nobody else hears what happens."""
    monkeypatch.setattr(ours(), "currencies", ["usd", "jpy", "kwd"])
    monkeypatch.setattr(events, "hearers", {})
    monkeypatch.setattr(events, "after_commit", [])


class Desk:
    """One holding and what may be done with its money, by the names of the deeds."""

    def __init__(self, currency: str) -> None:
        self.admin: Person = make.staff()
        self.on: Holding = make.funded(make.holding(currency=currency, fee_bps=1250))
        self.number = 0

    def do(self, name: str, amount: int) -> None:
        """Do one deed; what is refused changes nothing."""
        self.number += 1
        try:
            getattr(self, name)(again(self.on), amount, f"{name}{self.number}")
            commit()
        except Refused:
            rollback()

    def release(self, on: Holding, amount: int, once: str) -> None:
        """Release some of what is held."""
        release(on, amount, by=None, reason="Approved", request_id=once)

    def void(self, on: Holding, amount: int, once: str) -> None:
        """Take some of a release back before it was sent; which one, the amount says."""
        if on.releases:
            row = on.releases[amount % len(on.releases)]
            take_back(row, amount, by=self.admin, reason="Ruled", request_id=once)

    def refund(self, on: Holding, amount: int, once: str) -> None:
        """Return some of what is held."""
        refund(on, amount, by=None, reason="Cancelled", request_id=once)

    def claw(self, on: Holding, amount: int, once: str) -> None:
        """Return some of what was released."""
        claw_back(handed(on), amount, by=self.admin, reason="Not theirs", request_id=once)

    def hand(self, on: Holding, amount: int, once: str) -> None:
        """Somebody refunds at Stripe itself, within what is still there."""
        there = on.left_minor + on.released_minor - on.clawed_minor
        if amount <= there:
            refunds.refund({"id": f"re_{on.id.hex}{once}", "charge": charge_of(on), "amount": amount,
                            "currency": on.currency, "status": "succeeded"})  # fmt: skip

    def lose(self, on: Holding, amount: int, _once: str) -> None:
        """The bank takes some of the payment back, for good."""
        if amount <= on.funded_minor and on.currency == "usd":
            lost(on, amount)

    def papers(self, on: Holding, _amount: int, _once: str) -> None:
        """The papers that are due are made now."""
        documents.make_job(on.stream)

    def consent(self, on: Holding, _amount: int, _once: str) -> None:
        """The professional lets invoices be made."""
        consenting(on.payee, rate_bps=1900)

    def withdraw(self, on: Holding, _amount: int, _once: str) -> None:
        """The professional lets none be made any more."""
        details.describe(on.payee, by=on.payee, consents=False)


def check(currency: str, program: list[tuple[str, int]]) -> None:
    """Run a program; in the end everything is on paper, and sums to the ledger."""
    desk = Desk(currency)
    for name, amount in program:
        desk.do(name, amount)
    assert books() == []
    desk.do("consent", 0)
    documents.make_everything()
    assert (documents.make_everything(), books()) == (0, [])


@given(currency=some.sampled_from(["usd", "jpy", "kwd"]), program=PROGRAMS)
@settings(max_examples=40, deadline=None, suppress_health_check=RELAXED)
def test_papers_sum_to_the_ledger(app: Any, currency: str, program: list[tuple[str, int]]) -> None:
    check(currency, program)


@pytest.mark.nightly
@given(currency=some.sampled_from(["usd", "jpy", "kwd"]), program=some.lists(DEEDS, min_size=5, max_size=40))
@settings(max_examples=200, deadline=None, suppress_health_check=RELAXED)
def test_papers_of_long_lives_sum_to_the_ledger(
    app: Any, currency: str, program: list[tuple[str, int]]
) -> None:
    check(currency, program)
