"""Accounts v2 and onboarding."""

import pytest
import stripe

from .conftest import Inbox, Payee, Sdk, link, visit


def _status(client: Sdk, account: str) -> str:
    found = client.v2.core.accounts.retrieve(account, {"include": ["configuration.recipient"]})
    return str(found.configuration.recipient.capabilities.stripe_balance.stripe_transfers.status)


def test_onboarding_makes_the_capability_active(client: Sdk, payee: Payee) -> None:
    account = payee(onboarded=False)
    assert _status(client, account) == "restricted"
    page = link(client, account)
    assert "Set up payouts" in visit(page).text
    done = visit(page, {"name": "Grace", "country": "us", "number": "000123456789", "do": "submit"})
    assert (done.location, _status(client, account)) == ("http://127.0.0.1:5000/return", "active")


def test_parts_come_only_when_asked_for(client: Sdk, payee: Payee) -> None:
    account = payee(onboarded=False)
    bare = client.v2.core.accounts.retrieve(account)
    assert (bare.configuration, bare.requirements, bare.identity) == (None, None, None)
    full = client.v2.core.accounts.retrieve(account, {"include": ["requirements", "identity", "defaults"]})
    assert full.requirements.summary.minimum_deadline.status == "past_due"
    assert full.identity.country == "us"


def test_faults_in_the_form_are_named(client: Sdk, payee: Payee) -> None:
    account = payee(onboarded=False)
    seen = visit(link(client, account), {"name": "", "country": "us", "number": "12", "do": "submit"})
    assert seen.status == 422
    assert "Enter your name." in seen.text
    assert _status(client, account) == "restricted"


def test_returning_without_finishing_changes_nothing(client: Sdk, payee: Payee) -> None:
    account = payee(onboarded=False)
    assert visit(link(client, account), {"do": "return"}).location == "http://127.0.0.1:5000/return"
    assert _status(client, account) == "restricted"


def test_a_used_link_leads_to_a_fresh_one(client: Sdk, payee: Payee) -> None:
    page = link(client, payee(onboarded=False))
    visit(page, {"name": "Grace", "country": "us", "number": "000123456789", "do": "submit"})
    assert visit(page).location == "http://127.0.0.1:5000/refresh"


@pytest.mark.parametrize(
    "type",
    [
        "v2.core.account[requirements].updated",
        "v2.core.account[configuration.recipient].capability_status_updated",
    ],
)
def test_thin_events_lead_to_the_account(client: Sdk, payee: Payee, inbox: Inbox, type: str) -> None:
    account = payee()
    told = inbox.wait(lambda body: body["type"] == type and body["related_object"]["id"] == account)
    event = client.parse_event_notification(told.payload, told.signature, "whsec_thin")
    assert (event.type, told.endpoint) == (type, "thin")
    assert event.fetch_related_object().id == account
    assert event.fetch_event().id == event.id


def test_an_unknown_account_is_not_found(client: Sdk) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v2.core.accounts.retrieve("acct_nobody")
    assert refused.value.http_status == 404
