"""The signed contract as a paper, one for each version that both sides signed; and what papers of its money name."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, cast, exists, func, literal, select

from marketplace.config import settings
from marketplace.contracts.models import Contract, Signature, Terms
from marketplace.kernel.db import find, lock, many, one
from marketplace.kernel.events import Event
from marketplace.kernel.jobs import later, transaction
from marketplace.payments import parties
from marketplace.payments.numbering import number_all
from marketplace.payments.papers import Document
from marketplace.talent.models import KINDS, PLATFORMS

MAKING = "contracts.paper"
HEARD = {"contract.accepted", "contract.amended"}
REACH = timedelta(days=7)


def about(contract_id: UUID) -> parties.About:
    """What a contract's papers name. An audition's writer stays a letter until the business chooses."""
    row = find(select(Contract).where(Contract.id == contract_id))
    return parties.About(row.title, row.kind == "audition") if row else parties.About()


def heard(event: Event) -> None:
    """After any event: have the signed version put on paper, once its transaction has lasted."""
    if event.name in HEARD:
        later(MAKING, event.subject.partition(":")[2])


def make_job(contract_id: str) -> None:
    """Job: put every version of a contract on paper that both sides signed."""
    with transaction():
        for terms_id in many(_signed().where(Terms.contract_id == UUID(contract_id))):
            make(terms_id)


def overdue(now: datetime) -> Select[UUID]:
    """Versions signed in the last days that are not on paper, for the sweep."""
    key = func.replace(cast(Terms.id, Text), "-", "")
    made = exists().where(Document.kind == "contract", Document.cause == literal("terms:") + key)
    recent = exists().where(Signature.terms_id == Terms.id, Signature.created_at > now - REACH)
    return _signed().where(recent, ~made).limit(200)


def _signed() -> Select[UUID]:
    """The terms of contracts (auditions stay blind) that both sides signed, oldest first."""
    both = select(Signature.terms_id).group_by(Signature.terms_id).having(func.count() == 2)
    found = select(Terms.id).join(Contract, Contract.id == Terms.contract_id)
    return found.where(Contract.kind == "contract", Terms.id.in_(both)).order_by(Terms.number)


def make(terms_id: UUID) -> None:
    """Put one signed version on paper. Done twice it makes one."""
    terms = one(select(Terms).where(Terms.id == terms_id))
    contract = lock(one(select(Contract).where(Contract.id == terms.contract_id)))
    cause = f"terms:{terms.id.hex}"
    if find(select(Document.id).where(Document.kind == "contract", Document.cause == cause)):
        return
    signed = max(signature.created_at for signature in terms.signatures)
    total = sum(item["amount_minor"] for item in terms.data["milestones"])
    number_all([
        {"kind": "contract", "cause": cause, "issuer": contract.subject, "issued_on": signed.date(),
         "currency": contract.currency, "total_minor": total, "stream": contract.subject,
         "person_id": contract.profile.person_id, "organisation_id": contract.organisation_id,
         "data": _data(contract, terms)}
    ])  # fmt: skip


def _data(contract: Contract, terms: Terms) -> dict[str, Any]:
    milestones = [
        {
            "text": item["title"],
            "minor": item["amount_minor"],
            "due_on": item["due_on"],
            "pieces": _pieces(item),
        }
        for item in terms.data["milestones"]
    ]
    return {
        "heading": "Contract", "issuer": parties.organisation(contract.organisation_id),
        "recipient": parties.person(contract.profile.person_id), "site": settings().site_name,
        "contract": terms.data["title"], "lines": milestones, "corrects": None, "notes": [],
        "facts": [["Version", str(terms.number)]], "rights": terms.data["rights"], "fee_bps": terms.data["fee_bps"],
        "client_fee_bps": terms.data.get("client_fee_bps", 0), "message": terms.data["message"],
        "review_days": terms.data["review_days"], "rounds": terms.data["rounds"], "sha256": terms.sha256,
        "brand": contract.brand.name, "writer": contract.profile.name,
        "signatures": [
            {"name": one.name, "side": one.side, "at": f"{one.created_at:%Y-%m-%d %H:%M:%S} UTC"}
            for one in terms.signatures
        ],
    }  # fmt: skip


def _pieces(item: dict[str, Any]) -> list[str]:
    """`Monday (Post, LinkedIn)`, one a piece."""
    return [
        f"{piece['title']} ({KINDS.get(piece['kind'], piece['kind'])}, "
        f"{PLATFORMS.get(piece['platform'], piece['platform'])})"
        for piece in item["pieces"]
    ]
