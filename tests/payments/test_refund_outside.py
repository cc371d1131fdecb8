"""A refund made by hand at Stripe that comes back later: undone, as far as nobody has paid for it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from marketplace.kernel.db import commit, many, one
from marketplace.payments.check import books
from marketplace.payments.claims import Debt
from marketplace.payments.ledger import Entry
from marketplace.payments.models import Holding, Refund
from marketplace.payments.rulings import decide
from tests import make
from tests.payments.conftest import again, balance


@pytest.fixture
def by_hand(sent: Any, act: Any, catch_up: Any) -> tuple[Holding, str]:
    """A holding that was sent whole and then refunded at Stripe by hand, and Stripe's refund."""
    on = sent()
    made = act("refund", charge=again(on).live_allocation.payment.charge_id)
    catch_up()
    return again(on), made["id"]


def comes_back(refund: str, act: Any, catch_up: Any) -> Refund:
    """The card's bank could not take it; our row for it."""
    act("fail_refund", refund=refund)
    catch_up()
    return one(select(Refund))


def test_it_is_undone_whole_while_nothing_of_it_was_paid(
    app: Any, by_hand: Any, act: Any, catch_up: Any
) -> None:
    on, refund = by_hand
    assert again(on).clawed_minor == 48000
    assert comes_back(refund, act, catch_up).state == "voided"
    assert (again(on).clawed_minor, again(on).fee_minor, one(select(Debt)).left_minor) == (0, 4800, 0)
    assert books() == []


def test_what_was_paid_for_waits_and_is_sent_anew(app: Any, by_hand: Any, act: Any, catch_up: Any) -> None:
    on, refund = by_hand
    debt = one(select(Debt))
    decide("write_off", f"debt:{debt.id}", 100, "usd", by=make.staff(), reason="Small.", request_id="w")
    commit()
    row = comes_back(refund, act, catch_up)
    assert (row.state, again(on).clawed_minor, again(debt).left_minor) == ("failed", 48000, 43100)
    assert (balance(f"refund_pending:{again(on).id}"), books()) == (-48000, [])
    decide("retry_refund", f"refund:{row.id}", 0, "usd", by=make.staff(), reason="Again.", request_id="r")
    commit()
    catch_up()
    assert (again(row).state, balance(f"refund_pending:{again(on).id}"), books()) == ("succeeded", 0, [])


def test_one_that_failed_before_we_heard_of_it_went_and_came(
    app: Any, paid: Any, act: Any, catch_up: Any
) -> None:
    on = make.holding()
    made = act("refund", charge=paid(on).charge_id, amount=1000)
    act("fail_refund", refund=made["id"])
    catch_up()
    kinds = {entry.kind for entry in many(select(Entry).where(Entry.external_id == made["id"]))}
    assert kinds == {"refund_external", "refund_failed"}
    assert (again(on).left_minor, one(select(Refund)).state, books()) == (48000, "voided", [])
