"""The admin's pages of money: what waits, one milestone's money, chargebacks, and decisions of two."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, flash
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from marketplace.accounts.access import audience, fresh, me
from marketplace.accounts.models import Person
from marketplace.admin import evidence
from marketplace.admin import money_forms as f
from marketplace.admin.money_queues import money_queues, title_of
from marketplace.config import rules
from marketplace.kernel.db import db, find, many, one
from marketplace.kernel.forms import Act
from marketplace.kernel.htmx import page, see
from marketplace.payments import actions, chargebacks, check, rulings, where
from marketplace.payments.claims import Chargeback, Debt, Decision
from marketplace.payments.models import Holding, Payment, Refund, Release
from marketplace.payments.reconcile_differences import open_count


def add_to(bp: Blueprint) -> None:
    """Put these pages into the room's blueprint, in the order of their addresses."""
    for address, view in ROUTES:
        methods = ["POST"] if view in ACTS else ["GET"] if view in LOOKS else ["GET", "POST"]
        bp.add_url_rule(address, view.__name__, view, methods=methods)


@audience("admin")
def money() -> Any:
    """What waits for an admin, and what is the platform's own."""
    return page("admin/money.html", queues=money_queues(), headroom=check.headroom(), limits=rules().two_admins_from,
                differences=open_count())  # fmt: skip


@audience("admin")
def money_holding(holding_id: UUID) -> Any:
    """One milestone's money, and everything that can be decided about it."""
    on = holding_at(holding_id)
    made = select(Decision).where(Decision.about.in_(subjects_of(on))).order_by(Decision.created_at.desc())
    return page("admin/money_holding.html", holding=on, way=where.way_of(on), places=where.places(where.way_of(on)),
                decisions=many(made), title_of=title_of)  # fmt: skip


@audience("admin")
@fresh
def freeze(holding_id: UUID) -> Any:
    """Stop the money of a milestone until somebody has looked."""
    on, form = holding_at(holding_id), f.Deciding(wanted=uuid4())
    if form.sent():
        with form.refusing():
            actions.freeze(on, form.words, by=me(), request_id=str(form.wanted.data))
            flash("Frozen: nothing leaves it now.", "ok")
            return see("admin.money_holding", holding_id=on.id)
    return page("admin/money_decide.html", form=form, holding=on, title=f"Freeze the money of “{on.title}”",
                lead="Nothing leaves it, transfers not yet sent included, until an admin thaws it. Both sides are told "
                "the reason as you write it.", button="Freeze this money", bad=True)  # fmt: skip


@audience("admin")
@fresh
def chargeback(chargeback_id: UUID) -> Any:
    """A chargeback, and our answer to the bank."""
    row = one(select(Chargeback).where(Chargeback.id == chargeback_id))
    payment = payment_of(row)
    form = f.Evidence(evidence="" if row.answered_at else evidence.record(row, payment))
    if form.sent():
        with form.refusing():
            chargebacks.answer(row, str(form.evidence.data), by=me())
            flash("The answer is on its way to the bank.", "ok")
            return see("admin.chargeback", chargeback_id=row.id)
    ways = [where.way_of(part.holding) for part in payment.allocations]
    answered = find(select(Person).where(Person.id == row.answered_by_id)) if row.answered_by_id else None
    borne = [(way, each) for way in ways for each in way.borne if each.chargeback.id == row.id]
    return page("admin/chargeback.html", form=form, chargeback=row, payment=payment, ways=ways, answered=answered,
                borne=borne)  # fmt: skip


@audience("admin")
@fresh
def concede(chargeback_id: UUID) -> Any:
    """Let the bank have it."""
    row, form = one(select(Chargeback).where(Chargeback.id == chargeback_id)), f.Conceding()
    if form.sent():
        with form.refusing():
            chargebacks.concede(row, str(form.sentence.data), by=me())
            flash("The bank is told that it may keep the money.", "ok")
            return see("admin.chargeback", chargeback_id=row.id)
    return page("admin/concede.html", form=form, chargeback=row, payment=payment_of(row))


@audience("admin")
def decision(decision_id: UUID) -> Any:
    """One decision: what it does, why, by whom, and whether it waits."""
    return shown(one(select(Decision).where(Decision.id == decision_id)), Act())


@audience("admin")
@fresh
def confirm(decision_id: UUID) -> Any:
    """Agree with another admin's decision: it is done."""
    row, form = one(select(Decision).where(Decision.id == decision_id)), Act()
    if form.sent():
        with form.refusing():
            rulings.confirm(row, by=me())
            flash("Confirmed and done.", "ok")
            return see("admin.decision", decision_id=row.id)
    return shown(row, form)


@audience("admin")
@fresh
def take_back_decision(decision_id: UUID) -> Any:
    """Withdraw a decision that nobody confirmed yet."""
    row, form = one(select(Decision).where(Decision.id == decision_id)), Act()
    if form.sent():
        with form.refusing():
            rulings.withdraw(row, by=me())
            flash("The decision is withdrawn: nothing was moved.", "ok")
            return see("admin.decision", decision_id=row.id)
    return shown(row, form)


def shown(row: Decision, form: Act) -> Any:
    """The page of a decision."""
    by = db.session.get_one(Person, row.by_id)
    second = db.session.get(Person, row.second_id) if row.second_id else None
    return page("admin/decision.html", form=form, decision=row, by=by, second=second, title=title_of(row),
                holding=holding_of(row))  # fmt: skip


def holding_of(row: Decision) -> Holding | None:
    """The milestone's money that a decision is about, through a release, refund or debt."""
    kind, _, key = row.about.partition(":")
    if kind == "holding":
        return find(select(Holding).where(Holding.id == UUID(key)))
    tables: dict[str, type[Any]] = {"release": Release, "refund": Refund, "debt": Debt}
    about = db.session.get(tables[kind], UUID(key)) if kind in tables else None
    holding_id = getattr(about, "holding_id", None)
    return find(select(Holding).where(Holding.id == holding_id)) if holding_id else None


def holding_at(holding_id: UUID) -> Holding:
    """The money of one milestone with what happened to it. Raises Missing."""
    lists = (Holding.releases, Holding.refunds, Holding.allocations, Holding.freezes)
    whole = (*map(selectinload, lists), joinedload(Holding.payee), joinedload(Holding.organisation))
    return one(select(Holding).where(Holding.id == holding_id).options(*whole))


def subjects_of(on: Holding) -> list[str]:
    """What decisions about this money are about."""
    owed = many(select(Debt).where(Debt.holding_id == on.id))
    return [f"holding:{on.id}", *(row.subject for row in (*on.releases, *on.refunds, *owed))]


def payment_of(row: Chargeback) -> Payment:
    """The payment that a bank disputes."""
    return one(select(Payment).where(Payment.id == row.payment_id).options(joinedload(Payment.by)))


ROUTES: tuple[tuple[str, Any], ...] = (
    ("/admin/money", money),
    ("/admin/money/chargebacks/<uuid:chargeback_id>", chargeback),
    ("/admin/money/chargebacks/<uuid:chargeback_id>/concede", concede),
    ("/admin/money/decisions/<uuid:decision_id>", decision),
    ("/admin/money/decisions/<uuid:decision_id>/confirm", confirm),
    ("/admin/money/decisions/<uuid:decision_id>/withdraw", take_back_decision),
    ("/admin/money/holdings/<uuid:holding_id>", money_holding),
    ("/admin/money/holdings/<uuid:holding_id>/freeze", freeze),
)
LOOKS = (money, money_holding, decision)
ACTS = (confirm, take_back_decision)
