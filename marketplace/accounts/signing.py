"""From the cookie to the person: Flask-Login over our own sessions."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from flask import Response, request, session
from flask_login import LoginManager, current_user, login_user
from sqlalchemy import update

from marketplace.accounts.models import Person, Session, by_secret
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, db, find, own_transaction
from marketplace.kernel.text import sha256

SEEN_EVERY = timedelta(hours=1)

login_manager: Any = LoginManager()
login_manager.session_protection = None


@login_manager.user_loader  # type: ignore[untyped-decorator]
def load(secret: str) -> Person | None:
    """The person whose living session has this secret."""
    row = find(by_secret(sha256(secret.encode())))
    if row is None or not row.is_alive or not row.person.is_active:
        return None
    row.secret = secret
    row.person.session = row
    return row.person


def begin_session(person: Person) -> Session:
    """Sign `person` in on this browser with a new secret; whatever the cookie held before is gone."""
    secret = secrets.token_urlsafe(32)
    row = add(
        Session(
            person_id=person.id,
            secret_sha256=sha256(secret.encode()),
            fresh_at=now(),
            seen_at=now(),
            agent=(request.user_agent.string or "")[:200],
            address=request.remote_addr or "",
        )
    )
    row.secret, person.session = secret, row
    session.clear()
    session.permanent = True
    session["sid"] = True
    login_user(person)
    return row


def touch(answer: Response) -> Response:
    """After a request: note, once an hour and in a transaction of its own, that this browser was here."""
    # Files of the site are answered without asking the database who asks.
    asked = "_user_id" in session and request.endpoint != "static"
    here = getattr(current_user, "session", None) if asked else None
    if here is not None and here.ended_at is None and now() - here.seen_at > SEEN_EVERY:
        with own_transaction():
            db.session.execute(update(Session).where(Session.id == here.id).values(seen_at=now()))
    return answer
