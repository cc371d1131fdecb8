"""The inbox, and the one count in the masthead."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, has_request_context, request
from flask_login import current_user

from marketplace.accounts.access import audience, me, viewer
from marketplace.kernel.db import db, many, one
from marketplace.kernel.forms import Act
from marketplace.kernel.htmx import go, page, see
from marketplace.notifications import actions
from marketplace.notifications.models import Notice, inbox_of, unread_of, visible_to

bp = Blueprint("notifications", __name__)
PER_PAGE = 30


@bp.get("/inbox")
@audience("person")
def inbox() -> Any:
    """What happened, the latest first, by pages that begin after a notice."""
    before = request.args.get("before", "")
    shown = inbox_of(me())
    if before.isascii() and before.isdigit() and len(before) < 19:
        shown = shown.where(Notice.event_number < int(before))
    rows = many(shown.limit(PER_PAGE + 1))
    older = rows[PER_PAGE - 1].event_number if len(rows) > PER_PAGE else None
    return page("notifications/inbox.html", notices=rows[:PER_PAGE], older=older, before=before, act=Act())


@bp.post("/inbox/<uuid:notice_id>/read")
@audience("person")
def read(notice_id: UUID) -> Any:
    """Open a notice: it is read, and one goes on to what it is about."""
    notice = one(visible_to(me()).where(Notice.id == notice_id))
    if not Act().sent():
        return see("notifications.inbox")
    return go(actions.read(notice))


@bp.post("/inbox/read-all")
@audience("person")
def read_all() -> Any:
    """Mark everything as read."""
    if Act().sent():
        actions.read_all(me())
    return see("notifications.inbox")


@bp.get("/inbox/count")
@audience("person")
def count() -> Any:
    """The count for the masthead: 204 while it is what the page shows already."""
    if request.args.get("known") == str(unread()):
        return Response(status=204)
    answer: Response = page("notifications/_count.html")
    answer.set_etag(f"unread-{unread()}")
    return answer.make_conditional(request)


def unread() -> int:
    """How many notices the person signed in has not opened; counted once a request, when a page asks."""
    person = viewer() if has_request_context() else None
    if person is None:
        return 0
    if "unread" not in g:
        g.unread = db.session.scalar(unread_of(person)) or 0
    return int(g.unread)


def theme() -> str:
    """The colours that the person signed in chose: `light`, `dark`, or empty for the system's."""
    return str(getattr(current_user, "theme", "")) if has_request_context() and current_user else ""
