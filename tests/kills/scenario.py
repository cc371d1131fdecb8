"""The scripted month: from a brief to a chargeback, step by step, over HTTP. Each step is short, so that every
point of it can be killed at; each says what it promised and what it is to reach.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from marketplace.accounts.models import Person
from marketplace.briefs.models import Brief
from marketplace.contracts.models import Contract, Milestone
from marketplace.deliverables.models import Piece
from marketplace.kernel.db import commit, db, many
from marketplace.payments.claims import Chargeback
from marketplace.payments.models import Holding, Payee, Payment, Refund, Release, holdings_of
from marketplace.payments.outside import Payout
from marketplace.proposals.models import Proposal
from marketplace.talent.models import Profile
from tests import make
from tests.briefs import drafts
from tests.contracts.test_pages import TYPED
from tests.kills.stage import Stage, looking
from tests.payments.conftest import ONBOARDING
from tests.proposals import pitches
from tests.stripe_sandbox.conftest import CARD, visit

TEXT = "The 14 was late 61 times in October.\n\nForty of those were one roundabout."
SECOND = {
    "milestones-1-title": "Two more", "milestones-1-amount": "300.00",
    "milestones-1-due_on": TYPED["milestones-0-due_on"],
    "milestones-1-pieces-0-title": "The numbers", "milestones-1-pieces-0-platform": "linkedin",
    "milestones-1-pieces-0-kind": "post",
}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One step. act: what people do; done again it goes on where it was. promised: what an answer below 400 to
    its first form means; reached: what is so in the end.
    """

    name: str
    act: Callable[[Stage], None]
    promised: Callable[[Stage], bool]
    reached: Callable[[Stage], bool]


def set_the_stage(stage: Stage) -> None:
    """The people, and a brief that is ready to be published."""
    draft, writer = drafts.ready(), make.professional()
    boss = make.owner_of(draft.organisation)
    stage.cast.update(
        boss=str(boss.id), writer=str(writer.person_id), profile=str(writer.id), brief=str(draft.id)
    )
    commit()
    db.session.remove()


def brief(stage: Stage) -> Brief:
    found: Brief = stage.row(Brief, "brief")
    return found


def pitch(stage: Stage) -> Proposal | None:
    return db.session.scalar(select(Proposal).where(Proposal.brief_id == brief(stage).id))


def contract(stage: Stage) -> Contract | None:
    return db.session.scalar(select(Contract).where(Contract.brief_id == brief(stage).id))


def milestone(stage: Stage, number: int) -> Milestone:
    made = contract(stage)
    assert made is not None
    return made.milestones[number - 1]


def holding(stage: Stage, number: int) -> Holding:
    made = contract(stage)
    assert made is not None
    title = made.milestones[number - 1].title
    return next(row for row in many(holdings_of(made.subject)) if row.title == title)


def payment(stage: Stage, number: int) -> Payment | None:
    part = holding(stage, number).live_allocation
    return part.payment if part else None


def payee(stage: Stage) -> Payee | None:
    return db.session.scalar(select(Payee).where(Payee.person_id == stage.row(Person, "writer").id))


def first(table: type[Any], **equal: Any) -> Any:
    return db.session.scalar(select(table).filter_by(**equal).limit(1))


def publish(stage: Stage) -> None:
    stage.post("boss", f"/briefs/{stage.cast['brief']}/edit/check")


def send_pitch(stage: Stage) -> None:
    typed = pitches.typed(stage.row(Profile, "profile"))
    stage.post("writer", f"/briefs/{stage.cast['brief']}/proposals/new", typed)


def shortlist(stage: Stage) -> None:
    row = pitch(stage)
    stage.post("boss", f"/proposals/{row and row.id}/shortlist")


def offer(stage: Stage) -> None:
    row = pitch(stage)
    stage.post("boss", f"/proposals/{row and row.id}/offer", {**TYPED, **SECOND})


def accept(stage: Stage) -> None:
    row = contract(stage)
    assert row is not None
    stage.post("writer", f"/contracts/{row.id}/accept", {"sha256": row.current_terms.sha256})


def set_up_payouts(stage: Stage) -> None:
    """The writer goes to Stripe's page as soon as there is one, and fills it in once."""
    known = payee(stage)
    if known is None or not known.link_url:
        stage.post("writer", "/payments/payouts")
    stage.wait_for(lambda: link_of(stage), "the page of the payout account was there")
    visit(link_of(stage), ONBOARDING)


def link_of(stage: Stage) -> str:
    with looking():
        found = payee(stage)
        return found.link_url if found else ""


def hold(number: int) -> Callable[[Stage], None]:
    """The business goes to Stripe's page as soon as there is one, and pays once."""

    def act(stage: Stage) -> None:
        made = contract(stage)
        if payment(stage, number) is None:
            stage.post("boss", f"/contracts/{made and made.id}/milestones/{number}/fund")
        stage.wait_for(lambda: page_of(stage, number), "the page of the payment was there")
        visit(page_of(stage, number), {**CARD, "email": "dana@example.org"})

    return act


def page_of(stage: Stage, number: int) -> str:
    with looking():
        found = payment(stage, number)
        return found.url if found else ""


def deliver(stage: Stage) -> None:
    made, piece = contract(stage), first(Piece, milestone_id=milestone(stage, 1).id)
    form = {"text": TEXT, "revision": str(piece.draft_revision)}
    stage.post("writer", f"/contracts/{made and made.id}/pieces/{piece.id}/send", form)


def approve(stage: Stage) -> None:
    made, piece = contract(stage), first(Piece, milestone_id=milestone(stage, 1).id)
    form = {"sha256": piece.latest.sha256}
    stage.post("boss", f"/contracts/{made and made.id}/pieces/{piece.id}/approve", form)


def send_the_money(stage: Stage) -> None:
    """The hold before the transfer is over, and the sweep sees it."""
    stage.later("kernel.sweep", after=timedelta(days=6))


def pay_out(stage: Stage) -> None:
    stage.post("writer", "/payments/payouts/now", {"amount": "432.00"})


def cancel(stage: Stage) -> None:
    made = contract(stage)
    stage.post("boss", f"/contracts/{made and made.id}/milestones/2/cancel")


def dispute(stage: Stage) -> None:
    """The bank of the business takes the first payment back."""
    made = payment(stage, 1)
    if not any(found["charge"] == (made and made.charge_id) for found in disputes(stage)):
        stage.act_at_stripe("dispute", charge=made and made.charge_id)


def lose(stage: Stage) -> None:
    """The bank decides for its customer."""
    for found in disputes(stage):
        if found["status"] != "lost":
            stage.act_at_stripe("dispute_lost", dispute=found["id"])


def disputes(stage: Stage) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stage.state()["objects"].get("dispute", [])
    return found


def never(_: Stage) -> bool:
    """Of steps that begin elsewhere: nothing was promised to anybody."""
    return True


def is_ready(stage: Stage) -> bool:
    found = payee(stage)
    return found is not None and found.state == "ready"


def is_paid_out(stage: Stage) -> bool:
    found = first(Payout, automatic=False)
    return found is not None and found.state == "paid"


def is_returned(stage: Stage) -> bool:
    found = first(Refund, holding_id=holding(stage, 2).id)
    return found is not None and found.state == "succeeded"


def is_sent(stage: Stage) -> bool:
    found = first(Release, holding_id=holding(stage, 1).id)
    return found is not None and found.state == "paid"


def has_state(table: type[Any], *states: str) -> Callable[[Stage], bool]:
    """Whether the one row of `table` is in one of these states."""

    def question(_: Stage) -> bool:
        row = first(table)
        return row is not None and row.state in states

    return question


def piece_is(*states: str) -> Callable[[Stage], bool]:
    return lambda stage: first(Piece, milestone_id=milestone(stage, 1).id).state in states


STEPS = (
    Step("publish", publish, lambda s: brief(s).is_open, lambda s: brief(s).is_open),
    Step("pitch", send_pitch, lambda s: pitch(s) is not None, lambda s: pitch(s) is not None),
    Step("shortlist", shortlist, has_state(Proposal, "shortlisted"), has_state(Proposal, "shortlisted")),
    Step("offer", offer, lambda s: contract(s) is not None, lambda s: contract(s) is not None),
    Step("accept", accept, has_state(Contract, "active"), has_state(Contract, "active")),
    Step("payouts", set_up_payouts, lambda s: payee(s) is not None, is_ready),
    Step("hold", hold(1), lambda s: payment(s, 1) is not None, lambda s: holding(s, 1).funded_minor == 48000),
    Step(
        "hold-more",
        hold(2),
        lambda s: payment(s, 2) is not None,
        lambda s: holding(s, 2).funded_minor == 30000,
    ),
    Step("deliver", deliver, piece_is("with_editor"), piece_is("with_editor")),
    Step("approve", approve, piece_is("approved"), lambda s: holding(s, 1).released_minor == 48000),
    Step("transfer", send_the_money, never, is_sent),
    Step("payout", pay_out, lambda s: first(Payout) is not None, is_paid_out),
    Step("cancel", cancel, lambda s: holding(s, 2).refunded_minor == 30000, is_returned),
    Step("dispute", dispute, never, lambda s: first(Chargeback) is not None and holding(s, 1).is_frozen),
    Step("lose", lose, never, has_state(Chargeback, "lost")),
)
