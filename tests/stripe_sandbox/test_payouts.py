"""Payouts of connected accounts and of the platform."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import stripe

from .conftest import Act, Charge, Inbox, Json, Payee, Sdk, refusal

SLOW, CLOSED, UNKNOWN = "000999999991", "000111111113", "000111111116"
WhoHas = Callable[..., str]


@pytest.fixture
def who_has(client: Sdk, charge: Charge, payee: Payee, act: Act) -> WhoHas:
    """A connected account with money that its bank keeps from leaving by itself: payouts were stopped."""

    def make(amount: int = 70_00, number: str = "000123456789") -> str:
        account = payee(number)
        _pay(client, account, amount, charge().id)
        return account

    return make


def _pay(client: Sdk, account: str, amount: int, charge: str) -> None:
    params: Json = {"amount": amount, "currency": "usd", "destination": account, "source_transaction": charge}
    client.v1.transfers.create(params)


def _payout(client: Sdk, account: str, amount: int = 20_00, **more: Any) -> Any:
    theirs = {"stripe_account": account}
    return client.v1.payouts.create({"amount": amount, "currency": "usd", **more}, theirs)


def _available(client: Sdk, account: str = "") -> int:
    whose = {"stripe_account": account} if account else {}
    found = client.v1.balance.retrieve(options=whose).available
    return int(next(each.amount for each in found if each.currency == "usd"))


def test_an_automatic_payout_names_what_it_paid_out(client: Sdk, who_has: WhoHas, inbox: Inbox) -> None:
    account = who_has(70_00)
    told = inbox.wait(
        lambda body: body["type"] == "payout.reconciliation_completed" and body.get("account") == account
    )
    payout, theirs = told.body["data"]["object"], {"stripe_account": account}
    assert (payout["amount"], payout["status"], payout["automatic"]) == (70_00, "paid", True)
    found = client.v1.balance_transactions.list({"payout": payout["id"], "expand": ["data.source"]}, theirs)
    assert [(each.type, each.net, each.source.object) for each in found.data] == [
        ("payout", -70_00, "payout"),
        ("payment", 70_00, "charge"),
    ]
    assert client.v1.payouts.retrieve(payout["id"], {"expand": ["destination"]}, theirs).destination.last4


@pytest.mark.parametrize(("number", "code"), [(CLOSED, "account_closed"), (UNKNOWN, "no_account")])
def test_a_failed_payout_returns_the_money_and_stops_payouts_until_the_bank_is_changed(
    client: Sdk, who_has: WhoHas, act: Act, inbox: Inbox, number: str, code: str
) -> None:
    account = who_has(number=number)
    told = inbox.wait(lambda body: body["type"] == "payout.failed" and body.get("account") == account)
    assert told.body["data"]["object"]["failure_code"] == code
    assert _available(client, account) == 70_00
    with pytest.raises(stripe.InvalidRequestError, match="disabled after a failed payout"):
        _payout(client, account)
    act("change_bank", account=account, number="000123456789")
    inbox.wait(lambda body: body["type"] == "payout.paid" and body.get("account") == account)
    assert _available(client, account) == 0


def test_a_payout_may_come_back_after_it_arrived(
    client: Sdk, who_has: WhoHas, act: Act, inbox: Inbox
) -> None:
    account = who_has()
    paid = inbox.wait(lambda body: body["type"] == "payout.paid" and body.get("account") == account)
    payout = paid.body["data"]["object"]["id"]
    failed = act("fail_payout", payout=payout, failure_code="no_account")
    assert (failed["status"], failed["failure_code"]) == ("failed", "no_account")
    assert _available(client, account) == 70_00
    inbox.wait(lambda body: body["type"] == "payout.failed" and body.get("account") == account)


def test_money_is_paid_out_at_once(client: Sdk, who_has: WhoHas, inbox: Inbox) -> None:
    account = who_has()
    balance = client.v1.balance.retrieve(options={"stripe_account": account})
    assert balance.instant_available[0].amount == 70_00
    made = _payout(client, account, method="instant", metadata={"reason": "rent"})
    assert (made.status, made.method, made.automatic) == ("in_transit", "instant", False)
    assert inbox.about("payout.paid", made.id).body.get("account") == account
    with pytest.raises(stripe.InvalidRequestError, match="only be filtered on automatic"):
        client.v1.balance_transactions.list({"payout": made.id}, {"stripe_account": account})


@pytest.mark.parametrize(
    ("number", "more", "code"),
    [
        (SLOW, {"method": "instant"}, "instant_payouts_unsupported"),
        ("000123456789", {"method": "instant", "amount": 10_000_00}, "instant_payouts_limit_exceeded"),
        ("000123456789", {"amount": 70_01}, "balance_insufficient"),
    ],
)
def test_a_payout_that_cannot_be_is_refused(
    client: Sdk, who_has: WhoHas, number: str, more: Json, code: str
) -> None:
    account = who_has(number=number)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        _payout(client, account, **more)
    assert refused.value.code == code


def test_a_restricted_account_pays_nothing_out(client: Sdk, who_has: WhoHas, act: Act) -> None:
    account = who_has()
    act("restrict_account", account=account)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        _payout(client, account)
    assert refused.value.code == "payouts_not_allowed"
    assert _available(client, account) == 70_00


def test_a_payout_is_canceled_before_it_leaves(client: Sdk, charge: Charge, inbox: Inbox) -> None:
    charge()
    before = _available(client)
    made = client.v1.payouts.create({"amount": 1_00, "currency": "usd"})
    assert (made.status, _available(client)) == ("pending", before - 1_00)
    assert client.v1.payouts.cancel(made.id).status == "canceled"
    assert _available(client) == before
    inbox.about("payout.canceled", made.id)
    with pytest.raises(stripe.InvalidRequestError, match="status canceled cannot be canceled"):
        client.v1.payouts.cancel(made.id)


def test_the_platform_pays_itself_out_when_asked(client: Sdk, charge: Charge, act: Act, inbox: Inbox) -> None:
    charge()
    made = act("platform_payout", amount=2_00)
    assert (made["automatic"], made["status"]) == (False, "pending")
    inbox.about("payout.updated", made["id"])
    inbox.about("payout.paid", made["id"])
    assert made["id"] in [each.id for each in client.v1.payouts.list({"status": "paid"}).data]


def test_only_a_payout_that_left_can_fail(client: Sdk, charge: Charge, sandbox: str) -> None:
    charge()
    made = client.v1.payouts.create({"amount": 1_00, "currency": "usd"})
    client.v1.payouts.cancel(made.id)
    asked = {"act": "fail_payout", "payout": made.id}
    assert "canceled: it cannot fail" in refusal(sandbox, "/_acts", asked)
    assert "No such payout" in refusal(sandbox, "/_acts", {**asked, "payout": "po_nothing"})


def _schedule(client: Sdk, account: str, **wanted: Any) -> Json:
    """Set when an account is paid out, and what is set then. As plain JSON: this SDK trips over its null maps."""
    asked = {"payments": {"payouts": {"schedule": wanted}}, "stripe_account": account}
    said: Json = client.raw_request("post", "/v1/balance_settings", **asked).data
    return dict(said["payments"]["payouts"]["schedule"])


def test_a_manual_schedule_holds_what_is_there_until_it_is_daily_again(
    client: Sdk, charge: Charge, payee: Payee, inbox: Inbox
) -> None:
    account = payee("000123456789")
    assert _schedule(client, account, interval="manual") == {"interval": "manual"}
    _pay(client, account, 70_00, charge().id)
    time.sleep(2.5)
    assert _available(client, account) == 70_00
    assert not client.v1.payouts.list({}, {"stripe_account": account}).data
    _schedule(client, account, interval="daily")
    inbox.wait(lambda body: body["type"] == "payout.paid" and body.get("account") == account)
    assert _available(client, account) == 0


def test_a_weekly_schedule_needs_its_day(client: Sdk, payee: Payee) -> None:
    account = payee()
    with pytest.raises(stripe.InvalidRequestError, match="weekly_payout_days"):
        _schedule(client, account, interval="weekly")
    known = {"interval": "weekly", "weekly_payout_days": ["friday"]}
    assert _schedule(client, account, **known) == known
