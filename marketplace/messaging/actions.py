"""Writing a message. Who may write about a subject is decided by the room that owns it: see `doors`."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from marketplace.accounts.models import Person
from marketplace.config import rules
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, db, find
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
    thread = find(select(Thread).where(Thread.about == about)) or add(Thread(about=about))
    message = add(Message(thread_id=thread.id, by_id=by.id, body=body.strip()))
    tell("message.written", message, by=by, stream=stream, about=about, body=message.body[:200])
    return message


def _check_pace(by: Person) -> None:
    since = now() - timedelta(hours=1)
    sent = (
        db.session.scalar(select(func.count()).where(Message.by_id == by.id, Message.created_at > since)) or 0
    )
    if sent >= rules().messages_per_hour:
        raise Refused("That was a lot of messages in an hour. Please wait a while.", status=429)
