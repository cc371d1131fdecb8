"""The list, the offer, the exact terms, and the end. The desk of a running contract is deliverables'."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from marketplace.accounts.access import audience, fresh, me
from marketplace.accounts.models import Brand
from marketplace.contracts import actions, amendments, drafting, ending, listing, milestones
from marketplace.contracts import forms as f
from marketplace.contracts import terms as wording
from marketplace.contracts.models import Contract, Terms, milestone_visible_to, visible_to
from marketplace.contracts.parties import settler
from marketplace.kernel.db import many, one
from marketplace.kernel.errors import Forbidden, Missing
from marketplace.kernel.forms import Act
from marketplace.kernel.htmx import page, see
from marketplace.kernel.show import day
from marketplace.messaging.models import messages_about
from marketplace.proposals.models import Proposal
from marketplace.proposals.models import visible_to as proposals_visible_to
from marketplace.talent.models import KINDS, PLATFORMS, Profile
from marketplace.talent.models import visible_to as profiles_visible_to

bp = Blueprint("contracts", __name__)


@bp.app_template_filter("iso_day")
def iso_day(value: str) -> Any:
    """A day kept as text in signed terms, as people read it."""
    return day(date.fromisoformat(value))


@bp.context_processor
def words() -> dict[str, Any]:
    """Names of kinds and platforms, for the terms."""
    return {"kinds": KINDS, "platforms": PLATFORMS}


@bp.get("/contracts")
@audience("person")
def index() -> Any:
    state, number = request.args.get("state", ""), max(1, request.args.get("page", 1, type=int))
    rows, total = listing.shown(me(), state, number)
    pages = {
        "first": (number - 1) * listing.SIZE + 1, "last": (number - 1) * listing.SIZE + len(rows), "total": total,
        "prev_url": url_for(".index", state=state, page=number - 1) if number > 1 else None,
        "next_url": url_for(".index", state=state, page=number + 1) if number * listing.SIZE < total else None,
    }  # fmt: skip
    return page("contracts/index.html", rows=rows, state=state, states=listing.STATES, pages=pages)


@bp.route("/proposals/<uuid:proposal_id>/offer", methods=["GET", "POST"])
@audience("verified")
def offer(proposal_id: UUID) -> Any:
    proposal = one(proposals_visible_to(me()).where(Proposal.id == proposal_id))
    if not me().acts_for(proposal.brief.organisation_id):
        raise Missing
    if proposal.is_blind:
        raise Forbidden("Shortlist this proposal first: until then its writer has no name for you.")
    brief = proposal.brief
    form = f.TermsForm(brief.currency, data=f.opening(drafting.from_proposal(proposal)))
    if form.sent():
        with form.refusing():
            contract = actions.offer(
                proposal, profile=proposal.profile, brand=brief.brand, terms=form.typed(), by=me()
            )
            return see("contracts.terms", contract_id=contract.id)
    return page("contracts/offer.html", form=form, profile=proposal.profile, brief=brief,
                **_sums(form.prices(), proposal.profile))  # fmt: skip


@bp.route("/professionals/<handle>/offer", methods=["GET", "POST"])
@audience("verified")
def offer_directly(handle: str) -> Any:
    profile, brands = one(profiles_visible_to(me()).where(Profile.handle == handle)), _brands()
    currency = brands[0].organisation.currency
    form = f.OfferForm(currency, data=f.opening(drafting.direct(currency)))
    form.brand.choices = [(str(brand.id), brand.name) for brand in brands]
    if form.sent():
        with form.refusing():
            brand = next(brand for brand in brands if str(brand.id) == form.brand.data)
            contract = actions.offer(None, profile=profile, brand=brand, terms=form.typed(), by=me())
            return see("contracts.terms", contract_id=contract.id)
    return page(
        "contracts/offer.html", form=form, profile=profile, brief=None, **_sums(form.prices(), profile)
    )


@bp.get("/contracts/<uuid:contract_id>/terms")
@audience("person")
def terms(contract_id: UUID) -> Any:
    return _terms_page(_contract(contract_id), Act())


@bp.post("/contracts/<uuid:contract_id>/accept")
@audience("verified")
@fresh
def accept(contract_id: UUID) -> Any:
    contract, form = _contract(contract_id), Act()
    if form.sent():
        with form.refusing():
            actions.accept(contract, by=me(), sha256=request.form.get("sha256", ""))
            flash("You accepted. The contract is signed by both sides.")
            return see("deliverables.desk", contract_id=contract.id)
    return _terms_page(contract, form)


@bp.route("/contracts/<uuid:contract_id>/counter", methods=["GET", "POST"])
@audience("verified")
def counter(contract_id: UUID) -> Any:
    contract = _contract(contract_id)
    form = f.TermsForm(contract.currency, data=f.opening(contract.current_terms.data))
    if form.sent():
        with form.refusing():
            actions.counter(contract, form.typed(), by=me())
            return see("contracts.terms", contract_id=contract.id)
    return page("contracts/counter.html", form=form, contract=contract,
                **_sums(form.prices(), contract.profile, contract))  # fmt: skip


@bp.route("/contracts/<uuid:contract_id>/decline", methods=["GET", "POST"])
@audience("settling")
def decline(contract_id: UUID) -> Any:
    contract, form = _contract(contract_id), f.DeclineForm()
    if form.sent():
        with form.refusing():
            actions.decline(contract, form.reason.data or "", by=me())
            return see("contracts.terms", contract_id=contract.id)
    return page("contracts/decline.html", form=form, contract=contract)


@bp.post("/contracts/<uuid:contract_id>/withdraw")
@audience("settling")
def withdraw(contract_id: UUID) -> Any:
    contract, form = _contract(contract_id), Act()
    if form.sent():
        with form.refusing():
            actions.withdraw(contract, by=me())
            flash("You took your terms back.")
            return see("contracts.terms", contract_id=contract.id)
    return _terms_page(contract, form)


@bp.route("/contracts/<uuid:contract_id>/amend", methods=["GET", "POST"])
@audience("verified")
def amend(contract_id: UUID) -> Any:
    contract = _contract(contract_id)
    agreed = contract.current_terms.data
    first = f.opening(agreed)
    dues = [row["due_on"] for row in first["milestones"]]
    form = f.AmendForm(contract.currency, data={**first, "milestones": [], "dues": dues})
    if form.sent():
        with form.refusing():
            amendments.propose_amendment(contract, form.amended(agreed), by=me())
            return see("contracts.terms", contract_id=contract.id)
    return page("contracts/amend.html", form=form, contract=contract,
                **_sums(form.prices_with(agreed), contract.profile, contract))  # fmt: skip


@bp.post("/contracts/<uuid:contract_id>/amend/agree")
@audience("verified")
@fresh
def agree_amendment(contract_id: UUID) -> Any:
    contract, form = _contract(contract_id), Act()
    if form.sent():
        with form.refusing():
            amendments.agree_amendment(contract, by=me(), sha256=request.form.get("sha256", ""))
            flash("The amendment is in force.")
            return see("contracts.terms", contract_id=contract.id)
    return _terms_page(contract, form)


@bp.post("/contracts/<uuid:contract_id>/amend/refuse")
@audience("settling")
def refuse_amendment(contract_id: UUID) -> Any:
    contract, form = _contract(contract_id), Act()
    if form.sent():
        with form.refusing():
            amendments.refuse_amendment(contract, by=me())
            return see("contracts.terms", contract_id=contract.id)
    return _terms_page(contract, form)


@bp.route("/contracts/<uuid:contract_id>/end", methods=["GET", "POST"])
@audience("settling")
@fresh
def end(contract_id: UUID) -> Any:
    contract, form = _contract(contract_id), f.EndForm()
    mine = settler(contract, me())
    if form.sent():
        with form.refusing():
            ending.end(contract, form.reason.data, by=me())
            flash("The contract is ended.")
            return see("deliverables.desk", contract_id=contract.id)
    return page(
        "contracts/end.html", form=form, contract=contract, costs=ending.costs(contract, mine), mine=mine
    )


@bp.route("/contracts/<uuid:contract_id>/milestones/<int:number>/cancel", methods=["GET", "POST"])
@audience("settling")
@fresh
def cancel(contract_id: UUID, number: int) -> Any:
    milestone, form = one(milestone_visible_to(me(), contract_id, number)), Act()
    if form.sent():
        with form.refusing():
            milestones.cancel(milestone, by=me())
            flash(f"“{milestone.title}” is left out.")
            return see("deliverables.desk", contract_id=contract_id)
    return page("contracts/cancel.html", form=form, milestone=milestone, contract=milestone.contract)


def _contract(contract_id: UUID) -> Contract:
    loaded = (
        joinedload(Contract.organisation), joinedload(Contract.brand), joinedload(Contract.profile),
        selectinload(Contract.terms).options(selectinload(Terms.signatures), joinedload(Terms.by)),
        selectinload(Contract.milestones),
    )  # fmt: skip
    return one(visible_to(me()).where(Contract.id == contract_id).options(*loaded))


def _terms_page(contract: Contract, form: Act) -> Any:
    laid = contract.proposed_terms or contract.current_terms
    asked = request.args.get("version", type=int)
    shown = next((version for version in contract.terms if version.number == asked), laid)
    return page(
        "contracts/terms.html", form=form, contract=contract, shown=shown, laid=laid,
        mine=contract.side_of(me()), **_sums(shown.data, contract.profile, contract),
        messages=many(messages_about(contract.subject)),
    )  # fmt: skip


def _sums(data: dict[str, Any], profile: Profile, contract: Contract | None = None) -> dict[str, Any]:
    """What both sides are shown of the money in `data`, and how long the writer waits after a release."""
    hold = actions.hold_for(profile.id, contract.id if contract else None)
    return {"bill": wording.breakdown(data), "hold_days": hold.days, "writer": profile.name}


def _brands() -> list[Brand]:
    """The brands for which this person may hire. Refuses people who hire for nobody."""
    ids = [i for i in me().organisation_ids if me().acts_for(i, "hiring")]
    found = many(select(Brand).where(Brand.organisation_id.in_(ids)).order_by(Brand.name))
    if not found:
        raise Forbidden("Only someone with the hiring role in a business can offer a contract.")
    return found
