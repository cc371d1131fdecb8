"""Rules of the machine: what admins decide, and money that goes back."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from marketplace.payments import backward, chargebacks, rulings
from marketplace.payments.check import headroom
from marketplace.payments.claims import Chargeback, Decision
from marketplace.payments.models import Release
from tests.money.acting import ONCE, PART, WHICH, YES, Acting, get, move, part_of, pick, some
from tests.money.seen import left, owing

WORDS = ("winning_evidence", "losing_evidence", "Approved on Monday.")


class Backward(Acting):
    """Rulings and other decisions, voids, clawbacks, chargebacks answered."""

    def decide(self, kind: str, about: str, amount: int, currency: str, **params: Any) -> bool:
        """An admin decides; from the limit on another has to agree, which is a rule of its own."""
        once = self.fresh("decision")
        return self.do(
            kind,
            lambda: rulings.decide(
                kind, about, amount, currency, by=self.world.person("ada"), reason="Looked into.",
                request_id=once, **params,
            ),
        )  # fmt: skip

    @move(
        some("holdings"),
        which=WHICH,
        to_professional=PART,
        to_business=PART,
        nothing=st.sampled_from(("", "", "pro", "business")),
    )
    def rule_on(self, which: int, to_professional: str, to_business: str, nothing: str) -> None:
        """A ruling: so much to one side, so much to the other; often more than is held, out of what was released."""
        row = pick(self.standing.holdings, which)
        there = left(row) + row.released_minor - row.clawed_minor
        pro = 0 if nothing == "pro" else part_of(there, to_professional, row.currency)
        business = 0 if nothing == "business" else part_of(there, to_business, row.currency)
        self.decide(
            "ruling", f"holding:{row.id}", min(pro + business, there), row.currency,
            to_professional=min(pro, there), to_business=max(0, min(business, there - pro)),
        )  # fmt: skip

    @move(
        some("decisions"),
        often=4,
        which=WHICH,
        agrees=st.sampled_from((True, True, False)),
        same=st.sampled_from((False, False, True)),
    )
    def second_admin(self, which: int, agrees: bool, same: bool) -> None:
        """The other admin confirms, or takes it back; the first may not confirm."""
        key, who = pick(self.standing.decisions, which).id, "ada" if same else "bo"
        verb = rulings.confirm if agrees else rulings.withdraw
        self.do(
            "confirm" if agrees else "withdraw a decision",
            lambda: verb(get(Decision, key), by=self.world.person(who)),
        )

    @move(some("unsent"), often=4, which=WHICH, part=PART, once=ONCE)
    def take_back(self, which: int, part: str, once: str) -> None:
        """A release is taken back before it is sent."""
        row = pick(self.standing.unsent, which)
        amount = max(
            1, {"all": row.gross_minor - row.voided_minor, "half": row.gross_minor // 2}.get(part, 1)
        )
        self.do(
            "take back",
            lambda: backward.take_back(
                get(Release, row.id), amount, by=None, reason="Stopped", request_id=once
            ),
        )

    @move(some("released"), which=WHICH, part=PART)
    def claw_back(self, which: int, part: str) -> None:
        """What was released goes back to the business; the professional owes it."""
        row = pick(self.standing.released, which)
        amount = part_of(row.released_minor - row.clawed_minor, part, row.currency)
        self.decide("claw_back", f"holding:{row.id}", amount, row.currency)

    @move(some("stuck"), often=4, which=WHICH, again=YES)
    def stuck_refund(self, which: int, again: bool) -> None:
        """A refund that failed is sent anew, or taken back."""
        key = pick(self.standing.stuck, which).id
        self.decide("retry_refund" if again else "void_refund", f"refund:{key}", 0, "usd")

    @move(
        lambda self: any(
            row.state in ("blocked", "reversed", "partially_reversed") for row in self.standing.releases
        ),
        which=WHICH,
    )
    def send_again(self, which: int) -> None:
        """What Stripe refused, or somebody took back there, is sent anew."""
        waiting = [
            row
            for row in self.standing.releases
            if row.state in ("blocked", "reversed", "partially_reversed")
        ]
        self.decide("send_again", f"release:{pick(waiting, which).id}", 0, "usd")

    @move(some("owed"), often=2, which=WHICH, part=PART)
    def write_off(self, which: int, part: str) -> None:
        """A debt is given up, whole or in part."""
        row = pick(self.standing.owed, which)
        amount = part_of(owing(row), part, row.currency)
        self.decide("write_off", f"debt:{row.id}", amount, row.currency)

    @move(some("paid"), part=PART)
    def withdraw(self, part: str) -> None:
        """The platform takes what is its own to its bank."""
        own = [amount for amount in headroom() if amount.minor > 0]
        currency, minor = (own[0].currency, own[0].minor) if own else ("usd", 1)
        self.decide("withdraw", "platform", part_of(minor, part, currency), currency)

    @move(
        some("chargebacks"),
        often=3,
        which=WHICH,
        words=st.sampled_from(WORDS),
        concedes=st.sampled_from((False, False, True)),
    )
    def answer(self, which: int, words: str, concedes: bool) -> None:
        """An admin answers the bank, or lets it have the money."""
        key = pick(self.standing.chargebacks, which).id
        if concedes:
            self.do(
                "concede",
                lambda: chargebacks.concede(
                    get(Chargeback, key), "They are right.", by=self.world.person("ada")
                ),
            )
        else:
            self.do(
                "answer", lambda: chargebacks.answer(get(Chargeback, key), words, by=self.world.person("ada"))
            )
