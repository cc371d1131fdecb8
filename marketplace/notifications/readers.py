"""Who is concerned by an event, as things stand now: somebody who left a business is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from marketplace.accounts.models import Brand, Membership, Organisation, Person
from marketplace.briefs.models import Brief
from marketplace.contracts.models import Contract
from marketplace.kernel.db import find, many
from marketplace.kernel.events import Event
from marketplace.payments.claims import Decision
from marketplace.proposals.models import Proposal
from marketplace.talent.models import Profile
from marketplace.vetting.models import Application


@dataclass(frozen=True)
class Reader:
    """Somebody to be told, and the business for which they are told it, if any."""

    person: Person
    organisation_id: UUID | None = None


@dataclass
class Matter:
    """What an event is about, loaded once. ids: the row ids that its subject, stream and `about` name."""

    event: Event
    ids: dict[str, UUID] = field(default_factory=dict)
    contract: Contract | None = None
    proposal: Proposal | None = None
    brief: Brief | None = None
    profile: Profile | None = None

    @property
    def organisation_id(self) -> UUID | None:
        """The business it concerns."""
        if self.contract is not None:
            return self.contract.organisation_id
        return self.brief.organisation_id if self.brief is not None else self.ids.get("organisation")

    @property
    def side(self) -> str:
        """The side that acted: `business`, `professional`, or empty for the clock and for staff."""
        by_id = self.event.by_id
        if by_id is None:
            return ""
        if self.profile is not None and self.profile.person_id == by_id:
            return "professional"
        acts = Membership.organisation_id == self.organisation_id
        return "business" if many(select(Membership.id).where(acts, Membership.person_id == by_id)) else ""


Who = Callable[[Matter], list[Reader]]


def matter_of(event: Event) -> Matter:
    """Load what `event` is about."""
    matter = Matter(event)
    named_too = f"organisation:{event.data.get('organisation', '')}"
    for name in (named_too, event.data.get("about", ""), event.stream, event.subject):
        noun, _, row_id = str(name).partition(":")
        try:
            matter.ids[noun] = UUID(row_id)
        except ValueError:
            continue
    load(matter, matter.ids)
    return matter


def load(matter: Matter, ids: dict[str, UUID]) -> None:
    """Fill in the rows, the larger ones from the smaller."""
    if "contract" in ids:
        matter.contract = find(select(Contract).where(Contract.id == ids["contract"]))
    if "proposal" in ids:
        matter.proposal = find(select(Proposal).where(Proposal.id == ids["proposal"]))
    elif matter.contract is not None:
        matter.proposal = matter.contract.proposal
    if "brief" in ids:
        matter.brief = find(select(Brief).where(Brief.id == ids["brief"]))
    elif matter.proposal is not None:
        matter.brief = matter.proposal.brief
    matter.profile = profile_of(matter)


def profile_of(matter: Matter) -> Profile | None:
    """The professional whom it concerns."""
    if matter.contract is not None:
        return matter.contract.profile
    if matter.proposal is not None:
        return matter.proposal.profile
    if "application" in matter.ids:
        application = find(select(Application).where(Application.id == matter.ids["application"]))
        return application.profile if application else None
    return (
        find(select(Profile).where(Profile.id == matter.ids["profile"])) if "profile" in matter.ids else None
    )


def writer(matter: Matter) -> list[Reader]:
    """The professional."""
    return [Reader(matter.profile.person)] if matter.profile is not None else []


def business(*roles: str) -> Who:
    """The people of the business who have one of `roles` today; its owners always."""

    def people(matter: Matter) -> list[Reader]:
        found = (
            select(Person)
            .join(Membership, Membership.person_id == Person.id)
            .join(Organisation, Organisation.id == Membership.organisation_id)
            .where(Organisation.id == matter.organisation_id, Organisation.closed_at.is_(None))
            .where(Membership.role.in_([*roles, "owner"]))
            .order_by(Person.created_at, Person.id)
        )
        return [Reader(person, matter.organisation_id) for person in many(found)]

    return people


def both(*roles: str) -> Who:
    """The professional, and the people of the business with one of `roles`."""
    return lambda matter: writer(matter) + business(*roles)(matter)


def other(*roles: str) -> Who:
    """The side that did not act; both sides when the clock or staff acted."""

    def people(matter: Matter) -> list[Reader]:
        match matter.side:
            case "business":
                return writer(matter)
            case "professional":
                return business(*roles)(matter)
        return both(*roles)(matter)

    return people


def reviewed(*roles: str) -> Who:
    """The side that a review is about."""
    return lambda matter: (
        writer(matter) if matter.event.data["side"] == "business" else business(*roles)(matter)
    )


def named(matter: Matter) -> list[Reader]:
    """The person whom the event itself names."""
    return by_id(matter.event.data.get("person"))


def subject(matter: Matter) -> list[Reader]:
    """The person whom it happened to."""
    return by_id(str(matter.ids["person"])) if "person" in matter.ids else []


def accountable(matter: Matter) -> list[Reader]:
    """The accountable editor of a brand."""
    brand = find(select(Brand).where(Brand.id == matter.ids.get("brand")))
    editor = brand.accountable_editor if brand is not None else None
    return [Reader(editor, brand.organisation_id)] if brand is not None and editor is not None else []


def staff(*roles: str) -> Who:
    """The people of the marketplace itself."""
    return lambda _matter: [Reader(person) for person in many(select(Person).where(Person.staff.in_(roles)))]


def second_admins(matter: Matter) -> list[Reader]:
    """The other admins, while a decision about money waits for one of them."""
    decision = decision_of(matter)
    return staff("admin")(matter) if decision is not None and decision.state == "waiting" else []


def decider(matter: Matter) -> list[Reader]:
    """The admin who made a decision."""
    decision = decision_of(matter)
    return by_id(str(decision.by_id)) if decision is not None else []


def decision_of(matter: Matter) -> Decision | None:
    """The decision about money that an event is about."""
    return (
        find(select(Decision).where(Decision.id == matter.ids["decision"]))
        if "decision" in matter.ids
        else None
    )


def by_id(person_id: str | None) -> list[Reader]:
    """The person with this id."""
    person = find(select(Person).where(Person.id == UUID(person_id))) if person_id else None
    return [Reader(person)] if person is not None else []
