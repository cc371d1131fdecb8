"""The application, the public page on how we vet, and the readers' desk."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from flask import Blueprint, flash, request, url_for
from sqlalchemy.orm import joinedload, selectinload

from marketplace.accounts.access import audience, me
from marketplace.config import rules
from marketplace.kernel import files
from marketplace.kernel.clock import now
from marketplace.kernel.db import db, find, many, one, own_transaction
from marketplace.kernel.errors import Forbidden, Missing
from marketplace.kernel.forms import Act
from marketplace.kernel.htmx import page, see
from marketplace.talent import margin
from marketplace.talent.models import SAMPLE_ROLES, Profile, Sample, own_samples, profile_of
from marketplace.vetting import actions, agreement, blind
from marketplace.vetting import forms as f
from marketplace.vetting.models import (
    LINES,
    WORDS,
    Application,
    Reading,
    applications_of,
    decided,
    open_application,
    place_of,
    queue_for,
    readable_by,
)
from marketplace.vetting.numbers import numbers

bp = Blueprint("vetting", __name__)

PAGE = 20
PARTS = {"about": "talent.profile", "rates": "talent.rates", "samples": "talent.own_list"}


@bp.get("/vetting")
@audience("anyone")
def how() -> Any:
    counted = numbers(many(decided().options(selectinload(Application.readings))))
    words = agreement.in_words(counted.kappa) if counted.kappa is not None else ""
    return page(
        "vetting/how.html", lines=LINES, words=WORDS, rules=rules(), numbers=counted, kappa_words=words
    )


@bp.route("/apply", methods=["GET", "POST"])
@audience("verified")
def apply() -> Any:
    form, profile = Act(), find(profile_of(me()))
    if form.sent():
        with form.refusing():
            actions.begin(me())
            return see("vetting.apply")
    past = many(applications_of(profile.id)) if profile else []
    current = next((row for row in past if row.state in ("draft", "submitted", "reading")), None)
    return page(
        "vetting/apply.html",
        form=form,
        profile=profile,
        current=current,
        last=next((row for row in past if row.state == "decided"), None),
        **preparing(profile, current),
        days=rules().vetting_decision_business_days,
        place=db.session.scalar(place_of(current)) if current and current.is_queued else None,
    )


@bp.route("/apply/send", methods=["GET", "POST"])
@audience("verified")
def submit() -> Any:
    application, form = own_application(), Act()
    if form.sent():
        with form.refusing():
            actions.submit(application, by=me())
            flash("Your samples are with the readers.", "ok")
            return see("vetting.apply")
    return page("vetting/submit.html", form=form, rows=many(own_samples(application.profile_id)))


@bp.route("/apply/withdraw", methods=["GET", "POST"])
@audience("verified")
def withdraw() -> Any:
    application, form = own_application(), Act()
    if form.sent():
        with form.refusing():
            actions.withdraw(application, by=me())
            flash("Your application is withdrawn.")
            return see("vetting.apply")
    return page("vetting/withdraw.html", form=form)


@bp.get("/admin/vetting")
@audience("reader")
def queue() -> Any:
    start = max(0, request.args.get("from", 0, type=int))
    found = queue_for(me()).options(selectinload(Application.readings)).offset(start).limit(PAGE + 1)
    rows = many(found)
    return page(
        "vetting/queue.html", rows=rows[:PAGE], start=start, more=len(rows) > PAGE, size=PAGE, reader=me()
    )


@bp.get("/admin/vetting/<uuid:application_id>")
@audience("reader")
def reading(application_id: UUID) -> Any:
    application = readable(application_id)
    mine = application.reading_by(me())
    if mine is None and application.is_queued:
        return page("vetting/claim.html", application=application)
    log_sealed(many(actions.sent_samples(application)), "text")
    return desk(readable(application_id))


@bp.post("/admin/vetting/<uuid:application_id>")
@audience("reader")
def mark(application_id: UUID) -> Any:
    application = readable(application_id)
    rows = many(actions.sent_samples(application))
    form = f.marks_form(len(rows))
    if form.sent():
        with form.refusing():
            notes = form.notes([row.id for row in rows])
            actions.mark(own_reading(application), form.marks(), form.reasons(), note=form.note.data or "",
                         margins=notes, by=me())  # fmt: skip
            flash("Your marks are saved.", "ok")
            return onward(application)
    return desk(readable(application_id), form)


@bp.post("/admin/vetting/<uuid:application_id>/claim")
@audience("reader")
def claim(application_id: UUID) -> Any:
    form = Act()
    if form.sent():
        actions.claim(readable(application_id), by=me())
    return see("vetting.reading", application_id=application_id)


@bp.post("/admin/vetting/<uuid:application_id>/release")
@audience("reader")
def release_claim(application_id: UUID) -> Any:
    form = Act()
    if form.sent():
        actions.release_claim(own_reading(readable(application_id)), by=me())
        flash("Given back: another reader may take it.")
    return see("vetting.queue")


@bp.route("/admin/vetting/<uuid:application_id>/refuse", methods=["GET", "POST"])
@audience("admin")
def refuse(application_id: UUID) -> Any:
    application, form = readable(application_id), f.Refusal()
    if form.sent():
        with form.refusing():
            actions.refuse(application, form.reason.data, by=me())
            flash("The application is refused and the letter is sent.")
            return see("vetting.queue")
    return page("vetting/refuse.html", form=form, application=application)


@bp.get("/admin/vetting/<uuid:application_id>/images/<int:number>")
@audience("reader")
def image(application_id: UUID, number: int) -> Any:
    """A sample's image under an address that does not say whose it is."""
    application = readable(application_id)
    if application.reading_by(me()) is None and application.is_queued:
        raise Forbidden("Take this application for reading first.")
    rows = many(actions.sent_samples(application).options(joinedload(Sample.image)))
    if not 1 <= number <= len(rows) or rows[number - 1].image is None:
        raise Missing
    log_sealed(rows[number - 1 : number], "image")
    return files.send(cast(files.File, rows[number - 1].image))


def own_application() -> Application:
    """The visitor's application that is open."""
    return one(open_application(one(profile_of(me())).id).options(joinedload(Application.profile)))


def preparing(profile: Profile | None, current: Application | None) -> dict[str, Any]:
    """The steps of an application as rows of a task list, whether all are done, and from when it may go."""
    if profile is None:
        return {"tasks": [], "ready": False, "reapply": None}
    steps = actions.steps(profile) if current and current.state == "draft" else []
    rows = [
        {
            "label": s.label,
            "hint": s.hint,
            "href": url_for(PARTS[s.part]),
            "state": "done" if s.done else "todo",
        }
        for s in steps
    ]
    again = actions.reapply_at(profile)
    reapply = again if again and again > now() else None
    return {"tasks": rows, "ready": reapply is None and all(s.done for s in steps), "reapply": reapply}


def readable(application_id: UUID) -> Application:
    """The application, if this reader may read it."""
    parts = selectinload(Application.readings).selectinload(Reading.margins)
    whose = joinedload(Application.profile).joinedload(Profile.person)
    return one(readable_by(me()).where(Application.id == application_id).options(parts, whose))


def own_reading(application: Application) -> Reading:
    """The reading that the visitor claimed."""
    mine = application.reading_by(me())
    if mine is None:
        raise Forbidden("Take this application for reading first.")
    return mine


def log_sealed(rows: list[Sample], part: str) -> None:
    """That this reader opens the sealed ones of `rows`."""
    sealed, reader = [row for row in rows if row.is_sealed], me()
    if sealed:
        with own_transaction():
            actions.open_samples(sealed, by=reader, part=part)


def desk(application: Application, form: f.Marks | None = None) -> Any:
    """The reading page: the words without their writer, the rubric, and the others' marks once mine are in."""
    rows = many(actions.sent_samples(application).options(joinedload(Sample.image)))
    mine = application.reading_by(me())
    names, clients = actions.identity(application.profile, rows)
    return page(
        "vetting/reading.html",
        form=form or f.marks_form(len(rows)),
        application=application,
        mine=mine,
        samples=[blinded(row, number, names, clients) for number, row in enumerate(rows, 1)],
        shown=application.finished if application.state == "decided" or (mine and mine.saved_at) else [],
        scale=WORDS,
        roles=SAMPLE_ROLES,
        lines=LINES,
        notes_a_sample=f.NOTES_A_SAMPLE,
    )


def blinded(row: Sample, number: int, names: list[str], clients: list[str]) -> dict[str, Any]:
    """A sample as a reader sees it."""
    shown = {
        name: blind.black_out(getattr(row, name), names, clients)
        for name in ("text", "brief", "learns", "alt")
    }
    return {
        **shown,
        "posts": margin.parts(shown["text"]),
        "number": number,
        "platform": row.platform,
        "role": row.role,
        "written_on": row.written_on,
        "has_image": row.image_id is not None,
        "sealed": row.is_sealed,
    }


def onward(application: Application) -> Any:
    """After saving: the next that waits for this reader, or this one, side by side."""
    oldest = many(queue_for(me()).options(selectinload(Application.readings)).limit(PAGE))
    waiting = [row for row in oldest if row.has_room and row.reading_by(me()) is None]
    if waiting and request.form.get("then") == "next":
        return see("vetting.reading", application_id=waiting[0].id)
    return see("vetting.reading", application_id=application.id)
