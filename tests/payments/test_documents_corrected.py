"""What goes backward has a paper that corrects the earlier one, with its rate and names; sums stay the ledger's."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from marketplace.kernel.db import commit, one
from marketplace.kernel.jobs import transaction
from marketplace.payments import documents, refunds
from marketplace.payments.actions import refund, release
from marketplace.payments.backward import claw_back, take_back, void_refund
from marketplace.payments.check import books
from marketplace.payments.ledger import Entry
from tests import make
from tests.payments.conftest import again
from tests.payments.papering import charge_of, consenting, funded, handed, lost, named, numbers, papers


def released(*amounts: int, on: Any = None) -> Any:
    """A holding of which these amounts were released."""
    on = on or funded()
    for number, amount in enumerate(amounts):
        release(again(on), amount, by=None, reason="Approved", request_id=f"r{number}")
    commit()
    return on


def notes(on: Any, kind: str = "credit_note") -> list[tuple[int, str]]:
    """What each correcting paper takes back, and of which."""
    return [(row.total_minor, row.data["corrects"]["heading"] + " " + row.data["corrects"]["number"])
            for row in papers(on, kind)]  # fmt: skip


def by_hand(on: Any, amount: int, status: str = "succeeded", key: str = "re_hand") -> None:
    """Somebody refunds at Stripe itself."""
    refunds.refund(
        {"id": key, "charge": charge_of(on), "amount": amount, "currency": "usd", "status": status}
    )
    commit()


def test_a_voided_release_corrects_its_own_invoice_and_not_the_newest(app: Any) -> None:
    on = released(20000, 10000)
    take_back(again(on).releases[0], 5000, by=make.staff(), reason="Ruled", request_id="v")
    commit()
    assert notes(on) == [(5000, "Invoice 2026-0001")]
    assert notes(on, "fee_credit_note") == [(500, "Fee invoice 2026-0002")]
    assert books() == []


def test_a_refund_of_held_money_corrects_the_receipt(app: Any) -> None:
    on = released(20000)
    refund(again(on), 10000, by=None, reason="Cancelled", request_id="x")
    commit()
    assert notes(on) == [(10000, "Receipt 2026-0001")]
    assert [row.data["heading"] for row in papers(on, "credit_note")] == ["Refund note"]
    assert books() == []


def test_what_is_clawed_back_corrects_the_newest_invoices_first(app: Any) -> None:
    on = released(20000, 10000)
    claw_back(handed(on), 15000, by=make.staff(), reason="Not theirs", request_id="c")
    commit()
    assert sorted(notes(on)) == [(5000, "Invoice 2026-0001"), (10000, "Invoice 2026-0002")]
    assert sorted(notes(on, "fee_credit_note")) == [
        (500, "Fee invoice 2026-0002"),
        (1000, "Fee invoice 2026-0003"),
    ]
    assert books() == []


def test_a_lost_chargeback_corrects_receipt_and_invoice(app: Any) -> None:
    on = released(30000)
    lost(on, 48000)
    assert sorted(notes(on)) == [(18000, "Receipt 2026-0001"), (30000, "Invoice 2026-0001")]
    assert "chargeback" in papers(on, "fee_credit_note")[0].data["notes"][0]
    assert books() == []


def test_a_refund_made_by_hand_corrects_both_and_one_that_came_back_makes_both_anew(app: Any) -> None:
    on = released(40000)
    by_hand(on, 20000)
    assert sorted(notes(on)) == [(8000, "Receipt 2026-0001"), (12000, "Invoice 2026-0001")]
    by_hand(on, 20000, status="failed")
    made = [(row.kind, row.total_minor) for row in papers(on, "receipt", "invoice")]
    assert sorted(made) == [("invoice", 12000), ("invoice", 40000), ("receipt", 8000), ("receipt", 48000)]
    assert books() == []


@pytest.mark.parametrize(("first", "kinds"), [(False, ["receipt"]), (True, ["fee_invoice", "invoice"])])
def test_a_refund_that_cannot_be_made_is_put_right_by_new_papers(
    app: Any, first: bool, kinds: list[str]
) -> None:
    on = released(48000) if first else funded()
    admin = make.staff()
    made = (
        claw_back(handed(on), 9000, by=admin, reason="Not theirs", request_id="c")
        if first
        else refund(again(on), 9000, by=None, reason="Cancelled", request_id="x")
    )
    commit()
    before = len(papers(on))
    refunds.refund({"id": "re_1", "metadata": {"refund_id": str(made.id)}, "amount": 9000, "currency": "usd",
                    "status": "failed"})  # fmt: skip
    void_refund(again(made), by=admin, reason="The card is closed")
    commit()
    assert sorted(row.kind for row in papers(on)[before:]) == kinds
    assert books() == []


def test_a_credit_note_keeps_the_rate_and_names_of_what_it_corrects(app: Any) -> None:
    on = funded()
    consenting(again(on).payee, rate_bps=2000)
    released(33333, on=on)
    (invoice,) = papers(on, "invoice")
    consenting(again(on).payee, rate_bps=500, legal_name="Somebody Else")
    for number, amount in enumerate((11111, 11111, 11111)):
        claw_back(handed(on), amount, by=make.staff(), reason="Not theirs", request_id=f"c{number}")
    commit()
    made = papers(on, "credit_note")
    assert {(row.data["rate_bps"], row.data["issuer"]["name"]) for row in made} == {
        (2000, "Ines Adaeze Okafor")
    }
    assert sum(row.data["tax_minor"] for row in made) == invoice.data["tax_minor"] == 5556


def test_corrections_need_no_consent_any_more(app: Any) -> None:
    from marketplace.payments.details import describe

    on = released(20000)
    papers(on)
    describe(again(on).payee, by=again(on).payee, consents=False)
    claw_back(handed(on), 5000, by=make.staff(), reason="Not theirs", request_id="c")
    commit()
    assert notes(on) == [(5000, "Invoice 2026-0001")]


def test_the_other_side_changes_nothing_on_a_paper_that_was_made(app: Any) -> None:
    on = released(20000)
    (invoice,) = papers(on, "invoice")
    named(again(on).organisation, legal_name="A New Name Ltd")
    assert again(invoice).data["recipient"]["name"] == "Northgate Transit"


def test_what_no_paper_covers_is_an_error_that_gives_its_numbers_back(app: Any) -> None:
    on = released(20000)
    claw_back(handed(on), 20000, by=make.staff(), reason="Not theirs", request_id="c")
    commit()
    entry = one(select(Entry.id).where(Entry.kind == "clawback"))
    with pytest.raises(LookupError, match="takes back more"), transaction():
        documents.make(entry)
    assert numbers("platform") == []
    assert len(papers(on)) == 5
