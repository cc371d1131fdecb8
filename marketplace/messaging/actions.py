"""Writing a message. Who may write about a subject is decided by the room that owns it: see `doors`."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import func, select

from marketplace.accounts.models import Person
from marketplace.config import rules
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, db, find, insert_new, lock, one
from marketplace.kernel.errors import Forbidden, Refused
from marketplace.kernel.events import Subject, tell
from marketplace.messaging.models import Message, Thread


def write(about: str, body: str, *, by: Person, stream: Subject | str) -> Message:
    """Add a message to the thread about a subject (`contract:<uuid>`), which begins with the first one.

    The caller has checked that `by` may write there. stream: whose feed shows it. Refuses people who are not
    verified, empty messages, and more than the messages an hour that the rules allow (429).
    """
    if not by.is_verified:
        raise Forbidden("Please confirm your e-mail address before you write.")
    if not body.strip():
        raise Refused("Write something first.", field="body")
    _check_pace(by)
    message = add(Message(thread_id=_thread(about).id, by_id=by.id, body=body.strip()))
    tell("message.written", message, by=by, stream=stream, about=about, body=message.body[:200])
    return message


def _thread(about: str) -> Thread:
    """The thread about a subject. Two who begin it at the same moment begin one."""
    mine = select(Thread).where(Thread.about == about)
    known = find(mine)
    if known is None:
        db.session.execute(insert_new(Thread, {"id": uuid4(), "created_at": now(), "about": about}))
    return known or one(mine)


def _check_pace(by: Person) -> None:
    lock(by)  # Or a person who writes from several windows would be counted in none.
    since = now() - timedelta(hours=1)
    sent = (
        db.session.scalar(select(func.count()).where(Message.by_id == by.id, Message.created_at > since)) or 0
    )
    if sent >= rules().messages_per_hour:
        raise Refused("That was a lot of messages in an hour. Please wait a while.", status=429)
