"""Ending a difference in the books: by an entry of its own, or in words; by two people where it is much."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from marketplace.kernel.db import commit, many, one
from marketplace.payments.check import books
from marketplace.payments.claims import Decision
from marketplace.payments.differences import differ
from marketplace.payments.ledger import Entry
from marketplace.payments.outside import Difference
from tests import make
from tests.payments.conftest import again

FOUND = {"reason": "bank", "sentence": "Stripe charged for a report that somebody ordered."}


def difference(cause: str = "missing_here", theirs: int = -500) -> Difference:
    """An open difference of five dollars."""
    row = differ(
        cause, "balance_transaction", "txn_1", "usd", None, theirs, "Stripe took $5.00 that we do not know."
    )
    commit()
    return again(row)


def entry(**more: str) -> dict[str, str]:
    """A repair as the form sends it."""
    return {"wanted": str(uuid4()), "amount": "5", "out_of": "stripe:balance", "into": "expense:stripe_fee",
            **FOUND, **more}  # fmt: skip


def test_a_repair_is_an_entry_and_ends_the_difference(app: Any, browser: Any) -> None:
    row, admin = difference(), browser(make.staff())
    assert "Repair by an entry" in admin.get(f"/admin/books/{row.id}").text
    assert 'value="5.00"' in admin.get(f"/admin/books/{row.id}/repair").text
    assert admin.post(f"/admin/books/{row.id}/repair", entry()).status_code == 303
    made = one(select(Entry).where(Entry.kind == "repair"))
    assert (again(row).entry_id, again(row).resolved_at is None, books()) == (made.id, False, [])


def test_a_large_repair_waits_for_a_second_admin(app: Any, browser: Any) -> None:
    row = difference(theirs=-200_000)
    assert (
        browser(make.staff()).post(f"/admin/books/{row.id}/repair", entry(amount="2000")).status_code == 303
    )
    decision = one(select(Decision))
    assert (decision.state, again(row).resolved_at) == ("waiting", None)
    second = browser(make.staff(name="Bo Second"))
    assert second.post(f"/admin/money/decisions/{decision.id}/confirm").status_code == 303
    assert again(row).resolved_at is not None


@pytest.mark.parametrize(
    "wrong", [{"into": "stripe:balance"}, {"into": "held:1"}, {"amount": "0"}, {"sentence": ""}]
)
def test_what_is_no_repair_is_refused_and_kept(app: Any, browser: Any, wrong: dict[str, str]) -> None:
    row = difference()
    answer = browser(make.staff()).post(f"/admin/books/{row.id}/repair", entry(**wrong))
    assert answer.status_code in (400, 422)
    assert many(select(Entry)) == []


def test_what_somebody_did_by_hand_is_explained_in_words(app: Any, browser: Any) -> None:
    row, admin = difference("outside_action"), browser(make.staff())
    assert (
        admin.post(f"/admin/books/{row.id}/explain", {"sentence": "Ada refunded it by phone."}).status_code
        == 303
    )
    assert again(row).resolution == "Ada refunded it by phone."


def test_words_alone_never_end_a_difference_of_money(app: Any, browser: Any) -> None:
    row = difference()
    answer = browser(make.staff()).post(f"/admin/books/{row.id}/explain", {"sentence": "It will be fine."})
    assert (answer.status_code, again(row).resolved_at) == (422, None)
    assert "enter a repair" in answer.text


@pytest.mark.parametrize("verb", ["repair", "explain"])
def test_nobody_but_admins_finds_these_pages(app: Any, browser: Any, verb: str) -> None:
    row = difference()
    for person in (make.person(), make.staff("reader", "Ray Reader")):
        assert browser(person).post(f"/admin/books/{row.id}/{verb}", entry()).status_code == 404


@pytest.mark.parametrize("currency", ["cad", ""])
def test_what_our_ledger_cannot_count_is_ended_in_words(app: Any, browser: Any, currency: str) -> None:
    row, admin = difference(), browser(make.staff())
    row.currency = currency
    commit()
    answer = admin.post(f"/admin/books/{row.id}/repair", entry())
    assert (answer.status_code, many(select(Entry))) == (422, [])
    said = {"sentence": "Somebody sold a book there."}
    assert admin.post(f"/admin/books/{row.id}/explain", said).status_code == 303
    assert again(row).resolution == said["sentence"]
