"""Connected accounts, in the shape of Accounts v2, and the links that lead people to onboarding."""

from .call import Call
from .clock import iso, now
from .errors import StripeError, invalid, malformed, missing
from .events import tell_thin
from .params import Parser, anything, choice, fields, integer, items, metadata, text
from .store import Obj, new_id

_PARTS = ("configuration.customer", "configuration.merchant", "configuration.recipient", "defaults",
          "future_requirements", "identity", "requirements")  # fmt: skip
_INCLUDE = items(choice(*_PARTS))
_WORDS = dict.fromkeys(["contact_email", "contact_phone", "display_name"], text)
_ACCOUNT: dict[str, Parser] = {
    **_WORDS, "configuration": fields({"recipient": anything}),
    "dashboard": choice("express", "full", "none"),
    "defaults": anything, "identity": anything, "include": _INCLUDE, "metadata": metadata,
}  # fmt: skip
CREATE: Parser = fields(_ACCOUNT)
GET: Parser = fields({"include": _INCLUDE})
LIST: Parser = fields({"limit": integer, "applied_configurations": anything, "closed": anything})
_ONBOARDING = fields(
    {"configurations": items(text), "refresh_url": text, "return_url": text, "collection_options": anything},
    ["configurations", "refresh_url"],
)
_USE: dict[str, Parser] = {
    "type": choice("account_onboarding", "account_update"),
    "account_onboarding": _ONBOARDING,
    "account_update": _ONBOARDING,
}
LINK: Parser = fields(
    {"account": text, "use_case": fields(_USE, ["type"])},
    ["account", "use_case"],
)  # fmt: skip
KIND = "v2.core.account"
LINK_SECONDS = 600
_CAPABILITIES = ("stripe_transfers", "payouts")


def create(call: Call) -> Obj:
    """A connected account that may receive money once its person has been through onboarding."""
    wanted = call.params
    account: Obj = {
        "id": new_id("acct_1", 15), "object": KIND, "created": iso(), "livemode": False, "closed": False,
        "applied_configurations": [],
        "configuration": {"customer": None, "merchant": None, "recipient": None},
        "contact_email": None, "contact_phone": None, "display_name": None, "dashboard": "none",
        "defaults": _defaults(wanted.get("defaults") or {}),
        "identity": _identity(wanted.get("identity") or {}),
        "requirements": {"entries": [], "summary": None},
        "future_requirements": {"entries": [], "summary": None},
        "metadata": {},
    }  # fmt: skip
    account.update({name: wanted[name] for name in (*_WORDS, "dashboard", "metadata") if name in wanted})
    if "recipient" in wanted.get("configuration", {}):
        _become_recipient(account)
    call.store.put(account)
    tell_thin(call, "v2.core.account.created", account["id"])
    return _shown(account, wanted.get("include", []))


def _defaults(wanted: Obj) -> Obj:
    profile = {"business_url": None, "doing_business_as": None, "product_description": None}
    duties = {
        "fees_collector": "application",
        "losses_collector": "application",
        "requirements_collector": "stripe",
    }
    return {
        "currency": wanted.get("currency"), "locales": wanted.get("locales"),
        "profile": {**profile, **wanted.get("profile", {})},
        "responsibilities": {**duties, **wanted.get("responsibilities", {})},
    }  # fmt: skip


def _identity(wanted: Obj) -> Obj:
    return {
        **dict.fromkeys(["attestations", "business_details", "country", "entity_type", "individual"]),
        **wanted,
    }


def _become_recipient(account: Obj) -> None:
    account["applied_configurations"] = ["recipient"]
    recipient: Obj = {"applied": True, "capabilities": {"stripe_balance": {}}}
    account["configuration"]["recipient"] = recipient
    _set_capabilities(
        account, "restricted", [{"code": "requirements_past_due", "resolution": "provide_info"}]
    )
    account["requirements"] = {
        "entries": [
            _due("identity.individual"),
            _due("configuration.recipient.default_outbound_destination"),
        ],
        "summary": {"minimum_deadline": {"status": "past_due", "time": None}},
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


def _shown(account: Obj, include: list[str]) -> Obj:
    """Accounts v2 leave these parts null unless `include` asks for them."""
    shown = {**account, "configuration": None}
    for part in _PARTS:
        top, _, inner = part.partition(".")
        if not inner:
            shown[top] = account[top] if part in include else None
        elif part in include:
            shown["configuration"] = {
                **(shown["configuration"] or {}),
                inner: account["configuration"][inner],
            }
    return shown


def _account(call: Call, id: str) -> Obj:
    account = call.store.find(id)
    if account is None or account["object"] != KIND:
        raise missing("account", id)
    return account


def retrieve(call: Call) -> Obj:
    return _shown(_account(call, call.id), call.params.get("include", []))


def update(call: Call) -> Obj:
    """Change contact details, dashboard or metadata, or apply the recipient configuration."""
    account, wanted = _account(call, call.id), call.params
    account.update({name: wanted[name] for name in (*_WORDS, "dashboard") if name in wanted})
    account["metadata"] = {**account["metadata"], **wanted.get("metadata", {})}
    account["identity"].update(wanted.get("identity") or {})
    if "recipient" in wanted.get("configuration", {}) and not account["applied_configurations"]:
        _become_recipient(account)
    tell_thin(call, "v2.core.account.updated", call.store.put(account)["id"])
    return _shown(account, wanted.get("include", []))


def list_(call: Call) -> Obj:
    found = call.store.where(KIND)[: call.params.get("limit", 20)]
    return {
        "data": [_shown(account, []) for account in found],
        "next_page_url": None,
        "previous_page_url": None,
    }


def payable(call: Call, id: str) -> str:
    """The id of an account that may receive transfers; refuses one that may not (yet)."""
    account = call.store.find(id)
    if account is None or account["object"] != KIND:
        raise missing("destination", id, "destination")
    recipient = account["configuration"]["recipient"]
    if not recipient or recipient["capabilities"]["stripe_balance"]["stripe_transfers"]["status"] != "active":
        sentence = (
            "Your destination account needs to have at least one of the following capabilities enabled:"
            " transfers, crypto_transfers, legacy_payments"
        )
        raise invalid(sentence, "insufficient_capabilities_for_transfer")
    return str(account["id"])


def accessible(call: Call, id: str) -> None:
    """Refuse an account named in the header Stripe-Account that is not connected."""
    account = call.store.find(id)
    if account is None or account["object"] != KIND:
        sentence = (
            f"The provided key does not have access to account '{id}' (or that account does not exist)."
        )
        raise StripeError(403, "invalid_request_error", sentence, executed=False, code="account_invalid")


def create_link(call: Call) -> Obj:
    """A link to the onboarding page: good once, for ten minutes."""
    account, use = _account(call, call.params["account"]), call.params["use_case"]
    if use["type"] not in use:
        path = f"use_case[{use['type']}]"
        raise malformed(f"Missing required param: {path}.", "parameter_missing", path)
    token, addresses = new_id("", 32), use[use["type"]]
    expires = now() + LINK_SECONDS
    known: Obj = {"account": account["id"], "expires": expires, "used": False}
    call.store.note(
        token, "link", {**known, **{name: addresses.get(name) for name in ("return_url", "refresh_url")}}
    )
    return {
        "object": "v2.core.account_link", "account": account["id"], "created": iso(),
        "expires_at": iso(expires),
        "livemode": False, "url": f"{call.settings.public_url}/c/onboarding/{token}", "use_case": use,
    }  # fmt: skip


def finish_onboarding(call: Call, account: Obj, name: str, country: str, number: str) -> None:
    """The person told Stripe who they are and where their money goes: the capabilities become active."""
    account["identity"].update(country=country, entity_type="individual")
    account["display_name"] = account["display_name"] or name
    if not account["applied_configurations"]:
        _become_recipient(account)
    _set_capabilities(account, "active", [])
    account["requirements"] = {"entries": [], "summary": None}
    call.store.put(account)
    call.store.note(account["id"], "bank", {"id": new_id("ba_"), "last4": number[-4:]})
    tell_thin(call, f"{KIND}[requirements].updated", account["id"])
    for capability in _CAPABILITIES:
        data = {"updated_capability": f"stripe_balance.{capability}"}
        tell_thin(call, f"{KIND}[configuration.recipient].capability_status_updated", account["id"], data)
