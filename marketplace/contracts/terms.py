"""The exact terms: what may stand in them, and the bytes whose hash both sides sign.

terms: {"title", "currency", "fee_bps", "client_fee_bps", "review_days", "rounds", "rights", "message", "milestones":
[{"title", "amount_minor", "due_on" (ISO day or ""), "pieces": [{"title", "platform", "kind"}]}]}
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from marketplace.config import rules, settings
from marketplace.kernel import money
from marketplace.kernel.clock import today
from marketplace.kernel.errors import Refused
from marketplace.kernel.text import canonical, sha256
from marketplace.payments import bill
from marketplace.payments.bill import Bill
from marketplace.talent.models import KINDS, PLATFORMS

MILESTONES_MOST, PIECES_MOST, ROUNDS_MOST = 6, 20, 10


def digest(data: dict[str, Any]) -> str:
    """The SHA-256 of the canonical bytes of `data`: what a signature names."""
    return sha256(canonical(data))


def settle(
    terms: dict[str, Any], currency: str, *, agreed: dict[str, Any] | None = None, started: date | None = None
) -> dict[str, Any]:
    """`terms` complete and within the rules, as they are stored and hashed. Raises Refused with a sentence.

    currency: of the contract. agreed: for amendments, the terms in force: their fees stay, today's are taken
    when left out. started: for amendments, the day of hiring: due dates that have passed since may stay.
    """
    if currency not in settings().currencies and agreed is None:
        raise Refused(f"Contracts in {currency.upper()} are not offered here.")
    title = str(terms.get("title", "")).strip()
    if not title:
        raise Refused("The contract needs a title.", field="title")
    days = int(terms.get("review_days", rules().review_days))
    rounds = int(terms.get("rounds", rules().rounds_included))
    least, most = rules().review_days_least, rules().review_days_most
    if not least <= days <= most:
        raise Refused(f"The review window may be {least} to {most} days.", field="review_days")
    if not 0 <= rounds <= ROUNDS_MOST:
        raise Refused(f"The contract may include up to {ROUNDS_MOST} edit rounds.", field="rounds")
    if not 1 <= len(terms["milestones"]) <= MILESTONES_MOST:
        raise Refused(f"A contract has 1 to {MILESTONES_MOST} milestones.")
    return {
        "title": title,
        "currency": currency,
        **fees(agreed),
        "review_days": days,
        "rounds": rounds,
        "rights": str(terms.get("rights", "")),
        "message": str(terms.get("message", "")),
        "milestones": _in_order(
            [_milestone(item, currency, started or today()) for item in terms["milestones"]],
            started or today(),
            days,
        ),
    }


def fees(agreed: dict[str, Any] | None = None) -> dict[str, int]:
    """Both fees in hundredths of a per cent: those of `agreed` terms, or today's."""
    if agreed is None:
        return {"fee_bps": rules().fee_bps, "client_fee_bps": rules().client_fee_bps}
    return {"fee_bps": agreed["fee_bps"], "client_fee_bps": agreed.get("client_fee_bps", 0)}


def _in_order(items: list[dict[str, Any]], since: date, review_days: int) -> list[dict[str, Any]]:
    """`items` if their days run forward, each near enough to the one before that its money can be held."""
    for item in items:
        if not item["due_on"]:
            continue
        due, latest = date.fromisoformat(item["due_on"]), last_day(since, review_days)
        if due < since:
            raise Refused(f"“{item['title']}” is due before the milestone above it: choose a later day.")
        if due > latest:
            raise Refused(
                f"“{item['title']}” is due more than {(latest - since).days} days after what comes before it, longer "
                "than its money can be held. Choose an earlier day or put a milestone in between."
            )
        since = due
    return items


def _milestone(item: dict[str, Any], currency: str, since: date) -> dict[str, Any]:
    name = str(item.get("title", "")).strip()
    if not name:
        raise Refused("Every milestone needs a name.")
    amount = _price(int(item["amount_minor"]), name, currency)
    due = (
        item["due_on"].isoformat() if isinstance(item.get("due_on"), date) else str(item.get("due_on") or "")
    )
    if due and date.fromisoformat(due) < since:
        raise Refused(f"The day of “{name}” has passed: choose a later one.")
    if not 1 <= len(item["pieces"]) <= PIECES_MOST:
        raise Refused(f"“{name}” needs 1 to {PIECES_MOST} pieces.")
    pieces = [_piece(piece, name) for piece in item["pieces"]]
    return {"title": name, "amount_minor": amount, "due_on": due, "pieces": pieces}


def _price(amount: int, name: str, currency: str) -> int:
    """`amount` minor units if a milestone may cost that, and Stripe can move it."""
    least, most = rules().smallest_milestone[currency], rules().largest_milestone[currency]
    if not least <= amount <= most:
        raise Refused(f"“{name}” may cost {money.text(least, currency)} to {money.text(most, currency)}.")
    step = money.step_of(currency)
    if amount + money.fee_until(amount, rules().client_fee_bps, step) > money.CURRENCIES[currency].max_minor:
        raise Refused(f"“{name}” and our fee on top of it are more than one payment can be: split it in two.")
    if amount % step:
        raise Refused(f"“{name}”: prices in this currency go in steps of {money.text(step, currency)}.")
    return amount


def _piece(piece: dict[str, Any], milestone: str) -> dict[str, str]:
    title = str(piece.get("title", "")).strip()
    if not title:
        raise Refused(f"Every piece of “{milestone}” needs a title.")
    if piece["platform"] not in PLATFORMS or piece["kind"] not in KINDS:
        raise Refused(f"“{title}” names a platform or a kind that does not exist here.")
    return {"title": title, "platform": piece["platform"], "kind": piece["kind"]}


def last_day(held_on: date, review_days: int) -> date:
    """The last day for which work held on `held_on` may be promised: the hard stop less the review window."""
    return held_on + rules().life_hard_stop - timedelta(days=review_days)


def breakdown(data: dict[str, Any]) -> Bill:
    """The money of `data`, the same for both sides; the fees are rounded per milestone, as they are taken."""
    amounts = [(str(item["title"]), int(item["amount_minor"])) for item in data["milestones"]]
    return bill.make(amounts, data["currency"], fee_bps=data["fee_bps"],
                     client_fee_bps=data.get("client_fee_bps", 0))  # fmt: skip
