"""Coming in: sign-up, mailed links, sign-in and out. Settings are in settings.py."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import Blueprint, Response, flash, redirect, request, session, url_for
from flask_login import current_user, logout_user
from sqlalchemy import select

from marketplace.accounts import actions, entering, organisations, passwords, settings, signing
from marketplace.accounts import forms as f
from marketplace.accounts.access import audience, me
from marketplace.accounts.models import Person
from marketplace.config import rules
from marketplace.config import settings as config
from marketplace.kernel.clock import now
from marketplace.kernel.db import one
from marketplace.kernel.errors import Refused
from marketplace.kernel.forms import Act
from marketplace.kernel.htmx import go, page, see
from marketplace.kernel.limits import limit
from marketplace.kernel.text import sha256

bp = Blueprint("accounts", __name__)
settings.add_to(bp)

NOT_CHOSEN = (
    "That is not the password with which this address was signed up. If somebody else chose it, choose a new "
    "password instead: that confirms the address too."
)


@bp.route("/sign-up", methods=["GET", "POST"])
@audience("anyone")
@limit("sign-up", lambda: rules().sign_ups_per_hour, 3600)
def sign_up() -> Any:
    form = f.SignUp(side=request.args.get("as", ""))
    if form.sent():
        with form.refusing():
            made = actions.sign_up(form.email.data, form.name.data, form.password.data, form.side.data)
            session["told"], session["chose"] = form.email.data, chosen(made) if made else ""
            return see("accounts.sent")
    return page("accounts/sign_up.html", form=form)


@bp.get("/sign-up/sent")
@audience("anyone")
def sent() -> Any:
    return page("accounts/sent.html", email=session.get("told", ""), what="to confirm your address")


@bp.route("/verify/<secret>", methods=["GET", "POST"])
@audience("anyone")
def verify(secret: str) -> Any:
    token = actions.token_for(secret, "verify")
    if token is None:
        raise Refused(actions.USED, status=404)
    owner = one(select(Person).where(Person.id == token.person_id))
    form: Any = Act() if session.get("chose") == chosen(owner) else f.Confirm()
    if form.sent():
        with form.refusing():
            if isinstance(form, f.Confirm) and not passwords.matches(form.password.data, owner.password_hash):
                raise Refused(NOT_CHOSEN, field="password")
            person = actions.verify(token)
            signing.begin_session(person)
            return see("home.start" if person.side == "business" else "vetting.apply")
    return page("accounts/verify.html", form=form, email=token.email)


def chosen(person: Person) -> str:
    """A mark of the password that this browser chose: who confirms elsewhere must know it.

    Else somebody could sign up a stranger's address, and the stranger's own click would open it to them.
    """
    return sha256(person.password_hash.encode())[:24]


@bp.route("/sign-in", methods=["GET", "POST"])
@audience("anyone")
def sign_in() -> Any:
    form, wanted = f.SignIn(), own_path(request.args.get("next", ""))
    if current_user.is_authenticated:
        return go(wanted)
    if form.sent():
        with form.refusing():
            person = entering.known(form.email.data, form.password.data)
            if person is None:
                raise Refused(entering.WRONG)
            signing.begin_session(person)
            return go(wanted) if actions.has_accepted(person) else see("accounts.agree", next=wanted)
    return page("accounts/sign_in.html", form=form, wanted=wanted)


def own_path(wanted: str) -> str:
    """`wanted` when it is a path of this site, else the home page.

    Browsers read tabs, line ends and backslashes in ways of their own, so any of them refuses it.
    """
    plain = re.compile(r"/(?![/\\])[^\x00-\x20\\\x7f-\x9f]*")
    parts = urlsplit(wanted) if all(plain.fullmatch(form) for form in (wanted, unquote(wanted))) else None
    safe = parts is not None and not parts.scheme and not parts.netloc and "//" not in parts.path
    return wanted if safe else url_for("home.index")


@bp.route("/settings/terms", methods=["GET", "POST"])
@audience("person")
def agree() -> Any:
    """The terms in force, to be accepted anew when they changed."""
    form, wanted = Act(), own_path(request.args.get("next", ""))
    if form.sent():
        with form.refusing():
            actions.accept_terms(me())
            return go(wanted)
    return page("accounts/agree.html", form=form, wanted=wanted, version=config().terms_version,
                accepted=actions.acceptances(me()))  # fmt: skip


@bp.post("/sign-out")
@audience("person")
def sign_out() -> Any:
    here, form = me().session, Act()
    if form.sent() and here is not None:
        here.ended_at = now()
    logout_user()
    session.clear()
    answer = redirect(url_for("home.index"), 303)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@bp.route("/reset", methods=["GET", "POST"])
@audience("anyone")
@limit("reset", lambda: rules().sign_ups_per_hour, 3600)
def forgot() -> Any:
    form = f.Forgot()
    if form.sent():
        actions.ask_reset(form.email.data)
        session["told"] = form.email.data
        return see("accounts.reset_sent")
    return page("accounts/forgot.html", form=form)


@bp.get("/reset/sent")
@audience("anyone")
def reset_sent() -> Any:
    return page("accounts/sent.html", email=session.get("told", ""), what="to choose a new password")


@bp.get("/reset/<secret>")
@audience("anyone")
def reset(secret: str) -> Response:
    """The secret moves from the address into the session, so that no referrer or history keeps it."""
    if actions.token_for(secret, "reset") is None:
        raise Refused(actions.USED, status=404)
    session["reset"] = secret
    answer = Response(status=303, headers={"Location": url_for("accounts.choose")})
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@bp.route("/reset/choose", methods=["GET", "POST"])
@audience("anyone")
def choose() -> Any:
    form, token = f.Reset(), actions.token_for(session.get("reset", ""), "reset")
    if token is None:
        raise Refused(actions.USED, status=404)
    if form.sent():
        with form.refusing():
            signing.begin_session(actions.reset(token, form.password.data))
            flash("Your password is changed. Every other browser was signed out.")
            return see("home.index")
    return page("accounts/choose.html", form=form)


@bp.route("/join/<secret>", methods=["GET", "POST"])
@audience("person")
def join(secret: str) -> Any:
    invitation, form = organisations.living(secret), Act()
    if invitation is None:
        raise Refused("This invitation was used, taken back, or is too old.", status=404)
    if form.sent():
        with form.refusing():
            organisation = organisations.join(invitation, by=me())
            flash(f"You now act for {organisation.name}.")
            return see("home.index")
    return page("accounts/join.html", form=form, invitation=invitation)
