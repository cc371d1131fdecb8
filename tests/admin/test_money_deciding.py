"""An admin's decisions about money: what they do is shown first, the reason is kept, and above a limit two decide."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from marketplace.admin import previews
from marketplace.kernel.db import commit, many, one
from marketplace.payments.actions import freeze, refund, release
from marketplace.payments.check import books
from marketplace.payments.claims import Decision
from marketplace.payments.models import Holding, StripeCall
from marketplace.payments.rulings import rule
from tests import make
from tests.admin.test_money import owing
from tests.payments.conftest import again
from tests.payments.papering import handed

WHY = {"reason": "partly", "sentence": "Two of four posts were delivered."}


def sent(**more: str) -> dict[str, str]:
    """A decision as the form sends it."""
    return {"wanted": str(uuid4()), **WHY, **more}


def quarrel() -> Holding:
    """A paid holding that a dispute holds."""
    on = make.funded()
    freeze(again(on), "The two sides quarrel.", by=None, kind="dispute")
    commit()
    return again(on)


def test_a_ruling_shows_what_it_does_before_it_does_it(app: Any, browser: Any) -> None:
    on, admin = quarrel(), browser(make.staff())
    address, split = f"/admin/money/holdings/{on.id}/rule", {"to_professional": "200", "to_business": "280"}
    worked = admin.get(f"{address}?to_professional=200&to_business=280").text
    for words in ("$180.00", "$280.00", "$20.00"):
        assert words in worked
    first = admin.post(address, sent(**split, shown="0:0"))
    assert (first.status_code, "Below is what this split does" in first.text) == (409, True)
    assert 'value="20000:28000"' in first.text
    assert WHY["sentence"] in first.text
    assert admin.post(address, sent(**split, shown="20000:28000")).status_code == 303
    on = again(on)
    assert (on.released_minor, on.refunded_minor, on.is_frozen, books()) == (20000, 28000, False, [])


def test_working_a_split_out_asks_for_no_reason_and_says_what_is_too_much(app: Any, browser: Any) -> None:
    admin, address = browser(make.staff()), f"/admin/money/holdings/{quarrel().id}/rule"
    typed = {"wanted": str(uuid4()), "reason": "", "sentence": "", "reckon": "1"}
    fits = admin.post(address, {**typed, "to_professional": "200", "to_business": "280"})
    assert (fits.status_code, "$180.00" in fits.text, "There is a problem" in fits.text) == (200, True, False)
    beyond = admin.post(address, {**typed, "to_professional": "200", "to_business": "281"}).text
    assert "That is more than there is: $480.00 is held." in beyond
    unread = admin.post(address, {**typed, "to_professional": "much", "to_business": "0"})
    assert (unread.status_code, "Write the amount in figures" in unread.text) == (422, True)


def test_a_double_click_is_one_ruling(app: Any, browser: Any) -> None:
    on, admin = quarrel(), browser(make.staff())
    form = sent(to_professional="100", to_business="0", shown="10000:0")
    for _ in range(2):
        assert admin.post(f"/admin/money/holdings/{on.id}/rule", form).status_code == 303
    assert (again(on).released_minor, len(many(select(Decision)))) == (10000, 1)


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ({"to_professional": "abc", "to_business": "0", "shown": "0:0"}, 422, "figures only"),
        ({"to_professional": "481", "to_business": "0", "shown": "48100:0"}, 422, "At most $480.00"),
        (
            {"to_professional": "1", "to_business": "0", "shown": "100:0", "reason": ""},
            422,
            "Choose a reason",
        ),
        (
            {"to_professional": "1", "to_business": "0", "shown": "100:0", "sentence": "Short"},
            422,
            "at least 10",
        ),
    ],
)
def test_what_cannot_be_ruled_is_refused_and_kept(
    app: Any, browser: Any, typed: dict[str, str], status: int, words: str
) -> None:
    on = quarrel()
    answer = browser(make.staff()).post(f"/admin/money/holdings/{on.id}/rule", sent(**typed))
    assert (answer.status_code, words in answer.text) == (status, True)
    assert f'value="{typed["to_professional"]}"' in answer.text
    assert (again(on).left_minor, many(select(Decision))) == (48000, [])


@pytest.mark.parametrize(
    ("pro", "back"), [(0, 0), (20000, 28000), (48000, 0), (0, 48000), (12345, 6789), (0, 30001)]
)
@pytest.mark.parametrize("released", [0, 20000])
def test_the_preview_is_what_happens(app: Any, pro: int, back: int, released: int) -> None:
    on = make.funded()
    if released:
        release(again(on), released, by=None, reason="Approved", request_id="r")
        commit()
    before, seen = again(on).fee_minor, previews.ruling(again(on), pro, back)
    rule(again(on), pro, back, by=make.staff(), reason="So be it.", request_id=str(uuid4()))
    commit()
    on = again(on)
    assert (seen.fee_after, seen.fee, seen.stays) == (on.fee_minor, on.fee_minor - before, on.left_minor)
    assert (seen.returned, seen.clawed) == (on.refunded_minor, on.clawed_minor)
    owed = sum(row.owed_minor for row in on.releases)
    assert seen.professional == owed - (released - before)


def test_a_large_ruling_waits_for_a_second_admin(app: Any, browser: Any) -> None:
    on = make.funded(make.holding(amount_minor=200_000))
    admin, address = browser(make.staff()), f"/admin/money/holdings/{on.id}/rule"
    assert "a second admin has to confirm" in admin.get(f"{address}?to_professional=2000&to_business=0").text
    place = admin.post(address, sent(to_professional="2000", to_business="0", shown="200000:0")).location
    assert "Waits for a second admin" in admin.get(place).text
    assert again(on).left_minor == 200_000
    assert "Ruling about $2,000.00" in admin.get("/admin/money").text


def test_thawing_ends_the_freeze_and_moves_nothing(app: Any, browser: Any) -> None:
    on = quarrel()
    assert browser(make.staff()).post(f"/admin/money/holdings/{on.id}/thaw", sent()).status_code == 303
    assert (again(on).is_frozen, again(on).left_minor) == (False, 48000)


def test_a_banks_freeze_is_not_thawed_by_hand(app: Any, browser: Any) -> None:
    on = quarrel()
    freeze(again(on), "The bank disputes it.", by=None, kind="chargeback", cause="chargeback:1")
    commit()
    answer = browser(make.staff()).post(f"/admin/money/holdings/{on.id}/thaw", sent())
    assert (answer.status_code, "chargeback" in answer.text) == (409, True)
    assert again(on).is_frozen


def test_what_was_released_is_taken_back(app: Any, browser: Any) -> None:
    on = make.funded()
    release(again(on), 48000, by=None, reason="Approved", request_id="r")
    handed(on)
    admin, address = browser(make.staff()), f"/admin/money/holdings/{on.id}/claw-back"
    assert "Up to $480.00 can go back" in admin.get(address).text
    assert admin.post(address, sent(amount="480.01")).status_code == 422
    assert admin.post(address, sent(amount="300")).status_code == 303
    assert (again(on).clawed_minor, books()) == (30000, [])


def test_a_failed_refund_is_sent_again_or_taken_back(app: Any, browser: Any) -> None:
    on, admin = make.funded(), browser(make.staff())
    stuck = refund(again(on), 10000, by=None, reason="Cancelled", request_id="r")
    stuck.failure = "Stripe refused it."
    one(select(StripeCall).where(StripeCall.op == "refund")).state = "rejected"
    commit()
    assert "Stripe refused it." in admin.get(f"/admin/money/refunds/{stuck.id}/retry").text
    assert admin.post(f"/admin/money/refunds/{stuck.id}/void", sent(reason="bank")).status_code == 303
    assert (again(stuck).state, again(on).left_minor, books()) == ("voided", 48000, [])
    assert admin.post(f"/admin/money/refunds/{stuck.id}/retry", sent(reason="bank")).status_code == 409


def test_a_blocked_transfer_is_sent_again(app: Any, browser: Any) -> None:
    on, admin = make.funded(), browser(make.staff())
    made = release(again(on), 48000, by=None, reason="Approved", request_id="r")
    made.state = "blocked"
    commit()
    address = f"/admin/money/releases/{made.id}/send-again"
    assert "Send $432.00 again" in admin.get(address).text
    assert admin.post(address, sent(reason="bank")).status_code == 303
    assert again(made).state == "authorised"
    assert admin.post(address, sent(reason="bank")).status_code == 409


def test_giving_up_more_than_is_owed_is_refused(app: Any, browser: Any) -> None:
    on = make.funded()
    debt = owing(again(on))
    admin, address = browser(make.staff()), f"/admin/money/debts/{debt.id}/write-off"
    assert "$32.00 of $32.00" in admin.get(address).text
    answer = admin.post(address, sent(amount="32.01"))
    assert (answer.status_code, "up to $32.00" in answer.text) == (422, True)
    assert again(debt).left_minor == 3200


def test_only_the_platforms_own_money_is_withdrawn(app: Any, browser: Any) -> None:
    make.funded()
    admin = browser(make.staff())
    assert "beyond all that is held" in admin.get("/admin/money/withdraw").text
    answer = admin.post("/admin/money/withdraw?currency=usd", sent(amount="100"))
    assert (answer.status_code, "is the platform" in answer.text) == (422, True)
    assert admin.get("/admin/money/withdraw?currency=xyz").status_code == 404
