"""Connected accounts as the first version of the API has them: for programs that have not moved on.

The official command line client makes one before it transfers. They are the same accounts as those of
Accounts v2, and ready to receive at once, as Stripe's test mode has it.
"""

from dataclasses import replace

from . import accounts, connect
from .call import Call
from .params import Parser, anything, metadata, request, text
from .store import Obj

_HASHES = dict.fromkeys(
    ["business_profile", "capabilities", "controller", "individual", "settings"], anything
)
_WORDS = dict.fromkeys(["business_type", "country", "default_currency", "email", "type"], text)
CREATE: Parser = request({**_WORDS, **_HASHES, "metadata": metadata, "tos_acceptance": anything})
GET: Parser = request({})


def create(call: Call) -> Obj:
    """An account that may receive transfers and pay out."""
    wanted = call.params
    known = {"metadata": wanted.get("metadata", {}), "contact_email": wanted.get("email")}
    identity = {"country": wanted.get("country", "US").lower()}
    params = {**known, "identity": identity, "configuration": {"recipient": {}}}
    made = connect.create(replace(call, params=params))
    return _shown(accounts.enable(call, accounts.get(call, made["id"])))


def retrieve(call: Call) -> Obj:
    return _shown(accounts.get(call, call.id))


def _shown(account: Obj) -> Obj:
    can = {name: accounts.is_active(account, name) for name in ("stripe_transfers", "payouts")}
    return {
        "id": account["id"], "object": "account", "business_profile": None, "business_type": None,
        "capabilities": {"transfers": "active" if can["stripe_transfers"] else "inactive"},
        "charges_enabled": False, "country": (account["identity"]["country"] or "us").upper(),
        "details_submitted": can["payouts"], "email": account["contact_email"], "groups": None,
        "metadata": account["metadata"], "payouts_enabled": can["payouts"], "settings": None,
        "type": "express",
    }  # fmt: skip
