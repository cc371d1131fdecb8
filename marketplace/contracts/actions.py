"""Hiring: offer, counter, accept. The work is in milestones.py, changes in amendments.py, the end in ending.py."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from marketplace.accounts.models import Brand, Person
from marketplace.briefs import actions as briefs
from marketplace.briefs.models import Brief
from marketplace.config import rules
from marketplace.contracts import terms as wording
from marketplace.contracts.models import Contract, Milestone, Signature, Terms
from marketplace.contracts.parties import OTHER, refuse_self, settler, stream_data, verified
from marketplace.kernel import money
from marketplace.kernel.clock import now
from marketplace.kernel.countries import PAYABLE
from marketplace.kernel.db import add, db, find, flush, lock
from marketplace.kernel.errors import Forbidden, Missing, Refused, Stale
from marketplace.kernel.events import tell
from marketplace.payments import actions as payments
from marketplace.proposals import actions as proposals
from marketplace.proposals.models import Proposal
from marketplace.talent.models import Profile


def offer(
    proposal: Proposal | None,
    *,
    brief: Brief | None = None,
    profile: Profile,
    brand: Brand,
    terms: dict[str, Any],
    by: Person,
) -> Contract:
    """Offer a contract, from a proposal or directly to a professional. The offer signs for the business.

    terms: as `contracts.terms` says. Refuses strangers (404), people without the hiring role (403), a writer
    who belongs to the business or cannot be paid, a proposal that is blind or decided, and a brief that is
    not open or has a contract (409).
    """
    if not by.acts_for(brand.organisation_id):
        raise Missing
    if not by.acts_for(brand.organisation_id, "hiring"):
        raise Forbidden("Only an owner or someone with the hiring role can offer a contract.")
    verified(by)
    check_writer(profile, brand)
    if profile.paused_at is not None:
        raise Refused(f"{profile.name} takes no new work now.")
    brief = check_proposal(proposal, profile) if proposal is not None else brief
    if brief is not None:
        check_brief(brief, brand)
    # A brief's currency holds; a direct offer names its own.
    currency = brief.currency if brief else terms.get("currency") or brand.organisation.currency
    data = wording.settle(terms, currency)
    contract = add(
        Contract(
            organisation_id=brand.organisation_id, brand_id=brand.id, profile_id=profile.id,
            brief_id=brief.id if brief else None, proposal_id=proposal.id if proposal else None,
            by_id=by.id, title=data["title"], currency=data["currency"], due_at=now() + rules().offer_valid,
        )
    )  # fmt: skip
    take_over(contract, data)
    sign(put(contract, data, by), by, "business")
    tell("contract.offered", contract, by=by, **told(contract))
    return contract


def check_writer(profile: Profile, brand: Brand) -> None:
    """Refuse somebody who is not admitted, cannot be paid, is suspended, or belongs to the business."""
    refuse_self(profile, brand.organisation_id)
    if not profile.is_admitted or profile.hidden_at is not None or profile.person.is_suspended:
        raise Refused(f"{profile.name} cannot take contracts now.")
    if profile.country not in PAYABLE:
        raise Refused(f"Money cannot be paid out to the country of {profile.name} yet.")


def check_proposal(proposal: Proposal, profile: Profile) -> Brief:
    """The brief of a proposal. Refuse somebody else's, a decided one, and one whose writer has no name yet."""
    lock(proposal)
    if proposal.profile_id != profile.id:
        raise Missing
    if not proposal.is_live:
        raise Stale("This proposal was withdrawn or decided in the meantime.")
    if proposal.is_blind:
        raise Refused("Shortlist this proposal first: until then its writer has no name for you.")
    return proposal.brief


def check_brief(brief: Brief, brand: Brand) -> None:
    """Refuse a brief of another business, one that is not open, and one that has its contract.

    It stays open as long as the offer may be answered: a hire is to end it, not the clock.
    """
    if brief.organisation_id != brand.organisation_id:
        raise Missing
    lock(brief)
    if not brief.is_open:
        raise Stale("This brief is not open any more.")
    if find(living(brief)) is not None:
        raise Stale("This brief has a contract or an open offer already.")
    briefs.expect_decision(brief)


def living(brief: Brief) -> Select[Contract]:
    """The offered, active or ended contract of a brief."""
    return select(Contract).where(
        Contract.brief_id == brief.id,
        Contract.kind == "contract",
        Contract.state.in_(["offered", "countered", "active", "ended"]),
    )


def put(contract: Contract, data: dict[str, Any], by: Person) -> Terms:
    """Lay a version of the terms on the table."""
    number = len(contract.terms) + 1
    laid = add(
        Terms(contract_id=contract.id, number=number, by_id=by.id, data=data, sha256=wording.digest(data))
    )
    db.session.expire(contract, ["terms"])
    return laid


def sign(terms: Terms, by: Person, side: str) -> Signature:
    """Put a name, a time and the hash under the terms, for one side."""
    made = add(Signature(terms_id=terms.id, person_id=by.id, side=side, name=by.name, sha256=terms.sha256))
    db.session.expire(terms, ["signatures"])
    return made


def take_over(contract: Contract, data: dict[str, Any]) -> None:
    """Let the contract say what its terms say."""
    contract.title, contract.fee_bps = data["title"], data["fee_bps"]
    contract.review_days, contract.rounds = data["review_days"], data["rounds"]


def told(contract: Contract) -> dict[str, str]:
    """What a sentence about an offer needs."""
    return {**stream_data(contract), "amount": money.text(contract.total_minor, contract.currency)}


def answering(contract: Contract, by: Person) -> str:
    """The side of `by` in an open offer. Raises Missing, Forbidden, or Stale when the offer is over."""
    lock(contract)
    side = settler(contract, by)
    if not contract.is_offer:
        raise Stale("This offer is over: it was answered, taken back, or has expired.")
    if contract.due_at is not None and contract.due_at <= now():
        raise Stale("This offer has expired.")
    return side


def on_turn(contract: Contract, by: Person) -> str:
    """As `answering`, and the offer waits for that side's answer."""
    side = answering(contract, by)
    if contract.turn != side:
        raise Stale("It is the other side's turn to answer.")
    return side


def counter(contract: Contract, terms: dict[str, Any], *, by: Person) -> Contract:
    """Answer an offer with other terms; the clock starts anew and the turn is the other side's."""
    side = on_turn(contract, by)
    verified(by)
    data = wording.settle(terms, contract.currency)
    if wording.digest(data) == contract.current_terms.sha256:
        raise Refused("These are the terms on the table: accept them, or change something.")
    for earlier in contract.terms:
        earlier.state = "superseded"
    flush()
    sign(put(contract, data, by), by, side)
    take_over(contract, data)
    contract.state, contract.turn = "countered", OTHER[side]
    contract.due_at = now() + rules().offer_valid
    if contract.brief is not None:
        briefs.expect_decision(lock(contract.brief))
    flush()
    tell("contract.countered", contract, by=by, side=side, **told(contract))
    return contract


def accept(contract: Contract, *, by: Person, sha256: str) -> Contract:
    """Sign the terms on the table: this is hiring. sha256: the hash of the terms that the page showed."""
    side = on_turn(contract, by)
    verified(by)
    terms = contract.current_terms
    if terms.sha256 != sha256:
        raise Stale("The terms changed while you were reading: please read them again.")
    check_writer(contract.profile, contract.brand)
    sign(terms, by, side)
    terms.state = "agreed"
    contract.state, contract.turn, contract.due_at, contract.accepted_at = "active", "", None, now()
    take_over(contract, terms.data)
    flush()
    add_milestones(contract, terms.data, by)
    hire(contract, by)
    tell("contract.accepted", contract, by=by, side=side, sha256=sha256, **told(contract))
    return contract


def add_milestones(contract: Contract, agreed: dict[str, Any], by: Person) -> None:
    """Make the milestones of `agreed` terms that do not exist yet, each with its empty holding."""
    hold, known = hold_for(contract.profile_id, contract.id), len(contract.milestones)
    for number, item in enumerate(agreed["milestones"][known:], known + 1):
        made = add(
            Milestone(
                contract_id=contract.id, number=number, title=item["title"], amount_minor=item["amount_minor"],
                due_on=date.fromisoformat(item["due_on"]) if item["due_on"] else None,
            )
        )  # fmt: skip
        payments.open_holding(
            made.subject, stream=contract.subject, organisation_id=contract.organisation_id,
            payee_id=contract.profile.person_id, title=made.title, amount_minor=made.amount_minor,
            currency=contract.currency, fee_bps=contract.fee_bps, hold=hold, by=by,
            client_fee_bps=wording.fees(agreed)["client_fee_bps"],
        )  # fmt: skip
    db.session.expire(contract, ["milestones"])


def hold_for(profile_id: UUID, contract_id: UUID | None = None) -> timedelta:
    """How long released money waits: longer for a professional's first contracts.

    contract_id: the contract that it is about, which does not count itself.
    """
    earlier = select(func.count()).where(
        Contract.profile_id == profile_id, Contract.accepted_at.is_not(None), Contract.id != contract_id
    )
    newcomer = (db.session.scalar(earlier) or 0) < rules().hold_newcomer_contracts
    return rules().hold_newcomer if newcomer else rules().hold


def hire(contract: Contract, by: Person) -> None:
    """Tell the rooms below: the brief has its writer, the other proposals give their places back."""
    if contract.proposal is not None:
        proposals.accept(contract.proposal, by=by)
    if contract.brief is not None:
        briefs.hire(contract.brief, by=by)
        proposals.close_others(contract.brief, by=by)


def decline(contract: Contract, reason: str, *, by: Person) -> Contract:
    """Say no to an offer, with a reason that the other side reads."""
    side = on_turn(contract, by)
    contract.state, contract.turn, contract.due_at, contract.end_reason = "declined", "", None, reason
    flush()
    tell("contract.declined", contract, by=by, side=side, reason=reason, **told(contract))
    return contract


def withdraw(contract: Contract, *, by: Person) -> Contract:
    """Take back an offer or a counter that waits for the other side's answer."""
    side = answering(contract, by)
    if contract.turn == side:
        raise Stale("It is your turn to answer: accept, counter or decline.")
    contract.state, contract.turn, contract.due_at = "withdrawn", "", None
    flush()
    tell("contract.withdrawn", contract, by=by, side=side, **told(contract))
    return contract


def expire(contract_id: UUID) -> None:
    """The sweep: an offer that nobody answered in time is over."""
    contract = lock(db.session.get_one(Contract, contract_id))
    if contract.is_offer and contract.due_at is not None and contract.due_at <= now():
        contract.state, contract.turn, contract.due_at = "expired", "", None
        flush()
        tell("contract.expired", contract, by=None, **told(contract))
