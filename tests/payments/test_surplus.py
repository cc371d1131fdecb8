"""Money that nobody waits for any more goes back whole; what somebody does at Stripe by hand is entered and named."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from marketplace.kernel import jobs
from marketplace.kernel.db import commit, many, one
from marketplace.payments import leaving, stripe
from marketplace.payments.actions import fund
from marketplace.payments.backward import claw_back, retry_refund, send_again
from marketplace.payments.check import books
from marketplace.payments.claims import Chargeback, Debt, Reversal
from marketplace.payments.ledger import Entry
from marketplace.payments.models import Holding, Payment, Refund
from marketplace.payments.outside import Difference
from tests import make
from tests.payments.conftest import again, balance, pass_days
from tests.stripe_sandbox.conftest import CARD, visit


def entries(kind: str) -> int:
    """How many entries of a kind there are."""
    return len(many(select(Entry).where(Entry.kind == kind)))


def test_money_for_a_closed_payment_goes_back_whole(app: Any, catch_up: Any) -> None:
    on = make.holding()
    payment = late(on, catch_up)
    assert (payment.state, again(on).funded_minor) == ("surplus", 0)
    made = one(select(Refund))
    assert (made.kind, made.state, made.amount_minor) == ("surplus", "succeeded", 48000)
    assert (entries("fund_surplus"), entries("fund"), books()) == (1, 0, [])


def late(on: Any, catch_up: Any) -> Payment:
    """A payment whose page we hold for closed is paid all the same."""
    payment = closed(on)
    visit(payment.url, CARD)
    catch_up()
    return again(payment)


def closed(on: Any) -> Payment:
    """A payment whose page we hold for closed, and which is open at Stripe."""
    payment = fund([again(on)], by=make.owner_of(again(on).organisation))
    commit()
    jobs.drain()
    payment = again(payment)
    payment.state = "canceled"
    for part in payment.allocations:
        part.is_live = False
    commit()
    return again(payment)


def test_a_refund_made_by_hand_takes_from_what_is_held(app: Any, paid: Any, act: Any, catch_up: Any) -> None:
    on = make.holding()
    payment = paid(on)
    act("refund", charge=payment.charge_id, amount=10000)
    catch_up()
    assert (again(on).refunded_minor, again(on).left_minor) == (10000, 38000)
    assert (one(select(Difference)).cause, entries("refund_external"), books()) == ("outside_action", 1, [])


def test_a_refund_made_by_hand_after_the_release_is_owed(
    app: Any, sent: Any, act: Any, catch_up: Any
) -> None:
    on = sent()
    act("refund", charge=on.live_allocation.payment.charge_id, amount=10000)
    catch_up()
    assert (again(on).clawed_minor, one(select(Debt)).left_minor) == (10000, 9000)
    assert books() == []


def test_a_transfer_taken_back_by_hand_is_owed_again_and_sent_anew(
    app: Any, sent: Any, act: Any, catch_up: Any
) -> None:
    on = sent()
    act("reverse_transfer", transfer=on.releases[0].transfer_id)
    catch_up()
    made = again(on).releases[0]
    assert (made.state, made.due_minor, one(select(Reversal)).debt_id) == ("reversed", 43200, None)
    assert books() == []
    send_again(made, by=make.staff(), reason="It was a mistake.")
    commit()
    pass_days(0)
    assert (again(made).state, again(made).due_minor, books()) == ("paid", 0, [])


def test_a_refund_made_by_hand_that_fails_is_as_if_it_never_was(
    app: Any, paid: Any, act: Any, catch_up: Any
) -> None:
    on = make.holding()
    payment = paid(on)
    made = act("refund", charge=payment.charge_id, amount=10000)
    catch_up()
    act("fail_refund", refund=made["id"])
    catch_up()
    assert (again(on).left_minor, again(on).refunded_minor, books()) == (48000, 0, [])


@pytest.fixture
def stuck(app: Any, paid: Any, catch_up: Any, monkeypatch: Any) -> Payment:
    """A surplus that Stripe refused to refund; another payment brought the money of its holding."""
    on = make.holding()
    payment = closed(on)
    paid(on)
    with monkeypatch.context() as patched:
        patched.setattr(stripe, "send", lambda *_: stripe.Rejected("No.", "insufficient_funds"))
        visit(again(payment).url, CARD)
        catch_up()
    return again(payment)


def test_a_surplus_refunded_by_hand_takes_nothing_of_another_payment(
    stuck: Payment, act: Any, catch_up: Any
) -> None:
    made = act("refund", charge=stuck.charge_id)
    catch_up()
    on = one(select(Holding))
    assert (on.left_minor, on.refunded_minor, one(select(Refund)).state, books()) == (
        48000,
        0,
        "succeeded",
        [],
    )
    assert balance(f"unapplied:{again(stuck).id}") == 0
    act("fail_refund", refund=made["id"])
    catch_up()
    assert (one(select(Refund)).state, one(select(Holding)).left_minor, books()) == ("failed", 48000, [])


def test_a_part_of_a_surplus_refunded_by_hand_leaves_the_rest_to_send(
    stuck: Payment, act: Any, catch_up: Any
) -> None:
    act("refund", charge=stuck.charge_id, amount=10000)
    catch_up()
    row = one(select(Refund))
    retry_refund(row, by=make.staff(), reason="The rest of it.")
    commit()
    catch_up()
    assert (again(row).state, again(row).amount_minor, books()) == ("succeeded", 38000, [])


def test_what_was_sent_anew_can_be_taken_back_too(app: Any, sent: Any, act: Any, catch_up: Any) -> None:
    on = sent()
    act("reverse_transfer", transfer=on.releases[0].transfer_id)
    catch_up()
    send_again(again(on).releases[0], by=make.staff(), reason="It was a mistake.")
    commit()
    pass_days(0)
    claw_back(again(on), 48000, by=make.staff(), reason="Not theirs", request_id="c")
    commit()
    catch_up()
    assert (one(select(Debt)).left_minor, books()) == (0, [])


def test_nobody_leaves_while_a_transfer_that_came_back_is_owed(
    app: Any, sent: Any, act: Any, catch_up: Any
) -> None:
    on = sent()
    act("reverse_transfer", transfer=on.releases[0].transfer_id, amount=10000)
    catch_up()
    assert leaving.objections(again(on).payee) == ["$100.00 for “Four posts” is not paid out to you yet."]


def test_a_disputed_surplus_stops_and_costs_no_other_payment(stuck: Payment, act: Any, catch_up: Any) -> None:
    made = act("dispute", charge=stuck.charge_id)
    catch_up()
    assert (one(select(Chargeback)).state, one(select(Holding)).is_frozen) == ("needs_response", False)
    act("dispute_lost", dispute=made["id"])
    catch_up()
    assert (balance(f"unapplied:{again(stuck).id}"), one(select(Refund)).state) == (0, "voided")
    assert (one(select(Holding)).left_minor, books()) == (48000, [])
