"""How an account is paid out: by Stripe's schedule, or only when a payout is asked for.

The platform's own account is paid out by hand, since what it holds is for others; a connected one daily.
"""

from typing import Any

from .call import Call
from .errors import malformed
from .params import Parser, anything, choice, fields, flag, integer, items, request, text
from .store import PLATFORM, Obj

_NOTE = "schedule"
_DAYS = choice("monday", "tuesday", "wednesday", "thursday", "friday")
_SCHEDULE = fields(
    {
        "interval": choice("daily", "manual", "monthly", "weekly"),
        "monthly_payout_days": items(integer),
        "weekly_payout_days": items(_DAYS),
    }
)
_NEEDED = {"monthly": "monthly_payout_days", "weekly": "weekly_payout_days"}


def _payouts(value: Any, path: str) -> Any:
    """The parameters of payouts, of which the sandbox acts on the schedule."""
    known = dict.fromkeys(["automatic_transfer_rules_by_currency", "minimum_balance_by_currency"], anything)
    wanted: Obj = fields({**known, "schedule": _SCHEDULE, "statement_descriptor": text})(value, path)
    schedule = wanted.get("schedule", {})
    needed = _NEEDED.get(schedule.get("interval", ""), "")
    if needed and not schedule.get(needed):
        missing = f"{path}[schedule][{needed}]"
        raise malformed(f"Missing required param: {missing}.", "parameter_missing", missing)
    return wanted


GET: Parser = request({})
UPDATE: Parser = request(
    {
        "payments": fields(
            {"debit_negative_balances": flag, "payouts": _payouts, "settlement_timing": anything}
        )
    }
)


def schedule(call: Call) -> Obj:
    """When the call's account is paid out."""
    usual = {"interval": "manual" if call.account == PLATFORM else "daily"}
    return dict(call.store.noted(call.account, _NOTE) or usual)


def get(call: Call) -> Obj:
    """What is set for the account that the call is made in the name of."""
    payouts = {
        "automatic_transfer_rules_by_currency": None, "minimum_balance_by_currency": None,
        "schedule": schedule(call), "statement_descriptor": None, "status": "enabled",
    }  # fmt: skip
    timing = {"delay_days": 2, "start_of_day": None}
    return {
        "object": "balance_settings",
        "payments": {"debit_negative_balances": False, "payouts": payouts, "settlement_timing": timing},
    }


def update(call: Call) -> Obj:
    """Set another schedule: from now on, for all that has not left yet."""
    wanted = call.params.get("payments", {}).get("payouts", {}).get("schedule")
    if wanted:
        call.store.note(call.account, _NOTE, wanted)
    return get(call)
