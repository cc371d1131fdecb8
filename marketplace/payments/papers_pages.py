"""The pages of papers: the list, each paper, its PDF, spreadsheets, and what papers say of oneself."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for
from sqlalchemy import func, select

from marketplace.accounts.access import audience, fresh, me
from marketplace.accounts.models import Organisation, organisations_of
from marketplace.kernel.db import db, find, many, one
from marketplace.kernel.errors import Forbidden
from marketplace.kernel.htmx import page, see
from marketplace.kernel.text import slug
from marketplace.payments import details, papers_list, pdf
from marketplace.payments import papers_forms as f
from marketplace.payments.outside import Payout
from marketplace.payments.papers import Document, papers_visible_to
from marketplace.payments.parties import details_of
from marketplace.payments.shown import Paper

SIZE, MOST = 30, 10_000


def add_to(bp: Blueprint) -> None:
    """Put these pages into the room's blueprint, in the order of their addresses."""
    for address, view in ROUTES:
        methods = ["GET", "POST"] if view in ACTING else ["GET"]
        bp.add_url_rule(address, view.__name__, view, methods=methods)


@audience("person")
def documents() -> Any:
    number, asked = max(1, request.args.get("page", 1, type=int)), _asked()
    found = papers_list.papers(me(), **asked)
    total = db.session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
    rows = [Paper(row) for row in many(found.limit(SIZE).offset((number - 1) * SIZE))]
    return page("payments/documents.html", rows=rows, pages=_pages(number, total), tabs=papers_list.TABS,
                asked=asked, kept=_kept(), years=papers_list.years(me()), sign=papers_list.sign,
                details=details_of(me()), waiting=papers_list.waiting(me()))  # fmt: skip


@audience("person")
def documents_csv() -> Any:
    return _spreadsheet(papers_list.table(_mine()), "documents.csv")


@audience("person")
def lines_csv() -> Any:
    return _spreadsheet(papers_list.lines(_mine()), "document-lines.csv")


@audience("person")
def document(document_id: UUID) -> Any:
    row = _seen(document_id)
    context: dict[str, Any] = {
        "corrected": _visible(row.corrects_id),
        "correcting": _correcting(row),
        "came_back": _came_back(row),
    }
    return page("payments/document.html", fragment="payments/_document_file.html", paper=Paper(row), row=row,
                **context)  # fmt: skip


@audience("person")
def document_pdf(document_id: UUID) -> Any:
    """The PDF; where it is not made yet, the page that says so."""
    row = _seen(document_id)
    if not row.pdf_key:
        return see("payments.document", document_id=row.id)
    name = slug(f"{row.data['heading']} {row.label} {row.data['issuer']['name']}")
    return Response(
        pdf.stored(row),
        mimetype="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}.pdf"', "Cache-Control": "private, no-cache",
                 "ETag": f'"{row.pdf_sha256[:32]}"'},
    )  # fmt: skip


@audience("verified")
@fresh
def own_details() -> Any:
    known = details_of(me())
    kind = f.SellerDetails if me().is_professional else f.Details
    form = kind(obj=known, data=_typed(known))
    if form.sent():
        with form.refusing():
            details.describe(me(), by=me(), **_said(form))
            flash("Saved. Papers that are made from now on say this.")
            return see("payments.own_details")
    return page("payments/details.html", form=form, business=None, waiting=papers_list.waiting(me()))


@audience("verified")
@fresh
def business_details(organisation_id: UUID) -> Any:
    business = one(organisations_of(me()).where(Organisation.id == organisation_id))
    if not me().acts_for(business.id, "finance"):
        raise Forbidden("Only an owner or someone with the finance role can say what the papers name.")
    form = f.Details(obj=details_of(business))
    if form.sent():
        with form.refusing():
            details.describe(business, by=me(), **_said(form))
            flash("Saved. Papers that are made from now on say this.")
            return see("payments.business_details", organisation_id=business.id)
    return page("payments/details.html", form=form, business=business, waiting=0)


def _typed(known: Any) -> dict[str, Any]:
    """Rate and consent as the form shows them."""
    if known is None:
        return {}
    return {
        "rate": f"{known.rate_bps / 100:g}" if known.rate_bps else "",
        "consents": known.consent_at is not None,
    }


def _said(form: Any) -> dict[str, Any]:
    said = {name: form[name].data or "" for name in ("legal_name", "address", "country", "tax_id")}
    if isinstance(form, f.SellerDetails):
        said |= {"rate_bps": form.rate.bps, "consents": form.consents.data}
    return said


def _asked() -> dict[str, Any]:
    """What the address asks for: a tab, a year, a contract."""
    return {
        "tab": request.args.get("tab", ""),
        "year": request.args.get("year", type=int),
        "contract": request.args.get("contract", type=UUID),
    }


def _kept() -> dict[str, Any]:
    return {name: value for name, value in _asked().items() if value}


def _mine() -> list[Document]:
    return many(papers_list.papers(me(), **_asked()).limit(MOST))


def _seen(document_id: UUID) -> Document:
    return one(papers_visible_to(me()).where(Document.id == document_id))


def _visible(document_id: UUID | None) -> Document | None:
    return find(papers_visible_to(me()).where(Document.id == document_id)) if document_id else None


def _correcting(row: Document) -> list[Paper]:
    """The papers that correct this one, oldest first."""
    found = (
        papers_visible_to(me())
        .where(Document.corrects_id == row.id)
        .order_by(Document.issued_on, Document.number)
    )
    return [Paper(other) for other in many(found)]


def _came_back(row: Document) -> bool:
    """Whether the payout that a statement is about came back from the bank later."""
    noun, _, key = row.cause.partition(":")
    return noun == "payout" and bool(
        find(select(Payout.id).where(Payout.id == UUID(key), Payout.state == "failed"))
    )


def _spreadsheet(rows: list[list[str]], name: str) -> Response:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(written.getvalue(), mimetype="text/csv", headers=headers)


def _pages(number: int, total: int) -> dict[str, Any]:
    first, last = (number - 1) * SIZE + 1, min(number * SIZE, total)
    return {
        "first": min(first, total), "last": last, "total": total,
        "prev_url": url_for("payments.documents", page=number - 1, **_kept()) if number > 1 else None,
        "next_url": url_for("payments.documents", page=number + 1, **_kept()) if last < total else None,
    }  # fmt: skip


ROUTES: tuple[tuple[str, Any], ...] = (
    ("/payments/documents", documents),
    ("/payments/documents.csv", documents_csv),
    ("/payments/documents/lines.csv", lines_csv),
    ("/payments/documents/<uuid:document_id>", document),
    ("/payments/documents/<uuid:document_id>.pdf", document_pdf),
    ("/settings/papers", own_details),
    ("/settings/business/<uuid:organisation_id>/papers", business_details),
)
ACTING = {own_details, business_details}
