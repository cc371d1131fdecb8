"""Chargebacks: the bank takes money back; what that stops, and who bears it when it is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from marketplace.config import rules
from marketplace.kernel import jobs
from marketplace.kernel.db import commit, many, one
from marketplace.kernel.errors import Forbidden, Refused, Stale
from marketplace.payments import chargebacks, stripe
from marketplace.payments.actions import release
from marketplace.payments.chargebacks import answer, concede
from marketplace.payments.check import books
from marketplace.payments.claims import Chargeback, ChargebackPart, Debt
from marketplace.payments.models import Freeze, Holding
from marketplace.payments.rulings import decide
from tests import make
from tests.payments.conftest import again, pass_days


@pytest.fixture
def taken(catch_up: Callable[[], None], act: Any) -> Callable[..., Chargeback]:
    """The bank takes the money of a holding back, and we hear of it."""

    def take(on: Holding, **more: Any) -> Chargeback:
        act("dispute", charge=again(on).live_allocation.payment.charge_id, **more)  # type: ignore[union-attr]
        catch_up()
        return one(select(Chargeback))

    return take


@pytest.fixture
def decided(catch_up: Callable[[], None], act: Any) -> Callable[[Chargeback, str], Chargeback]:
    """The bank's last word, and we hear of it."""

    def decide_(row: Chargeback, verdict: str) -> Chargeback:
        act(f"dispute_{verdict}", dispute=row.stripe_dispute)
        catch_up()
        return again(row)

    return decide_


def test_a_chargeback_freezes_what_is_held(app: Any, paid: Any, taken: Any) -> None:
    on = make.holding()
    paid(on)
    row = taken(on)
    assert (row.state, row.amount_minor, again(on).is_frozen) == ("needs_response", 48000, True)
    with pytest.raises(Stale, match="frozen"):
        release(again(on), 48000, by=None, reason="Approved", request_id="r")
    assert books() == []


def test_won_thaws_and_everything_goes_on(app: Any, paid: Any, taken: Any, decided: Any) -> None:
    on = make.holding()
    paid(on)
    assert decided(taken(on), "won").is_over
    assert (again(on).is_frozen, again(on).left_minor) == (False, 48000)
    assert release(again(on), 48000, by=None, reason="Approved", request_id="r").gross_minor == 48000
    commit()
    assert books() == []


def test_lost_before_release_takes_what_is_held(app: Any, paid: Any, taken: Any, decided: Any) -> None:
    on = make.holding()
    paid(on)
    decided(taken(on), "lost")
    assert (again(on).money_state, again(on).lost_minor, again(on).left_minor) == ("lost", 48000, 0)
    assert (many(select(Debt)), books()) == ([], [])


def test_lost_after_release_is_carried_by_the_platform_up_to_the_cover(
    app: Any, sent: Any, taken: Any, decided: Any, monkeypatch: Any
) -> None:
    monkeypatch.setitem(rules().chargeback_cover, "usd", 40000)
    on = sent()
    decided(taken(on), "lost")
    part = one(select(ChargebackPart))
    assert (part.held_minor, part.fee_minor, part.carried_minor, part.owed_minor) == (0, 4800, 40000, 3200)
    assert (one(select(Debt)).left_minor, again(on).fee_minor, again(on).clawed_minor) == (3200, 0, 48000)
    assert books() == []


def test_within_the_cover_the_professional_owes_nothing(
    app: Any, sent: Any, taken: Any, decided: Any
) -> None:
    decided(taken(sent()), "lost")
    assert (many(select(Debt)), books()) == ([], [])


def test_a_part_of_a_payment_for_two_milestones_is_shared(
    app: Any, paid: Any, taken: Any, decided: Any
) -> None:
    org = make.business()
    first = make.holding(org, stream="contract:two")
    second = make.holding(org, amount_minor=24000, stream="contract:two")
    paid(first, second)
    decided(taken(first, amount=30000), "lost")
    assert (again(first).lost_minor, again(second).lost_minor) == (20000, 10000)
    assert books() == []


def test_a_transfer_within_its_hold_waits_for_the_bank(
    app: Any, paid: Any, onboarded: Any, taken: Any, decided: Any
) -> None:
    on = make.holding()
    paid(on)
    onboarded(again(on).payee)
    made = release(again(on), 48000, by=None, reason="Approved", request_id="r")
    commit()
    row = taken(on)
    pass_days(9)
    assert again(made).state == "authorised"
    decided(row, "won")
    pass_days(0)
    assert again(made).state == "authorised"
    pass_days(2)
    assert (again(made).state, books()) == ("paid", [])


def test_an_inquiry_moves_no_money(app: Any, paid: Any, act: Any, catch_up: Any) -> None:
    on = make.holding()
    payment = paid(on)
    act("inquiry", charge=payment.charge_id)
    catch_up()
    row = one(select(Chargeback))
    assert (row.moves_money, again(on).is_frozen, books()) == (False, True, [])


def test_an_old_word_never_replaces_a_newer_one(app: Any, paid: Any, taken: Any, decided: Any) -> None:
    on = make.holding()
    paid(on)
    row = taken(on)
    early = stripe.fetch_dispute(row.stripe_dispute)
    decided(row, "lost")
    chargebacks.dispute(early)
    commit()
    assert (again(row).state, again(on).is_frozen, books()) == ("lost", False, [])


@pytest.mark.parametrize(("words", "state"), [("winning_evidence", "won"), ("losing_evidence", "lost")])
def test_an_admin_answers_the_bank_once(
    app: Any, paid: Any, taken: Any, catch_up: Any, words: str, state: str
) -> None:
    on = make.holding()
    paid(on)
    row = answer(taken(on), words, by=make.staff())
    commit()
    jobs.drain()
    catch_up()
    assert again(row).state == state
    with pytest.raises(Stale, match="no further answer"):
        answer(again(row), "More", by=make.staff(name="Bo Second"))


def test_conceding_gives_the_money_back(app: Any, paid: Any, taken: Any, catch_up: Any) -> None:
    on = make.holding()
    paid(on)
    row = concede(taken(on), "They are right.", by=make.staff())
    commit()
    catch_up()
    assert (again(row).state, again(on).lost_minor) == ("lost", 48000)


def test_only_admins_answer_and_not_with_nothing(app: Any, paid: Any, taken: Any) -> None:
    on = make.holding()
    paid(on)
    row = taken(on)
    with pytest.raises(Forbidden, match="Only an admin"):
        answer(row, "Look", by=make.owner_of(again(on).organisation))
    with pytest.raises(Refused, match="this text alone"):
        answer(row, "  ", by=make.staff())


def test_a_warning_of_fraud_freezes_until_a_person_has_looked(app: Any, paid: Any, catch_up: Any) -> None:
    on = make.holding()
    paid(on, card="4000000000005423")
    catch_up()
    assert (one(select(Freeze)).kind, again(on).is_frozen) == ("warning", True)
    decide("ruling", f"holding:{again(on).id}", 0, "usd", by=make.staff(), reason="A known customer.",
           request_id="looked", to_professional=0, to_business=0)  # fmt: skip
    commit()
    catch_up()
    assert not again(on).is_frozen


def test_movements_are_entered_in_whatever_order_they_are_listed(app: Any, paid: Any, act: Any) -> None:
    on = make.holding()
    made = act("dispute", charge=paid(on).charge_id)
    act("dispute_won", dispute=made["id"])
    found = stripe.fetch_dispute(made["id"])
    chargebacks.dispute(found | {"balance_transactions": found["balance_transactions"][::-1]})
    commit()
    assert (one(select(Chargeback)).state, again(on).is_frozen, books()) == ("won", False, [])
