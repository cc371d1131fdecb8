"""Payouts as Stripe tells of them: to the bank, come back, of the platform's own; and top-ups."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from marketplace.config import settings
from marketplace.kernel import clock, jobs
from marketplace.kernel.clock import now
from marketplace.kernel.db import commit, find, one
from marketplace.kernel.errors import Forbidden, Refused, Stale
from marketplace.payments import payees, payouts, stripe, transfers
from marketplace.payments.actions import release
from marketplace.payments.check import books, headroom
from marketplace.payments.models import Payee
from marketplace.payments.outside import Payout, PayoutItem
from marketplace.payments.rulings import decide
from tests import make
from tests.payments.conftest import again, pass_days, start
from tests.stripe_sandbox.conftest import Inbox, _free_port, stop


def at_once(on: Any, amount: int, by: Any = None, inbox: Inbox | None = None) -> Payout:
    """Wish for an instant payout, and do what follows at Stripe; with `inbox`, wait for the bank."""
    payee = one(select(Payee).where(Payee.person_id == again(on).payee_id))
    made = payouts.pay_out_now(payee, amount, "usd", by=by or payee.person)
    commit()
    jobs.drain()
    if inbox is not None:
        inbox.about("payout.paid", again(made).stripe_payout or "")
    return again(made)


def heard(row: Payout) -> Payout:
    """What Stripe says of a payout now, entered."""
    account = find(select(Payee.stripe_account).where(Payee.person_id == row.person_id)) or ""
    payouts.payout(stripe.fetch_payout(row.stripe_payout or "", account), account)
    commit()
    jobs.drain()
    return again(row)


@pytest.fixture(autouse=True)
def offered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Instant payouts are offered here."""
    monkeypatch.setattr(settings(), "instant_payouts", True)


def test_an_instant_payout_empties_the_account_at_stripe(app: Any, sent: Any, inbox: Inbox) -> None:
    on = sent()
    assert [amount.minor for amount in payouts.at_stripe(on.payee)] == [43200]
    row = heard(at_once(on, 43200, inbox=inbox))
    assert (row.state, row.method, row.automatic) == ("paid", "instant", False)
    assert (payouts.at_stripe(again(on).payee), books()) == ([], [])


@pytest.fixture
def hasty(app: Any, sandbox: str, inbox: Inbox, tmp_path: Path, monkeypatch: Any) -> Iterator[None]:
    """A sandbox whose schedule pays out at once."""
    port = _free_port()
    process = start(port, tmp_path / "hasty.sqlite", inbox.url, "--payout-seconds", "0")
    monkeypatch.setattr(settings(), "stripe_api_base", f"http://127.0.0.1:{port}")
    yield
    stop(process, kindly=True)


def test_a_payout_by_schedule_names_the_releases_it_brought(hasty: None, sent: Any, inbox: Inbox) -> None:
    on = sent()
    account = one(select(Payee.stripe_account)) or ""
    found = inbox.wait(lambda body: body["type"] == "payout.paid" and body.get("account") == account).body
    payouts.payout(stripe.fetch_payout(found["data"]["object"]["id"], account), account)
    commit()
    jobs.drain()
    row = one(select(Payout))
    assert (row.state, row.automatic, row.amount_minor) == ("paid", True, 43200)
    item = one(select(PayoutItem))
    assert (item.release_id, item.amount_minor) == (again(on).releases[0].id, 43200)
    assert books() == []


def test_more_than_stands_there_is_refused(app: Any, sent: Any) -> None:
    with pytest.raises(Refused, match=r"up to \$432.00"):
        at_once(sent(), 43201)


def test_nobody_else_pays_out_my_money(app: Any, sent: Any) -> None:
    with pytest.raises(Forbidden):
        at_once(sent(), 100, by=make.person())


def test_where_it_is_not_offered_it_is_refused(app: Any, sent: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(settings(), "instant_payouts", False)
    with pytest.raises(Refused, match="by schedule"):
        at_once(sent(), 100)


def test_a_payout_that_comes_back_stands_at_stripe_again(app: Any, sent: Any, act: Any, inbox: Inbox) -> None:
    on = sent()
    row = heard(at_once(on, 43200, inbox=inbox))
    act("fail_payout", payout=row.stripe_payout)
    row = heard(row)
    assert (row.state, bool(row.failure)) == ("failed", True)
    assert [amount.minor for amount in payouts.at_stripe(again(on).payee)] == [43200]
    assert one(select(Payee)).failed_at is not None
    assert books() == []
    with pytest.raises(Stale, match="at Stripe first"):
        at_once(on, 100)


def test_a_new_bank_account_cools_before_anything_is_sent_there(
    app: Any, paid: Any, onboarded: Any, act: Any
) -> None:
    on = make.holding()
    paid(on)
    payee = onboarded(again(on).payee)
    release(again(on), 48000, by=None, reason="Approved", request_id="r")
    commit()
    act("change_bank", account=payee.stripe_account, number="000222222227")
    payees.payee(stripe.fetch_payee(again(payee).stripe_account or ""))
    commit()
    assert again(payee).cooling_until > now()
    pass_days(2.5)
    assert again(on).releases[0].called_at is None
    pass_days(1)
    assert again(on).releases[0].state == "paid"


def test_a_top_up_is_room_that_the_platform_may_take_out_again(
    app: Any, sent: Any, act: Any, catch_up: Any
) -> None:
    sent()
    act("topup", amount=50000, currency="usd")
    catch_up()
    free = headroom()[0].minor
    decide("withdraw", "platform:usd", 50000, "usd", by=make.staff(), reason="Rent", request_id="w")
    commit()
    jobs.drain()
    catch_up()
    row = one(select(Payout))
    assert (row.person_id, row.state in ("pending", "in_transit", "paid")) == (None, True)
    assert (headroom()[0].minor, books()) == (free - 50000, [])


def test_a_bank_account_changed_before_the_call_stops_the_transfer(
    app: Any, paid: Any, onboarded: Any, act: Any
) -> None:
    on = make.holding()
    paid(on)
    payee = onboarded(again(on).payee)
    made = release(again(on), 48000, by=None, reason="Approved", request_id="r")
    commit()
    clock.move_to(now() + timedelta(days=2))
    transfers.send_transfer(made.id)
    act("change_bank", account=again(payee).stripe_account, number="000222222227")
    payees.payee(stripe.fetch_payee(again(payee).stripe_account or ""))
    commit()
    pass_days(0)
    assert (again(made).state, again(made).called_at) == ("authorised", None)
    pass_days(3)
    assert again(made).state == "paid"


@pytest.mark.parametrize("state", ["authorised", "pending", "in_transit"])
def test_a_payout_under_way_is_the_only_one(app: Any, sent: Any, state: str) -> None:
    on = sent()
    at_once(on, 40000).state = state
    commit()
    with pytest.raises(Stale, match="under way"):
        at_once(on, 40000)
