"""Refunding what was released already: the professional owes it, their transfer is reversed, the business refunded."""

from __future__ import annotations

from typing import Any

import pytest
import stripe as sdk
from sqlalchemy import select

from marketplace.config import settings
from marketplace.kernel import jobs
from marketplace.kernel.db import commit, one
from marketplace.kernel.errors import Refused, Stale
from marketplace.payments.actions import freeze, release
from marketplace.payments.backward import claw_back
from marketplace.payments.check import books
from marketplace.payments.claims import Debt, Reversal
from marketplace.payments.models import Payee, Refund
from tests import make
from tests.payments.conftest import again, balance, pass_days


def claw(on: Any, amount: int, once: str = "c") -> Refund:
    """Claw back, as the verb is called, and do what follows at Stripe."""
    made = claw_back(again(on), amount, by=make.staff(), reason="The work was not theirs.", request_id=once)
    commit()
    jobs.drain()
    return again(made)


def test_the_transfer_is_reversed_and_the_card_refunded(app: Any, sent: Any, catch_up: Any) -> None:
    on = sent()
    assert claw(on, 48000).state == "succeeded"
    assert (again(on).clawed_minor, again(on).fee_minor) == (48000, 0)
    assert one(select(Debt)).left_minor == 0
    assert one(select(Reversal)).state == "done"
    assert again(on).releases[0].state == "reversed"
    catch_up()
    assert (balance(f"receivable:{again(on).payee_id}"), books()) == (0, [])


def test_a_part_gives_back_its_fee(app: Any, sent: Any) -> None:
    on = sent()
    made = claw(on, 12345)
    assert (made.fee_minor, again(on).fee_minor) == (1234, 3566)
    assert (again(on).releases[0].state, books()) == ("partially_reversed", [])


def test_what_cannot_be_reversed_stays_owed(app: Any, sent: Any) -> None:
    on = sent()
    emptied(on)
    claw(on, 48000)
    assert one(select(Debt)).left_minor == 43200
    assert one(select(Reversal)).state == "refused"
    assert (balance(f"receivable:{again(on).payee_id}"), books()) == (43200, [])


def emptied(on: Any) -> None:
    """The professional has paid out all that stood at Stripe."""
    account = one(select(Payee).where(Payee.person_id == on.payee_id)).stripe_account
    client = sdk.StripeClient("sk_test_sandbox", base_addresses={"api": settings().stripe_api_base})
    client.v1.payouts.create({"amount": 43200, "currency": "usd"}, {"stripe_account": account or ""})


def test_a_later_release_pays_at_most_half_of_itself(app: Any, sent: Any, paid: Any) -> None:
    on = sent()
    emptied(on)
    claw(on, 48000)
    on = again(on)
    later = make.holding(on.organisation, on.payee, stream=on.stream)
    paid(later)
    release(again(later), 48000, by=None, reason="Approved", request_id="all")
    commit()
    pass_days(3)
    assert (again(later).releases[0].offset_minor, again(later).releases[0].sent_minor) == (21600, 21600)
    assert (one(select(Debt)).left_minor, books()) == (21600, [])


def test_asking_twice_takes_back_once(app: Any, sent: Any) -> None:
    on = sent()
    assert claw(on, 100).id == claw(on, 100).id


@pytest.mark.parametrize("amount", [0, 48001])
def test_more_than_was_released_is_refused(app: Any, sent: Any, amount: int) -> None:
    on = sent()
    with pytest.raises(Refused, match="which was released"):
        claw_back(again(on), amount, by=make.staff(), reason="No.", request_id="c")


def test_frozen_money_stays_where_it_is(app: Any, sent: Any) -> None:
    on = sent()
    freeze(again(on), "A person looks.", by=None)
    commit()
    with pytest.raises(Stale, match="frozen"):
        claw_back(again(on), 100, by=make.staff(), reason="No.", request_id="c")


def test_what_was_not_sent_yet_is_for_a_ruling(app: Any) -> None:
    on = make.funded()
    release(again(on), 48000, by=None, reason="Approved", request_id="r")
    with pytest.raises(Refused, match=r"\$480.00 of it was not sent yet.*ruling"):
        claw_back(again(on), 100, by=make.staff(), reason="No.", request_id="c")
