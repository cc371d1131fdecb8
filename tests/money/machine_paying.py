"""Rules of the machine: money comes in, is held, released, sent and paid out."""

from __future__ import annotations

from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from hypothesis import strategies as st
from hypothesis.stateful import initialize
from sqlalchemy import select

from marketplace.kernel.db import many
from marketplace.payments import actions, payouts
from marketplace.payments.models import Freeze, Holding, Payee, Payment
from tests.money.acting import ONCE, PART, WHICH, YES, Acting, always, get, move, part_of, pick, some
from tests.money.seen import left

AMOUNTS = {
    "usd": (480_00, 50_01, 333_33, 1200_01),
    "eur": (480_00, 50_03, 999_99, 1000_00),
    "jpy": (48_000, 50_01, 333_33, 120_001),
    "kwd": (48_000, 5_010, 333_330, 400_010),
}
CONTRACTS = tuple(f"contract:{uuid5(NAMESPACE_URL, number)}" for number in ("first", "second", "third"))
FEES = (1000, 0, 333, 1250)
GOOD = "4242424242424242"
CARDS = (
    GOOD, GOOD, GOOD, "5555555555554444", "4000000000000077", "4000000000005126", "4000000000007726",
    "4000000000007726", "4000000000000259", "4000000000002685", "4000000000001976", "4000000000005423",
)  # fmt: skip
REFUSED = ("4000000000000002", "4000000000009995", "4000000000000069", "4000000000000119")
DEBITS = {"usd": "us_bank_account", "eur": "sepa_debit"}
ASKING = ("4000002760003184", "4000000000003220", "4000008400001629")


class Paying(Acting):
    """Funding, releases, freezes and payouts."""

    @initialize(
        seed=st.integers(0, 2**32 - 1),
        currencies=st.tuples(*[st.sampled_from(("usd", *AMOUNTS))] * 3),
        rate=st.sampled_from((0.0, 0.0, 0.15, 0.3)),
        start=st.sampled_from(("nothing", "held", "ready", "sent", "sent", "failing")),
        eager=st.sampled_from((True, True, False)),
        data=st.data(),
    )
    def begin(
        self,
        seed: int,
        currencies: tuple[str, ...],
        rate: float,
        start: str,
        eager: bool,
        data: st.DataObject,
    ) -> None:
        """Most programs begin with money that is held, many with a professional who was paid some of it."""
        self.world.begin(seed)
        self.currencies, self.eager = currencies, True
        names = [one.name for one in self.moves()]
        self.favoured = frozenset(data.draw(st.lists(st.sampled_from(names), max_size=6)))
        if start in ("ready", "sent"):
            self._onboard("ines", "000123456789")
        if start == "failing":
            self._begin_failing()
        elif start != "nothing":
            self._begin_funded()
        if start == "sent":
            self._begin_sent()
        self.eager = eager
        if rate:
            self.world.trouble(kind="random", seed=seed, rate=rate, path="/v")
        self.look()

    def _begin_funded(self) -> None:
        for which in (0, 1):
            self._open(0, which, 1000, 0)
        self.world.do("fund", lambda: actions.fund(self._of(CONTRACTS[0]), by=self.world.person("owner")))
        self.world.work()
        self.world.pay(many(select(Payment))[0].url, GOOD)
        self.world.poll()
        self.world.work()

    def _begin_failing(self) -> None:
        """A debit failed, and Stripe has trouble closing its intent: it could still be paid there."""
        self.currencies = ("usd", *self.currencies[1:])
        self._open(0, 0, 1000, 0)
        self.do("fund", lambda: actions.fund(self._of(CONTRACTS[0]), by=self.world.person("owner")))
        self._went("pay by bank", many(select(Payment))[0].url, DEBITS["usd"])
        intent = self.world.state("payment_intent")["payment_intent"][0]["id"]
        self.world.act("settle_async", payment_intent=intent, outcome="failed")
        self.world.trouble(kind="rate_limit", path="/cancel", times=3)
        self.world.poll()
        self.world.work()

    def _begin_sent(self) -> None:
        first = self._of(CONTRACTS[0])[0]
        self.do("release", lambda: actions.release(get(Holding, first.id), left(first), by=None, reason="Approved",
                                                   request_id="first"))  # fmt: skip
        self.world.wait(3 * 86400)
        self.world.work()
        self.world.note("sent")

    def _of(self, stream: str) -> list[Holding]:
        return many(select(Holding).where(Holding.stream == stream))

    def _open(self, contract: int, amount: int, fee_bps: int, client_bps: int) -> None:
        currency, number = self.currencies[contract], self.fresh("milestone:")
        payee = self.world.people["omar" if contract == 2 else "ines"]
        self.do(
            "open",
            lambda: actions.open_holding(
                number, stream=CONTRACTS[contract], organisation_id=self.world.org_id, payee_id=payee,
                title=f"Milestone {number}", amount_minor=AMOUNTS[currency][amount], currency=currency,
                fee_bps=fee_bps, hold=timedelta(days=2 + 3 * (contract == 1)), by=None,
                client_fee_bps=client_bps,
            ),
        )  # fmt: skip

    @move(
        lambda self: len(self.standing.holdings) < 9,
        contract=st.integers(0, 2),
        amount=st.integers(0, 3),
        fee=WHICH,
        client=st.sampled_from((0, 0, 250)),
    )
    def open(self, contract: int, amount: int, fee: int, client: int) -> None:
        """A milestone is agreed."""
        self._open(contract, amount, pick(list(FEES), fee), client)

    @move(some("unfunded"), often=3, which=WHICH, whole=YES, twice=YES, second=YES)
    def fund(self, which: int, whole: bool, twice: bool, second: bool) -> None:
        """The owner, or the second who pays, holds the money of one milestone or of a whole contract; perhaps twice."""
        chosen = pick(self.standing.unfunded, which)
        same = [row.id for row in self.standing.unfunded if row.stream == chosen.stream]
        keys = same if whole else [chosen.id]
        who = "finance" if second else "owner"
        for _ in range(2 if twice else 1):
            self.do(
                "fund several" if len(keys) > 1 else "fund",
                lambda: actions.fund([get(Holding, key) for key in keys], by=self.world.person(who)),
            )
        self._remember_pages()

    def _remember_pages(self) -> None:
        for row in self.standing.open_pages:
            if row.url not in self.world.pages:
                self.world.pages.append(row.url)

    @move(some("open_pages"), often=4, which=WHICH, by=st.sampled_from(CARDS))
    def pay_by_card(self, which: int, by: str) -> None:
        """Somebody pays at Stripe's page."""
        self._remember_pages()
        self._went("pay", pick(self.standing.open_pages, which).url, by)

    @move(some("open_pages"), often=1, which=WHICH, by=st.sampled_from(REFUSED))
    def be_declined(self, which: int, by: str) -> None:
        """The card is declined; the page stays open for another."""
        self._went("declined", pick(self.standing.open_pages, which).url, by)

    @move(lambda self: any(row.currency in DEBITS for row in self.standing.open_pages), often=5, which=WHICH)
    def pay_by_bank(self, which: int) -> None:
        """A debit, whose outcome the bank tells days later."""
        row = pick([row for row in self.standing.open_pages if row.currency in DEBITS], which)
        self._went("pay by bank", row.url, DEBITS[row.currency])

    @move(some("open_pages"), often=2, which=WHICH, by=st.sampled_from(ASKING), passes=YES)
    def authenticate(self, which: int, by: str, passes: bool) -> None:
        """3-D Secure: the bank asks, and the customer confirms or does not."""
        asked = self._went("asked", pick(self.standing.open_pages, which).url, by)
        if "/authenticate/" in asked:
            self.world.send(asked, {"do": "complete" if passes else "fail"})
            self.world.note(f"3-D Secure {'passed' if passes else 'failed'}")

    @move(lambda self: bool(self.world.pages), often=1, which=WHICH)
    def pay_in_an_old_tab(self, which: int) -> None:
        """Another tab still shows a page, which may be paid, expired or open."""
        self._went("old tab", pick(self.world.pages, which), GOOD)

    def _went(self, name: str, url: str, by: str) -> str:
        answer = self.world.pay(url, by)
        self.world.note(name if answer.status in (200, 303) else f"{name}: not there")
        return answer.location

    @move(some("payments"), often=1, which=WHICH)
    def cancel(self, which: int) -> None:
        """The business does not want to pay after all."""
        key = pick(self.standing.payments, which).id
        self.do("cancel", lambda: actions.cancel_funding(get(Payment, key), by=self.world.person("owner")))

    @move(some("held"), often=5, which=WHICH, part=PART, once=ONCE, twice=YES)
    def release(self, which: int, part: str, once: str, twice: bool) -> None:
        """Approved, whole or in part; perhaps by a double click."""
        row = pick(self.standing.held, which)
        amount = part_of(left(row), part, row.currency)
        for _ in range(2 if twice else 1):
            self.do(
                "release" if amount == left(row) else "release a part",
                lambda: actions.release(
                    get(Holding, row.id), amount, by=None, reason="Approved", request_id=once
                ),
            )

    @move(some("held"), which=WHICH, part=PART, once=ONCE, twice=YES)
    def refund(self, which: int, part: str, once: str, twice: bool) -> None:
        """Work was not begun, or both agreed to part."""
        row = pick(self.standing.held, which)
        amount = part_of(left(row), part, row.currency)
        for _ in range(2 if twice else 1):
            self.do(
                "refund",
                lambda: actions.refund(
                    get(Holding, row.id), amount, by=None, reason="Agreed", request_id=once
                ),
            )

    @move(some("holdings"), often=1, which=WHICH, kind=st.sampled_from(("dispute", "review")))
    def freeze(self, which: int, kind: str) -> None:
        """Somebody stops the money."""
        key = pick(self.standing.holdings, which).id
        self.do("freeze", lambda: actions.freeze(get(Holding, key), "We look into it.", by=None, kind=kind))

    @move(lambda self: any(row.kind != "chargeback" for row in self.standing.freezes), often=4, which=WHICH)
    def thaw(self, which: int) -> None:
        """What was looked into is settled."""
        key = pick([row for row in self.standing.freezes if row.kind != "chargeback"], which).id
        self.do("thaw", lambda: actions.thaw(get(Freeze, key), by=None))

    def _onboard(self, name: str, number: str) -> None:
        person = self.world.people[name]
        self.do("set up payouts", lambda: actions.set_up_payouts(self.world.person(name)))
        self.world.work()
        row = many(select(Payee).where(Payee.person_id == person))
        if row and row[0].link_url:
            form = {"name": name, "country": "us", "number": number, "do": "submit"}
            if self.world.send(row[0].link_url, form).status == 303:
                self.world.note("onboarded")

    @move(
        always,
        often=1,
        name=st.sampled_from(("ines", "omar")),
        bank=st.sampled_from(("000123456789", "000111111113", "000999999991")),
    )
    def onboard(self, name: str, bank: str) -> None:
        """A professional tells Stripe who they are; or changes their bank account, by the same way."""
        self._onboard(name, bank)

    @move(lambda self: any(row.state == "ready" for row in self.standing.payees), which=WHICH, part=PART)
    def pay_out_now(self, which: int, part: str) -> None:
        """A professional wants what stands at Stripe at once."""
        key = pick([row for row in self.standing.payees if row.state == "ready"], which).id

        def wish() -> None:
            payee = get(Payee, key)
            there = payouts.at_stripe(payee.person)
            amount = part_of(there[0].minor, part, there[0].currency) if there else 0
            currency = there[0].currency if there else "usd"
            payouts.pay_out_now(payee, amount, currency, by=payee.person)

        self.do("pay out now", wish)
