"""What admins decide about money: each decision is a row with its reason, and from a limit on two people make it.

One decides, another confirms. What a decision does is done in the transaction of whoever made it complete.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from marketplace.accounts.models import Person
from marketplace.config import rules
from marketplace.kernel import money
from marketplace.kernel.clock import now
from marketplace.kernel.db import Row, add, alone_with, db, find, flush, lock, many
from marketplace.kernel.errors import Forbidden, Refused, Stale
from marketplace.kernel.events import tell
from marketplace.payments import actions, backward, check, freezing, payouts, reconcile_repairs
from marketplace.payments.claims import Debt, Decision
from marketplace.payments.entering import text
from marketplace.payments.models import Freeze, Holding, Refund, Release
from marketplace.payments.outside import Difference
from marketplace.payments.reconcile_differences import open_count

# A ruling ends these freezes; a bank's chargeback and a difference in the books end by themselves.
RULED = ("dispute", "warning", "review")
DAY = timedelta(days=1)


def waiting() -> Select[Decision]:
    """The decisions that wait for a second admin, oldest first."""
    return select(Decision).where(Decision.state == "waiting").order_by(Decision.created_at)


def decide(
    kind: str,
    about: str,
    amount_minor: int,
    currency: str,
    *,
    by: Person,
    reason: str,
    request_id: str,
    **params: Any,
) -> Decision:
    """Decide something about money; it is done at once, or when a second admin confirms it.

    kind: one of DEEDS. about: the row it is about, `holding:<id>`. request_id: from the form, so that pressing
    twice is one decision. The limit counts all that was decided about the same money within a day.
    Refuses people who are not admins, and what the deed itself refuses.
    """
    _admin(by)
    earlier = find(select(Decision).where(Decision.request_id == request_id))
    if earlier is not None:
        return earlier
    if not reason.strip():
        raise Refused("Give the reason in a sentence: it stays on record.")
    needs_second = _of_the_day(about) + amount_minor >= rules().two_admins_from[currency]
    row = add(
        Decision(kind=kind, about=about, request_id=request_id, currency=currency, amount_minor=amount_minor,
                 params=params, reason=reason, by_id=by.id)
    )  # fmt: skip
    tell(
        "decision.made",
        row,
        by=by,
        kind=kind,
        about=about,
        reason=reason,
        amount=money.text(amount_minor, currency),
    )
    if not needs_second:
        _carry_out(row, by)
    return row


def _of_the_day(about: str) -> int:
    """What the decisions of the last day about the same milestone's money sum up to, in minor units."""
    kind, _, key = about.partition(":")
    table = {"debt": Debt, "release": Release, "refund": Refund}.get(kind)
    row: Any = db.session.get(table, UUID(key)) if table else None
    subjects = [about]
    if holding_id := row.holding_id if row else UUID(key) if kind == "holding" else None:
        subjects = [f"holding:{holding_id}"]
        for each in (Debt, Release, Refund):
            ids = many(select(each.id).where(each.holding_id == holding_id))
            subjects += [f"{each.__name__.lower()}:{one}" for one in ids]
    # Two at once would each find the other's amount missing.
    alone_with(f"decide:{subjects[0]}")
    mine = select(func.sum(Decision.amount_minor)).where(Decision.about.in_(subjects))
    recent = mine.where(Decision.state != "withdrawn", Decision.created_at > now() - DAY)
    return int(db.session.scalar(recent) or 0)


def confirm(decision: Decision, *, by: Person) -> Decision:
    """Agree with another admin's decision, which is then done. Refuses one's own, and one that is over (409)."""
    _open(decision, by)
    if decision.by_id == by.id:
        raise Forbidden("A second person has to confirm this: you made the decision.")
    decision.second_id = by.id
    _carry_out(decision, by)
    return decision


def withdraw(decision: Decision, *, by: Person) -> Decision:
    """Take a decision back that was not confirmed yet; any admin may, and it is on record who did."""
    _open(decision, by)
    decision.state = "withdrawn"
    flush()
    tell("decision.withdrawn", decision, by=by, kind=decision.kind, about=decision.about)
    return decision


def _admin(by: Person) -> None:
    if not by.is_admin:
        raise Forbidden("Only an admin decides about money.")


def _open(decision: Decision, by: Person) -> None:
    _admin(by)
    lock(decision)
    if decision.state != "waiting":
        raise Stale("This decision was confirmed or withdrawn already.")


def _carry_out(decision: Decision, by: Person) -> None:
    decision.state, decision.done_at = "done", now()
    flush()
    DEEDS[decision.kind](decision, by)
    tell("decision.done", decision, by=by, kind=decision.kind, about=decision.about)


def about(decision: Decision, table: type[Any]) -> Any:
    """The row of `table` that a decision is about. Raises Refused when it is about something else."""
    kind, _, key = decision.about.partition(":")
    row: Row | None = db.session.get(table, UUID(key)) if kind == table.__name__.lower() else None
    if row is None:
        raise Refused("What this decision is about is not there.")
    return row


def rule(
    holding: Holding, to_professional: int, to_business: int, *, by: Person, reason: str, request_id: str
) -> Holding:
    """Rule about the money of a milestone: so much to the professional, so much back to the business.

    Amounts in minor units, gross. It ends what the marketplace itself froze. What goes back comes first out of
    what is held, then out of releases that were not sent yet, then out of what the professional has. Refuses
    more than there is, and money that a bank or the books hold (409).
    """
    lock(holding)
    for frozen in many(select(Freeze).where(Freeze.holding_id == holding.id, Freeze.until_at.is_(None))):
        if frozen.kind in RULED:
            freezing.thaw(frozen, by=by)
    if holding.is_frozen:
        raise Stale(
            "A bank's chargeback or a difference in the books holds this money: nothing can be ruled yet."
        )
    _check_sum(holding, to_professional, to_business)
    once = f"ruling:{request_id}"
    _take_back_unsent(holding, to_professional + to_business - holding.left_minor, by, reason, once)
    if to_professional:
        actions.release(holding, to_professional, by=None, reason=f"Ruling. {reason}", request_id=once)
    back = min(to_business, holding.left_minor)
    if back:
        actions.refund(holding, back, by=by, reason=f"Ruling. {reason}", request_id=once)
    if to_business > back:
        backward.claw_back(
            holding, to_business - back, by=by, reason=f"Ruling. {reason}", request_id=f"{once}:back"
        )
    tell("holding.ruled", holding, by=by, stream=holding.stream, title=holding.title, reason=reason,
         to_professional=text(holding, to_professional), to_business=text(holding, to_business))  # fmt: skip
    return holding


def _check_sum(holding: Holding, to_professional: int, to_business: int) -> None:
    if min(to_professional, to_business) < 0:
        raise Refused("An amount cannot be less than nothing.")
    unsent = sum(row.gross_minor - row.voided_minor for row in holding.releases if row.is_unsent)
    if to_professional > holding.left_minor + unsent:
        raise Refused(f"At most {text(holding, holding.left_minor + unsent)} can go to the professional.")
    there = holding.left_minor + holding.released_minor - holding.clawed_minor
    if to_professional + to_business > there:
        raise Refused(f"There are only {text(holding, there)} to rule about.")


def _take_back_unsent(holding: Holding, missing: int, by: Person, reason: str, once: str) -> None:
    """Make `missing` more held, as far as releases not sent yet can give it; the newest first."""
    for release in reversed(holding.releases):
        part = min(missing, release.gross_minor - release.voided_minor)
        if release.is_unsent and part > 0:
            backward.take_back(release, part, by=by, reason=reason, request_id=f"{once}:{release.number}")
            missing -= part


def _rule(decision: Decision, by: Person) -> None:
    given = decision.params
    rule(about(decision, Holding), int(given["to_professional"]), int(given["to_business"]), by=by,
         reason=decision.reason, request_id=str(decision.id))  # fmt: skip


def _claw_back(decision: Decision, by: Person) -> None:
    backward.claw_back(about(decision, Holding), decision.amount_minor, by=by, reason=decision.reason,
                       request_id=str(decision.id))  # fmt: skip


def _withdraw(decision: Decision, by: Person) -> None:
    """Only what is nobody else's, and only while the books agree with Stripe's."""
    currency = decision.currency
    # Two withdrawals at once would each find the whole free.
    alone_with(f"withdraw:{currency}")
    if open_count():
        raise Stale("The books and Stripe's differ somewhere: nothing is withdrawn before that is explained.")
    free = {amount.currency: amount.minor for amount in check.headroom()}.get(currency, 0)
    if not 0 < decision.amount_minor <= free:
        raise Refused(f"At most {money.text(max(0, free), currency)} is the platform's own.")
    payouts.withdraw(decision.amount_minor, currency, by=by)


def _repair(decision: Decision, by: Person) -> None:
    lines = {code: int(minor) for code, minor in decision.params["lines"].items()}
    reconcile_repairs.repair(about(decision, Difference), lines, by=by, reason=decision.reason,
                             request_id=str(decision.id))  # fmt: skip


DEEDS: dict[str, Callable[[Decision, Person], Any]] = {
    "ruling": _rule,
    "claw_back": _claw_back,
    "write_off": lambda row, by: backward.write_off(about(row, Debt), row.amount_minor, row, by=by),
    "send_again": lambda row, by: backward.send_again(about(row, Release), by=by, reason=row.reason),
    "retry_refund": lambda row, by: backward.retry_refund(about(row, Refund), by=by, reason=row.reason),
    "void_refund": lambda row, by: backward.void_refund(about(row, Refund), by=by, reason=row.reason),
    "withdraw": _withdraw,
    "repair": _repair,
}
