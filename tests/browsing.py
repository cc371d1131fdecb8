"""A browser without a screen: keeps cookies, fills in the form's token, follows nothing by itself."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from typing import Any
from uuid import uuid4

from flask import session
from flask_wtf.csrf import generate_csrf
from werkzeug.test import TestResponse

from marketplace.accounts.models import Person, Session
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, commit, db
from marketplace.kernel.http import Marketplace
from marketplace.kernel.text import sha256


class Browser:
    """One person's (or a stranger's) browser."""

    def __init__(self, app: Marketplace, person: Person | None = None) -> None:
        self.client = app.test_client()
        if person is not None:
            secret = uuid4().hex
            add(
                Session(
                    person_id=person.id,
                    secret_sha256=sha256(secret.encode()),
                    fresh_at=now(),
                    seen_at=now(),
                    agent="a test",
                    address="127.0.0.1",
                )
            )
            commit()
            with self.cookie() as cookie:
                cookie["_user_id"], cookie["sid"], cookie["_fresh"] = secret, True, True

    def cookie(self) -> Any:
        """The session cookie, to look into or to change: `with browser.cookie() as cookie`."""
        return self.client.session_transaction()

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        """Open a page."""
        return self._alone(lambda: self.client.get(path, buffered=True, **kwargs))

    def post(self, path: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """Send a form with its token."""
        return self._alone(
            lambda: self.client.post(path, data={"csrf_token": self._token(), **(data or {})}, **kwargs)
        )

    def _alone(self, send: Callable[[], TestResponse]) -> TestResponse:
        """Send as from another machine: the test lets go of its transaction and shares no context."""
        db.session.rollback()
        return Context().run(send)

    def _token(self) -> str:
        """The CSRF token of this browser's session."""
        with self.client.session_transaction() as cookie, self.client.application.test_request_context():
            session.update(cookie)
            token: str = generate_csrf()
            cookie["csrf_token"] = session["csrf_token"]
        return token
