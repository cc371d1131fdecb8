"""Where is my money? One page for each milestone, whose parts add up to what was paid in, and its release."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from marketplace.config import rules
from marketplace.deliverables.models import Piece
from marketplace.kernel import clock, jobs
from marketplace.kernel.db import add, commit, many, one
from marketplace.payments import where
from marketplace.payments.actions import freeze, refund, release
from marketplace.payments.backward import claw_back
from marketplace.payments.claims import Debt
from marketplace.payments.ledger import post
from marketplace.payments.models import Holding, Release, holdings_of
from tests import make
from tests.counting import queries
from tests.payments.conftest import again


def placed(on: Holding) -> dict[str, int]:
    """Where each part is now; asserted to add up."""
    places = {place.title: place.minor for place in where.places(where.way_of(again(on)))}
    assert sum(places.values()) == again(on).funded_minor
    return places


def test_each_part_is_somewhere_and_they_add_up(app: Any) -> None:
    on = make.funded()
    assert placed(on) == {"Held": 48000}
    release(again(on), 20000, by=None, reason="Approved", request_id="a")
    refund(again(on), 10000, by=None, reason="Cancelled", request_id="b")
    commit()
    assert placed(on) == {
        "Held": 18000, "Released to Ines Okafor, on hold": 18000, "Our fee": 2000,
        "On its way back to the business": 10000,
    }  # fmt: skip
    clock.move_to(clock.now() + again(on).hold * 2)
    assert placed(on)["Released to Ines Okafor, not sent yet"] == 18000


def paid_out(on: Holding, minor: int, kind: str = "payout_paid") -> None:
    """So much of the professional's account at Stripe goes to the bank, or comes back from it."""
    sign = 1 if kind == "payout_paid" else -1
    person = f"memo:pro_stripe:{again(on).payee_id}"
    post(kind, "po_1", "usd", {"memo:world": sign * minor, person: -sign * minor}, stream="payouts:all")
    commit()


def test_what_was_sent_is_at_stripe_and_then_at_the_bank(app: Any, sent: Any) -> None:
    on = sent()
    assert placed(on) == {"In Ines Okafor’s account at Stripe": 43200, "Our fee": 4800}
    assert [step.state for step in where.steps(where.way_of(again(on)))][-2:] == ["here", "ahead"]
    paid_out(on, 30000)
    assert placed(on) == {
        "In Ines Okafor’s account at Stripe": 13200, "Paid out to Ines Okafor’s bank": 30000, "Our fee": 4800,
    }  # fmt: skip
    paid_out(on, 30000, "payout_failed")
    assert placed(on)["In Ines Okafor’s account at Stripe"] == 43200


def test_what_came_first_goes_to_the_bank_first(app: Any, sent: Any) -> None:
    first = sent()
    second = sent(make.holding(payee=again(first).payee, amount_minor=10000))
    paid_out(first, 45000)
    assert placed(first) == {"Paid out to Ines Okafor’s bank": 43200, "Our fee": 4800}
    assert placed(second) == {
        "In Ines Okafor’s account at Stripe": 7200, "Paid out to Ines Okafor’s bank": 1800, "Our fee": 1000,
    }  # fmt: skip


def test_what_was_clawed_back_is_owed_until_it_is_paid(app: Any, sent: Any) -> None:
    on = sent()
    claw_back(again(on), 30000, by=make.staff(), reason="Not what was agreed.", request_id="c")
    commit()
    places = placed(on)
    assert (places["Owed back by Ines Okafor"], places["Our fee"]) == (-27000, 1800)
    assert places["On its way back to the business"] == 30000
    jobs.drain()
    assert placed(on) == {
        "In Ines Okafor’s account at Stripe": 16200, "Our fee": 1800, "Returned to the business": 30000,
    }  # fmt: skip


def test_a_lost_chargeback_says_who_bears_it(
    app: Any, sent: Any, act: Any, catch_up: Any, browser: Any, monkeypatch: Any
) -> None:
    monkeypatch.setitem(rules().chargeback_cover, "usd", 40000)
    on = sent()
    taken = act("dispute", charge=where.way_of(again(on)).payment.charge_id)  # type: ignore[union-attr]
    catch_up()
    act("dispute_lost", dispute=taken["id"])
    catch_up()
    places = placed(on)
    assert (places["Carried by Not an Echo"], places["Owed back by Ines Okafor"]) == (-40000, -3200)
    for person in (make.owner_of(again(on).organisation), again(on).payee):
        shown = browser(person).get(f"/payments/holdings/{again(on).id}").text
        assert "Who bears it" in shown
        assert "$400.00" in shown
        assert "$32.00" in shown


def test_both_sides_see_the_way_and_strangers_nothing(app: Any, browser: Any) -> None:
    on = make.funded()
    freeze(again(on), "A person looks at it.", by=None, kind="review")
    commit()
    address = f"/payments/holdings/{on.id}"
    for person in (make.owner_of(again(on).organisation), again(on).payee):
        shown = browser(person).get(address).text
        for words in (
            "Paid in",
            "Held now",
            "Sent to Stripe",
            "At the bank",
            "A person looks at it.",
            "$480.00",
        ):
            assert words in shown
    assert browser(make.person()).get(address).status_code == 404


def test_the_page_costs_the_same_however_much_happened(app: Any, browser: Any) -> None:
    on = make.funded()
    for number in range(12):
        release(again(on), 1000, by=None, reason="Approved", request_id=str(number))
        refund(again(on), 1000, by=None, reason="Cancelled", request_id=f"r{number}")
        commit()
    boss = browser(make.owner_of(again(on).organisation))
    with queries(app) as sent:
        boss.get(f"/payments/holdings/{on.id}")
    assert len(sent) <= 24


def under_way(approved: int) -> tuple[str, Any, Any]:
    """The address of the release of a milestone of three pieces, its money, and the boss."""
    contract = make.working()
    for number in range(3):
        state = "approved" if number < approved else "with_writer"
        add(
            Piece(milestone_id=contract.milestones[0].id, number=number + 1, title="Post", platform="linkedin",
                  kind="post", state=state)
        )  # fmt: skip
    commit()
    held = one(holdings_of(contract.subject))
    return f"/contracts/{contract.id}/milestones/1/release", held, make.owner_of(contract.organisation)


def test_the_page_offers_all_the_approved_pieces_or_an_amount(app: Any, browser: Any) -> None:
    address, _, owner = under_way(approved=2)
    boss = browser(owner)
    shown = boss.get(address).text
    assert "All that is left: $480.00" in shown
    assert "Only what is approved: $320.00 (2 of 3 pieces are approved)" in shown
    assert "Release $320.00" in boss.get(f"{address}?how=pieces").text
    typed = boss.get(f"{address}?how=amount&typed=100").text
    assert "Release $100.00" in typed
    assert "$90.00" in typed


def test_without_an_approved_piece_none_is_offered(app: Any, browser: Any) -> None:
    address, _, owner = under_way(approved=0)
    assert "Only what is approved" not in browser(owner).get(address).text


def test_a_part_is_released_once_its_sum_was_shown(app: Any, browser: Any) -> None:
    address, held, owner = under_way(approved=1)
    boss, sent = browser(owner), {"wanted": str(uuid4()), "how": "pieces"}
    answer = boss.post(address, {**sent, "amount": "48000"})
    assert answer.status_code == 409
    assert "It is $160.00 now" in answer.text
    assert many(select(Release)) == []
    assert boss.post(address, {**sent, "amount": "16000"}).status_code == 303
    assert (again(held).released_minor, again(held).left_minor) == (16000, 32000)
    assert "Only what is approved" not in boss.get(address).text


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [("abc", 422, "figures only"), ("480.01", 422, "up to $480.00"), ("", 422, "up to"), ("0", 422, "up to")],
)
def test_an_amount_that_cannot_be_is_refused_and_kept(
    app: Any, browser: Any, typed: str, status: int, words: str
) -> None:
    address, held, owner = under_way(approved=0)
    minor = {"480.01": "48001"}.get(typed, "0")
    sent = {"wanted": str(uuid4()), "how": "amount", "typed": typed, "amount": minor}
    answer = browser(owner).post(address, sent)
    assert (answer.status_code, words in answer.text) == (status, True)
    assert f'value="{typed}"' in answer.text
    assert again(held).released_minor == 0
    assert many(select(Debt)) == []


def test_a_debt_that_was_undone_took_nothing_out_of_the_account(
    app: Any, sent: Any, act: Any, catch_up: Any
) -> None:
    on = sent()
    made = act("refund", charge=on.live_allocation.payment.charge_id, amount=10000)
    catch_up()
    act("fail_refund", refund=made["id"])
    catch_up()
    assert placed(on) == {"In Ines Okafor’s account at Stripe": 43200, "Our fee": 4800}
