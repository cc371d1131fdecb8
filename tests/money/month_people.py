"""What the people of one contract do when it is their turn: one thing at a time, by their habits."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from marketplace.accounts.models import Person
from marketplace.contracts import actions as contracts
from marketplace.contracts import ending, milestones
from marketplace.contracts.models import Contract, Milestone
from marketplace.deliverables import actions as desk
from marketplace.deliverables.models import Piece, pieces_of
from marketplace.kernel.db import many, one
from marketplace.payments import actions as payments
from marketplace.payments import rulings
from marketplace.payments.claims import Decision
from marketplace.payments.models import Freeze, Holding, Payment, holding_of
from tests import make
from tests.money.acting import get
from tests.money.month import Habits, Month

GOOD, DECLINED, ASKING = "4242424242424242", "4000000000009995", "4000000000003220"


def behave(month: Month, contract: Contract, habits: Habits) -> None:
    """One thing that somebody does, if there is anything to do."""
    if contract.is_offer:
        answer(month, contract, habits)
        return
    for milestone in contract.milestones:
        if milestone.is_open:
            work_on(month, milestone, habits)
            return


def answer(month: Month, contract: Contract, habits: Habits) -> None:
    """An offer is accepted, declined, countered once, or left to expire."""
    key, terms = contract.id, contract.current_terms
    who = (
        contract.profile.person_id
        if contract.turn == "professional"
        else make.owner_of(contract.organisation).id
    )

    def person() -> Person:
        return get(Person, who)

    def offer() -> Contract:
        return get(Contract, key)

    if habits.answers == "counters" and terms.number == 1:
        asked = {**terms.data, "message": "A little later, please.", "review_days": 5}
        month.world.do("counter", lambda: contracts.counter(offer(), asked, by=person()))
    elif habits.answers == "declines":
        month.world.do("decline", lambda: contracts.decline(offer(), "No time.", by=person()))
    elif habits.answers != "never":
        month.world.do("accept", lambda: contracts.accept(offer(), by=person(), sha256=terms.sha256))


def work_on(month: Month, milestone: Milestone, habits: Habits) -> None:
    """The next thing about an open milestone: pay, write, read, or make trouble."""
    held = one(holding_of(milestone.subject))
    if milestone.held_at is None:
        pay(month, milestone, held, habits)
    elif trouble(month, milestone, held, habits):
        return
    elif milestone.work in ("planned", "in_progress", "changes_asked"):
        write(month, milestone, habits)
    elif milestone.work == "submitted":
        read(month, milestone, habits)


def pay(month: Month, milestone: Milestone, held: Holding, habits: Habits) -> None:
    """The owner holds the money at Stripe's page; a declined card is followed by another."""
    if habits.pays == "never":
        return
    key, owner = held.id, make.owner_of(milestone.contract.organisation).id
    part = held.live_allocation
    if part is None:
        month.world.do(
            "fund",
            lambda: payments.fund([get(Holding, key)], by=get(Person, owner)),
        )
        return
    payment = one(select(Payment).where(Payment.id == part.payment_id))
    if payment.state != "requires_action":
        return
    by = {"bank": "us_bank_account" if payment.currency == "usd" else "card"}.get(habits.pays, habits.pays)
    if by == "declined_first":
        month.world.pay(payment.url, DECLINED)
        habits.pays = "card"
    elif by == "asked":
        asked = month.world.pay(payment.url, ASKING).location
        if asked:  # Else the page has expired, and a new one comes with the next wish to pay.
            month.world.send(asked, {"do": "complete"})
    else:
        month.world.pay(payment.url, by if by == "us_bank_account" else GOOD)
    month.world.note(f"paid: {by}")


def write(month: Month, milestone: Milestone, habits: Habits) -> None:
    """The professional begins, sends a piece, leaves, or never gets to it."""
    contract, who = milestone.contract.id, milestone.contract.profile.person_id
    if habits.writes == "leaves":
        month.world.do(
            "leave",
            lambda: ending.end(get(Contract, contract), "I am ill.", by=get(Person, who)),
        )
        return
    waiting = [
        piece for piece in many(pieces_of(milestone.id)) if piece.state in ("with_writer", "changes_asked")
    ]
    if habits.writes == "never" or not waiting:
        return
    key, text = (
        waiting[0].id,
        f"The 14 was late {month.luck.randint(2, 90)} times in October, and we know why.",
    )

    def draft(verb: Any) -> Any:
        piece, person = get(Piece, key), get(Person, who)
        if verb is desk.save:
            return desk.save(piece, text, revision=piece.draft_revision, by=person)
        return desk.send(piece, by=person, draft=desk.Draft(text, revision=piece.draft_revision))

    drafts = habits.writes == "drafts_only" or month.luck.random() < 0.3
    month.world.do("draft" if drafts else "send", lambda: draft(desk.save if drafts else desk.send))


def read(month: Month, milestone: Milestone, habits: Habits) -> None:
    """The editor approves piece by piece, asks for one change, or says nothing until the window is over."""
    if habits.reads == "silent":
        return
    editor = make.owner_of(milestone.contract.organisation).id
    waiting = [piece for piece in many(pieces_of(milestone.id)) if piece.state == "with_editor"]
    if not waiting or waiting[0].latest is None:
        return
    key, sha256 = waiting[0].id, waiting[0].latest.sha256
    if habits.reads == "asks_once" and waiting[0].rounds_used == 0:
        month.world.do("ask changes", lambda: desk.ask_changes(
            get(Piece, key), "Shorter.", by=get(Person, editor)))  # fmt: skip
    else:
        month.world.do("approve", lambda: desk.approve(
            get(Piece, key), sha256, by=get(Person, editor)))  # fmt: skip


def trouble(month: Month, milestone: Milestone, held: Holding, habits: Habits) -> bool:
    """Once in some contracts: the business ends it or leaves out a part, the two quarrel, or a bank objects."""
    kind, luck = habits.trouble, month.luck
    if kind == "none" or luck.random() < 0.7:
        return False
    habits.trouble = "none"
    key, owner = milestone.id, make.owner_of(milestone.contract.organisation).id
    if kind == "ends":
        month.world.do("end", lambda: ending.end(get(Milestone, key).contract, "Plans changed.",
                                                 by=get(Person, owner)))  # fmt: skip
    elif kind == "leaves_out":
        month.world.do("leave out", lambda: milestones.cancel(get(Milestone, key),
                                                              by=get(Person, owner)))  # fmt: skip
    elif kind == "quarrels":
        quarrel(month, held)
    else:
        object_to(month, held)
    return True


def quarrel(month: Month, held: Holding) -> None:
    """The money is frozen; some days later the freeze ends, or two admins rule about it."""
    key, currency, amount = held.id, held.currency, held.amount_minor
    month.world.do("freeze", lambda: payments.freeze(get(Holding, key), "They do not agree.", by=None,
                                                     kind="dispute"))  # fmt: skip
    rules_about_it = month.luck.random() < 0.5
    half = amount // 20 * 10

    def thaw() -> None:
        open_ones = select(Freeze.id).where(
            Freeze.holding_id == key, Freeze.until_at.is_(None), Freeze.kind == "dispute"
        )
        for frozen in many(open_ones):
            month.world.do("thaw", partial(end_freeze, frozen))

    def rule() -> None:
        made: list[UUID] = []
        month.world.do("rule", lambda: made.append(rulings.decide(
            "ruling", f"holding:{key}", half, currency, by=month.world.person("ada"), reason="Half was good.",
            request_id=f"rule:{key}", to_professional=half, to_business=amount - half).id))  # fmt: skip
        if made:
            month.world.do(
                "confirm", lambda: rulings.confirm(get(Decision, made[0]), by=month.world.person("bo"))
            )

    month.after(month.luck.uniform(1, 12), rule if rules_about_it else thaw)


def end_freeze(key: UUID) -> None:
    """The two agree again."""
    payments.thaw(get(Freeze, key), by=None)


def object_to(month: Month, held: Holding) -> None:
    """The bank takes the payment back, and decides some days later."""
    part = held.live_allocation
    found = month.world.act("dispute", charge=part.payment.charge_id if part else "")
    verdict = month.luck.choice(("dispute_won", "dispute_lost"))
    if found is not None:
        month.after(month.luck.uniform(1, 6), lambda: month.world.act(verdict, dispute=found["id"]))
