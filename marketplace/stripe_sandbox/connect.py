"""Connected accounts, in the shape of Accounts v2, and the links that lead people to onboarding."""

from . import accounts
from .call import Call
from .clock import iso, now
from .errors import StripeError, invalid, malformed, missing
from .events import tell_thin
from .pages_v2 import CURSOR, page_v2
from .params import Parser, anything, choice, fields, flag, items, metadata, text
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
CLOSE: Parser = fields({"applied_configurations": items(choice("customer", "merchant", "recipient"))})
LIST: Parser = fields({**CURSOR, "applied_configurations": items(text), "closed": flag})
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
LINK_SECONDS = 600


def create(call: Call) -> Obj:
    """A connected account that may receive money once its person has been through onboarding."""
    wanted = call.params
    account: Obj = {
        "id": new_id("acct_1", 15), "object": accounts.KIND, "created": iso(), "livemode": False, "closed": False,
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
        accounts.become_recipient(account)
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


def retrieve(call: Call) -> Obj:
    return _shown(accounts.get(call, call.id), call.params.get("include", []))


def update(call: Call) -> Obj:
    """Change contact details, dashboard or metadata, or apply the recipient configuration."""
    account, wanted = accounts.get(call, call.id), call.params
    account.update({name: wanted[name] for name in (*_WORDS, "dashboard") if name in wanted})
    account["metadata"] = {**account["metadata"], **wanted.get("metadata", {})}
    account["identity"].update(wanted.get("identity") or {})
    if "recipient" in wanted.get("configuration", {}) and not account["applied_configurations"]:
        accounts.become_recipient(account)
    tell_thin(call, "v2.core.account.updated", call.store.put(account)["id"])
    return _shown(account, wanted.get("include", []))


def close(call: Call) -> Obj:
    """Close an account for good; every configuration that it has must be named."""
    account = accounts.get(call, call.id)
    named = call.params.get("applied_configurations", [])
    if sorted(named) != sorted(account["applied_configurations"]):
        sentence = "All configurations of the account must be passed in to close it."
        raise invalid(sentence, None, "applied_configurations")
    return _shown(accounts.close(call, account), [])


def list_(call: Call) -> Obj:
    """Accounts newest first; closed ones only when asked for."""
    closed = int(call.params.get("closed", False))
    found = page_v2(
        call, accounts.KIND, "/v2/core/accounts", " and json_extract(body, '$.closed') = ?", (closed,)
    )
    return {**found, "data": [_shown(account, []) for account in found["data"]]}


def payable(call: Call, id: str) -> str:
    """The id of an account that may receive transfers; refuses one that may not (yet, or any more)."""
    account = call.store.find(id)
    if account is None or account["object"] != accounts.KIND or account["closed"]:
        raise missing("destination", id, "destination")
    if not accounts.is_active(account, "stripe_transfers"):
        sentence = (
            "Your destination account needs to have at least one of the following capabilities enabled:"
            " transfers, crypto_transfers, legacy_payments"
        )
        raise invalid(sentence, "insufficient_capabilities_for_transfer")
    return str(account["id"])


def accessible(call: Call, id: str) -> None:
    """Refuse an account named in the header Stripe-Account that is not connected."""
    account = call.store.find(id)
    if account is None or account["object"] != accounts.KIND:
        sentence = (
            f"The provided key does not have access to account '{id}' (or that account does not exist)."
        )
        raise StripeError(403, "invalid_request_error", sentence, executed=False, code="account_invalid")


def create_link(call: Call) -> Obj:
    """A link to the onboarding page, or to the page that changes the bank account: good once, for ten
    minutes.
    """
    account, use = accounts.get(call, call.params["account"]), call.params["use_case"]
    if use["type"] not in use:
        path = f"use_case[{use['type']}]"
        raise malformed(f"Missing required param: {path}.", "parameter_missing", path)
    bank = (account["configuration"]["recipient"] or {}).get("default_outbound_destination")
    if use["type"] == "account_update" and not bank:
        raise invalid("An account is updated after its onboarding. Use account_onboarding.", None, "use_case")
    token, addresses = new_id("", 32), use[use["type"]]
    expires = now() + LINK_SECONDS
    known: Obj = {"account": account["id"], "expires": expires, "used": False, "use": use["type"]}
    call.store.note(
        token, "link", {**known, **{name: addresses.get(name) for name in ("return_url", "refresh_url")}}
    )
    return {
        "object": "v2.core.account_link", "account": account["id"], "created": iso(),
        "expires_at": iso(expires),
        "livemode": False, "url": f"{call.settings.public_url}/c/onboarding/{token}", "use_case": use,
    }  # fmt: skip
