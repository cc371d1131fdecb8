"""Statements; the other pages of money are in files of their own."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask import Blueprint, Response, request, url_for

from marketplace.accounts.access import audience, me
from marketplace.accounts.models import organisations_of
from marketplace.config import rules
from marketplace.kernel.db import find, many
from marketplace.kernel.htmx import page
from marketplace.payments import (
    funding_pages,
    holding_pages,
    papers_pages,
    payout_pages,
    saved_pages,
    statement,
)
from marketplace.payments.funding_pages import may_pay, titles_of
from marketplace.payments.models import payee_of
from marketplace.payments.transfers import is_cooling

bp = Blueprint("payments", __name__)


@bp.get("/payments")
@audience("person")
def index() -> Any:
    number = max(1, request.args.get("page", 1, type=int))
    lines, words = _mine()
    total = statement.count(lines)
    shown = lines.limit(statement.SIZE).offset((number - 1) * statement.SIZE)
    return page("payments/index.html", rows=statement.rows(shown, words, titles_of), pages=_pages(number, total),
                **_standing())  # fmt: skip


@bp.get("/payments.csv")
@audience("person")
def export() -> Any:
    lines, words = _mine()
    written = io.StringIO()
    csv.writer(written).writerows(
        statement.table(statement.rows(lines.limit(statement.MOST), words, titles_of))
    )
    return Response(
        written.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="payments.csv"', "Cache-Control": "no-store"},
    )


@bp.get("/payments/print")
@audience("person")
def printed() -> Any:
    lines, words = _mine()
    shown = statement.rows(lines.limit(statement.MOST), words, titles_of)
    names = [row.name for row in many(organisations_of(me()))] if not _earns() else []
    what = "Still to be sent to you" if _earns() else "Held now"
    left = statement.sums((row.amount.minor, row.amount.currency) for row in shown)
    return page("payments/print.html", rows=shown, whose=", ".join(names) or me().name,
                total=(what, left if len(shown) < statement.MOST else []))  # fmt: skip


def _mine() -> tuple[statement.Lines, statement.Words]:
    if _earns():
        return statement.earning_lines(me()), statement.EARNINGS
    return statement.business_lines(me()), statement.BUSINESS


def _earns() -> bool:
    """Whether to show earnings; a professional who also acts for a business may ask for that side."""
    return me().is_professional and not (request.args.get("side") == "business" and me().organisation_ids)


def _standing() -> dict[str, Any]:
    if _earns():
        payee = find(payee_of(me()))
        cooling = payee is not None and is_cooling(payee)
        share = rules().debt_share_bps
        return {"earnings": statement.earnings(me()), "payee": payee, "cooling": cooling, "share": share}
    standing = statement.standing(me())
    pays = any(may_pay(key) for key in me().organisation_ids)
    return {"standing": standing, "titles": titles_of({row.stream for row in standing}), "pays": pays}


def _pages(number: int, total: int) -> dict[str, Any]:
    first, last = (number - 1) * statement.SIZE + 1, min(number * statement.SIZE, total)
    return {
        "first": min(first, total), "last": last, "total": total,
        "prev_url": url_for("payments.index", page=number - 1, side=request.args.get("side")) if number > 1 else None,
        "next_url": url_for("payments.index", page=number + 1, side=request.args.get("side")) if last < total else None,
    }  # fmt: skip


for pages in (funding_pages, holding_pages, papers_pages, payout_pages, saved_pages):
    pages.add_to(bp)
