"""A professional's pages as others see them. The owner's own editor is in editing.py."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from babel import Locale
from flask import Blueprint, flash, request
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload, selectinload

from marketplace.accounts.access import audience, me, viewer
from marketplace.accounts.models import Organisation, Person, organisations_of
from marketplace.briefs.models import Brief, owned_by
from marketplace.config import rules
from marketplace.contracts.models import Contract
from marketplace.kernel import files
from marketplace.kernel.db import find, many, one, own_transaction
from marketplace.kernel.errors import Missing
from marketplace.kernel.forms import Act
from marketplace.kernel.htmx import page, see
from marketplace.proposals.models import Proposal
from marketplace.reviews.models import shown_on
from marketplace.reviews.scores import summary
from marketplace.talent import actions, editing, margin, samples
from marketplace.talent import forms as f
from marketplace.talent.models import (
    AI_POLICIES,
    KINDS,
    LIVING,
    SAMPLE_ROLES,
    SUBJECTS,
    Profile,
    Sample,
    grants_of,
    is_open_to,
    openings_of,
    shortlisted,
    shown_samples,
    visible_to,
)
from marketplace.vetting.models import LINES, Application, Reading, admission_of

bp = Blueprint("talent", __name__)
editing.add_to(bp)


@bp.app_template_global()
def language_name(code: str) -> str:
    """`en` as people read it: English."""
    return str(Locale("en").languages.get(code, code))


@bp.app_template_global()
def country_name(code: str) -> str:
    """`GB` as people read it: United Kingdom."""
    return str(Locale("en").territories.get(code, code))


@bp.app_template_filter()
def first_post(text: str) -> str:
    """What a thread opens with."""
    return margin.parts(text)[0]


@bp.context_processor
def words() -> dict[str, Any]:
    """The words behind the stored keys, and the rules that the pages name."""
    return {"subjects": SUBJECTS, "kinds": KINDS, "roles": SAMPLE_ROLES, "ai": AI_POLICIES, "rules": rules()}


ADMISSION = selectinload(Application.readings).joinedload(Reading.margins)


@bp.get("/professionals/<handle>")
@audience("anyone")
def show(handle: str) -> Any:
    profile = one(seen(handle).options(joinedload(Profile.rates)))
    rows = many(shown_samples(profile.id).options(joinedload(Sample.image)))
    admission = find(admission_of(profile.id).options(ADMISSION))
    lead = next((row for row in rows if not row.is_sealed), None)
    reviews = many(shown_on(profile.id))
    return page(
        "talent/show.html",
        profile=profile,
        lead=lead,
        shelf=[row for row in rows if row is not lead],
        reading=reading(lead, admission) if lead else None,
        noted=noted(admission),
        admission=admission,
        marks=marks(admission),
        reviews=reviews,
        summary=summary(reviews),
        **hiring(profile),
    )


@bp.get("/professionals/<handle>/samples/<uuid:sample_id>")
@audience("anyone")
def sample(handle: str, sample_id: UUID) -> Any:
    row = readable(handle, sample_id)
    is_open = not row.is_sealed or opens(row, "text")
    row = readable(handle, sample_id)
    admission = find(admission_of(row.profile_id).options(ADMISSION))
    owner = viewer() is not None and me().id == row.profile.person_id
    return page(
        "talent/sample.html" if is_open else "talent/sealed.html",
        profile=row.profile,
        sample=row,
        reading=reading(row, admission) if is_open else None,
        openings=many(openings_of(row.id)) if owner and row.is_sealed else [],
        grants=many(grants_of(row.id)) if row.is_sealed and viewer() else [],
        form=f.LetIn() if owner else None,
        owner=owner,
    )


@bp.get("/professionals/<handle>/samples/<uuid:sample_id>/image")
@audience("anyone")
def image(handle: str, sample_id: UUID) -> Any:
    row = readable(handle, sample_id)
    if row.is_sealed and not opens(row, "image"):
        raise Missing
    row = readable(handle, sample_id)
    if row.image is None:
        raise Missing
    return files.send(row.image)


@bp.post("/professionals/<handle>/shortlist")
@audience("verified")
def shortlist(handle: str) -> Any:
    profile, form = one(seen(handle)), f.Keep()
    form.organisation_id.choices = [(str(org.id), org.name) for org in employers()]
    if form.sent():
        with form.refusing():
            chosen = employer(form.organisation_id.data)
            actions.shortlist(profile, chosen, note=form.note.data or "", by=me())
            flash(f"{profile.name} is on the shortlist of {chosen.name}.", "ok")
            return see("talent.show", handle=handle)
    return page("talent/shortlist.html", form=form, profile=profile)


@bp.post("/professionals/<handle>/drop")
@audience("verified")
def drop(handle: str) -> Any:
    profile, form = one(seen(handle)), Act()
    if form.sent():
        with form.refusing():
            chosen = employer(request.form.get("organisation_id", ""))
            actions.drop(profile, chosen, by=me())
            flash(f"{profile.name} is off the shortlist of {chosen.name}.")
            return see("talent.show", handle=handle)
    return page("talent/drop.html", form=form, profile=profile)


def seen(handle: str) -> Select[Profile]:
    """The profile at this address, if this visitor may see it.

    Who works with a professional, or has their named pitch, finds the page while it is paused too.
    """
    person = viewer()
    if person is None or not person.memberships:
        return visible_to(person).where(Profile.handle == handle)
    mine = person.organisation_ids
    hired = select(Contract.profile_id).where(Contract.organisation_id.in_(mine))
    named = select(Proposal.profile_id).join(Brief, Brief.id == Proposal.brief_id)
    named = named.where(Brief.organisation_id.in_(mine), Proposal.state.in_(("shortlisted", "accepted")))
    known = Profile.hidden_at.is_(None) & or_(Profile.id.in_(hired), Profile.id.in_(named))
    shown = visible_to(person).whereclause
    found = select(Profile).where(Profile.handle == handle)
    return found if shown is None else found.where(or_(shown, known))


def readable(handle: str, sample_id: UUID) -> Sample:
    """The sample at this address: one that is shown, or any living one of the visitor's own."""
    person = viewer()
    found = (
        select(Sample)
        .join(Profile)
        .where(Sample.id == sample_id, Profile.id.in_(seen(handle).with_only_columns(Profile.id)))
        .options(joinedload(Sample.profile), joinedload(Sample.image))
    )
    row = one(found)
    own = person is not None and row.profile.person_id == person.id
    if row.state != "frozen" and not (own and row.state in LIVING):
        raise Missing
    return row


def opens(row: Sample, part: str) -> bool:
    """Whether the visitor may open a sealed sample; if so, that is logged, whatever the answer becomes."""
    person = viewer()
    if person is None:
        return False
    if row.profile.person_id == person.id:
        return True
    if not person.is_staff and find(is_open_to(row.id, person).limit(1)) is None:
        return False
    with own_transaction():
        samples.open_sealed(row, by=person, part=part)
    return True


def employers() -> list[Organisation]:
    """The businesses for which the visitor hires."""
    return many(organisations_of(me(), "hiring"))


def employer(organisation_id: str) -> Organisation:
    """The one of one's businesses with this id."""
    mine = {str(org.id): org for org in many(organisations_of(me()))}
    if organisation_id not in mine:
        raise Missing
    return mine[organisation_id]


def reading(row: Sample, admission: Application | None) -> dict[str, Any]:
    """A sample's text with its marks, and the notes beside it."""
    readings = admission.finished if admission else []
    here = [(read.number, note) for read in readings for note in read.margins if note.sample_id == row.id]
    here.sort(key=lambda pair: row.text.find(pair[1].quote))
    quotes = [note.quote for _, note in here]
    return {
        "sample": row,
        "posts": margin.posts(row.text, quotes, margin.FOLDS.get(row.platform, 0)),
        "notes": here,
        "marked": margin.found(row.text, quotes),
    }


def noted(admission: Application | None) -> dict[UUID, int]:
    """How many margin notes each sample has."""
    counts: dict[UUID, int] = {}
    for read in admission.finished if admission else []:
        for note in read.margins:
            counts[note.sample_id] = counts.get(note.sample_id, 0) + 1
    return counts


def marks(admission: Application | None) -> list[dict[str, Any]]:
    """Every reader's mark on every line, weak ones too."""
    if admission is None or not admission.finished:
        return []
    return [
        {"line": line, "why": why, "marks": [read.marks[line] for read in admission.finished]}
        for line, why in LINES.items()
    ]


def hiring(profile: Profile) -> dict[str, Any]:
    """What the card beside the page offers to this visitor."""
    person = viewer()
    own = person is not None and person.id == profile.person_id and request.args.get("as") != "business"
    preview = person is not None and person.id == profile.person_id and not own
    if person is None or own or preview or not person.memberships:
        return {"own": own, "preview": preview, "briefs": [], "employers": [], "kept": []}
    ids = [m.organisation_id for m in person.memberships]
    return {
        "own": False,
        "preview": False,
        "briefs": many(
            owned_by(person, "hiring").where(Brief.state == "open").order_by(Brief.title).limit(50)
        ),
        "employers": hirers(person),
        "kept": many(shortlisted(profile.id, ids)),
    }


def hirers(person: Person) -> list[Organisation]:
    """The businesses for which `person` hires, without asking the database again."""
    mine = {m.organisation_id: m.organisation for m in person.memberships}
    return [
        org for org_id, org in mine.items() if person.acts_for(org_id, "hiring") and org.closed_at is None
    ]
