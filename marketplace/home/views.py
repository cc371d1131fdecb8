"""The first page, help and policies, and in development the mailbox."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from flask import Blueprint, Response
from sqlalchemy import select

from marketplace.accounts.access import audience, me, viewer
from marketplace.config import rules, settings
from marketplace.home.excerpts import todays
from marketplace.home.prose import PAGES, Prose, cover, fee_example, rounding_example
from marketplace.home.starting import tasks
from marketplace.home.turns import turns_of
from marketplace.kernel import mail
from marketplace.kernel.db import many, one
from marketplace.kernel.errors import Missing
from marketplace.kernel.htmx import page, see

bp = Blueprint("home", __name__)
NEWEST = 100  # messages the mailbox page lists
KEEP_OUT = (
    "/admin",
    "/contracts",
    "/dev",
    "/inbox",
    "/payments",
    "/proposals",
    "/reset",
    "/settings",
    "/verify",
)


@bp.route("/")
@audience("anyone")
def index() -> Any:
    """The landing page for strangers; for people whose turn it is."""
    person = viewer()
    if person is None:
        return page("home/landing.html", excerpts=todays())
    return page("home/turns.html", turns=turns_of(person))


@bp.route("/start")
@audience("person")
def start() -> Any:
    """What a business does before its first brief goes out."""
    return page("home/start.html", tasks=tasks(me()))


@bp.route("/settings", endpoint="settings")
@audience("person")
def settings_page() -> Any:
    """The first of the settings."""
    return see("accounts.account")


@bp.route("/robots.txt")
@audience("anyone")
def robots() -> Response:
    """Which pages are for people only."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in KEEP_OUT)]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@bp.route("/dev/mailbox")
@audience("anyone")
def mailbox() -> Any:
    """Development only: the mail that went out, or would have."""
    refuse_production()
    return page(
        "home/mailbox.html", mails=many(select(mail.Mail).order_by(mail.Mail.created_at.desc()).limit(NEWEST))
    )


@bp.route("/dev/mailbox/<uuid:mail_id>")
@audience("anyone")
def letter(mail_id: UUID) -> Any:
    """Development only: one message, both of its parts."""
    refuse_production()
    found = one(select(mail.Mail).where(mail.Mail.id == mail_id))
    return page("home/letter.html", mail=found, html=mail.html(found))


def refuse_production() -> None:
    """Other people's mail is nobody's to read where people are real."""
    if settings().environment == "production":
        raise Missing


def prose(shown: Prose) -> Callable[[], Any]:
    """The view of one page of prose."""

    @audience("anyone")
    def view() -> Any:
        address = parseaddr(settings().mail_from)[1]
        words: dict[str, Any] = {"title": shown.title, "lead": shown.lead, "address": address}
        words["version"] = settings().terms_version
        sums: dict[str, Any] = {"example": fee_example(), "rounding": rounding_example(), "cover": cover()}
        return page(shown.template, **words, rules=rules(), **sums)

    return view


for one_page in PAGES:
    bp.add_url_rule(one_page.address, one_page.name, prose(one_page))
