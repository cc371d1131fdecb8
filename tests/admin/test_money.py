"""The admin's pages of money: what waits, what a bank is answered, and decisions of two people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from marketplace.admin.money_queues import money_queues
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, commit, db, many, one
from marketplace.kernel.events import Event
from marketplace.payments.actions import freeze, refund, release
from marketplace.payments.claims import Chargeback, Debt, Decision
from marketplace.payments.models import Holding, Refund, StripeCall
from marketplace.payments.outside import Payout
from tests import make
from tests.counting import queries
from tests.payments.conftest import again

WHY = {"reason": "partly", "sentence": "Two of four posts were delivered."}


def totals() -> dict[str, int]:
    """How much waits in each queue."""
    return {queue.title: queue.total for queue in money_queues()}


def disputed(on: Holding, **also: Any) -> Chargeback:
    """A chargeback of a holding's payment, as the bank opened it."""
    payment = again(on).live_allocation.payment  # type: ignore[union-attr]
    also = {
        "state": "needs_response",
        "reason": "product_not_received",
        "answer_by": now() + timedelta(days=7),
        **also,
    }
    row = add(
        Chargeback(payment_id=payment.id, stripe_dispute=f"du_{uuid4().hex}", currency=payment.currency,
                   amount_minor=payment.amount_minor, **also)
    )  # fmt: skip
    commit()
    return row


def owing(on: Holding, amount_minor: int = 3200) -> Debt:
    """What the professional owes for a holding."""
    row = add(
        Debt(person_id=on.payee_id, holding_id=on.id, currency=on.currency, amount_minor=amount_minor,
             reason="A chargeback was lost.", cause=f"test:{uuid4()}")
    )  # fmt: skip
    commit()
    return row


def test_an_empty_house_says_so(app: Any, browser: Any) -> None:
    assert set(totals().values()) == {0}
    shown = browser(make.staff()).get("/admin/money").text
    for words in ("No bank disputes a payment.", "Every refund went through.", "No money has moved yet."):
        assert words in shown


def test_everything_that_waits_stands_there(app: Any, browser: Any) -> None:
    on = make.funded()
    freeze(again(on), "Fraud?", by=None, kind="warning")
    failed = refund(make.funded(), 1000, by=None, reason="Cancelled", request_id="r")
    failed.state, failed.failure = "failed", "expired_or_canceled_card"
    blocked = release(make.funded(), 48000, by=None, reason="Approved", request_id="a")
    blocked.state = "blocked"
    commit()
    disputed(make.funded())
    owing(again(on))
    assert totals() == {
        "Chargebacks": 1, "Waiting for a second admin": 0, "Frozen money": 1, "Transfers that wait": 1,
        "Payouts that came back": 0, "Refunds that wait": 1, "Surpluses": 0, "Debts": 1,
    }  # fmt: skip
    shown = browser(make.staff()).get("/admin/money").text
    for words in (
        "product not received",
        "Fraud?",
        "$432.00 for “Four posts”",
        "expired or canceled card",
        "$32.00 of",
    ):
        assert words in shown


def test_the_page_costs_the_same_however_much_waits(app: Any, browser: Any) -> None:
    for _ in range(13):
        on = make.funded()
        disputed(on)
        owing(again(on))
        freeze(again(on), "Fraud?", by=None, kind="warning")
        commit()
    admin = browser(make.staff())
    with queries(app) as sent:
        assert "And 3 more." in admin.get("/admin/money").text
    assert len(sent) <= 24


PAGES = (
    "", "/chargebacks/{c}", "/chargebacks/{c}/concede", "/holdings/{h}", "/holdings/{h}/rule", "/holdings/{h}/freeze",
    "/holdings/{h}/thaw", "/holdings/{h}/claw-back", "/debts/{d}/write-off", "/withdraw",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_nobody_but_admins_finds_these_pages(app: Any, browser: Any, page: str) -> None:
    on = make.funded()
    ids = {"c": disputed(on).id, "h": again(on).id, "d": owing(again(on)).id}
    address = "/admin/money" + page.format_map(ids)
    assert browser(make.staff()).get(address).status_code == 200
    for person in (make.owner_of(again(on).organisation), again(on).payee, make.reader(), make.person()):
        looking = browser(person)
        assert (looking.get(address).status_code, looking.post(address, WHY).status_code) in {
            (404, 404),
            (404, 405),
        }


def test_the_answer_to_a_bank_is_made_from_the_record(app: Any, browser: Any) -> None:
    contract = make.working()
    on = one(select(Holding))
    row = disputed(on)
    admin, address = browser(make.staff()), f"/admin/money/chargebacks/{row.id}"
    shown = admin.get(address).text
    for words in (
        again(contract).current_terms.sha256,
        "Signed by",
        "nothing was sent yet",
        "Answer before",
        "Four posts",
    ):
        assert words in shown
    assert admin.post(address, {"evidence": "Short."}).status_code == 422
    words = "The work was delivered and approved, as the hashes above say. " * 2
    assert admin.post(address, {"evidence": words}).status_code == 303
    assert again(row).evidence == words.strip()
    assert "What we answered" in admin.get(address).text
    assert admin.post(address, {"evidence": words}).status_code == 409


def test_conceding_asks_once_more_and_keeps_why(app: Any, browser: Any) -> None:
    row = disputed(make.funded())
    admin, address = browser(make.staff()), f"/admin/money/chargebacks/{row.id}/concede"
    assert "Let the bank have $480.00?" in admin.get(address).text
    assert admin.post(address, {"sentence": ""}).status_code == 422
    assert admin.post(address, {"sentence": "Nothing was ever delivered."}).status_code == 303
    told = one(select(Event).where(Event.name == "chargeback.conceded"))
    assert (told.data["reason"], told.by_id is None) == ("Nothing was ever delivered.", False)


def waiting(on: Holding, by: Any) -> Decision:
    """A ruling above the limit, which one admin made."""
    from marketplace.payments.rulings import decide

    row = decide("ruling", f"holding:{on.id}", 200_000, "usd", by=by, reason="Half was delivered.",
                 request_id=str(uuid4()), to_professional=100_000, to_business=100_000)  # fmt: skip
    commit()
    return row


def test_a_second_admin_confirms(app: Any, browser: Any) -> None:
    on, first = make.funded(make.holding(amount_minor=200_000)), make.staff()
    row = waiting(again(on), again(first))
    address = f"/admin/money/decisions/{row.id}"
    mine, theirs = browser(again(first)), browser(make.staff(name="Bo Second"))
    assert "another admin has to confirm it" in mine.get(address).text
    refused = mine.post(f"{address}/confirm")
    assert (refused.status_code, "second person" in refused.text) == (403, True)
    assert "Confirm it" in theirs.get(address).text
    assert theirs.post(f"{address}/confirm").status_code == 303
    assert (again(row).state, again(on).left_minor) == ("done", 0)
    assert theirs.post(f"{address}/confirm").status_code == 409


def test_a_decision_is_withdrawn(app: Any, browser: Any) -> None:
    on, first = make.funded(make.holding(amount_minor=200_000)), make.staff()
    row = waiting(again(on), again(first))
    admin, address = browser(again(first)), f"/admin/money/decisions/{row.id}"
    assert admin.post(f"{address}/withdraw").status_code == 303
    assert "Withdrawn" in admin.get(address).text
    assert (again(row).state, again(on).left_minor) == ("withdrawn", 200_000)


def test_freezing_by_hand_tells_why(app: Any, browser: Any) -> None:
    on = make.funded()
    admin = browser(make.staff())
    sent = {"wanted": str(uuid4()), "reason": "fraud", "sentence": "The card was reported stolen."}
    assert admin.post(f"/admin/money/holdings/{on.id}/freeze", sent).status_code == 303
    assert again(on).is_frozen
    assert "Fraud. The card was reported stolen." in admin.get(f"/admin/money/holdings/{on.id}").text


def test_freezing_with_a_double_click_is_one_freeze(app: Any, browser: Any) -> None:
    on = make.funded()
    admin = browser(make.staff())
    sent = {"wanted": str(uuid4()), "reason": "fraud", "sentence": "The card was reported stolen."}
    for _ in range(2):
        assert admin.post(f"/admin/money/holdings/{on.id}/freeze", sent).status_code == 303
    assert len(again(on).freezes) == 1


def test_one_milestones_page_shows_all_that_can_be_decided(app: Any, browser: Any) -> None:
    on = make.funded()
    stuck = refund(again(on), 1000, by=None, reason="Cancelled", request_id="r")
    stuck.state = "failed"
    blocked = release(again(on), 20000, by=None, reason="Approved", request_id="a")
    blocked.state = "blocked"
    commit()
    owing(again(on))
    disputed(on)
    shown = browser(make.staff()).get(f"/admin/money/holdings/{on.id}").text
    for words in ("Rule about it", "Take back what was released", "Send $180.00 again", "Refund again", "Give it up",
                  "product not received", "Freeze"):  # fmt: skip
        assert words in shown
    assert many(select(StripeCall).where(StripeCall.op == "transfer")) == []
    assert db.session.get(Refund, stuck.id) is not None


def test_a_payout_that_came_back_waits_until_a_later_one_arrives(app: Any) -> None:
    person = make.professional().person
    for owner in (person.id, None):
        add(
            Payout(
                person_id=owner, currency="usd", amount_minor=43200, state="failed", failure="account_closed"
            )
        )
    commit()
    assert totals()["Payouts that came back"] == 2
    add(Payout(person_id=person.id, currency="usd", amount_minor=43200, state="paid"))
    commit()
    waiting = next(queue for queue in money_queues() if queue.title == "Payouts that came back")
    assert [row.words for row in waiting.rows] == ["$432.00 of the platform: account closed"]
