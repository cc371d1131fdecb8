"""What waits for staff is on one page, with its age."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from marketplace.admin.queues import queues
from marketplace.kernel.clock import move_to, now
from marketplace.kernel.db import add, commit, db
from marketplace.kernel.jobs import later
from marketplace.kernel.mail import Mail
from marketplace.payments.models import StripeCall, Webhook
from marketplace.vetting.models import Application
from tests import make
from tests.counting import queries


def totals() -> dict[str, int]:
    """How many wait in each queue."""
    return {queue.title: queue.total for queue in queues()}


def test_an_empty_house_says_so(app: Any, browser: Any) -> None:
    assert set(totals().values()) == {0}
    assert "No money waits." in browser(make.staff()).get("/admin").text


def test_an_application_stands_there_without_its_name(app: Any, browser: Any) -> None:
    profile = make.professional(admitted=False)
    add(Application(profile_id=profile.id, state="submitted", submitted_at=now() - timedelta(days=3)))
    commit()
    page = browser(make.staff()).get("/admin").text
    assert "3 days ago" in page
    assert "Ines" not in page


def test_what_stripe_said_or_did_not_say(app: Any) -> None:
    add(Webhook(source="platform", event_id="evt_1", type="charge.refunded", object_id="ch_1", account="",
                payload={}, state="dead", error="no such charge"))  # fmt: skip
    add(StripeCall(op="transfer", ref_id=uuid4(), epoch=1, idem_key="k", params={}, state="unknown"))
    commit()
    found = totals()
    assert (found["Calls to Stripe"], found["Messages of Stripe’s"]) == (1, 1)


def test_a_job_that_gave_up(app: Any) -> None:
    later("kernel.sweep", key="once")
    commit()
    schema = "" if db.engine.dialect.name == "sqlite" else "dbos."
    db.session.execute(text(f"UPDATE {schema}workflow_status SET status = 'ERROR'"))
    commit()
    assert totals()["Jobs that gave up"] == 1


def test_mail_is_late_after_a_while_only(app: Any) -> None:
    add(Mail(to="a@example.org", name="A", subject_line="S", body="B", kind="verify"))
    commit()
    assert totals()["Mail not sent"] == 0
    move_to(now() + timedelta(hours=1))
    assert totals()["Mail not sent"] == 1


def test_the_page_costs_the_same_however_long_the_queues(app: Any, browser: Any) -> None:
    for number in range(15):
        add(Webhook(source="platform", event_id=f"evt_{number}", type="t", object_id="o", account="", payload={},
                    state="dead"))  # fmt: skip
    commit()
    admin = browser(make.staff())
    with queries(app) as sent:
        assert "And 5 more." in admin.get("/admin").text
    assert len(sent) <= 20


def test_the_books_are_right_and_then_not(app: Any, browser: Any) -> None:
    held = make.funded()
    admin = browser(make.staff())
    assert "Every rule of the books holds" in admin.get("/admin/books").text
    held.funded_minor = 47999
    commit()
    page = admin.get("/admin/books").text
    assert "not add up" in page
    assert "Four posts" in page
