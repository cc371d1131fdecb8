"""Who may come in at which address. Every route names its audience; the access matrix is made from it.

An audience opens the door only: what a person may see behind it is decided by the `visible_to` queries,
and what they may do by the verbs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Response, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from marketplace.accounts import actions, entering, guessing, passwords, signing
from marketplace.accounts.models import Person
from marketplace.config import settings
from marketplace.kernel.clock import now
from marketplace.kernel.db import own_transaction
from marketplace.kernel.errors import Forbidden, Missing
from marketplace.kernel.htmx import wants_fragment
from marketplace.kernel.http import csrf_token

View = TypeVar("View", bound=Callable[..., Any])

# anyone: strangers too. person: signed in. verified: with a proved address and not suspended.
# settling: as verified, and the suspended too: they bring to an end what is open, and begin nothing.
# reader, admin: staff (an admin may do what a reader may).
AUDIENCES = ("anyone", "person", "verified", "settling", "reader", "admin")


def me() -> Person:
    """The person signed in. Only for views whose audience is not `anyone`."""
    return cast(Person, current_user._get_current_object())


def viewer() -> Person | None:
    """The person signed in, or None for a stranger."""
    return me() if current_user.is_authenticated else None


def audience(who: str) -> Callable[[View], View]:
    """Open a view to one of AUDIENCES: strangers go to sign in, wrong roles find nothing there."""
    assert who in AUDIENCES

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            return refuse(who) or view(*args, **kwargs)

        guarded.audience = who  # type: ignore[attr-defined]
        return cast(View, guarded)

    return decorate


def refuse(who: str) -> AnyResponse | None:
    """The answer to somebody outside the audience `who`, or None."""
    if who == "anyone":
        return None
    if not current_user.is_authenticated and (closed := come_in()):
        return closed
    if who in {"reader", "admin"} and (me().staff not in {"admin", who} or me().is_suspended):
        raise Missing
    if who in {"verified", "settling"} and request.method == "POST":
        if me().is_suspended and who == "verified":
            raise Forbidden(
                "Your account is suspended, so nothing new can be begun. The notice in your mail says why and whom "
                "to write to. What is open in your contracts you can still bring to its end."
            )
        if not me().is_verified:
            raise Forbidden("Please confirm your e-mail address first: the link is in your mailbox.")
        return agree_first()
    return None


def come_in() -> AnyResponse | None:
    """None once a form that came without a session brought the right password; else the way in.

    Whoever was signed out while typing gets a page that holds what was sent and sends it again, so that
    nothing typed is lost.
    """
    kept, email, typed = kept_fields(), request.form.get("again_email", ""), request.form.get("again", "")
    if request.method != "POST" or wants_fragment() or not any(value for _, value in kept):
        return to_sign_in()
    wrong = ""
    if typed and not g.get("csrf_failed"):
        if person := entering.known(email, typed):
            # For good, whatever becomes of the form.
            with own_transaction():
                signing.begin_session(person)
            # The kernel has checked the token of the session that is gone now: forms need not ask again.
            g.csrf_valid = True
            return None
        wrong = entering.WRONG
    page = render_template(
        "accounts/come_in.html",
        kept=kept,
        email=email,
        wrong=wrong,
        token=csrf_token(),
        files=bool(request.files),
    )
    return Response(page, status=403)


def agree_first() -> AnyResponse | None:
    """None once the terms in force are accepted; else the page that asks, and keeps what was sent."""
    if g.get("csrf_failed") or actions.has_accepted(me()):
        return None
    if request.form.get("agreed") == settings().terms_version:
        with own_transaction():
            actions.accept_terms(me())
        return None
    page = render_template("accounts/agree_first.html", kept=kept_fields(), token=csrf_token(),
                           version=settings().terms_version)  # fmt: skip
    return Response(page, status=403)


def kept_fields() -> list[tuple[str, str]]:
    """What was sent, but for the token and what the pages in between ask."""
    asked = {"again", "again_email", "agreed", "csrf_token"}
    return [(name, value) for name, value in request.form.items(multi=True) if name not in asked]


def to_sign_in() -> AnyResponse:
    """Where a stranger goes; afterwards they come back to the page they wanted."""
    wanted = request.full_path.rstrip("?") if request.method == "GET" else ""
    target = url_for("accounts.sign_in", next=wanted) if wanted else url_for("accounts.sign_in")
    if wants_fragment():
        return Response(status=204, headers={"HX-Redirect": target})
    return redirect(target, 303)


def fresh(view: View) -> View:
    """Under `audience`: ask for the password again where it was given too long ago.

    The answer is a page that holds what was sent and sends it again with the password, so nothing typed
    is lost. For money, approvals, roles, e-mail and payout accounts.
    """

    @wraps(view)
    def confirmed(*args: Any, **kwargs: Any) -> Any:
        session = me().session
        # A POST without our token is shown again by the view, and counts as no try of a password.
        idle = request.method != "POST" or g.get("csrf_failed")
        if idle or (session is not None and session.is_fresh):
            return view(*args, **kwargs)
        return confirm_password() or view(*args, **kwargs)

    confirmed.fresh = True  # type: ignore[attr-defined]
    return cast(View, confirmed)


def confirm_password() -> AnyResponse | None:
    """None once the right password came with the request; else the page that asks for it."""
    person, typed = me(), request.form.get("again", "")
    address = guessing.network(request.remote_addr or "")
    wrong = ""
    if typed:
        with own_transaction():
            attempt = guessing.begin(person.email_key, address)
        if passwords.matches(typed, person.password_hash) and person.session is not None:
            with own_transaction():
                guessing.forgive(attempt)
                person.session.fresh_at = now()
            return None
        wrong = "That is not your password."
    page = render_template("accounts/confirm.html", kept=kept_fields(), wrong=wrong, token=csrf_token())
    return Response(page, status=403)
