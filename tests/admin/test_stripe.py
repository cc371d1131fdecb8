"""The admin's page of Stripe: asks the worker to look, shows what it found, and never asks Stripe itself."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from sqlalchemy import func, select

from marketplace.config import settings
from marketplace.kernel import jobs
from marketplace.kernel.db import commit, db
from marketplace.kernel.events import Event, tell
from marketplace.payments.doctor import EXAMINED, Examined
from tests import make

PAGE = "/admin/stripe"


def keep(*findings: tuple[str, str, str]) -> None:
    """An examination as the job keeps it."""
    tell(EXAMINED, Examined(), by=None, stream="admin", findings=[list(row) for row in findings])
    commit()


def count(name: str) -> int:
    """How many events of this name there are."""
    return db.session.scalar(select(func.count()).where(Event.name == name)) or 0


def test_only_admins_open_it(app: Any, browser: Any) -> None:
    assert browser(make.staff()).get(PAGE).status_code == 200
    assert browser(make.person()).get(PAGE).status_code in (403, 404)
    assert browser(make.reader()).post(PAGE).status_code in (403, 404)
    assert browser().get(PAGE).status_code == 303


def test_it_shows_what_was_found_last_in_the_order_of_need(app: Any, browser: Any) -> None:
    keep(("missing", "Key", "Old news."))
    keep(
        ("right", "Clock", "Agrees."),
        ("missing", "Payouts", "They are daily."),
        ("look", "Version", "Other."),
    )
    page = browser(make.staff()).get(PAGE).text
    assert "1 thing is missing" in page
    assert "Old news" not in page
    assert page.index("They are daily.") < page.index("Other.") < page.index("Agrees.")


def test_nothing_missing_is_said(app: Any, browser: Any) -> None:
    keep(("right", "Clock", "Agrees."))
    assert "Nothing is missing." in browser(make.staff()).get(PAGE).text


def test_asking_has_a_job_look_after_the_request(
    app: Any, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "stripe_api_base", "http://127.0.0.1:1")
    admin = browser(make.staff())
    answer = admin.post(PAGE)
    assert answer.headers["Location"].endswith("/admin/stripe?since=0")
    assert count(EXAMINED) == 0
    assert count("stripe.examination_asked") == 1
    waiting = admin.get("/admin/stripe?since=0", headers={"HX-Request": "true"}).text
    assert 'hx-trigger="load delay:2s"' in waiting
    jobs.drain()
    done = admin.get("/admin/stripe?since=0", headers={"HX-Request": "true"}).text
    assert "hx-trigger" not in done
    assert "Stripe does not open the account" in done


def test_opening_it_asks_stripe_nothing(app: Any, browser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise ConnectionRefusedError("A page asked somebody outside.")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert browser(make.staff()).get(PAGE).status_code == 200


def test_it_names_every_event_that_must_come(app: Any, browser: Any) -> None:
    page = browser(make.staff()).get(PAGE).text
    for name in ("charge.dispute.closed", "payout.failed", "v2.core.account[requirements].updated"):
        assert name in page
    assert "http://localhost/webhooks/stripe" in page
