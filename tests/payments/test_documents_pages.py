"""The pages of papers: who sees which, what a spreadsheet holds, and what one may say about one's own."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from marketplace.kernel import jobs
from marketplace.kernel.db import commit, find, many, one
from marketplace.kernel.errors import Forbidden, Missing
from marketplace.payments import details, papers_leaving
from marketplace.payments.actions import refund, release
from marketplace.payments.papers import Document, TaxDetails
from tests import make
from tests.counting import queries
from tests.payments.conftest import again
from tests.payments.papering import funded, only, papers

ADDRESS = {
    "legal_name": "Ines Okafor",
    "address": "22 Beech Road\nLeeds",
    "country": "GB",
    "tax_id": "",
    "rate": "20",
}


def worked(**also: Any) -> Any:
    """A holding of which some was released and some refunded, with its papers."""
    on = funded(**also)
    release(again(on), 20000, by=None, reason="Approved", request_id="a")
    refund(again(on), 5000, by=None, reason="Cancelled", request_id="b")
    commit()
    papers(on)
    return on


def opened(browser: Any, path: str) -> Any:
    """The rows of a spreadsheet."""
    return list(csv.reader(io.StringIO(browser.get(path).text)))


def test_each_side_sees_its_own_papers(app: Any, browser: Any) -> None:
    on = worked()
    theirs = browser(again(on).payee).get("/payments/documents").text
    ours = browser(make.owner_of(again(on).organisation)).get("/payments/documents").text
    assert [">Fee invoice " in page for page in (theirs, ours)] == [True, False]
    assert ["Refund note" in page for page in (theirs, ours)] == [False, True]
    assert all(">Invoice " in page for page in (theirs, ours))


@pytest.mark.parametrize("path", ["", ".pdf"])
@pytest.mark.parametrize("kind", ["receipt", "invoice", "fee_invoice", "credit_note"])
def test_strangers_and_people_without_the_role_find_nothing(
    app: Any, browser: Any, kind: str, path: str
) -> None:
    on = worked()
    where = f"/payments/documents/{only(on, kind).id}{path}"
    org = again(on).organisation
    for somebody in (
        make.person(),
        make.professional().person,
        make.member(org, "viewer"),
        make.member(org, "editor"),
    ):
        assert browser(somebody).get(where).status_code == 404
    assert browser().get(where).status_code == 303
    found = 303 if path else 200
    assert browser(make.member(org, "finance")).get(where).status_code == (
        404 if kind == "fee_invoice" else found
    )


def test_an_admin_sees_every_paper(app: Any, browser: Any) -> None:
    on, admin = worked(), make.staff()
    rows = opened(browser(admin), "/payments/documents.csv")
    assert len(rows) == 1 + len(papers(on)) == 5


def test_a_paper_says_that_its_pdf_is_being_made_until_it_is(app: Any, browser: Any) -> None:
    on = worked()
    row, theirs = only(on, "invoice"), browser(again(on).payee)
    assert "The PDF is being made" in theirs.get(f"/payments/documents/{row.id}").text
    assert theirs.get(f"/payments/documents/{row.id}.pdf").location == f"/payments/documents/{row.id}"
    jobs.perform("payments.paper", str(row.id))
    assert "Download the PDF" in theirs.get(f"/payments/documents/{row.id}").text
    answer = theirs.get(f"/payments/documents/{row.id}.pdf")
    assert (answer.mimetype, answer.data[:5]) == ("application/pdf", b"%PDF-")
    assert f'filename="invoice-{row.label}-ines-adaeze-okafor.pdf"' in answer.headers["Content-Disposition"]


def test_a_paper_leads_to_what_corrects_it_and_back(app: Any, browser: Any) -> None:
    on = worked()
    receipt, note = only(on, "receipt"), only(on, "credit_note")
    theirs = browser(make.owner_of(again(on).organisation))
    assert (
        f'/payments/documents/{note.id}">Refund note' in theirs.get(f"/payments/documents/{receipt.id}").text
    )
    assert f'/payments/documents/{receipt.id}">Receipt' in theirs.get(f"/payments/documents/{note.id}").text


def test_the_list_is_filtered_by_kind_year_and_contract(app: Any, browser: Any) -> None:
    on = worked()
    theirs, year = browser(make.owner_of(again(on).organisation)), only(on, "receipt").year
    contract = again(on).stream.split(":")[1]
    for asked, number in (
        (f"tab=receipts&year={year}", 1), (f"year={year - 1}", 0), ("tab=invoices", 1),
        (f"contract={contract}", 3), (f"contract={uuid4()}", 0), ("tab=odd", 3),
    ):  # fmt: skip
        assert len(opened(theirs, f"/payments/documents.csv?{asked}")) == 1 + number, asked


def test_spreadsheets_have_signed_sums_and_run_nothing(app: Any, browser: Any) -> None:
    on = worked(title="=HYPERLINK(1)")
    theirs = browser(make.owner_of(again(on).organisation))
    rows, lines = opened(theirs, "/payments/documents.csv"), opened(theirs, "/payments/documents/lines.csv")
    assert (
        sorted(row[-1] for row in rows[1:])
        == sorted(row[-1] for row in lines[1:])
        == ["-50.00", "200.00", "480.00"]
    )
    assert {row[4] for row in lines[1:]} == {"'=HYPERLINK(1)"}
    assert not any(cell[:1] in "=+@" and cell for row in rows + lines for cell in row)


def test_a_long_list_has_pages_and_few_queries(app: Any, browser: Any) -> None:
    org = make.business()
    for _ in range(31):
        papers(make.funded(make.holding(org)))
    theirs = browser(make.owner_of(org))
    with queries(app) as sent:
        assert "1 to 30 of 31" in theirs.get("/payments/documents").text
    assert len(sent) <= 12
    assert "31 to 31 of 31" in theirs.get("/payments/documents?page=2").text


def test_the_list_says_how_many_releases_wait_for_consent(app: Any, browser: Any, work: Any) -> None:
    on = funded(consents=False)
    release(again(on), 20000, by=None, reason="Approved", request_id="a")
    commit()
    papers(on)
    theirs = browser(again(on).payee)
    assert "1 release waits for an invoice" in theirs.get("/payments/documents").text
    assert theirs.post("/settings/papers", {**ADDRESS, "consents": "y"}).status_code == 303
    work()
    assert "wait" not in theirs.get("/payments/documents").text
    assert only(on, "invoice").data["tax_minor"] == 3333


def test_consent_needs_what_an_invoice_has_to_name(app: Any, browser: Any) -> None:
    theirs = browser(make.professional().person)
    answer = theirs.post("/settings/papers", {"legal_name": "Ines", "country": "", "consents": "y"})
    assert answer.status_code == 422
    assert "An invoice in your name has to give your address and your country" in answer.text
    assert find(select(TaxDetails)) is None


@pytest.mark.parametrize(("typed", "bps"), [("20", 2000), ("7.5", 750), ("7,25 %", 725), ("", 0), ("0", 0)])
def test_a_rate_is_taken_as_people_write_it(app: Any, browser: Any, typed: str, bps: int) -> None:
    theirs = browser(make.professional().person)
    assert theirs.post("/settings/papers", {**ADDRESS, "rate": typed}).status_code == 303
    assert one(select(TaxDetails)).rate_bps == bps


@pytest.mark.parametrize("typed", ["-5", "1e1", "100", "٢٠", "20.555", "a"])
def test_what_is_no_rate_is_refused(app: Any, browser: Any, typed: str) -> None:
    answer = browser(make.professional().person).post("/settings/papers", {**ADDRESS, "rate": typed})
    assert (answer.status_code, "figures only, such as 20 or 7.5" in answer.text) == (422, True)
    assert many(select(TaxDetails)) == []


def test_owner_and_finance_say_what_the_papers_of_a_business_name(app: Any, browser: Any) -> None:
    org = make.business()
    where, said = f"/settings/business/{org.id}/papers", {**ADDRESS, "legal_name": "Northgate Ltd"}
    assert browser(make.member(org, "finance")).post(where, said).status_code == 303
    assert one(select(TaxDetails)).legal_name == "Northgate Ltd"
    assert browser(make.member(org, "editor")).post(where, said).status_code == 403
    assert browser(make.person()).post(where, said).status_code == 404


def test_nobody_describes_somebody_else(app: Any) -> None:
    org, stranger, viewer = make.business(), make.person(), make.member(make.business(), "viewer")
    with pytest.raises(Missing):
        details.describe(make.owner_of(org), by=stranger)
    with pytest.raises(Missing):
        details.describe(org, by=viewer)
    with pytest.raises(Forbidden):
        details.describe(org, by=make.member(org, "viewer"))


def test_details_ask_for_the_password_again(app: Any) -> None:
    doors = app.view_functions
    assert doors["payments.own_details"].fresh
    assert doors["payments.business_details"].fresh


def test_taking_consent_back_is_kept(app: Any, browser: Any) -> None:
    on = worked()
    theirs = browser(again(on).payee)
    assert "checked" in theirs.get("/settings/papers").text
    theirs.post("/settings/papers", ADDRESS)
    assert one(select(TaxDetails)).consent_at is None
    assert many(select(Document.kind).where(Document.kind == "invoice")) == ["invoice"]


def test_papers_go_along_and_stay_when_somebody_leaves_and_details_are_forgotten(app: Any) -> None:
    on = worked()
    taken = papers_leaving.export(again(on).payee)
    assert (taken[0]["legal_name"], [row["Paper"] for row in taken[1:]]) == (
        "Ines Adaeze Okafor",
        ["Invoice", "Fee invoice"],
    )
    papers_leaving.remove(again(on).payee)
    commit()
    assert many(select(TaxDetails)) == []
    assert only(on, "invoice").data["issuer"]["name"] == "Ines Adaeze Okafor"
