"""Who stands on which side of a contract, and who may sign for it."""

from __future__ import annotations

from marketplace.accounts.models import Person
from marketplace.contracts.models import Contract
from marketplace.kernel.errors import Forbidden, Missing, Refused
from marketplace.talent.models import Profile

OTHER = {"business": "professional", "professional": "business"}


def side(contract: Contract, person: Person) -> str:
    """`business` or `professional`. Raises Missing for people of neither, Forbidden for admins, who look."""
    found = contract.side_of(person)
    if found:
        return found
    if person.is_admin:
        raise Forbidden("You may look at this contract, but only its two sides act on it.")
    raise Missing


def settler(contract: Contract, person: Person) -> str:
    """The side for which `person` may answer terms or end what runs: the suspended too, who may only say no.

    Raises Missing for people of neither side; refuses the unverified and roles that do not hire (403).
    """
    found = side(contract, person)
    if found == "business" and not person.acts_for(contract.organisation_id, "hiring"):
        raise Forbidden("Only an owner or someone with the hiring role can agree to terms for the business.")
    proved(person)
    return found


def proved(person: Person) -> None:
    """Refuses people whose e-mail address was not proved."""
    if not person.is_verified:
        raise Forbidden("Please confirm your e-mail address first: the link is in your mailbox.")


def verified(person: Person) -> None:
    """Refuses people whose e-mail address was not proved, and the suspended."""
    proved(person)
    if person.is_suspended:
        raise Forbidden("Your account is suspended, so this cannot be done. The notice tells you why.")


def refuse_self(profile: Profile, contract_organisation: object) -> None:
    """Refuses a contract of a business with one of its own people."""
    if contract_organisation in profile.person.organisation_ids:
        raise Refused(f"{profile.name} belongs to this business: nobody can hire themselves here.")


def stream_data(contract: Contract) -> dict[str, str]:
    """What every sentence about a contract needs."""
    return {
        "title": contract.title,
        "business": contract.organisation.name,
        "professional": contract.profile.name,
        "contract": str(contract.id),
    }
