"""The admin's desk: queues, people, contracts, books, audit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, request
from sqlalchemy import select

from marketplace.accounts import actions as accounts
from marketplace.accounts.access import audience, fresh, me
from marketplace.accounts.models import Person
from marketplace.admin import books as keeping
from marketplace.admin import doctoring, money, money_deciding, plots, reading, repairing, trail
from marketplace.admin import forms as f
from marketplace.admin import people as finding
from marketplace.admin.queues import queues
from marketplace.contracts.models import STATES, Contract
from marketplace.kernel.db import find, many, one
from marketplace.kernel.htmx import page, see
from marketplace.payments import check, day_ends
from marketplace.payments.outside import Difference
from marketplace.talent.models import profile_of

bp = Blueprint("admin", __name__)
bp.after_app_request(reading.note)
doctoring.add_to(bp)
money.add_to(bp)
money_deciding.add_to(bp)
repairing.add_to(bp)


@bp.get("/admin")
@audience("admin")
def index() -> Any:
    return page("admin/index.html", queues=queues())


@bp.get("/admin/people")
@audience("admin")
def people() -> Any:
    words, standing = request.args.get("q", "").strip()[:200], request.args.get("state", "")
    rows = many(finding.after(finding.people(words, standing), Person, request.args.get("after", type=UUID)))
    shown, more = rows[: finding.PER_PAGE], len(rows) > finding.PER_PAGE
    states = finding.STANDINGS
    return page("admin/people.html", rows=shown, more=more, words=words, state=standing, states=states)


@bp.get("/admin/people/<uuid:person_id>")
@audience("admin")
def person(person_id: UUID) -> Any:
    somebody = one(select(Person).where(Person.id == person_id))
    latest = trail.page_of(trail.Filter(who=str(person_id)))[0][:10]
    contracts = many(finding.contracts_of(somebody).limit(20))
    profile = find(profile_of(somebody))
    return page("admin/person.html", person=somebody, profile=profile, events=latest, contracts=contracts)


@bp.route("/admin/people/<uuid:person_id>/suspend", methods=["GET", "POST"])
@audience("admin")
@fresh
def suspend(person_id: UUID) -> Any:
    somebody, form = one(select(Person).where(Person.id == person_id)), f.Suspend()
    if form.sent():
        with form.refusing():
            accounts.suspend(somebody, form.words, by=me())
            flash(f"{somebody.name} is suspended and was told why.", "ok")
            return see("admin.person", person_id=person_id)
    return page("admin/suspend.html", form=form, person=somebody)


@bp.route("/admin/people/<uuid:person_id>/restore", methods=["GET", "POST"])
@audience("admin")
@fresh
def restore(person_id: UUID) -> Any:
    somebody, form = one(select(Person).where(Person.id == person_id)), f.Restore()
    if form.sent():
        with form.refusing():
            accounts.restore(somebody, form.words, by=me())
            flash(f"{somebody.name} can act again.", "ok")
            return see("admin.person", person_id=person_id)
    return page("admin/restore.html", form=form, person=somebody)


@bp.get("/admin/contracts")
@audience("admin")
def contracts() -> Any:
    words, state = request.args.get("q", "").strip()[:200], request.args.get("state", "")
    rows = many(
        finding.after(finding.contracts(words, state), Contract, request.args.get("after", type=UUID))
    )
    shown, more = rows[: finding.PER_PAGE], len(rows) > finding.PER_PAGE
    states = {name: name.capitalize() for name in STATES}
    return page("admin/contracts.html", rows=shown, more=more, words=words, state=state, states=states)


@bp.get("/admin/books")
@audience("admin")
def books() -> Any:
    wanted = keeping.asked(request.args)
    rows, more = keeping.page_of(wanted)
    compared, late = keeping.compared()
    return page(
        "admin/books.html", wanted=wanted, rows=rows, more=more, compared=compared, late=late,
        keeping=keeping, plots=plots.money_over_time(day_ends.standing()), culprits=check.books(),
        sums=check.sums_by_kind(), headroom=check.headroom(),
    )  # fmt: skip


@bp.get("/admin/books/<uuid:difference_id>")
@audience("admin")
def difference(difference_id: UUID) -> Any:
    row = one(select(Difference).where(Difference.id == difference_id))
    return page("admin/difference.html", row=row, keeping=keeping)


@bp.get("/admin/audit")
@audience("admin")
def audit() -> Any:
    wanted = trail.asked(request.args)
    rows, older = trail.page_of(wanted)
    return page("admin/audit.html", wanted=wanted, rows=rows, older=older, said=trail.said)


@bp.get("/admin/audit.csv")
@audience("admin")
def export() -> Any:
    """The trail for spreadsheets; that it was taken out of the house is told too."""
    wanted = trail.asked(request.args)
    reading.tell_apart("admin.exported", "admin:audit", me(), wanted=str(wanted.kept or "everything"))
    kept = {"Content-Disposition": 'attachment; filename="audit.csv"', "Cache-Control": "no-store"}
    return Response(trail.table(wanted), mimetype="text/csv", headers=kept)
