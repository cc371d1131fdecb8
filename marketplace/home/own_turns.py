"""Turns about oneself: the account, the application, payouts; for staff, the queue."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from marketplace.accounts.models import Person
from marketplace.home.turn import Turn
from marketplace.kernel.db import db
from marketplace.payments.models import Payee
from marketplace.talent.models import Profile
from marketplace.vetting.models import Application


def account(person: Person) -> Iterator[Turn]:
    """What must be done before anything else."""
    if not person.is_verified:
        yield Turn("yours", "Confirm your e-mail address", "/settings/confirm", "The link is in your mailbox")
    elif person.side == "business" and not person.organisation_ids and not person.is_staff:
        yield Turn("yours", "Set up your business", "/start", "Four steps, then the first brief")


def queue() -> Iterator[Turn]:
    """How many applications wait for readers, and until when."""
    waiting = select(func.count(), func.min(Application.due_at)).where(
        Application.state.in_(["submitted", "reading"])
    )
    count, due_at = db.session.execute(waiting).one()
    if count:
        text = f"{count} application{'s' if count != 1 else ''} to read"
        yield Turn("yours", text, "/admin/vetting", "The oldest is due", due_at)


def application(person: Person) -> Iterator[Turn]:
    """Where a professional stands with vetting, and whether they can be paid."""
    standing = (
        select(Profile, Application, Payee)
        .outerjoin(Application, Application.profile_id == Profile.id)
        .outerjoin(Payee, Payee.person_id == Profile.person_id)
        .where(Profile.person_id == person.id)
        .order_by(Application.created_at.desc())
        .limit(1)
    )
    profile, sent, payee = db.session.execute(standing).one_or_none() or (None, None, None)
    if profile is not None and profile.is_admitted:
        if payee is None or payee.state != "ready":
            yield Turn(
                "yours", "Set up payouts", "/payments/payouts", "Without them nothing can be paid out to you"
            )
    elif sent is None or sent.state in {"draft", "withdrawn"}:
        yield Turn(
            "yours", "Finish your application", "/apply", "Three to eight samples, your facts, your rates"
        )
    elif sent.state == "decided":
        text = "Read the letter about your application"
        yield Turn("done", text, "/apply", "With reasons, line by line", sent.decided_at)
    else:
        yield Turn(
            "waiting", "Two readers decide about your application", "/apply", "Decided by", sent.due_at
        )
