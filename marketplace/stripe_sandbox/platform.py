"""The platform's own account, as its owner finds it: what it may do, its payouts, whom Stripe tells what.

It is always set up as it should be; the addresses are those that the command line gave.
"""

from . import VERSION
from .call import Call
from .events import endpoint
from .pages_v2 import CURSOR
from .params import Parser, fields, items, listing, request, text
from .shapes import listed
from .store import PLATFORM, Obj

GET: Parser = request({})
LIST: Parser = listing()
DESTINATIONS: Parser = fields({**CURSOR, "include": items(text)})
OPENED = 1_767_225_600
"""When the account was opened: 1 January 2026."""
_OPENED_AS_TEXT = "2026-01-01T00:00:00.000Z"
_CAPABILITIES = (
    "card_payments", "transfers", "us_bank_account_ach_payments", "sepa_debit_payments", "bacs_debit_payments",
)  # fmt: skip
_NOTHING_DUE = (
    "currently_due",
    "eventually_due",
    "past_due",
    "pending_verification",
    "errors",
    "alternatives",
)


def account(call: Call) -> Obj:
    """The account that the key belongs to."""
    name = call.settings.merchant or "Sandbox"
    return {
        "id": PLATFORM, "object": "account", "type": "standard", "country": "US", "default_currency": "usd",
        "email": "owner@example.com", "created": OPENED, "business_type": "company",
        "business_profile": None, "groups": None,
        "charges_enabled": True, "payouts_enabled": True, "details_submitted": True, "metadata": {},
        "capabilities": dict.fromkeys(_CAPABILITIES, "active"),
        "requirements": {**{each: [] for each in _NOTHING_DUE}, "current_deadline": None, "disabled_reason": None},
        "settings": {
            "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
            "card_payments": {
                "statement_descriptor_prefix": "SANDBOX", "statement_descriptor_prefix_kana": None,
                "statement_descriptor_prefix_kanji": None,
            },
            "dashboard": {"display_name": name, "timezone": "Etc/UTC"},
            "payments": {
                "statement_descriptor": "SANDBOX", "statement_descriptor_kana": None,
                "statement_descriptor_kanji": None,
            },
        },
    }  # fmt: skip


def endpoints(call: Call) -> Obj:
    """The two that hear snapshot events: of this account, and of connected ones."""
    found = [_endpoint(call, name) for name in ("platform", "connect") if all(endpoint(call.settings, name))]
    return listed(found, "/v1/webhook_endpoints")


def _endpoint(call: Call, name: str) -> Obj:
    return {
        "id": f"we_{name}", "object": "webhook_endpoint", "api_version": VERSION, "created": OPENED,
        "application": "ca_sandbox" if name == "connect" else None, "description": None, "metadata": {},
        "enabled_events": ["*"], "livemode": False, "status": "enabled",
        "url": endpoint(call.settings, name)[0],
    }  # fmt: skip


def destinations(call: Call) -> Obj:
    """Where thin events of Accounts v2 go. The address is shown only when it is asked for."""
    url, secret = endpoint(call.settings, "thin")
    shown = {"url": url} if "webhook_endpoint.url" in call.params.get("include", []) else {"url": None}
    found = {
        "id": "ed_test_thin", "object": "v2.core.event_destination", "created": _OPENED_AS_TEXT,
        "updated": _OPENED_AS_TEXT, "name": "Accounts", "description": "", "livemode": False, "metadata": {},
        "type": "webhook_endpoint", "status": "enabled", "status_details": None, "event_payload": "thin",
        "events_from": ["@self", "@accounts"], "enabled_events": ["*"], "snapshot_api_version": None,
        "webhook_endpoint": {**shown, "signing_secret": None},
    }  # fmt: skip
    return {"data": [found] if url and secret else [], "next_page_url": None, "previous_page_url": None}
