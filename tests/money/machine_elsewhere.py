"""Rules of the machine: time, messages, trouble, and what happens at Stripe without us."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.money.acting import PART, WHICH, YES, Acting, always, move, part_of, pick, some

MINUTE, HOUR, DAY = 60, 3600, 86400
FAULTS = ("error_before", "error_after", "drop_after", "wrong_json", "rate_limit", "lock_timeout", "conflict")
PATHS = (
    "/refunds",
    "/transfers",
    "/reversals",
    "/checkout",
    "/customers",
    "/payouts",
    "/disputes",
    "/cancel",
    "",
)
TROUBLE = (*FAULTS, "unreachable", "unreachable", "die", "die", "worker dies", "worker dies", "worker dies")
ASKED = ("/v1/events", "/v1/charges", "/v1/transfers", "/v1/payment_intents", "/v1/refunds", "/v2/")
VERDICTS = ("dispute_won", "dispute_lost", "dispute_lost", "escalate")


class Elsewhere(Acting):
    """The worker, the clock, webhooks, faults, banks, and people at Stripe's dashboard."""

    @move(always, often=3, how=st.sampled_from(("work", "work", "one job", "poll", "poll")))
    def hear(self, how: str) -> None:
        """The worker does some jobs, or Stripe's list of events is read."""
        if how == "poll":
            self.world.poll()
        if how != "poll" or self.eager:
            self.world.work(1 if how == "one job" else 10_000)

    @move(always, order=st.permutations(range(4)), twice=YES, skip=st.integers(0, 2))
    def deliver(self, order: list[int], twice: bool, skip: int) -> None:
        """Some webhooks arrive, in any order, perhaps twice; those left out come later, or never."""
        waiting = self.world.unheard()[skip:]
        for place in order * (2 if twice else 1):
            if place < len(waiting):
                self.world.deliver(waiting[place])
                self.world.note("webhook")
        if self.eager:
            self.world.work()

    @move(
        always,
        often=4,
        seconds=st.sampled_from((MINUTE, HOUR, DAY, 25 * HOUR, 3 * DAY, 3 * DAY, 3 * DAY, 8 * DAY)),
    )
    def wait(self, seconds: int) -> None:
        """Time passes; what is due is sent."""
        self.world.wait(seconds)
        self.world.note("wait")
        if self.eager:
            self.world.work()

    @move(
        always,
        kind=st.sampled_from(TROUBLE),
        path=st.sampled_from(PATHS),
        times=st.integers(1, 3),
        which=WHICH,
        sends=YES,
    )
    def trouble(self, kind: str, path: str, times: int, which: int, sends: bool) -> None:
        """Something goes wrong: a call of ours, a question of ours, our worker, or the process of the next request.

        A worker dies with a call in its hands, before or after it sent it; a process before it commits.
        """
        if kind == "die":
            self.world.dies = True
        elif kind == "worker dies":
            if self.standing.calls:
                self.world.die_while_calling(pick(self.standing.calls, which).id, sends)
        elif kind == "unreachable":
            self.world.trouble(kind="error_before", method="GET", path=pick(list(ASKED), which))
        else:
            self.world.trouble(kind=kind, path=path, times=times)
            self.world.note(f"fault {kind}")

    @move(
        lambda self: any(row.state in ("processing", "requires_action") for row in self.standing.payments),
        often=4,
        which=WHICH,
        outcome=st.sampled_from(("succeeded", "failed")),
    )
    def bank_answers(self, which: int, outcome: str) -> None:
        """The bank answers a debit."""
        waiting = self._at_stripe("payment_intent", status="processing")
        if waiting:
            self.world.act("settle_async", payment_intent=pick(waiting, which)["id"], outcome=outcome)
            self.world.note(f"debit {outcome}")

    @move(
        lambda self: any(row.intent_id and not row.charge_id for row in self.standing.payments),
        often=6,
        which=WHICH,
    )
    def customer_retries(self, which: int) -> None:
        """The customer pays an intent again that had failed."""
        intents = [row.intent_id for row in self.standing.payments if row.intent_id and not row.charge_id]
        if self.world.customer_retries(pick(intents, which)):
            self.world.note("old intent paid")

    def _at_stripe(self, kind: str, **equal: Any) -> list[dict[str, Any]]:
        found = self.world.state(kind)[kind]
        return [row for row in found if all(row[name] == value for name, value in equal.items())]

    @move(
        some("paid"),
        often=3,
        which=WHICH,
        act=st.sampled_from(("dispute", "dispute", "dispute", "inquiry", "fraud_warning")),
        part=PART,
    )
    def bank_takes_back(self, which: int, act: str, part: str) -> None:
        """The bank of a business disputes a charge, whole or in part, asks about it, or warns."""
        charge = self._at_stripe("charge", id=pick(self.standing.paid, which).charge_id)[0]
        amount = part_of(charge["amount_captured"], part, charge["currency"])
        wanted = {} if act == "fraud_warning" or part == "all" else {"amount": amount}
        self.world.act(act, charge=charge["id"], **wanted)

    @move(some("chargebacks"), often=4, which=WHICH, act=st.sampled_from(VERDICTS))
    def bank_decides(self, which: int, act: str) -> None:
        """The bank decides a dispute."""
        self.world.act(act, dispute=pick(self.standing.chargebacks, which).stripe_dispute)

    @move(some("paid"), which=WHICH, part=PART)
    def refund_elsewhere(self, which: int, part: str) -> None:
        """Somebody refunds at Stripe's dashboard."""
        charge = self._at_stripe("charge", id=pick(self.standing.paid, which).charge_id)[0]
        there = charge["amount_captured"] - charge["amount_refunded"]
        if there > 0:
            self.world.act("refund", charge=charge["id"], amount=part_of(there, part, charge["currency"]))

    @move(some("refunds"), which=WHICH)
    def refund_comes_back(self, which: int) -> None:
        """The bank of a card cannot take a refund."""
        made = [row for row in self.world.state("refund")["refund"] if row["_account"] == "acct_platform"]
        if made:
            self.world.act("fail_refund", refund=pick(made, which)["id"])

    @move(lambda self: any(row.transfer_id for row in self.standing.releases), which=WHICH, part=PART)
    def reverse_elsewhere(self, which: int, part: str) -> None:
        """Somebody takes a transfer back at Stripe's dashboard."""
        sent = [row.transfer_id for row in self.standing.releases if row.transfer_id]
        transfer = self._at_stripe("transfer", id=pick(sent, which))[0]
        there = transfer["amount"] - transfer["amount_reversed"]
        if there > 0:
            amount = part_of(there, part, transfer["currency"])
            self.world.act("reverse_transfer", transfer=transfer["id"], amount=min(amount, there))

    @move(
        lambda self: any(row.stripe_account for row in self.standing.payees),
        which=WHICH,
        act=st.sampled_from(("restrict_account", "enable_account", "enable_account", "change_bank")),
    )
    def account_changes(self, which: int, act: str) -> None:
        """Stripe wants a document of a professional, or has it; or their bank account is another."""
        accounts = [row.stripe_account for row in self.standing.payees if row.stripe_account]
        self.world.act(act, account=pick(accounts, which))

    @move(lambda self: any(row.state == "ready" for row in self.standing.payees), which=WHICH)
    def payout_comes_back(self, which: int) -> None:
        """The bank of a professional, or ours, sends a payout back."""
        made = self.world.state("payout")["payout"]
        if made:
            self.world.act("fail_payout", payout=pick(made, which)["id"])

    @move(
        some("paid"),
        often=1,
        act=st.sampled_from(("topup", "platform_payout", "refuse_debits", "allow_debits")),
    )
    def balance_moves(self, act: str) -> None:
        """The platform tops up, or somebody pays out at the dashboard; its bank refuses Stripe, or does not."""
        if act in ("topup", "platform_payout"):
            self.world.act(act, amount=70_000, currency="usd")
        else:
            self.world.act(act)

    @move(some("paid"), often=1, really=st.integers(0, 2))
    def come_to_rest(self, really: int) -> None:
        """All trouble is over, and both sides must agree."""
        if not really:
            self.rest()
