"""Organisations: founding them, their brands, and who acts for them."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import func, select

from marketplace.accounts.models import ROLES, Brand, Invitation, Membership, Organisation, Person
from marketplace.config import rules
from marketplace.kernel import mail
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, db, find, flush, lock
from marketplace.kernel.errors import Forbidden, Missing, Refused, Stale
from marketplace.kernel.events import tell
from marketplace.kernel.text import key, sha256, slug

ONE_OWNER = "A business needs at least one owner. Make somebody else an owner first."
ROLE_NAMES = {
    "owner": "Owner: everything",
    "editor": "Editor: approves texts",
    "hiring": "Hiring: briefs, proposals, offers",
    "finance": "Finance: funds, invoices",
    "viewer": "Viewer: reads",
}


def found(name: str, country: str, currency: str, *, by: Person) -> Organisation:
    """Found a business with one brand of its name; its founder owns it. The founder's address must be proved."""
    if not by.is_verified:
        raise Forbidden("Please confirm your e-mail address first: the link is in your mailbox.")
    organisation = add(
        Organisation(name=name, slug=free_slug(name), country=country, currency=currency, verified_at=now())
    )
    add(Membership(organisation_id=organisation.id, person_id=by.id, role="owner"))
    refresh(organisation, by)
    add_brand(organisation, name, by=by)
    tell("organisation.founded", organisation, by=by, title=name)
    return organisation


def free_slug(name: str) -> str:
    """An address part for `name` that nobody has."""
    base = slug(name) or "business"
    taken = db.session.scalar(select(func.count()).where(Organisation.slug == base))
    return f"{base}-{secrets.token_hex(3)}" if taken else base


def refresh(organisation: Organisation, *people: Person) -> None:
    """Read the memberships again after they changed."""
    flush()
    db.session.expire(organisation, ["members", "brands"])
    for person in people:
        db.session.expire(person, ["memberships"])


def describe(organisation: Organisation, *, by: Person, **fields: str) -> None:
    """Change what stands about a business: name, country, city, website, about."""
    require(organisation, by, "owner")
    for name in ("name", "country", "city", "website", "about"):
        if name in fields:
            setattr(organisation, name, fields[name])
    tell("organisation.described", organisation, by=by)


def add_brand(organisation: Organisation, name: str, *, by: Person) -> Brand:
    """Add a name under which the business speaks; the adder answers for its words until told otherwise."""
    require(organisation, by, "owner")
    brand = add(
        Brand(organisation_id=organisation.id, name=name, tone=len(name) % 12, accountable_editor_id=by.id)
    )
    tell("organisation.added_brand", brand, by=by, stream=organisation, title=name)
    return brand


def name_editor(brand: Brand, editor: Person, *, by: Person) -> None:
    """Name the accountable editor of a brand: an editor or owner of its business."""
    require(brand.organisation, by, "owner")
    if not editor.acts_for(brand.organisation_id, "editor"):
        raise Refused("Only an editor or an owner of this business can answer for its words.", field="editor")
    brand.accountable_editor_id = editor.id
    tell("organisation.named_editor", brand, by=by, stream=brand.organisation, who=editor.name)


def invite(organisation: Organisation, email: str, role: str, *, by: Person) -> tuple[Invitation, str]:
    """Invite somebody by mail to act for the business in one role. Returns the row and the link's secret."""
    require(organisation, by, "owner")
    if any(m.role == role and m.person.email_key == key(email) for m in organisation.members):
        raise Refused("That person has this role already.", field="email")
    secret = secrets.token_urlsafe(32)
    invitation = add(
        Invitation(
            organisation_id=organisation.id,
            email=email,
            email_key=key(email),
            role=role,
            sha256=sha256(secret.encode()),
            by_id=by.id,
            expires_at=now() + rules().invitation_valid,
        )
    )
    mail.post(
        email,
        "",
        "invitation",
        by=by.name,
        organisation=organisation.name,
        role=role,
        days=rules().invitation_valid // timedelta(days=1),
        url=mail.link("accounts.join", secret=secret),
    )
    tell("organisation.invited", organisation, by=by, email=email, role=role)
    return invitation, secret


def revoke(invitation: Invitation, *, by: Person) -> None:
    """Take an invitation back before it is answered."""
    require(invitation.organisation, by, "owner")
    lock(invitation)
    if invitation.answered_at is not None:
        raise Stale("This invitation was answered already.")
    invitation.revoked_at = now()
    tell("organisation.revoked_invitation", invitation.organisation, by=by, email=invitation.email)


def living(secret: str) -> Invitation | None:
    """The invitation with this secret, while it can be answered."""
    row = find(select(Invitation).where(Invitation.sha256 == sha256(secret.encode())))
    alive = row and not row.answered_at and not row.revoked_at and row.expires_at > now()
    return row if alive else None


def join(invitation: Invitation, *, by: Person) -> Organisation:
    """Answer an invitation: only the person whose address it names."""
    lock(invitation)
    organisation = invitation.organisation
    if invitation.answered_at or invitation.revoked_at or organisation.closed_at:
        raise Stale("This invitation was used or taken back.")
    if not by.is_verified or by.email_key != invitation.email_key:
        raise Forbidden("This invitation was sent to another address. Sign in with that one.")
    inviter = [m for m in organisation.members if m.person_id == invitation.by_id and m.role == "owner"]
    if not inviter:
        raise Stale("Whoever invited you may no longer do so. Please ask the business again.")
    invitation.answered_at = now()
    give(organisation, by, invitation.role)
    tell("organisation.joined", organisation, by=by, role=invitation.role, who=by.name)
    return organisation


def give(organisation: Organisation, person: Person, role: str) -> None:
    """Add one role, once."""
    if not any(m.role == role and m.person_id == person.id for m in organisation.members):
        add(Membership(organisation_id=organisation.id, person_id=person.id, role=role))
    refresh(organisation, person)


def change_roles(organisation: Organisation, person: Person, roles: set[str], *, by: Person) -> None:
    """Give a member exactly `roles`; none of them removes the person. There is always an owner."""
    lock(organisation)
    db.session.expire(organisation, ["members"])
    # Whoever was removed while waiting for the lock has nothing to say any more.
    db.session.expire(by, ["memberships"])
    require(organisation, by, "owner")
    if not roles <= set(ROLES):
        raise Refused("There is no such role.", field="roles")
    if not any(m.person_id == person.id for m in organisation.members):
        raise Missing
    others = [m for m in organisation.members if m.role == "owner" and m.person_id != person.id]
    if "owner" not in roles and not others:
        raise Refused(ONE_OWNER, field="roles")
    answering = [brand.name for brand in organisation.brands if brand.accountable_editor_id == person.id]
    if answering and not roles & {"owner", "editor"}:
        names = " and ".join(answering)
        raise Refused(
            f"{person.name} answers for the words of {names}: name another editor first.", field="roles"
        )
    for membership in list(organisation.members):
        if membership.person_id == person.id and membership.role not in roles:
            db.session.delete(membership)
    flush()
    refresh(organisation, person)
    for role in sorted(roles):
        give(organisation, person, role)
    tell(
        "organisation.changed_roles",
        organisation,
        by=by,
        who=person.name,
        person=str(person.id),
        roles=sorted(roles),
    )


def require(organisation: Organisation, person: Person, *roles: str) -> None:
    """Raises Missing for strangers and Forbidden for members without one of `roles`."""
    if not person.acts_for(organisation.id):
        raise Missing
    if not person.acts_for(organisation.id, *roles):
        raise Forbidden("Your role in this business lets you look at this, but not change it.")
