"""A winter of contracts: five hundred of them, offered in two months with a change of clocks in each, and let run.

Everybody behaves by chance, but the same chance for the same seed: they answer, pay, write, fall silent, leave,
quarrel. Time goes in steps of about half a day; now and then our own clock is wrong, and is set right again.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from marketplace.accounts.models import Organisation, Person
from marketplace.contracts import actions as contracts
from marketplace.contracts.models import Contract
from marketplace.kernel import clock, sweep
from marketplace.kernel.db import db, many
from marketplace.payments import actions as payments
from marketplace.payments.models import Payee
from marketplace.talent.models import Profile
from tests import make
from tests.money.world import World

# Europe sets its clocks back on 31 October 2027 and America on 7 November; forward on 26 and 12 March 2028.
# Between them lies 29 February. Money of the last contracts is held until August.
FIRST = datetime(2027, 10, 25, 7, tzinfo=UTC)
MONTHS = (FIRST, datetime(2028, 2, 14, 7, tzinfo=UTC))
MONTH = timedelta(days=30)
LAST = datetime(2028, 8, 25, 7, tzinfo=UTC)
STEP = timedelta(hours=12)
JUMPS = (timedelta(days=1), timedelta(days=-1), timedelta(minutes=6), timedelta(minutes=-6))
AMOUNTS = {"usd": (500, 999_99), "eur": (500, 1200_00), "jpy": (500, 150_000), "kwd": (1_500, 400_000)}


@dataclass
class Habits:
    """How the people of one contract behave; each word is one of those that `drawn` knows."""

    answers: str
    pays: str
    writes: str
    reads: str
    trouble: str


def drawn(luck: random.Random) -> Habits:
    """Habits by chance; most people do what they should."""

    def one(**chances: int) -> str:
        return luck.choices(list(chances), list(chances.values()))[0]

    return Habits(
        answers=one(accepts=84, declines=5, counters=6, never=5),
        pays=one(card=68, declined_first=10, asked=8, bank=8, never=6),
        writes=one(soon=74, never=8, drafts_only=8, leaves=10),
        reads=one(approves=52, silent=33, asks_once=15),
        trouble=one(none=80, ends=5, leaves_out=5, quarrels=5, chargeback=5),
    )


class Month:
    """All people and contracts, and the time they live in. `deals` has each contract's habits."""

    def __init__(self, world: World, seed: int, number: int) -> None:
        self.world, self.luck, self.number = world, random.Random(seed), number
        self.deals: dict[UUID, Habits] = {}
        self.moment = FIRST
        self.ready_at: dict[UUID, datetime] = {}
        self.ends: list[tuple[datetime, Callable[[], Any]]] = []

    def begin(self) -> None:
        """Ten businesses and thirty professionals, some of whom set up their payouts late, or never."""
        self.world.begin(self.luck.randrange(2**32))
        self._go_to(FIRST)
        self.businesses = [
            make.business(f"Northgate {n}", f"Dana {n}").id for n in range(max(2, self.number // 50))
        ]
        self.writers = [make.professional(f"Ines {n}").id for n in range(max(4, self.number // 16))]
        for key in self.writers:
            late = self.luck.choice((0, 0, 0, 2, 2, 30, 400))
            self.ready_at[key] = FIRST + timedelta(days=late)
        begin = sorted(self.luck.choice(MONTHS) + MONTH * self.luck.random() for _ in range(self.number))
        self.offers = begin[::-1]
        db.session.remove()

    def run(self, behave: Callable[[Month, Contract, Habits], None]) -> None:
        """Let the time pass until every clock has run out. behave: one thing that the people of a contract do."""
        while self.moment < LAST:
            self._go_to(self.moment + STEP * self.luck.uniform(0.7, 1.3))
            if self.luck.random() < 0.08:
                clock.move_to(clock.now() + self.luck.choice(JUMPS))
                self.world.note("the clock was wrong")
            sweep.sweep()
            self.world.work()
            self._offer_what_is_due()
            self._set_up_payouts()
            self._deal(behave)
            self._hear()

    def _go_to(self, moment: datetime) -> None:
        """The right time, here and at Stripe."""
        seconds = int((moment - self.moment).total_seconds())
        if moment == FIRST:
            seconds = int((moment - datetime.now(UTC)).total_seconds())
        self.moment = moment
        clock.move_to(moment)
        self.world.act("advance_clock", seconds=seconds)

    def _hear(self) -> None:
        self.world.work()
        self.world.poll()
        self.world.work()
        while self.ends and self.ends[0][0] <= self.moment:
            self.ends.pop(0)[1]()

    def after(self, days: float, deed: Callable[[], Any]) -> None:
        """Do something some days from now."""
        self.ends.append((self.moment + timedelta(days=days), deed))
        self.ends.sort(key=lambda each: each[0])

    def _offer_what_is_due(self) -> None:
        while self.offers and self.offers[-1] <= self.moment:
            self.offers.pop()
            org, writer = self.luck.choice(self.businesses), self.luck.choice(self.writers)
            made: list[UUID] = []
            self.world.do("offer", partial(self._offer, org, writer, made))
            if made:
                self.deals[made[0]] = drawn(self.luck)

    def _offer(self, org_id: UUID, writer: UUID, made: list[UUID]) -> None:
        org, profile = db.session.get_one(Organisation, org_id), db.session.get_one(Profile, writer)
        currency = self.luck.choice(tuple(AMOUNTS))
        least, most = AMOUNTS[currency]
        day = (clock.now() + timedelta(days=21)).date().isoformat()
        milestones = [
            {
                "title": f"Part {number + 1}", "due_on": day, "amount_minor": self.luck.randint(least, most) // 10 * 10,
                "pieces": [{"title": f"Post {n}", "platform": "linkedin", "kind": "post"} for n in range(pieces)],
            }
            for number, pieces in enumerate(self.luck.choices((1, 2), k=self.luck.choice((1, 1, 2))))
        ]  # fmt: skip
        wanted = make.terms(*milestones, currency=currency, review_days=self.luck.choice((3, 7, 7, 14)))
        owner = make.owner_of(org)
        made.append(contracts.offer(None, profile=profile, brand=org.brands[0], terms=wanted, by=owner).id)

    def _set_up_payouts(self) -> None:
        for key in [key for key, moment in self.ready_at.items() if moment <= self.moment]:
            del self.ready_at[key]
            person = db.session.get_one(Profile, key).person_id
            self.world.do("set up", partial(self._set_up, person))
            self.world.work()
            payee = many(select(Payee).where(Payee.person_id == person))[0]
            form = {"name": "Ines", "country": "us", "number": "000123456789", "do": "submit"}
            assert self.world.send(payee.link_url, form).status == 303

    def _set_up(self, person: UUID) -> None:
        payments.set_up_payouts(db.session.get_one(Person, person))

    def _deal(self, behave: Callable[[Month, Contract, Habits], None]) -> None:
        running = select(Contract.id).where(Contract.state.in_(("offered", "countered", "active")))
        keys = many(running.order_by(Contract.created_at, Contract.id))
        db.session.remove()
        for key in keys:
            if self.luck.random() < 0.6:
                behave(self, db.session.get_one(Contract, key), self.deals[key])
                db.session.remove()
