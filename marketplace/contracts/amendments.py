"""Changing an agreement in force: one side proposes complete new terms, the other agrees or refuses."""

from __future__ import annotations

from datetime import date
from typing import Any

from marketplace.accounts.models import Person
from marketplace.contracts import terms as wording
from marketplace.contracts.actions import add_milestones, sign, take_over
from marketplace.contracts.models import Contract, Terms
from marketplace.contracts.parties import settler, side, stream_data, verified
from marketplace.kernel.db import add, db, flush, lock
from marketplace.kernel.errors import Refused, Stale
from marketplace.kernel.events import tell


def propose_amendment(contract: Contract, terms: dict[str, Any], *, by: Person) -> Terms:
    """Propose new terms for a running contract: rounds, review window, dates, rights, further milestones.

    Milestones that exist keep title, price and pieces. Refuses contracts that do not run, a second open
    proposal (409), and terms that change nothing.
    """
    mine = _running(contract, by)
    verified(by)
    if contract.proposed_terms is not None:
        raise Stale("There is an amendment waiting already: it must be answered first.")
    agreed = contract.current_terms.data
    data = wording.settle(terms, contract.currency, agreed=agreed, started=_started(contract))
    _check_kept(contract, data)
    if wording.digest(data) == contract.current_terms.sha256:
        raise Refused("These are the terms in force: change something.")
    laid = add(
        Terms(contract_id=contract.id, number=len(contract.terms) + 1, by_id=by.id, data=data,
              sha256=wording.digest(data), state="proposed")
    )  # fmt: skip
    sign(laid, by, mine)
    db.session.expire(contract, ["terms"])
    tell("contract.amendment_proposed", contract, by=by, **stream_data(contract), side=mine)
    return laid


def agree_amendment(contract: Contract, *, by: Person, sha256: str) -> Terms:
    """Agree to the amendment whose hash the page showed; it is in force at once."""
    mine = _running(contract, by)
    verified(by)
    laid = _waiting(contract, mine)
    if laid.sha256 != sha256:
        raise Stale("The amendment changed while you were reading: please read it again.")
    contract.current_terms.state = "superseded"
    laid.state = "agreed"
    sign(laid, by, mine)
    take_over(contract, laid.data)
    for milestone, item in zip(contract.milestones, laid.data["milestones"], strict=False):
        milestone.due_on = date.fromisoformat(item["due_on"]) if item["due_on"] else None
    add_milestones(contract, laid.data, by)
    flush()
    tell("contract.amended", contract, by=by, **stream_data(contract), sha256=sha256, side=mine)
    return laid


def refuse_amendment(contract: Contract, *, by: Person) -> Terms:
    """Refuse the amendment, or take back one's own; the terms in force stay."""
    mine = _running(contract, by)
    laid = contract.proposed_terms
    if laid is None:
        raise Stale("There is no amendment waiting.")
    laid.state = "refused"
    flush()
    tell("contract.amendment_refused", contract, by=by, **stream_data(contract), side=mine)
    return laid


def _running(contract: Contract, by: Person) -> str:
    lock(contract)
    mine = settler(contract, by)
    if contract.state != "active":
        raise Stale("This contract is not running.")
    return mine


def _waiting(contract: Contract, mine: str) -> Terms:
    laid = contract.proposed_terms
    if laid is None:
        raise Stale("There is no amendment waiting.")
    if side(contract, laid.by) == mine:
        raise Stale("Your side proposed this: the other side agrees to it.")
    return laid


def _started(contract: Contract) -> date | None:
    return contract.accepted_at.date() if contract.accepted_at else None


def _check_kept(contract: Contract, data: dict[str, Any]) -> None:
    """What was agreed for existing milestones stays: their price is held, or may be any moment."""
    old, new = contract.current_terms.data["milestones"], data["milestones"]
    kept = ("title", "amount_minor", "pieces")
    if len(new) < len(old) or any(
        [a[k] for k in kept] != [b[k] for k in kept] for a, b in zip(old, new, strict=False)
    ):
        raise Refused(
            "The title, price and pieces of a milestone stay as they were agreed. Add a milestone, or cancel one "
            "that has not begun."
        )
