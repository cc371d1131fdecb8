"""The statement of a payout lists what it brought to the bank, once, and sums to what was paid out."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from marketplace.kernel import clock, events
from marketplace.kernel.db import add, commit, many
from marketplace.kernel.events import tell
from marketplace.payments import payout_statements
from marketplace.payments.actions import release
from marketplace.payments.ledger import post
from marketplace.payments.models import Holding
from marketplace.payments.outside import Payout, PayoutItem
from marketplace.payments.papers import Document
from tests.payments.conftest import again
from tests.payments.papering import funded, printed


def arrived(on: Holding, amount: int = 17500, **also: Any) -> Payout:
    """A payout that brought a release of 180.00 less 5.00 to the bank."""
    made = release(again(on), 20000, by=None, reason="Approved", request_id="a")
    row = add(Payout(person_id=again(on).payee_id, currency="usd", amount_minor=amount, state="paid",
                     stripe_payout=f"po_{uuid4().hex[:8]}", bank_last4="6789", **also))  # fmt: skip
    add(PayoutItem(payout_id=row.id, stripe_transaction="txn_1", kind="payment", amount_minor=18000,
                   release_id=made.id))  # fmt: skip
    lines = {"memo:world": amount, f"memo:pro_stripe:{again(on).payee_id}": -amount}
    post("payout_paid", row.stripe_payout or "", "usd", lines, stream="payouts:all")
    commit()
    return row


def stated() -> list[Document]:
    """The statements of payouts."""
    return many(select(Document).where(Document.kind == "payout_statement"))


def test_a_statement_lists_what_the_payout_brought(app: Any) -> None:
    on = funded()
    payout_statements.make_job(str(arrived(on).id))
    (row,) = stated()
    assert [(line["text"], line["minor"]) for line in row.data["lines"]] == [
        ("Four posts", 18000), ("Other movements of the account", -500),
    ]  # fmt: skip
    assert sum(line["minor"] for line in row.data["lines"]) == row.total_minor == 17500
    assert (row.person_id, row.organisation_id, row.issuer) == (again(on).payee_id, None, "platform")


def test_its_pdf_names_the_bank_account_and_the_sum(app: Any) -> None:
    payout_statements.make_job(str(arrived(funded()).id))
    words = printed(stated()[0]).replace("\N{NO-BREAK SPACE}", " ")
    for part in (
        "Payout statement",
        "Bank account ending in 6789",
        "Four posts",
        "180.00",
        "175.00 USD paid out",
    ):
        assert part in words


def test_it_is_made_once_when_the_parts_are_known(app: Any, work: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(events, "after_commit", [payout_statements.heard])
    row = arrived(funded())
    for _ in range(2):
        tell("payout.itemised", row, by=None, stream="payouts:all")
        commit()
        work()
        row = again(row)
    assert len(stated()) == 1


@pytest.mark.parametrize("state", ["in_transit", "failed"])
def test_what_did_not_arrive_has_no_statement(app: Any, state: str) -> None:
    row = arrived(funded())
    row.state = state
    commit()
    payout_statements.make_job(str(again(row).id))
    assert stated() == []


def test_the_sweep_finds_what_a_job_left_out(app: Any) -> None:
    row = arrived(funded())
    assert many(payout_statements.overdue(clock.now())) == [row.id]
    payout_statements.payout_statement(row.id)
    commit()
    assert many(payout_statements.overdue(clock.now())) == []


def test_the_page_says_when_the_payout_came_back_later(app: Any, browser: Any) -> None:
    on = funded()
    row = arrived(on)
    payout_statements.make_job(str(row.id))
    theirs, where = browser(again(on).payee), f"/payments/documents/{stated()[0].id}"
    assert "came back from the bank" not in theirs.get(where).text
    again(row).state = "failed"
    commit()
    assert "came back from the bank" in theirs.get(where).text
