"""Accounts v2 and onboarding."""

import pytest
import stripe

from .conftest import Act, Inbox, Payee, Sdk, link, refusal, visit


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


def _asked(client: Sdk, account: str) -> set[str]:
    found = client.v2.core.accounts.retrieve(account, {"include": ["requirements"]})
    return {entry.description for entry in found.requirements.entries}


def test_leaving_saves_what_was_entered_and_finishing_comes_later(client: Sdk, payee: Payee) -> None:
    account = payee(onboarded=False)
    whole = _asked(client, account)
    form = {"name": "Grace", "country": "gb", "number": "", "do": "leave"}
    assert visit(link(client, account), form).location == "http://127.0.0.1:5000/return"
    assert (_status(client, account), whole - _asked(client, account)) == (
        "restricted",
        {"identity.individual"},
    )
    again = link(client, account)
    assert 'value="Grace"' in visit(again).text
    visit(again, {**form, "number": "000123456789", "do": "submit"})
    assert (_status(client, account), _asked(client, account)) == ("active", set())


def test_leaving_with_nothing_changes_nothing(client: Sdk, payee: Payee) -> None:
    account = payee(onboarded=False)
    before = _asked(client, account)
    assert visit(link(client, account), {"do": "leave"}).status == 303
    assert (_asked(client, account), _status(client, account)) == (before, "restricted")


def _destination(client: Sdk, account: str) -> tuple[str, str]:
    found = client.v2.core.accounts.retrieve(account, {"include": ["configuration.recipient"]})
    destination = found.configuration.recipient.default_outbound_destination
    return destination.id, destination.type


def test_a_bank_account_is_changed_on_a_page(client: Sdk, payee: Payee, inbox: Inbox) -> None:
    account = payee()
    before, page = _destination(client, account), link(client, account, "account_update")
    assert "ends in <strong>3000</strong>" in visit(page).text
    bad = visit(page, {"country": "de", "number": "12", "do": "submit"})
    assert (bad.status, "Enter an IBAN" in bad.text) == (422, True)
    assert visit(page, {"country": "de", "number": "DE62370400440532013001", "do": "submit"}).status == 303
    assert before[0] != _destination(client, account)[0]
    assert (before[1], _destination(client, account)[1]) == ("us_bank_account", "de_bank_account")
    inbox.wait(
        lambda body: (
            body["type"] == "v2.core.account[configuration.recipient].updated"
            and body["related_object"]["id"] == account
        ),
        times=2,
    )


def test_an_account_without_a_bank_has_nothing_to_update(client: Sdk, payee: Payee) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="after its onboarding"):
        link(client, payee(onboarded=False), "account_update")


@pytest.mark.parametrize(("what", "resolution"), [("restrict", "provide_info"), ("reject", "no_resolution")])
def test_an_account_is_restricted_rejected_and_enabled(
    client: Sdk, payee: Payee, act: Act, what: str, resolution: str
) -> None:
    account = payee()
    changed = act(f"{what}_account", account=account)
    capability = changed["configuration"]["recipient"]["capabilities"]["stripe_balance"]["stripe_transfers"]
    assert (capability["status"], capability["status_details"][0]["resolution"]) == ("restricted", resolution)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.create({"amount": 1, "currency": "usd", "destination": account})
    assert refused.value.code == "insufficient_capabilities_for_transfer"
    act("enable_account", account=account)
    assert _status(client, account) == "active"


def test_a_rejected_account_stays_so_whatever_its_person_enters(client: Sdk, payee: Payee, act: Act) -> None:
    account = payee()
    act("reject_account", account=account)
    visit(link(client, account), {"name": "G", "country": "us", "number": "000123456789", "do": "submit"})
    assert _status(client, account) == "restricted"


def test_a_closed_account_is_gone_from_the_list_and_gets_nothing(
    client: Sdk, payee: Payee, inbox: Inbox, sandbox: str
) -> None:
    account = payee()
    assert client.v2.core.accounts.close(account, {"applied_configurations": ["recipient"]}).closed
    inbox.wait(
        lambda body: body["type"] == "v2.core.account.closed" and body["related_object"]["id"] == account
    )
    assert account not in [each.id for each in client.v2.core.accounts.list({"limit": 3}).data]
    assert client.v2.core.accounts.list({"closed": True}).data[0].id == account
    with pytest.raises(stripe.InvalidRequestError, match="No such destination"):
        client.v1.transfers.create({"amount": 1, "currency": "usd", "destination": account})
    assert "closed for good" in refusal(sandbox, "/_acts", {"act": "enable_account", "account": account})


def test_accounts_are_listed_page_by_page(client: Sdk, payee: Payee) -> None:
    made = [payee(onboarded=False) for _ in range(3)]
    first = client.v2.core.accounts.list({"limit": 2})
    assert [each.id for each in first.data] == made[:0:-1]
    found = [each.id for each in first.auto_paging_iter()]
    assert (found[:3], len(found)) == (made[::-1], len(set(found)))


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
