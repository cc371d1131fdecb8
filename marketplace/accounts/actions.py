"""What people do with their accounts."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import select, update

from marketplace.accounts import passwords
from marketplace.accounts.models import MAIL_KINDS, Acceptance, Person, Session, Token, by_email, sessions_of
from marketplace.config import rules, settings
from marketplace.kernel import mail
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, db, find, flush, lock, many, one
from marketplace.kernel.errors import Forbidden, Refused, Stale
from marketplace.kernel.events import tell
from marketplace.kernel.text import key, sha256

USED = "This link was used already, or it is too old. Please ask for a new one."


def sign_up(email: str, name: str, password: str, side: str) -> Person | None:
    """Make an account; its address must be confirmed before it publishes, bids or pays.

    side: `business` or `professional`. Returns None when the address has an account: its owner gets a
    mail, the visitor sees the same page, so that nobody learns who is here. A person who never
    confirmed loses the first password to whoever signs up again and can read the mailbox.
    """
    hashed = passwords.make(password, email, name, settings().site_name)
    known = find(by_email(key(email)))
    if known is not None and known.is_verified:
        mail.post(known.email, known.name, "sign_up_again", url=mail.link("accounts.sign_in"))
        return None
    person = known or add(
        Person(email=email, email_key=key(email), name=name, password_hash=hashed, side=side)
    )
    person.password_hash, person.name, person.side = hashed, name, side
    accept_terms(person)
    end_sessions(person)
    send_link(person, "verify", email)
    tell("person.signed_up", person, by=person, side=side)
    return person


def accept_terms(person: Person) -> None:
    """Record that `person` accepted the terms in force."""
    if not has_accepted(person):
        add(Acceptance(person_id=person.id, version=settings().terms_version))


def has_accepted(person: Person) -> bool:
    """Whether `person` accepted the terms in force."""
    here = Acceptance.version == settings().terms_version
    return find(select(Acceptance).where(Acceptance.person_id == person.id, here)) is not None


def acceptances(person: Person) -> list[Acceptance]:
    """The versions of the terms that `person` accepted, the latest first."""
    mine = select(Acceptance).where(Acceptance.person_id == person.id)
    return many(mine.order_by(Acceptance.created_at.desc()))


def send_link(person: Person, purpose: str, email: str) -> str:
    """Mail a link that works once within the hour; earlier ones for the same purpose die. Returns its secret."""
    secret = secrets.token_urlsafe(32)
    end_links(person, purpose)
    add(
        Token(
            person_id=person.id,
            purpose=purpose,
            sha256=sha256(secret.encode()),
            email=email,
            expires_at=now() + rules().link_valid,
        )
    )
    kind = {"verify": "verify", "reset": "reset", "email": "email_confirm"}[purpose]
    minutes = int(rules().link_valid / timedelta(minutes=1))
    mail.post(email, person.name, kind, url=mail.link(f"accounts.{purpose}", secret=secret), minutes=minutes)
    return secret


def end_links(person: Person, *purposes: str) -> None:
    """Make the unused links of `person` worthless; all of them when no purpose is named."""
    chosen = update(Token).where(Token.person_id == person.id, Token.used_at.is_(None))
    db.session.execute(
        (chosen.where(Token.purpose.in_(purposes)) if purposes else chosen).values(used_at=now())
    )


def token_for(secret: str, purpose: str) -> Token | None:
    """The living link with this secret."""
    row = find(select(Token).where(Token.sha256 == sha256(secret.encode()), Token.purpose == purpose))
    return row if row and row.used_at is None and row.expires_at > now() else None


def use(token: Token) -> Person:
    """Use up a link. Raises Stale when it was used a moment ago."""
    lock(token)
    if token.used_at is not None:
        raise Stale(USED)
    token.used_at = now()
    return one(select(Person).where(Person.id == token.person_id))


def verify(token: Token) -> Person:
    """Confirm the address of the account that `token` was mailed to."""
    person = use(token)
    if person.email_key != key(token.email):
        raise Stale(USED)
    if person.verified_at is None:
        person.verified_at = now()
        tell("person.verified", person, by=person)
    return person


def ask_reset(email: str) -> None:
    """Mail a link to choose a new password, to the stored address, if there is such an account."""
    person = find(by_email(key(email)))
    if person is not None:
        send_link(person, "reset", person.email)
        tell("person.asked_reset", person, by=None)


def reset(token: Token, password: str) -> Person:
    """Choose a new password by a mailed link: it proves the address and ends every session and link."""
    person = use(token)
    set_password(person, password)
    person.verified_at = person.verified_at or now()
    return person


def set_password(person: Person, password: str) -> None:
    """Store a new password; everything that the old one opened is closed."""
    person.password_hash = passwords.make(password, person.email, person.name, settings().site_name)
    end_links(person)
    end_sessions(person)
    tell("person.changed_password", person, by=person)
    told(person, "Your password was changed")


def told(person: Person, what: str, to: str = "") -> None:
    """Tell the owner by mail that something of the account changed."""
    mail.post(
        to or person.email,
        person.name,
        "account_changed",
        what=what,
        when=f"{now():%d %B %Y at %H:%M} UTC",
        url=mail.link("accounts.forgot"),
    )


def change_password(person: Person, old: str, new: str) -> None:
    """Change the password by the person signed in; their other browsers are signed out."""
    if not passwords.matches(old, person.password_hash):
        raise Refused("That is not your present password.", field="old")
    set_password(person, new)


def ask_email(person: Person, email: str) -> None:
    """Begin a change of address: the new one gets a link, the old one is told."""
    if key(email) == person.email_key:
        raise Refused("That is your address already.", field="email")
    told(person, f"A change of your e-mail address to {email} was asked for")
    send_link(person, "email", email)
    tell("person.asked_email", person, by=person)


def change_email(token: Token, *, by: Person) -> Person:
    """Finish a change of address, only by the account that asked for it."""
    if token.person_id != by.id:
        raise Forbidden("This link belongs to another account. Sign in to that one first.")
    person, old = use(token), by.email
    taken = find(by_email(key(token.email)))
    if taken is not None and taken.id != person.id:
        raise Refused("That address cannot be used.")
    person.email, person.email_key = token.email, key(token.email)
    flush()
    end_links(person)
    tell("person.changed_email", person, by=person)
    told(person, "The e-mail address of your account was changed", to=old)
    return person


def end_session(session: Session, *, by: Person) -> None:
    """End one of one's own sessions."""
    lock(session)
    if session.ended_at is None:
        session.ended_at = now()
        tell("person.ended_session", by, by=by)


def end_sessions(person: Person, keep: Session | None = None) -> None:
    """End every session of `person`, but for the one to keep."""
    for session in many(sessions_of(person)):
        if keep is None or session.id != keep.id:
            session.ended_at = now()


def describe(person: Person, *, name: str, timezone: str, theme: str) -> None:
    """Change name, zone and theme of one's own account."""
    person.name, person.timezone, person.theme = name, timezone, theme
    tell("person.described", person, by=person)


def choose_mail(person: Person, kinds: set[str]) -> None:
    """Mail this person about `kinds` of MAIL_KINDS only; the inbox shows everything in any case."""
    person.mail_off = [kind for kind in MAIL_KINDS if kind not in kinds]
    tell("person.chose_mail", person, by=person, kinds=sorted(kinds))


def appoint(person: Person, staff: str, *, by: Person | None) -> None:
    """Make somebody a reader or an admin, or (with an empty word) neither. by: None is the command line."""
    person.staff = staff
    end_sessions(person)
    tell("person.appointed", person, by=by, staff=staff)


def suspend(person: Person, reason: str, *, by: Person) -> None:
    """Stop a person, with a reason they are told. They may still settle what is open."""
    lock(person)
    if person.id == by.id:
        raise Refused("Nobody suspends themselves.")
    if person.suspended_at is not None:
        raise Stale("This person is suspended already.")
    person.suspended_at, person.suspended_reason = now(), reason
    end_sessions(person)
    tell("person.suspended", person, by=by, reason=reason)
    mail.post(person.email, person.name, "suspended", reason=reason, contact=by.name)


def restore(person: Person, reason: str, *, by: Person) -> None:
    """Lift a suspension, with a reason."""
    lock(person)
    if person.id == by.id:
        raise Refused("Nobody lifts their own suspension.")
    if person.suspended_at is None:
        raise Stale("This person is not suspended.")
    person.suspended_at, person.suspended_reason = None, ""
    tell("person.restored", person, by=by, reason=reason)
