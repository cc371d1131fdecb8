"""Who stands on a paper, and what it is about: frozen into the paper when it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from marketplace.accounts.models import Organisation, Person
from marketplace.config import settings
from marketplace.kernel.countries import COUNTRIES
from marketplace.kernel.db import db, find
from marketplace.payments.models import Payee
from marketplace.payments.papers import TaxDetails

PLATFORM = "platform"
Party = dict[str, Any]
LANDS = dict(COUNTRIES)


@dataclass(frozen=True)
class About:
    """What a stream of money is for. is_blind: the business does not know yet who writes."""

    title: str = ""
    is_blind: bool = False


# Filled by wiring: who knows what a stream is about, by its first word (`contract`).
knows: dict[str, Callable[[UUID], About]] = {}


def about(stream: str) -> About:
    """What `stream` (`contract:<uuid>`) is about; nothing when nobody knows it."""
    noun, _, key = stream.partition(":")
    return knows[noun](UUID(key)) if noun in knows else About()


def details_of(owner: Person | Organisation) -> TaxDetails | None:
    """What a person or a business wants on its papers, if they said."""
    column = TaxDetails.person_id if isinstance(owner, Person) else TaxDetails.organisation_id
    return find(select(TaxDetails).where(column == owner.id))


def person(person_id: UUID) -> Party:
    """A professional as their papers name them; without details, by their name and the country of their payouts."""
    row = db.session.get_one(Person, person_id)
    country = find(select(Payee.country).where(Payee.person_id == person_id)) or ""
    return _party(row.name, country, details_of(row))


def organisation(organisation_id: UUID) -> Party:
    """A business as its papers name it."""
    row = db.session.get_one(Organisation, organisation_id)
    return _party(row.name, row.country, details_of(row))


def _party(name: str, country: str, details: TaxDetails | None) -> Party:
    said = details or TaxDetails(person_id=None, organisation_id=None)
    legal, code = said.legal_name or name, (said.country or country).upper()
    return {"name": legal, "known_as": name if name != legal else "", "address": said.address, "country": code,
            "land": LANDS.get(code, code), "tax_id": said.tax_id, "rate_bps": said.rate_bps}  # fmt: skip


def platform() -> Party:
    """The platform itself, as the operator's settings name it."""
    here = settings()
    code, legal = here.platform_country.upper(), here.platform_legal_name or here.site_name
    return {"name": legal, "known_as": here.site_name if here.site_name != legal else "",
            "address": here.platform_address, "country": code, "land": LANDS.get(code, code),
            "tax_id": here.platform_tax_id, "rate_bps": here.platform_tax_bps}  # fmt: skip


def issuer_of(person_id: UUID) -> str:
    """The name of a professional's own series of numbers."""
    return f"person:{person_id}"
