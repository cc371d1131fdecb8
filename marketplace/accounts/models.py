"""People and the organisations they act for."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_login import UserMixin
from sqlalchemy import ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from marketplace.config import rules
from marketplace.kernel.clock import now
from marketplace.kernel.db import Row, one_of
from marketplace.kernel.text import initials

ROLES = ("owner", "editor", "hiring", "finance", "viewer")
STAFF = ("reader", "admin")
# What a person may choose to read in the inbox only. Money, security and vetting are always mailed too.
MAIL_KINDS = {
    "briefs": "Briefs, invitations and pitches",
    "work": "Contracts, drafts and decisions",
    "words": "Messages and notes on drafts",
    "reviews": "Reviews",
}


class Person(Row, UserMixin, kw_only=True, eq=False, repr=False):
    """One human being, one account, whatever they act as."""

    __tablename__ = "accounts_person"
    __table_args__ = (one_of("side", "business", "professional"), one_of("staff", *STAFF, ""))

    email: Mapped[str]
    email_key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    # What they came for; it decides the first page they see, not what they may do.
    side: Mapped[str]
    staff: Mapped[str] = mapped_column(default="")
    timezone: Mapped[str] = mapped_column(default="UTC")
    theme: Mapped[str] = mapped_column(default="")
    # The kinds of MAIL_KINDS that this person does not want by mail.
    mail_off: Mapped[list[str]] = mapped_column(default_factory=list)
    verified_at: Mapped[datetime | None] = mapped_column(default=None)
    suspended_at: Mapped[datetime | None] = mapped_column(default=None)
    suspended_reason: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    memberships: Mapped[list[Membership]] = relationship(
        back_populates="person", init=False, default_factory=list, lazy="select"
    )

    # Set while a request is served: the session by which this person is here.
    session: Session | None = None

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie: the secret of the session, never the person's id."""
        return self.session.secret if self.session and self.session.secret else ""

    @property
    def is_active(self) -> bool:
        """Whether this person may sign in."""
        return self.closed_at is None

    @property
    def is_verified(self) -> bool:
        """Whether the e-mail address was proved."""
        return self.verified_at is not None

    @property
    def is_suspended(self) -> bool:
        """Whether an admin has stopped this person; they may only settle what is open."""
        return self.suspended_at is not None

    @property
    def is_professional(self) -> bool:
        """Whether this person came to write."""
        return self.side == "professional"

    @property
    def is_business(self) -> bool:
        """Whether this person came to hire, or acts for an organisation."""
        return self.side == "business" or bool(self.memberships)

    @property
    def is_staff(self) -> bool:
        """Whether this person reads or runs the marketplace."""
        return bool(self.staff)

    @property
    def is_admin(self) -> bool:
        """Whether this person may do everything, with a reason; not while suspended."""
        return self.staff == "admin" and not self.is_suspended

    @property
    def organisation_ids(self) -> list[UUID]:
        """The organisations this person acts for, in any role."""
        return list(dict.fromkeys(membership.organisation_id for membership in self.memberships))

    def acts_for(self, organisation_id: UUID, *roles: str) -> bool:
        """Whether this person has one of `roles` (or any, when none is named) in the organisation.

        The owner has every role.
        """
        held = {m.role for m in self.memberships if m.organisation_id == organisation_id}
        return bool(held & {*roles, "owner"}) if roles else bool(held)

    @property
    def initials(self) -> str:
        """For the monogram: the first letters of the first and the last name."""
        return initials(self.name)


class Session(Row, kw_only=True, eq=False, repr=False):
    """One browser in which a person is signed in. Ending it here ends it everywhere."""

    __tablename__ = "accounts_session"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"), index=True)
    secret_sha256: Mapped[str] = mapped_column(unique=True)
    fresh_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    agent: Mapped[str]
    address: Mapped[str]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    person: Mapped[Person] = relationship(init=False, lazy="raise")

    # The cookie's secret, known only at sign-in and while its request is served.
    secret: str = ""

    @property
    def is_alive(self) -> bool:
        """Neither ended, nor idle, nor older than the longest life of a session."""
        return (
            self.ended_at is None
            and now() - self.seen_at < rules().session_idle
            and now() - self.created_at < rules().session_absolute
        )

    @property
    def is_fresh(self) -> bool:
        """Whether the password was given recently enough for money, approvals, roles and e-mail."""
        return now() - self.fresh_at < rules().session_fresh


class Attempt(Row, kw_only=True, eq=False, repr=False):
    """One failed sign-in, kept for the growing wait: by account and address, never by account alone."""

    __tablename__ = "accounts_attempt"

    email_key: Mapped[str] = mapped_column(index=True)
    address: Mapped[str] = mapped_column(index=True)


class Token(Row, kw_only=True, eq=False, repr=False):
    """The secret of a mailed link: works once, for a while, for one purpose."""

    __tablename__ = "accounts_token"
    __table_args__ = (one_of("purpose", "verify", "reset", "email"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"), index=True)
    purpose: Mapped[str]
    sha256: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(default=None)


class Organisation(Row, kw_only=True, eq=False, repr=False):
    """A business. Its people act for it in roles; its brands speak."""

    __tablename__ = "accounts_organisation"

    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    country: Mapped[str]
    currency: Mapped[str]
    city: Mapped[str] = mapped_column(default="")
    website: Mapped[str] = mapped_column(default="")
    about: Mapped[str] = mapped_column(default="")
    # Proved with the founder's e-mail; an unverified business publishes nothing.
    verified_at: Mapped[datetime | None] = mapped_column(default=None)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    brands: Mapped[list[Brand]] = relationship(
        back_populates="organisation", init=False, default_factory=list, order_by="Brand.created_at"
    )
    members: Mapped[list[Membership]] = relationship(
        back_populates="organisation", init=False, default_factory=list, order_by="Membership.created_at"
    )

    def people(self, *roles: str) -> list[Person]:
        """The people with one of `roles`; owners have every role."""
        wanted = {*roles, "owner"} if roles else set(ROLES)
        return list(dict.fromkeys(m.person for m in self.members if m.role in wanted))


class Brand(Row, kw_only=True, eq=False, repr=False):
    """A name under which a business speaks, with the one editor who answers for its words."""

    __tablename__ = "accounts_brand"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_organisation.id"), index=True)
    name: Mapped[str]
    tone: Mapped[int] = mapped_column(default=0)
    accountable_editor_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts_person.id"), default=None)
    organisation: Mapped[Organisation] = relationship(back_populates="brands", init=False)
    accountable_editor: Mapped[Person | None] = relationship(init=False)


class Membership(Row, kw_only=True, eq=False, repr=False):
    """One role of one person in one organisation."""

    __tablename__ = "accounts_membership"
    __table_args__ = (UniqueConstraint("organisation_id", "person_id", "role"), one_of("role", *ROLES))

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_organisation.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"), index=True)
    role: Mapped[str]
    organisation: Mapped[Organisation] = relationship(back_populates="members", init=False)
    person: Mapped[Person] = relationship(back_populates="memberships", init=False)


class Invitation(Row, kw_only=True, eq=False, repr=False):
    """An offer, by mail, to act for an organisation in one role."""

    __tablename__ = "accounts_invitation"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_organisation.id"), index=True)
    email: Mapped[str]
    email_key: Mapped[str] = mapped_column(index=True)
    role: Mapped[str]
    sha256: Mapped[str] = mapped_column(unique=True)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"))
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None] = mapped_column(default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)
    organisation: Mapped[Organisation] = relationship(init=False)
    by: Mapped[Person] = relationship(init=False)


class Acceptance(Row, kw_only=True, eq=False, repr=False):
    """That a person accepted one version of the terms."""

    __tablename__ = "accounts_acceptance"
    __table_args__ = (UniqueConstraint("person_id", "version"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"), index=True)
    version: Mapped[str]


def by_secret(sha256: str) -> Select[Session]:
    """The living session with this secret, its person and their roles in one query."""
    return (
        select(Session)
        .where(Session.secret_sha256 == sha256, Session.ended_at.is_(None))
        .options(
            joinedload(Session.person).joinedload(Person.memberships).joinedload(Membership.organisation)
        )
    )


def by_email(email_key: str) -> Select[Person]:
    """The person with this address, folded."""
    return select(Person).where(Person.email_key == email_key, Person.closed_at.is_(None))


def organisations_of(person: Person, *roles: str) -> Select[Organisation]:
    """The organisations that `person` acts for, in one of `roles` or any."""
    found = (
        select(Organisation)
        .join(Membership)
        .where(Membership.person_id == person.id, Organisation.closed_at.is_(None))
        .order_by(Organisation.name)
        .distinct()
    )
    return found.where(Membership.role.in_([*roles, "owner"])) if roles else found


def sessions_of(person: Person) -> Select[Session]:
    """The browsers in which `person` is signed in, the latest first."""
    return (
        select(Session)
        .where(Session.person_id == person.id, Session.ended_at.is_(None))
        .order_by(Session.seen_at.desc())
    )
