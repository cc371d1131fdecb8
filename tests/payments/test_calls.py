"""Calls to Stripe when things go wrong: unknown outcomes, refusals, workers that die."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import stripe as sdk
from sqlalchemy import select

from marketplace.config import settings
from marketplace.kernel import clock, jobs
from marketplace.kernel.db import commit, db, many, one, rollback
from marketplace.payments import backward, calls, stripe
from marketplace.payments.actions import fund, release
from marketplace.payments.check import books
from marketplace.payments.models import Payment, StripeCall
from marketplace.payments.outbox import ask
from tests import make
from tests.payments.conftest import again
from tests.stripe_sandbox.conftest import call_json


@pytest.fixture
def trouble(sandbox: str) -> Any:
    """Orders trouble between the application and the sandbox; none is left behind."""
    yield lambda **wanted: call_json(f"{sandbox}/_faults", wanted)
    call_json(f"{sandbox}/_faults", {"clear": "yes"})


def asked(sandbox: str = "") -> StripeCall:
    """A call that asks for a Checkout page, written down and not sent; its business is a customer already."""
    on = make.holding()
    make.customer(on.organisation)
    if sandbox:
        jobs.drain()
    fund([again(on)], by=make.owner_of(again(on).organisation))
    commit()
    return one(select(StripeCall).where(StripeCall.op == "checkout"))


def sessions(sandbox: str, call: StripeCall) -> list[Any]:
    """The Checkout pages that Stripe made for a call's payment."""
    client = sdk.StripeClient("sk_test_sandbox", base_addresses={"api": sandbox})
    found = client.v1.checkout.sessions.list({"limit": 100}).data
    return [made for made in found if made.to_dict()["metadata"]["payment_id"] == str(call.ref_id)]


@pytest.mark.parametrize("kind", ["drop_after", "rate_limit"])
def test_an_unknown_outcome_is_asked_again_under_the_same_key(
    app: Any, trouble: Any, sandbox: str, kind: str
) -> None:
    row = asked(sandbox)
    trouble(kind=kind, path="/v1/checkout/sessions")
    jobs.perform("payments.call", str(row.id))
    assert again(row).state == "unknown"
    jobs.perform("payments.call", str(again(row).id))
    assert (again(row).state, again(row).epoch) == ("done", 0)
    assert len(sessions(sandbox, again(row))) == 1


def test_a_worker_that_died_while_sending_is_followed_by_another(app: Any, sandbox: str) -> None:
    row = asked(sandbox)
    key, params, idem = row.id, row.params, row.idem_key
    with jobs.transaction():
        assert calls.claim(key) is not None
    assert isinstance(stripe.send("checkout", params, idem), stripe.Done)
    jobs.perform("payments.call", str(key))
    assert again(row).state == "sending"
    clock.move_to(clock.now() + timedelta(minutes=2))
    jobs.perform("payments.poll")
    jobs.drain()
    assert again(row).state == "done"
    assert len(sessions(sandbox, again(row))) == 1


def test_a_definite_no_frees_the_milestone_and_says_why(app: Any, monkeypatch: Any) -> None:
    row = asked()
    monkeypatch.setattr(stripe, "send", lambda *_: stripe.Rejected("No such currency.", "parameter_invalid"))
    jobs.perform("payments.call", str(row.id))
    assert again(row).state == "rejected"
    assert one(select(Payment)).state == "canceled"


@pytest.mark.parametrize(("kind", "epoch"), [("error_before", 1), ("error_after", 0)])
def test_a_failure_that_stripe_repeats_is_looked_up(
    app: Any, trouble: Any, sandbox: str, kind: str, epoch: int
) -> None:
    key = asked(sandbox).id
    trouble(kind=kind, path="/v1/checkout/sessions")
    for _ in range(2):
        jobs.perform("payments.call", str(key))
    assert db.session.get_one(StripeCall, key).must_look
    clock.move_to(clock.now() + timedelta(minutes=2))
    jobs.perform("payments.call", str(key))
    jobs.drain()
    last = many(select(StripeCall).where(StripeCall.op == "checkout").order_by(StripeCall.epoch))[-1]
    assert (last.state, last.epoch) == ("done", epoch)
    assert len(sessions(sandbox, last)) == 1


def test_after_a_day_a_call_is_looked_up_and_not_sent_again(app: Any, monkeypatch: Any) -> None:
    row = asked()
    monkeypatch.setattr(stripe, "send", lambda *_: stripe.Unknown("no answer"))
    jobs.perform("payments.call", str(row.id))
    clock.move_to(clock.now() + timedelta(hours=24))
    monkeypatch.setattr(stripe, "send", lambda *_: pytest.fail("sent again"))
    monkeypatch.setattr(stripe, "look_up", lambda *_: stripe.Unknown("still no answer"))
    jobs.perform("payments.call", str(again(row).id))
    assert (again(row).state, again(row).error) == ("unknown", "still no answer")
    assert any("checkout" in sentence for sentence in books())


def test_an_answer_to_another_question_is_quarantined(app: Any, monkeypatch: Any) -> None:
    row = asked()
    about = {"metadata": {"payment_id": str(row.ref_id)}, "id": "cs_1", "status": "open", "url": "/"}
    wrong = {**about, "amount_total": 1, "currency": "usd", "payment_status": "unpaid"}
    monkeypatch.setattr(stripe, "send", lambda *_: stripe.Done(wrong))
    jobs.perform("payments.call", str(row.id))
    assert again(row).error.startswith("Quarantined")
    assert one(select(Payment)).state == "created"


def test_a_call_that_nobody_wants_any_more_is_not_sent(app: Any, monkeypatch: Any) -> None:
    row = asked()
    one(select(Payment)).state = "canceled"
    commit()
    monkeypatch.setattr(stripe, "send", lambda *_: pytest.fail("sent"))
    jobs.perform("payments.call", str(row.id))
    assert again(row).state == "rejected"


@pytest.mark.parametrize(("status", "kind"), [(400, "Rejected"), (402, "Rejected"), (409, "Unknown"),
                                              (429, "Unknown"), (500, "Unknown"), (None, "Unknown")])  # fmt: skip
def test_only_a_definite_answer_counts_as_no(status: int | None, kind: str) -> None:
    outcome = stripe.classified(sdk.StripeError("something", http_status=status))
    assert type(outcome).__name__ == kind


def test_the_key_names_install_deed_row_and_epoch(app: Any) -> None:
    row = asked()
    assert row.idem_key == f"{settings().install}:checkout:{row.ref_id}:0"
    assert isinstance(row.ref_id, UUID)
    rollback()
    db.session.remove()


def test_a_slow_workers_no_does_not_stop_what_is_asked_anew(app: Any) -> None:
    made = release(make.funded(), 48000, by=None, reason="Approved", request_id="r")
    call, no = ask("transfer", made.id, {}), stripe.Rejected("Not now.", "no")
    calls.record(call.id, no)
    assert made.state == "blocked"
    backward.send_again(made, by=make.staff(), reason="Once more")
    calls.record(call.id, no)
    assert made.state == "authorised"
