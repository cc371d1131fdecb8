"""A marketplace with money in every state and a sandbox of its own, for comparing the two."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import stripe as sdk
from sqlalchemy import select

from marketplace.kernel import jobs
from marketplace.kernel.db import commit, db, many, one
from marketplace.payments import reconcile
from marketplace.payments.actions import fund, refund
from marketplace.payments.ledger import Entry, Line, Posted
from marketplace.payments.models import Holding, Payment, Refund, Release
from marketplace.payments.outside import Difference
from marketplace.payments.reconcile_differences import Tally
from tests import make
from tests.payments.conftest import again, pass_days
from tests.stripe_sandbox.conftest import CARD, call_json, visit


@dataclass
class World:
    """`sent` was paid for, released and transferred; of `held` a part was refunded; the platform topped up."""

    sandbox: str
    ids: tuple[UUID, UUID]
    catch_up: Callable[[], None]

    @property
    def sent(self) -> Holding:
        """The holding that was transferred, as it is now."""
        return one(select(Holding).where(Holding.id == self.ids[0]))

    @property
    def held(self) -> Holding:
        """The holding of which a part was refunded, as it is now."""
        return one(select(Holding).where(Holding.id == self.ids[1]))

    def act(self, name: str, **wanted: Any) -> Any:
        """Somebody does something at Stripe itself, and no message tells of it."""
        return call_json(f"{self.sandbox}/_acts", {"act": name, **wanted})["object"]

    @property
    def client(self) -> Any:
        """Stripe's own client, in the hands of somebody else."""
        return sdk.StripeClient(
            "sk_test_sandbox", base_addresses={"api": self.sandbox}, max_network_retries=0
        )

    @property
    def release(self) -> Release:
        """The release that was transferred."""
        return one(select(Release).where(Release.holding_id == self.ids[0]))

    @property
    def refund(self) -> Refund:
        """The refund that was made."""
        return one(select(Refund).where(Refund.holding_id == self.ids[1]))

    def payment(self, of: Holding) -> Payment:
        """The payment of a holding."""
        return of.allocations[0].payment

    def pay_unheard(self) -> tuple[Payment, Any]:
        """Somebody pays a milestone, and no message of it arrives; the payment and Stripe's charge."""
        holding = make.holding(self.held.organisation)
        payment = fund([holding], by=make.owner_of(holding.organisation))
        commit()
        jobs.drain()
        return again(payment), self.pay(again(payment).url)

    def pay(self, url: str) -> Any:
        """Pay a Checkout page with a card that works; Stripe's newest charge."""
        assert visit(url, {**CARD}).status == 303
        return self.client.v1.charges.list({"limit": 1, "expand": ["data.balance_transaction"]}).data[0]


def build(sandbox: str, sent: Any, paid: Any, catch_up: Any) -> World:
    """Make the marketplace at an empty sandbox, since the comparison looks at everything there; hear everything."""
    call_json(f"{sandbox}/_reset", {})
    first = again(sent())
    first_id, second = first.id, make.holding(first.organisation)
    paid(second)
    refund(again(second), 10000, by=None, reason="Cancelled", request_id="a")
    commit()
    world = World(sandbox, (first_id, again(second).id), catch_up)
    world.act("topup", amount=100_000, currency="usd")
    catch_up()
    pass_days(0.2)
    return world


def rows() -> list[Difference]:
    """All differences, oldest first."""
    return many(select(Difference).order_by(Difference.created_at, Difference.key))


def compare() -> Tally:
    """One comparison of everything."""
    db.session.remove()
    tally = reconcile.run()
    db.session.remove()
    return tally


def ledger_rows() -> set[str]:
    """Every row of the ledger, each as a hash of all its columns."""
    found = set()
    for table in (Entry, Line, Posted):
        for row in db.session.execute(select(*table.__table__.columns)):
            found.add(hashlib.sha256(f"{table.__name__}{tuple(row)}".encode()).hexdigest())
    return found
