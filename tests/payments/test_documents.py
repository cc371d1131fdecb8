"""Papers are made from ledger entries, each once, in order; the professional's own only with their consent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from marketplace.kernel import clock, events
from marketplace.kernel.db import commit, many, rollback
from marketplace.payments import documents, parties
from marketplace.payments.actions import refund, release
from marketplace.payments.check_papers import RULES
from marketplace.payments.ledger import Entry
from marketplace.payments.papers import Document, Papered
from tests import make
from tests.payments.conftest import again
from tests.payments.papering import consenting, funded, numbers, only, papers


def let_go(on: Any, amount: int, once: str = "a") -> None:
    """Release some of it."""
    release(again(on), amount, by=None, reason="Approved", request_id=once)
    commit()


def broken() -> list[str]:
    """What breaks the rules of the papers."""
    return [sentence for rule in RULES for sentence in rule()]


def test_a_receipt_is_made_for_held_money(app: Any) -> None:
    row = only(funded(), "receipt")
    assert (row.issuer, row.number, row.total_minor, row.person_id) == ("platform", 1, 48000, None)
    assert "no invoice and contains no tax" in " ".join(row.data["notes"])
    assert broken() == []


def test_a_release_makes_an_invoice_and_a_fee_invoice(app: Any) -> None:
    on = funded()
    let_go(on, 20000)
    work, fee = only(on, "invoice"), only(on, "fee_invoice")
    assert (work.issuer, work.number, work.total_minor) == (f"person:{again(on).payee_id}", 1, 20000)
    assert (work.organisation_id, work.data["recipient"]["name"]) == (
        again(on).organisation_id,
        "Northgate Transit",
    )
    assert (fee.issuer, fee.number, fee.total_minor, fee.organisation_id) == ("platform", 2, 2000, None)
    assert broken() == []


def test_without_consent_no_invoice_is_made_and_the_fee_invoice_does_not_wait(app: Any) -> None:
    on = funded(consents=False)
    let_go(on, 20000)
    assert [row.kind for row in papers(on)] == ["receipt", "fee_invoice"]
    assert many(select(Papered.waits).where(Papered.waits != "")) == ["consent"]
    assert broken() == []


def test_consent_makes_the_invoices_of_earlier_releases_in_their_order(app: Any, work: Any) -> None:
    on = funded(consents=False)
    let_go(on, 20000)
    let_go(on, 10000, "b")
    papers(on)
    consenting(again(on).payee)
    work()
    made = papers(on, "invoice")
    assert [(row.number, row.total_minor) for row in made] == [(1, 20000), (2, 10000)]
    assert broken() == []


def test_papers_are_made_once_however_often_they_are_asked_for(app: Any) -> None:
    on = funded()
    let_go(on, 48000)
    first = [row.id for row in papers(on)]
    for entry_id in many(select(Entry.id).where(Entry.kind.in_(("fund", "release")))):
        documents.make(entry_id)
        commit()
    assert [row.id for row in papers(on)] == first


def test_an_undone_transaction_leaves_no_gap(app: Any) -> None:
    on = funded()
    (entry,) = many(select(Entry.id).where(Entry.kind == "fund"))
    documents.make(entry)
    rollback()
    assert numbers("platform") == []
    papers(on)
    assert numbers("platform") == [1]


def test_a_paper_bears_the_day_and_the_year_of_its_entry(app: Any) -> None:
    clock.move_to(datetime(2027, 12, 31, 23, 59, tzinfo=UTC))
    on = funded()
    clock.move_to(datetime(2028, 1, 2, 9, 0, tzinfo=UTC))
    let_go(on, 48000)
    assert [(row.label, row.issued_on.isoformat()) for row in papers(on)] == [
        ("2027-0001", "2027-12-31"), ("2028-0001", "2028-01-02"), ("2028-0001", "2028-01-02"),
    ]  # fmt: skip


def test_an_audition_has_no_invoice_while_its_writer_is_a_letter(app: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(parties.knows, "contract", lambda _: parties.About("Audition", is_blind=True))
    on = funded()
    let_go(on, 48000)
    made = papers(on)
    assert [row.kind for row in made] == ["receipt", "fee_invoice"]
    assert "Okafor" not in str(made[0].data)


def test_the_sweep_finds_what_a_job_left_out(app: Any) -> None:
    on = funded()
    assert many(documents.overdue(clock.now())) == []
    clock.move_to(clock.now() + documents.PATIENCE * 2)
    (entry,) = many(documents.overdue(clock.now()))
    documents.make(entry)
    commit()
    assert many(documents.overdue(clock.now())) == []
    assert [row.kind for row in papers(on)] == ["receipt"]


def test_money_that_moves_has_its_papers_made_after_commit(app: Any, work: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(events, "after_commit", [documents.heard])
    on = funded()
    let_go(on, 20000)
    refund(again(on), 1000, by=None, reason="Cancelled", request_id="b")
    rollback()
    assert many(select(Document)) == []
    work()
    assert many(select(Document.kind).order_by(Document.made_at)) == ["receipt", "invoice", "fee_invoice"]


def test_the_fee_on_top_has_an_invoice_of_its_own(app: Any) -> None:
    from marketplace.payments.ledger import post

    on = make.holding(client_fee_bps=200)
    lines = {"stripe:balance": 48960, f"held:{on.id}": -48000, "revenue:client_fee": -960}
    post("fund", "ch_1", "usd", lines, stream=on.stream, holding_id=on.id)
    commit()
    receipt, fee = papers(on)
    assert (receipt.total_minor, fee.kind, fee.total_minor) == (48000, "fee_invoice", 960)
    assert (fee.person_id, fee.organisation_id) == (None, again(on).organisation_id)
    assert "9.60 USD" in " ".join(receipt.data["notes"]).replace("\N{NO-BREAK SPACE}", " ")
