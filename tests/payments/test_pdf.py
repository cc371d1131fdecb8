"""The PDF of a paper: the same bytes each time, with the words and the sums that the ledger has."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from marketplace.config import settings
from marketplace.kernel import clock, files, jobs
from marketplace.kernel.db import commit, many, one, rollback
from marketplace.kernel.text import sha256
from marketplace.payments import pdf, wording
from marketplace.payments.actions import refund, release
from marketplace.payments.papers import Document
from tests.payments.conftest import again
from tests.payments.papering import GB, consenting, funded, named, only, papers, printed

ANOTHER = """
import hashlib
from sqlalchemy import select
from marketplace import create_app
from marketplace.kernel.db import one
from marketplace.payments import pdf
from marketplace.payments.papers import Document
with create_app().app_context():
    print(hashlib.sha256(pdf.render(one(select(Document).where(Document.kind == "invoice")))).hexdigest())
"""


def invoice(amount: int = 20000, **also: Any) -> Document:
    """The invoice of a release of `amount`."""
    on = funded(**also)
    release(again(on), amount, by=None, reason="Approved", request_id="a")
    commit()
    return only(on, "invoice")


def made(row: Document) -> Document:
    """The same paper, once its PDF is there."""
    jobs.perform("payments.paper", str(row.id))
    return one(select(Document).where(Document.id == row.id))


def test_the_pdf_is_kept_under_its_own_sum(app: Any) -> None:
    row = made(invoice())
    assert pdf.stored(row)[:5] == b"%PDF-"
    assert sha256(pdf.stored(row)) == row.pdf_sha256


def test_the_job_done_twice_changes_nothing(app: Any, monkeypatch: Any) -> None:
    row = made(invoice())
    monkeypatch.setattr(pdf, "render", lambda _: b"%PDF- of another")
    assert made(row).pdf_sha256 == row.pdf_sha256 == sha256(pdf.stored(row))


def test_made_again_years_later_under_another_name_it_is_the_same_bytes(app: Any, monkeypatch: Any) -> None:
    row = made(invoice())
    clock.move_to(clock.now().replace(year=clock.now().year + 3))
    monkeypatch.setattr(settings(), "site_name", "Another Name")
    assert sha256(pdf.render(again(row))) == row.pdf_sha256


def test_another_process_makes_the_same_bytes(app: Any) -> None:
    row = made(invoice())
    rollback()
    environment = {**os.environ, "DATABASE_URL": settings().database_url, "PYTHONHASHSEED": "7"}
    done = subprocess.run(
        [sys.executable, "-c", ANOTHER], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == row.pdf_sha256


def test_operators_can_have_every_pdf_compared(app: Any) -> None:
    row = made(invoice())
    run = app.test_cli_runner().invoke
    assert (
        run(args=["documents", "again"]).output == "All 1 PDFs are the same bytes when they are made again.\n"
    )
    files.store().put(row.pdf_key, b"%PDF- of another")
    answer = run(args=["documents", "again"])
    assert (answer.exit_code, "Invoice" in answer.stderr) == (1, True)


def test_operators_can_have_made_what_is_missing(app: Any) -> None:
    on = funded()
    answer = app.test_cli_runner().invoke(args=["documents", "make"])
    assert answer.output == "The papers of 1 entries made.\n1 PDFs made.\n"
    assert papers(on)[0].pdf_key != ""


def test_what_is_not_made_in_time_is_asked_for_again(app: Any) -> None:
    row = invoice()
    assert many(pdf.overdue(clock.now())) == []
    clock.move_to(clock.now() + pdf.OVERDUE * 2)
    assert row.id in many(pdf.overdue(clock.now()))
    pdf.ask_again(row.id)
    pdf.ask_again(row.id)
    commit()
    made(row)
    assert row.id not in many(pdf.overdue(clock.now()))


def test_an_invoice_names_both_sides_the_work_and_its_tax(app: Any) -> None:
    on = funded()
    consenting(again(on).payee, tax_id=GB, rate_bps=2000)
    named(again(on).organisation)
    release(again(on), 20000, by=None, reason="Approved", request_id="a")
    commit()
    words = printed(only(on, "invoice"))
    words = words.replace("\N{NO-BREAK SPACE}", " ")
    for part in (
        "Invoice", "Ines Adaeze Okafor", "Leeds LS6 2AA", f"Tax number {GB}", "Northgate Transit Authority Ltd",
        "Four posts", "Net 166.67", "Tax of 20 %, contained 33.33", "Total 200.00 USD", "Page 1 of 1",
    ):  # fmt: skip
        assert part in words


@pytest.mark.parametrize(
    ("currency", "amount", "shown"),
    [("usd", 123456, "1,234.56 USD"), ("jpy", 48000, "48,000 JPY"), ("kwd", 1234560, "1,234.560 KWD")],
)
def test_amounts_have_the_decimals_of_their_currency(
    app: Any, monkeypatch: Any, currency: str, amount: int, shown: str
) -> None:
    monkeypatch.setattr(settings(), "currencies", [currency])
    row = invoice(amount, currency=currency, amount_minor=amount)
    assert f"Total {shown}" in printed(row).replace("\N{NO-BREAK SPACE}", " ")
    assert wording.figures(-amount, currency).startswith(
        "\N{MINUS SIGN}1" if currency != "jpy" else "\N{MINUS SIGN}4"
    )


def test_what_the_papers_say_sums_to_the_ledger(app: Any) -> None:
    on = funded()
    for number, amount in enumerate((20000, 9999)):
        release(again(on), amount, by=None, reason="Approved", request_id=f"r{number}")
    refund(again(on), 5001, by=None, reason="Cancelled", request_id="x")
    commit()
    totals = {"invoice": 0, "receipt": 0, "fee_invoice": 0, "credit_note": 0}
    for row in papers(on):
        totals[row.kind] += _total(printed(row))
    held = again(on)
    assert totals["invoice"] == held.released_minor
    assert totals["fee_invoice"] == held.fee_minor
    assert totals["receipt"] - totals["credit_note"] == held.funded_minor - held.refunded_minor


def _total(words: str) -> int:
    """The sum that a paper prints last, in cents."""
    figures = words.replace("\N{NO-BREAK SPACE}", " ").split(" USD")[-2].rsplit(" ", 1)[-1]
    return int(figures.replace(",", "").replace(".", ""))


def test_letters_beyond_latin_1_come_from_their_own_half_of_the_font(app: Any) -> None:
    row = made(invoice(title="Łódź, czyli cztery wpisy"))
    (page,) = PdfReader(io.BytesIO(pdf.stored(row))).pages
    fonts = page["/Resources"]["/Font"]  # type: ignore[index]
    names = {str(font.get_object()["/BaseFont"]).partition("+")[2] for font in fonts.values()}
    assert {"Literata", "Literata-Ext"} <= names
    assert "Łódź, czyli cztery wpisy" in page.extract_text()


def test_nothing_in_a_persons_words_is_markup_or_loaded(app: Any) -> None:
    row = invoice(title='<img src="file:///etc/passwd"> & <b>bold</b>')
    assert '<img src="file:///etc/passwd"> & <b>bold</b>' in printed(row)


def test_the_web_processes_do_not_load_what_makes_pdfs(app: Any) -> None:
    program = "import sys; from app import app; print('weasyprint' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_no_word_is_so_long_that_it_pushes_the_amounts_off_the_page(app: Any) -> None:
    row = made(invoice(title="W" * 200))
    (page,) = PdfReader(io.BytesIO(pdf.stored(row))).pages
    places: list[float] = []

    def note(text: str, page_at: list[float], text_at: list[float], *_: Any) -> None:
        if "200.00" in text:
            places.append(text_at[4] * page_at[0] + text_at[5] * page_at[2] + page_at[4])

    page.extract_text(visitor_text=note)
    assert places
    assert all(0 < across < float(page.mediabox.width) for across in places)
