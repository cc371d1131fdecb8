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

from marketplace.accounts import guessing, passwords
from marketplace.accounts.models import Person
from marketplace.kernel.clock import now
from marketplace.kernel.db import own_transaction
from marketplace.kernel.errors import Forbidden, Missing
from marketplace.kernel.htmx import wants_fragment
from marketplace.kernel.http import csrf_token

View = TypeVar("View", bound=Callable[..., Any])

# anyone: strangers too. person: signed in. verified: with a proved address and not suspended.
# reader, admin: staff (an admin may do what a reader may).
AUDIENCES = ("anyone", "person", "verified", "reader", "admin")


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
    if not current_user.is_authenticated:
        return to_sign_in()
    if who in {"reader", "admin"} and (me().staff not in {"admin", who} or me().is_suspended):
        raise Missing
    if who == "verified" and request.method == "POST":
        if me().is_suspended:
            raise Forbidden("Your account is suspended, so this cannot be done. The notice tells you why.")
        if not me().is_verified:
            raise Forbidden("Please confirm your e-mail address first: the link is in your mailbox.")
    return None


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
        guessing.check(person.email_key, address)
        if passwords.matches(typed, person.password_hash) and person.session is not None:
            person.session.fresh_at = now()
            return None
        with own_transaction():
            guessing.failed(person.email_key, address)
        wrong = "That is not your password."
    kept = [
        (name, value) for name, value in request.form.items(multi=True) if name not in {"again", "csrf_token"}
    ]
    page = render_template("accounts/confirm.html", kept=kept, wrong=wrong, token=csrf_token())
    return Response(page, status=403)
