"""The PDF of a paper: made by the worker from what the paper froze, and the same bytes each time.

WeasyPrint is imported only when a PDF is made: the web processes never load it.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from flask import current_app
from sqlalchemy import Select, select, update

from marketplace.kernel import files
from marketplace.kernel.db import db, one
from marketplace.kernel.jobs import later, transaction
from marketplace.kernel.text import sha256
from marketplace.payments.papers import Document
from marketplace.payments.shown import Paper

MAKING = "payments.paper"
# After that the job is taken to have failed, and is asked for anew, once: a story told in the past sweeps often.
OVERDUE = timedelta(minutes=10)
STATIC = Path(__file__).resolve().parents[2] / "static"
# Fonts are cut to the letters used; their makers stamp the time into them unless they are told one.
os.environ["SOURCE_DATE_EPOCH"] = "0"


def make_job(document_id: str) -> None:
    """Job: make the PDF of a paper and keep it. Done twice it changes nothing more."""
    with transaction():
        row = one(select(Document).where(Document.id == UUID(document_id)))
        made, key = row.pdf_key != "", key_of(row)
        db.session.expunge(row)
    if made:
        return
    body = render(row)
    files.store().put(key, body)
    with transaction():
        kept = update(Document).where(Document.id == row.id, Document.pdf_key == "")
        db.session.execute(kept.values(pdf_key=key, pdf_sha256=sha256(body)))


def key_of(row: Document) -> str:
    """Under which key the PDF of `row` is stored."""
    return f"paper-{row.id}.pdf"


def overdue(now: datetime) -> Select[UUID]:
    """Papers whose PDF should be there by now, for the sweep."""
    return select(Document.id).where(Document.pdf_key == "", Document.made_at < now - OVERDUE).limit(100)


def ask_again(document_id: UUID) -> None:
    """Have a PDF made whose job gave up, once more; what gives up again is in the admin's queue of jobs."""
    later(MAKING, str(document_id), key=f"{document_id}:again")


def stored(row: Document) -> bytes:
    """The PDF as it was made and kept."""
    return bytes(files.store().get(row.pdf_key).bytes())


def render(row: Document) -> bytes:
    """The PDF of `row`: tagged for readers (PDF/UA), with its own fonts, and dated by the paper's own day."""
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    styles = [CSS(filename=STATIC / name, font_config=fonts) for name in ("papers-print.css", "papers.css")]
    # Not render_template: its context knows the reader and the hour, and a paper must not.
    words = current_app.jinja_env.get_template("payments/papers/print.html").render(paper=Paper(row))
    page = HTML(string=words, base_url=str(STATIC), url_fetcher=_nothing)
    made: bytes = page.write_pdf(
        stylesheets=styles, font_config=fonts, pdf_identifier=row.id.bytes, pdf_variant="pdf/ua-1"
    )
    return made


def _nothing(url: str) -> None:
    """A paper loads nothing: whatever names an address in it came from somebody's text."""
    raise ValueError(f"A paper does not load {url}.")
