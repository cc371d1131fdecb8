"""Stripe's messages: only signed ones, once each, in any order, and lost ones made up for."""

from __future__ import annotations

import json
import random
import time
from typing import Any
from uuid import uuid4

import pytest
import stripe as sdk
from sqlalchemy import select
from werkzeug.test import TestResponse

from marketplace.config import settings
from marketplace.kernel import jobs
from marketplace.kernel.db import add, commit, many, one, rollback
from marketplace.payments import asking, calls, reconcile_waiting, stripe
from marketplace.payments.actions import fund
from marketplace.payments.check import books
from marketplace.payments.ledger import Entry
from marketplace.payments.models import Refund, Webhook
from marketplace.payments.outbox import ask
from marketplace.payments.outside import Difference
from marketplace.payments.reconcile_differences import Tally
from marketplace.payments.reconcile_repairs import explain
from tests import make
from tests.payments.conftest import again
from tests.stripe_sandbox.conftest import CARD, Inbox, visit

ADDRESS = "/webhooks/stripe"


def event(kind: str = "payment_intent.succeeded", key: str = "evt_1", **also: Any) -> dict[str, Any]:
    """A snapshot event about an intent."""
    data = {"object": {"id": "pi_1", "object": "payment_intent"}}
    return {"id": key, "object": "event", "type": kind, "livemode": False, "data": data, **also}


def knock(browser: Any, body: dict[str, Any], signed_by: str = "whsec_test", age: int = 0) -> TestResponse:
    """Send `body` as Stripe would, signed with the secret `signed_by` `age` seconds ago."""
    payload, moment = json.dumps(body), int(time.time()) - age
    signature = sdk.WebhookSignature._compute_signature(f"{moment}.{payload}", signed_by)
    headers = {"Stripe-Signature": f"t={moment},v1={signature}"}
    return deliver(browser, payload, headers)


def deliver(browser: Any, payload: str | bytes, headers: dict[str, str]) -> TestResponse:
    """Post a message; whoever waits for it holds nothing meanwhile."""
    rollback()
    answer: TestResponse = browser().client.post(ADDRESS, data=payload, headers=headers)
    return answer


def test_a_signed_message_is_kept_once(app: Any, browser: Any) -> None:
    assert [knock(browser, event()).status_code for _ in range(3)] == [200] * 3
    assert [row.event_id for row in many(select(Webhook))] == ["evt_1"]


def test_both_secrets_open_the_door_and_say_where_it_came_from(app: Any, browser: Any) -> None:
    knock(browser, event(key="evt_1"))
    knock(browser, event(key="evt_2", account="acct_1"), "whsec_connect_test")
    assert sorted(row.source for row in many(select(Webhook))) == ["connect", "platform"]


@pytest.mark.parametrize("trick", ["secret", "age", "mode", "shape"])
def test_forged_old_and_foreign_messages_are_turned_away(app: Any, browser: Any, trick: str) -> None:
    answer = {
        "secret": lambda: knock(browser, event(), "whsec_other"),
        "age": lambda: knock(browser, event(), age=1000),
        "mode": lambda: knock(browser, event(livemode=True)),
        "shape": lambda: knock(browser, {"livemode": False}),
    }[trick]()
    assert answer.status_code == 400
    assert many(select(Webhook)) == []


def test_a_message_without_a_signature_is_turned_away(app: Any, browser: Any) -> None:
    assert browser().client.post(ADDRESS, data=b"\xff").status_code == 400


def test_a_message_of_ten_megabytes_is_not_read(app: Any, browser: Any) -> None:
    assert knock(browser, event(padding="x" * 10_000_000)).status_code == 413
    assert many(select(Webhook)) == []


@pytest.mark.parametrize("data", [[], "text", {"object": "pi_1"}, None])
def test_a_message_of_another_shape_is_turned_away(app: Any, browser: Any, data: Any) -> None:
    assert knock(browser, event(data=data)).status_code == 400


def test_without_secrets_there_is_no_door(app: Any, browser: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(settings(), "stripe_webhook_secret", "")
    monkeypatch.setattr(settings(), "stripe_connect_webhook_secret", "")
    assert knock(browser, event()).status_code == 404


def test_what_changes_nothing_here_is_ignored(app: Any, browser: Any) -> None:
    knock(browser, event("customer.created"))
    assert one(select(Webhook)).state == "ignored"


def test_a_message_about_another_programs_object_is_ignored(app: Any, browser: Any, monkeypatch: Any) -> None:
    foreign = {"id": "pi_1", "amount": 1, "currency": "usd", "status": "succeeded", "metadata": {}}
    monkeypatch.setattr(stripe, "fetch_intent", lambda key: foreign)
    knock(browser, event())
    jobs.drain()
    assert one(select(Webhook)).state == "ignored"


@pytest.mark.parametrize(
    "kind", ["charge.updated", "refund.created", "transfer.created", "checkout.session.completed"]
)
def test_what_happens_inside_a_connected_account_is_not_ours(app: Any, browser: Any, kind: str) -> None:
    knock(browser, event(kind, account="acct_theirs"), "whsec_connect_test")
    assert one(select(Webhook)).state == "ignored"


def test_a_payout_of_an_account_that_is_not_ours_is_ignored(app: Any, browser: Any, monkeypatch: Any) -> None:
    found = {"id": "po_1", "amount": 1, "currency": "usd", "status": "paid", "metadata": {}}
    monkeypatch.setattr(stripe, "fetch_payout", lambda key, account: found)
    knock(browser, event("payout.paid", account="acct_theirs"), "whsec_connect_test")
    jobs.drain()
    assert one(select(Webhook)).state == "ignored"


def test_what_stripe_does_not_know_is_ignored_at_once(app: Any, browser: Any, sandbox: str) -> None:
    knock(browser, event())
    jobs.drain()
    assert (one(select(Webhook)).state, one(select(Webhook)).attempts) == ("ignored", 0)


def test_what_we_made_but_do_not_know_any_more_is_quarantined(
    app: Any, browser: Any, monkeypatch: Any
) -> None:
    known = {"payment_id": str(uuid4()), "install": settings().install}
    lost = {"id": "pi_1", "amount": 1, "currency": "usd", "status": "succeeded", "metadata": known}
    monkeypatch.setattr(stripe, "fetch_intent", lambda key: lost)
    knock(browser, event())
    jobs.drain()
    assert one(select(Webhook)).state == "quarantined"


def test_a_message_that_comes_a_month_late_tells_of_the_object_as_it_is_now(
    app: Any, browser: Any, paid: Any
) -> None:
    payment = paid(make.holding())
    old = {"object": {"id": payment.intent_id, "object": "payment_intent", "status": "processing"}}
    knock(browser, event("payment_intent.processing", created=1, data=old))
    jobs.drain()
    assert (again(payment).state, books()) == ("succeeded", [])


@pytest.mark.parametrize("wrong", [{"amount": 47999}, {"currency": "eur"}, {"amount_received": 1}])
def test_a_mismatch_is_quarantined_and_credits_nothing(
    app: Any, browser: Any, monkeypatch: Any, wrong: dict[str, Any]
) -> None:
    on = make.holding()
    payment = fund([on], by=make.owner_of(on.organisation))
    commit()
    paid = {"id": "pi_1", "amount": 48000, "amount_received": 48000, "currency": "usd", "status": "succeeded",
            "metadata": {"payment_id": str(payment.id)}, "latest_charge": {"id": "ch_1"}, **wrong}  # fmt: skip
    monkeypatch.setattr(stripe, "fetch_intent", lambda key: paid)
    knock(browser, event())
    jobs.drain()
    assert one(select(Webhook)).state == "quarantined"
    assert again(on).funded_minor == 0
    assert any("quarantined" in sentence for sentence in books())


def test_stripe_out_of_reach_is_asked_again_and_given_up_at_last(
    app: Any, browser: Any, monkeypatch: Any
) -> None:
    def unreachable(key: str) -> Any:
        raise stripe.Unreachable("no answer")

    monkeypatch.setattr(stripe, "fetch_intent", unreachable)
    knock(browser, event())
    key = str(one(select(Webhook)).id)
    rollback()
    for _ in range(8):
        jobs.perform("payments.inbox", key)
    assert (one(select(Webhook)).state, one(select(Webhook)).attempts) == ("dead", 7)


def test_repeated_and_shuffled_messages_credit_once(
    app: Any, browser: Any, inbox: Inbox, sandbox: str
) -> None:
    on = make.holding()
    payment = fund([on], by=make.owner_of(on.organisation))
    commit()
    jobs.drain()
    already = len(inbox.heard)
    visit(again(payment).url, CARD)
    inbox.wait(
        lambda body: body["type"] == "charge.updated" and str(payment_key(body)) == str(again(payment).id)
    )
    heard = inbox.heard[already:] * 2
    random.Random(7).shuffle(heard)
    for each in heard:
        answer = deliver(browser, each.payload, {"Stripe-Signature": each.signature})
        assert answer.status_code == 200
        jobs.drain()
    assert again(on).money_state == "held"
    assert len(many(select(Entry).where(Entry.kind == "fund"))) == 1
    assert books() == []


@pytest.mark.parametrize(
    ("how", "status"), [({"method": "GET"}, 405), ({"method": "POST", "content_length": ""}, 411)]
)
def test_the_door_says_in_a_sentence_what_it_does_not_hear(
    app: Any, browser: Any, how: dict[str, Any], status: int
) -> None:
    answer = browser().client.open(ADDRESS, **how)
    assert (answer.status_code, answer.mimetype) == (status, "text/plain")
    assert answer.text.strip().endswith(".")
    assert answer.headers.get("Allow", "POST") == "POST"


def payment_key(body: dict[str, Any]) -> str:
    """Which payment an event is about."""
    return str(body["data"]["object"]["metadata"].get("payment_id", ""))


def test_lost_messages_are_made_up_for_by_the_poller(app: Any, paid: Any) -> None:
    on = make.holding()
    assert paid(on).state == "succeeded"
    jobs.perform("payments.poll")
    jobs.drain()
    assert {row.state for row in many(select(Webhook))} <= {"done", "ignored"}
    assert [row.kind for row in many(select(Entry).order_by(Entry.kind))] == ["fund", "stripe_fee"]


def test_a_thin_message_names_a_payout_account(app: Any, browser: Any, onboarded: Any) -> None:
    person = make.person("Ines Okafor", side="professional")
    payee = onboarded(person)
    about = {"id": payee.stripe_account, "type": "v2.core.account"}
    knock(browser, {"id": f"evt_{uuid4().hex}", "object": "v2.core.event", "livemode": False,
                    "type": "v2.core.account[requirements].updated", "related_object": about})  # fmt: skip
    jobs.drain()
    assert one(select(Webhook).where(Webhook.source == "thin")).state == "done"
    assert again(payee).state == "ready"


def test_what_the_books_refuse_is_tried_again_and_given_up_at_last(app: Any, paid: Any, browser: Any) -> None:
    payment = paid(make.holding())
    on = payment.allocations[0].holding
    row = add(
        Refund(holding_id=on.id, payment_id=payment.id, request_id="r", reason="Never booked", amount_minor=1)
    )
    commit()
    made = stripe.send("refund", asking.refund(again(row), again(payment)), str(uuid4()))
    assert isinstance(made, stripe.Done)
    knock(browser, event("refund.created", data={"object": {"id": made.answer["id"]}}))
    jobs.drain()
    kept = one(select(Webhook).where(Webhook.object_id == made.answer["id"]))
    assert (kept.state, kept.attempts) == ("new", 1)
    for _ in range(6):
        jobs.perform("payments.inbox", str(again(kept).id))
    assert again(kept).state == "dead"


def test_a_message_set_aside_is_over_once_somebody_said_what_it_was(app: Any, browser: Any) -> None:
    knock(browser, event())
    row = one(select(Webhook))
    row.state, row.error = "quarantined", "It does not fit."
    commit()
    assert "quarantined: It does not fit." in books()[0]
    reconcile_waiting.compare_waiting(Tally())
    explain(one(select(Difference)), by=make.staff(), reason="A test of somebody else's.")
    commit()
    assert books() == []


def test_an_answer_that_did_not_fit_is_over_once_somebody_said_what_it_was(app: Any) -> None:
    call = ask("refund", uuid4(), {})
    calls.quarantine(call.id, "It was made twice.")
    commit()
    assert "Quarantined: It was made twice." in books()[0]
    reconcile_waiting.compare_waiting(Tally())
    explain(one(select(Difference)), by=make.staff(), reason="The second one was taken back.")
    commit()
    assert books() == []
