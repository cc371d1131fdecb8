"""The doctor: what is right between this marketplace and Stripe, and what is missing, in sentences."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from marketplace.config import Settings, settings
from marketplace.kernel import heartbeat
from marketplace.kernel.db import commit
from marketplace.kernel.http import Marketplace
from marketplace.payments import doctor, webhook
from marketplace.payments.doctor_hearing import ACCOUNT_EVENTS
from marketplace.payments.doctor_seen import Finding, Seen, look
from tests.stripe_sandbox.conftest import ROOT, _free_port, stop

ADDRESS = "http://localhost/webhooks/stripe"
LIVE: dict[str, Any] = {"payments_mode": "stripe", "environment": "production", "base_url": "https://example.com",
                        "secret_key": "x" * 32, "stripe_secret_key": "rk_live_1", "stripe_webhook_secret": "whsec_1",
                        "stripe_connect_webhook_secret": "whsec_2",
                        "stripe_accounts_webhook_secret": "whsec_3"}  # fmt: skip


@pytest.fixture(scope="module")
def account_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A sandbox that tells everything to the address of this marketplace, which nobody serves."""
    port, file = _free_port(), tmp_path_factory.mktemp("doctor") / "sandbox.sqlite"
    command = [sys.executable, "-m", "marketplace.stripe_sandbox", "--port", str(port), "--db", str(file)]
    command += ["--webhook-url", ADDRESS, "--webhook-secret", "whsec_test"]
    process = subprocess.Popen(
        [*command, "--connect-webhook-secret", "whsec_connect_test"], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert process.stdout
    assert process.stdout.readline().startswith(b"Stripe sandbox on")
    yield f"http://127.0.0.1:{port}"
    stop(process, kindly=True)


@pytest.fixture
def seen(app: Marketplace, account_at: str, monkeypatch: pytest.MonkeyPatch) -> Seen:
    """What the doctor sees where all is well."""
    monkeypatch.setattr(settings(), "stripe_api_base", account_at)
    heartbeat.beat("one")
    commit()
    return look()


def live(seen: Seen, **settings: Any) -> Seen:
    """The same, with a live key and the endpoints of a live account at https."""
    said = copy.deepcopy(seen.said)
    for row in said["endpoints"]["data"] + said["destinations"]["data"]:
        row["livemode"] = True
        row.get("webhook_endpoint", row)["url"] = "https://example.com/webhooks/stripe"
    return replace(seen, ours=Settings(**{**LIVE, **settings}), said=said)


def changed(name: str, change: Callable[[Any], object]) -> Callable[[Seen], Seen]:
    """What is seen when one of Stripe's answers is another."""

    def make(seen: Seen) -> Seen:
        said = copy.deepcopy(seen.said)
        change(said[name])
        return replace(seen, said=said)

    return make


def without(name: str, why: str) -> Callable[[Seen], Seen]:
    """What is seen when one of Stripe's answers was refused."""

    def make(seen: Seen) -> Seen:
        said = {key: value for key, value in seen.said.items() if key != name}
        return replace(seen, said=said, unread={name: why})

    return make


def says(findings: list[Finding], level: str, sentence: str) -> bool:
    """Whether a finding of this level has these words."""
    return any(row.level == level and sentence in f"{row.about}: {row.sentence}" for row in findings)


def test_where_all_is_well_nothing_is_missing(seen: Seen) -> None:
    found = doctor.judge(seen)
    assert [row.sentence for row in found if row.level == "missing"] == []
    assert {row.about for row in found if row.level == "right"} >= {
        "Account",
        "Payouts",
        "Webhooks",
        "Clock",
        "Poller",
    }


def test_a_live_account_that_is_set_up_has_nothing_missing(seen: Seen) -> None:
    found = doctor.judge(live(seen))
    assert [row.sentence for row in found if row.level == "missing"] == []
    assert says(found, "right", "for live payments")
    assert says(found, "right", "answers by https")


ACCOUNT_TROUBLE = [
    (changed("account", lambda said: said.update(charges_enabled=False)), "missing", "may not take payments yet"),
    (changed("account", lambda said: said["requirements"].update(currently_due=["company.tax_id"])), "look",
     "still wants to know: company.tax_id"),
    (changed("account", lambda said: said.update(country="DE")), "missing", "the account is in DE"),
    (changed("account", lambda said: said["capabilities"].update(card_payments="inactive")), "missing",
     "card is not active on the account (inactive)"),
    (changed("account", lambda said: said["settings"]["payments"].update(statement_descriptor=None)), "look",
     "No statement descriptor"),
    (changed("payouts", lambda said: said["payments"]["payouts"].update(schedule={"interval": "daily"})), "missing",
     "payouts are daily: they would carry off money"),
    (changed("payouts", lambda said: said["payments"].update(payouts=None)), "missing", "payouts are not known"),
    (changed("balance", lambda said: said["available"].clear()), "look", "Not on the account's balance yet: EUR"),
    (without("payouts", "needs the 'rak_balance_settings_read' permission"), "look", "rak_balance_settings_read"),
    (without("accounts", "You must sign up for Connect"), "missing", "sign up for Connect"),
    (without("account", "Invalid API Key provided: sk_test_x"), "missing", "Invalid API Key provided"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("make", "level", "sentence"), ACCOUNT_TROUBLE, ids=[row[2] for row in ACCOUNT_TROUBLE]
)
def test_what_is_wrong_with_the_account_is_said(
    seen: Seen, make: Callable[[Seen], Seen], level: str, sentence: str
) -> None:
    assert not says(doctor.judge(seen), level, sentence) or sentence.startswith("Not on")
    assert says(doctor.judge(make(seen)), level, sentence)


HEARING_TROUBLE = [
    (changed("endpoints", lambda said: said["data"].pop(0)), "missing", "No endpoint for your account leads to"),
    (changed("endpoints", lambda said: said["data"].pop(1)), "missing", "No endpoint for connected accounts"),
    (changed("destinations", lambda said: said["data"].clear()), "missing", "No endpoint for accounts (thin events)"),
    (changed("endpoints", lambda said: said["data"][0].update(url="https://other.example/hook")), "missing",
     "No endpoint for your account leads to"),
    (changed("endpoints", lambda said: said["data"][0].update(status="disabled")), "missing", "is switched off"),
    (changed("endpoints", lambda said: said["data"][0].update(livemode=True)), "missing",
     "the other mode than the key"),
    (changed("endpoints", lambda said: said["data"][0].update(enabled_events=["charge.updated"])), "missing",
     "does not hear charge.dispute.closed"),
    (changed("destinations", lambda said: said["data"][0].update(enabled_events=list(ACCOUNT_EVENTS[1:]))), "missing",
     "does not hear v2.core.account.closed"),
    (changed("endpoints", lambda said: said["data"][0].update(api_version="2020-08-27")), "look", "sends 2020-08-27"),
    (changed("endpoints", lambda said: said["data"].append({**said["data"][0], "id": "we_2"})), "look",
     "2 endpoints for your account lead here"),
    (without("endpoints", "no permission"), "look", "may not read the list of webhook endpoints"),
    (lambda seen: replace(seen, ahead=timedelta(minutes=6)), "missing", "360 seconds ahead of Stripe's"),
    (lambda seen: replace(seen, ahead=timedelta(seconds=-45)), "look", "45 seconds behind Stripe's"),
    (lambda seen: replace(seen, version="2020-08-27"), "missing", "speaks 2020-08-27"),
    (lambda seen: replace(seen, is_worker_alive=False), "missing", "No worker gave a sign of life"),
    (lambda seen: replace(seen, unheard=3), "missing", "3 of Stripe's events are older than 15 minutes"),
    (lambda seen: replace(seen, unheard=None), "look", "may not read the list of events"),
    (lambda seen: replace(seen, heard_at={"platform": datetime(2026, 11, 2, 8, 5, tzinfo=UTC)}), "right",
     "came on 2 November 2026 at 08:05 UTC"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("make", "level", "sentence"), HEARING_TROUBLE, ids=[row[2] for row in HEARING_TROUBLE]
)
def test_what_would_not_be_heard_is_said(
    seen: Seen, make: Callable[[Seen], Seen], level: str, sentence: str
) -> None:
    assert not says(doctor.judge(seen), level, sentence)
    assert says(doctor.judge(make(seen)), level, sentence)


SETTINGS_TROUBLE = [
    ({"stripe_secret_key": "pk_live_1"}, "missing", "STRIPE_SECRET_KEY is no secret key"),
    ({"stripe_secret_key": "sk_test_1"}, "missing", "production with a test key"),
    ({"environment": "development"}, "missing", "A live key outside production"),
    ({"stripe_secret_key": "sk_live_1"}, "look", "A restricted key"),
    ({"stripe_accounts_webhook_secret": ""}, "missing", "STRIPE_ACCOUNTS_WEBHOOK_SECRET is not set"),
    ({"stripe_connect_webhook_secret": "whsec_1"}, "missing", "Two endpoints have the same secret"),
    ({"stripe_connect_webhook_secret": "we_1"}, "missing", "must begin with whsec_"),
    ({"base_url": "http://example.com", "environment": "test"}, "missing", "https addresses only"),
    ({"platform_country": "TH"}, "missing", "hold money for 10 days, but a milestone may live 75"),
    ({"platform_country": "DE"}, "look", "may come to 94"),
    ({"payment_methods": ["card", "us_bank_account"]}, "right", "card, us_bank_account"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "level", "sentence"), SETTINGS_TROUBLE, ids=[row[2] for row in SETTINGS_TROUBLE]
)
def test_settings_that_do_not_fit_are_said(
    seen: Seen, given: dict[str, Any], level: str, sentence: str
) -> None:
    assert says(doctor.judge(live(seen, **given)), level, sentence)


def test_an_address_that_does_not_answer_is_said_with_the_reason(seen: Seen) -> None:
    found = doctor.judge(replace(live(seen), site="certificate has expired"))
    assert says(found, "missing", "does not answer by https: certificate has expired")


def test_a_look_at_our_own_address_goes_by_https_only(app: Marketplace, account_at: str) -> None:
    from marketplace.payments.doctor_seen import _site

    secure = account_at.replace("http://", "https://")
    assert _site(Settings(base_url=account_at)) == ""
    assert "SSL" in _site(Settings(base_url=secure))


def test_the_command_ends_with_1_when_something_is_missing(seen: Seen, app: Marketplace) -> None:
    run = app.test_cli_runner()
    assert run.invoke(args=["stripe", "doctor"]).exit_code == 0
    settings().stripe_api_base, before = "http://127.0.0.1:1", settings().stripe_api_base
    try:
        failed = run.invoke(args=["stripe", "doctor"])
    finally:
        settings().stripe_api_base = before
    assert failed.exit_code == 1
    assert "MISSING Account: Stripe does not open the account" in failed.output
    assert "reaches http://127.0.0.1:1" in failed.output


def test_the_command_prints_every_event_that_is_handled(app: Marketplace) -> None:
    printed = app.test_cli_runner().invoke(args=["stripe", "events"]).output
    for name in (*webhook.HANDLED, *ACCOUNT_EVENTS):
        assert f"  {name}\n" in printed
    assert printed.count(ADDRESS) == 3


def test_every_thin_event_that_is_asked_for_has_somebody_who_handles_it() -> None:
    assert all(webhook.handling_of(name) for name in ACCOUNT_EVENTS)
