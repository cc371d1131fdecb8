"""What admins decide about money: with a reason, by two people from a limit on, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from marketplace.kernel import clock, jobs
from marketplace.kernel.clock import now
from marketplace.kernel.db import commit, many
from marketplace.kernel.errors import Forbidden, Refused, Stale
from marketplace.payments import answers, payouts
from marketplace.payments.actions import freeze, release
from marketplace.payments.check import books
from marketplace.payments.claims import Debt, Decision
from marketplace.payments.rulings import confirm, decide, withdraw
from tests import make
from tests.payments.conftest import again


def rule(on: Any, to_professional: int, to_business: int, amount: int = 0, **more: Any) -> Decision:
    """A ruling about a holding, as an admin makes it."""
    by = more.pop("by", None) or make.staff()
    more = {"reason": "Half of it was delivered.", "request_id": str(uuid4()), **more}
    made = decide("ruling", f"holding:{again(on).id}", amount, "usd", by=by, to_professional=to_professional,
                  to_business=to_business, **more)  # fmt: skip
    commit()
    return again(made)


def frozen(reason: str = "The two sides quarrel.") -> Any:
    """A paid holding that a dispute holds."""
    on = make.funded()
    freeze(again(on), reason, by=None, kind="dispute")
    commit()
    return again(on)


def test_a_ruling_splits_what_is_held_and_ends_the_freeze(app: Any) -> None:
    on = frozen()
    assert rule(on, 20000, 28000).state == "done"
    on = again(on)
    assert (on.released_minor, on.refunded_minor, on.left_minor, on.is_frozen) == (20000, 28000, 0, False)
    assert books() == []


def test_what_goes_back_comes_out_of_a_release_that_was_not_sent(app: Any) -> None:
    on = make.funded()
    release(again(on), 48000, by=None, reason="Approved", request_id="r")
    commit()
    rule(on, 0, 30000)
    on = again(on)
    assert (on.released_minor, on.refunded_minor, on.clawed_minor, on.fee_minor) == (18000, 30000, 0, 1800)
    assert books() == []


def test_what_was_sent_is_clawed_back(app: Any, sent: Any) -> None:
    on = sent()
    rule(on, 0, 30000)
    jobs.drain()
    assert (again(on).clawed_minor, again(on).fee_minor, books()) == (30000, 1800, [])


def test_a_bank_comes_before_a_ruling(app: Any) -> None:
    on = frozen()
    freeze(again(on), "The bank disputes it.", by=None, kind="chargeback", cause="chargeback:1")
    commit()
    with pytest.raises(Stale, match="chargeback"):
        rule(on, 48000, 0)


@pytest.mark.parametrize(("one", "other"), [(48001, 0), (0, 48001), (24000, 24001), (-1, 100)])
def test_more_than_there_is_cannot_be_ruled(app: Any, one: int, other: int) -> None:
    with pytest.raises(Refused):
        rule(frozen(), one, other)


def test_a_large_decision_waits_for_a_second_admin(app: Any) -> None:
    on, first = make.funded(make.holding(amount_minor=200_000)), make.staff()
    row = rule(on, 100_000, 100_000, amount=200_000, by=first)
    assert (row.state, again(on).left_minor) == ("waiting", 200_000)
    with pytest.raises(Forbidden, match="second person"):
        confirm(row, by=again(first))
    confirm(row, by=make.staff(name="Bo Second"))
    commit()
    assert (again(row).state, again(on).left_minor, books()) == ("done", 0, [])
    with pytest.raises(Stale, match="confirmed or withdrawn"):
        confirm(again(row), by=make.staff(name="Cy Third"))


def test_what_is_split_into_small_decisions_waits_as_the_large_one_would(app: Any) -> None:
    on = make.funded(make.holding(amount_minor=200_000))
    assert rule(on, 0, 60_000, amount=60_000).state == "done"
    second = rule(on, 0, 40_000, amount=40_000, by=make.staff(name="Bo Second"))
    assert (second.state, again(on).refunded_minor) == ("waiting", 60_000)
    withdraw(second, by=make.staff(name="Cy Third"))
    assert rule(on, 0, 39_999, amount=39_999, by=make.staff(name="Di Fourth")).state == "done"
    clock.move_to(now() + timedelta(days=1, minutes=1))
    assert rule(on, 0, 40_000, amount=40_000, by=make.staff(name="Ed Fifth")).state == "done"


def test_a_decision_can_be_withdrawn_before_it_is_confirmed(app: Any) -> None:
    on = make.funded(make.holding(amount_minor=200_000))
    row = rule(on, 0, 200_000, amount=200_000)
    withdraw(row, by=make.staff(name="Bo Second"))
    commit()
    with pytest.raises(Stale):
        confirm(again(row), by=make.staff(name="Cy Third"))
    assert again(on).left_minor == 200_000


def test_pressing_twice_is_one_decision(app: Any) -> None:
    on, by, once = frozen(), make.staff(), str(uuid4())
    assert rule(on, 100, 0, by=by, request_id=once).id == rule(on, 100, 0, by=again(by), request_id=once).id
    assert again(on).released_minor == 100


def test_nobody_but_admins_decides_and_not_without_a_reason(app: Any) -> None:
    on = frozen()
    with pytest.raises(Forbidden, match="Only an admin"):
        rule(on, 100, 0, by=make.owner_of(on.organisation))
    with pytest.raises(Refused, match="reason"):
        rule(on, 100, 0, reason=" ")


def test_a_decision_about_nothing_is_refused(app: Any) -> None:
    with pytest.raises(Refused, match="not there"):
        decide("claw_back", f"holding:{uuid4()}", 1, "usd", by=make.staff(), reason="Why not", request_id="x")


def test_the_platform_withdraws_only_what_is_its_own(app: Any) -> None:
    make.funded()
    with pytest.raises(Refused, match="is the platform"):
        decide("withdraw", "platform:usd", 100, "usd", by=make.staff(), reason="Rent", request_id="x")


def test_what_is_withdrawn_already_is_not_withdrawn_once_more(app: Any) -> None:
    payouts.topup(
        {"status": "succeeded", "balance_transaction": {"id": "txn_1", "net": 900, "currency": "usd"}}
    )
    commit()
    admin = make.staff()
    decide("withdraw", "platform:usd", 900, "usd", by=admin, reason="Rent", request_id="x")
    with pytest.raises(Refused, match=r"At most \$0.00"):
        decide("withdraw", "platform:usd", 900, "usd", by=admin, reason="Rent", request_id="y")


def test_a_release_that_stripe_refused_goes_back_without_a_debt(app: Any) -> None:
    on = make.funded()
    made = release(again(on), 48000, by=None, reason="Approved", request_id="r")
    made.called_at = now()
    answers.rejected("transfer", made.id, "This account is closed.")
    commit()
    rule(on, 0, 48000)
    on = again(on)
    assert (again(made).state, on.released_minor, on.refunded_minor, on.clawed_minor) == (
        "voided",
        0,
        48000,
        0,
    )
    assert (many(select(Debt)), books()) == ([], [])
