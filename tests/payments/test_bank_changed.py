"""A changed bank account waits: Stripe pays nothing out to it until the time for objections is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from marketplace.config import settings
from marketplace.kernel import clock, jobs, sweep
from marketplace.kernel.db import commit, db, many, one
from marketplace.kernel.errors import Stale
from marketplace.payments import calls, payees, payouts, stripe
from marketplace.payments.models import Payee, StripeCall
from tests import make
from tests.payments.conftest import again, pass_days
from tests.payments.test_calls import trouble  # noqa: F401

OPS = ("hold_payouts", "resume_payouts")


@pytest.fixture
def ines(onboarded: Any) -> Payee:
    """A professional's payout account, ready."""
    payee: Payee = onboarded(make.person("Ines Okafor", side="professional"))
    return payee


@pytest.fixture
def change(act: Any) -> Any:
    """Gives an account another bank account at Stripe, and hears of it."""

    def do(payee: Payee, number: str = "000999999991") -> None:
        act("change_bank", account=again(payee).stripe_account, number=number)
        hear(payee)

    return do


def hear(payee: Payee) -> None:
    """What Stripe says of the account now, entered; what follows is not sent yet."""
    payees.payee(stripe.fetch_payee(again(payee).stripe_account or ""))
    commit()


def interval(payee: Payee) -> str:
    """When Stripe pays out what stands in the account."""
    said = stripe.told("/v1/balance_settings", stripe_account=again(payee).stripe_account).said
    return str(said["payments"]["payouts"]["schedule"]["interval"])


def asked() -> list[tuple[str, str]]:
    """What was asked of Stripe about payouts so far, and what came of it."""
    db.session.remove()
    found = many(select(StripeCall).where(StripeCall.op.in_(OPS)).order_by(StripeCall.created_at))
    return [(row.op, row.state) for row in found]


def test_stripe_pays_nothing_out_until_a_new_bank_account_has_waited(
    app: Any, ines: Payee, change: Any
) -> None:
    assert interval(ines) == "daily"
    change(ines)
    jobs.drain()
    assert interval(ines) == "manual"
    pass_days(2.9)
    assert interval(ines) == "manual"
    pass_days(0.2)
    assert (interval(ines), again(ines).cooling_until) == ("daily", None)
    pass_days(1)
    assert asked() == [("hold_payouts", "done"), ("resume_payouts", "done")]


def test_hearing_twice_of_a_change_asks_once(app: Any, ines: Payee, change: Any) -> None:
    change(ines)
    jobs.drain()
    until = again(ines).cooling_until
    hear(ines)
    jobs.drain()
    assert (asked(), again(ines).cooling_until) == ([("hold_payouts", "done")], until)


def test_a_second_change_begins_the_wait_anew(app: Any, ines: Payee, change: Any) -> None:
    change(ines)
    jobs.drain()
    pass_days(2)
    change(ines, "000123456789")
    jobs.drain()
    pass_days(2)
    assert interval(ines) == "manual"
    pass_days(1.1)
    assert interval(ines) == "daily"


def test_a_change_that_overtakes_the_end_of_a_wait_keeps_payouts_held(
    app: Any, ines: Payee, change: Any
) -> None:
    change(ines)
    jobs.drain()
    clock.move_to(clock.now() + timedelta(days=3.1))
    sweep.sweep()
    row = one(select(StripeCall).where(StripeCall.op == "resume_payouts"))
    with jobs.transaction():
        assert calls.claim(row.id) is not None
    answer = stripe.send("resume_payouts", row.params, row.idem_key)
    change(ines, "000123456789")
    with jobs.transaction():
        calls.record(row.id, answer)
    jobs.drain()
    assert (interval(ines), asked()[0], len(asked())) == ("manual", ("hold_payouts", "done"), 3)


def test_a_worker_that_died_while_holding_is_followed_by_another(
    app: Any, ines: Payee, change: Any, sandbox: str
) -> None:
    change(ines)
    call = one(select(StripeCall).where(StripeCall.op == "hold_payouts"))
    with jobs.transaction():
        assert calls.claim(call.id) is not None
    pass_days(0.1)
    jobs.perform("payments.poll")
    jobs.drain()
    assert (interval(ines), asked()) == ("manual", [("hold_payouts", "done")])


def test_an_answer_that_got_lost_is_found_by_looking(
    app: Any,
    ines: Payee,
    change: Any,
    trouble: Any,  # noqa: F811
) -> None:
    change(ines)
    trouble(kind="drop_after", path="/v1/balance_settings")
    jobs.drain()
    assert asked() == [("hold_payouts", "unknown")]
    pass_days(1)
    jobs.perform("payments.poll")
    jobs.drain()
    assert (interval(ines), asked()) == ("manual", [("hold_payouts", "done")])


def test_a_closed_account_is_left_alone_and_a_no_is_asked_again_after_a_day(
    app: Any, ines: Payee, change: Any, monkeypatch: Any
) -> None:
    change(ines)
    jobs.drain()
    again(ines).state = "rejected"
    commit()
    pass_days(4)
    assert asked() == [("hold_payouts", "done")]
    again(ines).state = "restricted"
    commit()
    with monkeypatch.context() as patched:
        patched.setattr(stripe, "send", lambda *_: stripe.Rejected("Not now.", "account_invalid"))
        pass_days(0.1)
    pass_days(0.5)
    assert asked()[1:] == [("resume_payouts", "rejected")]
    pass_days(1)
    assert asked()[2:] == [("resume_payouts", "done")]


def test_a_payout_at_once_is_refused_while_a_bank_account_waits(
    app: Any, sent: Any, change: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(settings(), "instant_payouts", True)
    sent()
    payee = one(select(Payee))
    early = payouts.pay_out_now(payee, 100, "usd", by=payee.person)
    commit()
    change(payee, "000123456789")
    jobs.drain()
    assert (again(early).state, again(early).stripe_payout) == ("refused", None)
    assert again(early).failure == "Your bank account was changed before the payout was sent."
    with pytest.raises(Stale, match="waits until the time for objections is over"):
        payouts.pay_out_now(again(payee), 100, "usd", by=again(payee).person)


def test_the_page_says_what_waits(app: Any, browser: Any, sent: Any, change: Any) -> None:
    sent()
    change(one(select(Payee)))
    shown = browser(one(select(Payee)).person).get("/payments/payouts").text
    assert "what stands in your account at Stripe waits there" in shown
    assert "It waits: your bank account was changed." in shown
