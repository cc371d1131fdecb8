"""What a connected account may do, and what takes that away or gives it back.

An account is `restricted` until its person has been through onboarding, and again when Stripe wants to know
more; it may be rejected (nothing they can do), or closed for good.
"""

from . import external_accounts
from .call import Call
from .errors import invalid, missing
from .events import tell_thin
from .store import Obj

KIND = "v2.core.account"
STOPPED = "payouts_stopped"
"""The note on an account whose payouts wait for another bank account."""
_CAPABILITIES = ("stripe_transfers", "payouts")
_IDENTITY = "identity.individual"
_DESTINATION = "configuration.recipient.default_outbound_destination"
_TERMS = "identity.attestations.terms_of_service.account"
_DOCUMENT = "identity.individual.documents.primary_verification.front_back.front"
_ASKED = [{"code": "requirements_past_due", "resolution": "provide_info"}]
_REJECTED = [{"code": "restricted_other", "resolution": "no_resolution"}]


def get(call: Call, id: str, param: str | None = None) -> Obj:
    """The connected account; refuses an unknown one."""
    account = call.store.find(id)
    if account is None or account["object"] != KIND:
        raise missing("account", id, param)
    return account


def become_recipient(account: Obj) -> None:
    """The account is to receive money, as soon as it is known whose it is and where the money goes."""
    account["applied_configurations"] = ["recipient"]
    recipient: Obj = {"applied": True, "capabilities": {"stripe_balance": {}}}
    account["configuration"]["recipient"] = {**recipient, "default_outbound_destination": None}
    _set_capabilities(account, "restricted", _ASKED)
    _require(account, [_IDENTITY, _DESTINATION, _TERMS])


def _require(account: Obj, what: list[str]) -> None:
    deadline = {"minimum_deadline": {"status": "past_due", "time": None}}
    account["requirements"] = {
        "entries": [_due(each) for each in what],
        "summary": deadline if what else None,
    }


def _due(what: str) -> Obj:
    capability = "stripe_balance.stripe_transfers"
    restricts = {"capability": capability, "configuration": "recipient", "deadline": {"status": "past_due"}}
    return {
        "awaiting_action_from": "user", "description": what, "errors": [], "reference": None,
        "impact": {"restricts_capabilities": [restricts]}, "minimum_deadline": {"status": "past_due"},
        "requested_reasons": [{"code": "routine_onboarding"}],
    }  # fmt: skip


def _set_capabilities(account: Obj, status: str, details: list[Obj]) -> None:
    balance = account["configuration"]["recipient"]["capabilities"]["stripe_balance"]
    balance.update({name: {"status": status, "status_details": details} for name in _CAPABILITIES})


def is_active(account: Obj, capability: str) -> bool:
    """Whether the account may do this (`stripe_transfers`: receive, `payouts`: pay out)."""
    recipient = account["configuration"]["recipient"]
    if account["closed"] or not recipient:
        return False
    return bool(recipient["capabilities"]["stripe_balance"][capability]["status"] == "active")


def tell_part(call: Call, account: Obj, part: str) -> None:
    """A thin event that a part of the account changed: `requirements`, `configuration.recipient`."""
    tell_thin(call, f"{KIND}[{part}].updated", account["id"])


def _change(call: Call, account: Obj, status: str, details: list[Obj], requirements: list[str]) -> Obj:
    """Set what the account may do and what is asked of its person, and tell both."""
    if not account["applied_configurations"]:
        become_recipient(account)
    _set_capabilities(account, status, details)
    _require(account, requirements)
    call.store.put(account)
    tell_part(call, account, "requirements")
    for capability in _CAPABILITIES:
        data = {"updated_capability": f"stripe_balance.{capability}"}
        tell_thin(call, f"{KIND}[configuration.recipient].capability_status_updated", account["id"], data)
    return account


def restrict(call: Call, account: Obj) -> Obj:
    """Stripe wants to see a document first: no transfers and no payouts until it has one."""
    return _change(call, account, "restricted", _ASKED, [_DOCUMENT])


def reject(call: Call, account: Obj) -> Obj:
    """Stripe does not want this account: no transfers and no payouts, and nothing that a person can do."""
    return _change(call, account, "restricted", _REJECTED, [])


def enable(call: Call, account: Obj) -> Obj:
    """The account may receive and pay out; without a bank account it gets the first of the test numbers."""
    if account["closed"]:
        raise invalid(f"Account {account['id']} is closed for good.", None, "account")
    _change(call, account, "active", [], [])
    if not account["configuration"]["recipient"]["default_outbound_destination"]:
        country = account["identity"]["country"] or "us"
        set_bank(call, account, "000123456789", country)
    return account


def is_rejected(account: Obj) -> bool:
    """Whether nothing that the person does can help."""
    recipient = account["configuration"]["recipient"]
    balance = recipient["capabilities"]["stripe_balance"] if recipient else {}
    return bool(balance) and balance["stripe_transfers"]["status_details"] == _REJECTED


def set_bank(call: Call, account: Obj, number: str, country: str) -> Obj:
    """Payouts go to this account number from now on; payouts stopped by a failure start again."""
    if not account["applied_configurations"]:
        become_recipient(account)
    number = external_accounts.checked(number)
    bank = external_accounts.register(call, account["id"], number, country.lower())
    destination = {"id": bank["id"], "type": f"{country.lower()}_bank_account"}
    account["configuration"]["recipient"]["default_outbound_destination"] = destination
    call.store.forget(account["id"], STOPPED)
    call.store.put(account)
    tell_part(call, account, "configuration.recipient")
    return account


def save_onboarding(call: Call, account: Obj, name: str, country: str, number: str) -> None:
    """The person left half-way: what they entered is kept, the rest stays asked for."""
    if not account["applied_configurations"]:
        become_recipient(account)
    open_ = [entry["description"] for entry in account["requirements"]["entries"]]
    if name:
        account["display_name"] = account["display_name"] or name
        account["identity"].update(country=country, entity_type="individual")
        open_ = [each for each in open_ if each != _IDENTITY]
    if number:
        set_bank(call, account, number, country)
        open_ = [each for each in open_ if each != _DESTINATION]
    _require(account, open_)
    call.store.put(account)
    tell_part(call, account, "requirements")


def finish_onboarding(call: Call, account: Obj, name: str, country: str, number: str) -> None:
    """The person told Stripe who they are and where their money goes: the capabilities become active."""
    account["identity"].update(country=country, entity_type="individual")
    account["display_name"] = account["display_name"] or name
    set_bank(call, account, number, country)
    if is_rejected(account):
        tell_part(call, account, "requirements")
    else:
        _change(call, account, "active", [], [])


def close(call: Call, account: Obj) -> Obj:
    """Close an account for good. Refuses one that still has money."""
    sql = "select 1 from purses where account = ? and total <> 0"
    if call.store.rows(sql, account["id"]):
        raise invalid("This account has a balance: pay it out before it is closed.", "account_has_balance")
    account.update(closed=True, applied_configurations=[])
    tell_thin(call, f"{KIND}.closed", call.store.put(account)["id"])
    return account
