"""The kinds of race about held money: K01, K03, K04, K14 and K15."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select

from marketplace.accounts.models import Organisation, Person
from marketplace.contracts.models import Contract
from marketplace.kernel.clock import now
from marketplace.kernel.db import commit, db, many, one
from marketplace.kernel.events import Event
from marketplace.payments import actions, payees, rulings
from marketplace.payments.models import (
    Allocation,
    Holding,
    Payee,
    Payment,
    Refund,
    Release,
    StripeCall,
    holding_of,
)
from tests import make
from tests.deliverables.work import pieces
from tests.deliverables.work import send as send_piece
from tests.races import acts, said
from tests.races.at_sandbox import objects, work_off
from tests.races.volleys import WIDE, Here, Kind, Outcome, Volley, key_of, shot
from tests.races.web import filled_in

WHOLE = 48000


def org(here: Here) -> Organisation:
    """The business of all volleys of a kind, with an owner, a finance member and an editor."""

    def found() -> Organisation:
        made = make.business()
        make.member(made, "finance", "Fay Finance")
        make.member(made, "editor", "Edda Editor")
        return made

    return here.once("org", found)


def payer(here: Here) -> Person:
    """Somebody who may move the money of the business: its owner, or finance."""
    return here.random.choice(org(here).people("finance"))


def writer(here: Here) -> Person:
    """The professional of all volleys of a kind."""
    return here.once("writer", make.professional).person


def holding(here: Here) -> Holding:
    """An empty holding."""
    return make.holding(org(here), writer(here))


def funded(here: Here) -> Holding:
    """A holding with 480.00 held."""
    return make.funded(holding(here))


def working(here: Here) -> Contract:
    """A running contract of one milestone of two posts, its money held."""
    writer(here)
    return make.working(org(here), here.once("writer", make.professional))


def again(row: Holding) -> Holding:
    """The holding as it is now."""
    return db.session.get_one(Holding, key_of(row), populate_existing=True)


def balanced(held: Holding) -> Iterator[str]:
    """What left a holding came from it, each release and refund once."""
    row = again(held)
    released = sum(one.gross_minor - one.voided_minor for one in acts.newest(Release, holding_id=row.id))
    refunded = sum(one.amount_minor for one in acts.newest(Refund, holding_id=row.id))
    counted = (row.released_minor, row.refunded_minor)
    if counted != (released, refunded) or row.left_minor < 0:
        yield f"The holding {row.id} counts {counted}, but its rows sum to {(released, refunded)}."


# K01


def fund_twice(here: Here) -> Volley:
    """Owner and finance hold the same money at once, from several windows."""
    if here.way == "web":
        contract = make.contract(org(here), here.once("writer", make.professional))
        held = one(holding_of(contract.milestones[0].subject))
        path = f"/contracts/{contract.id}/milestones/1/fund"
        forms = [filled_in(here.app, person, path) for person in org(here).people("finance")]
        requests = [here.random.choice(forms) for _ in range(WIDE)]
    else:
        held, requests = holding(here), []
    shots = here.mixed(*(shot(acts.fund, holding=held, by=person) for person in org(here).people("finance")))
    key = held.id

    def check(_: list[Outcome]) -> Iterator[str]:
        live = acts.newest(Allocation, holding_id=key, is_live=True)
        if len(live) != 1:
            yield f"There are {len(live)} live payments for one holding."
        for part in live:
            if len(acts.newest(StripeCall, ref_id=part.payment_id, op="checkout")) > 1:
                yield "A page was asked for twice at Stripe."

    return Volley(shots, check=check, requests=requests)


def pages_are_single(here: Here) -> Iterator[str]:
    """Once the worker has been at it, Stripe has one page for each payment."""
    work_off()
    asked: dict[str, int] = {}
    for session in objects(here.sandbox, "checkout.session"):
        key = session["metadata"].get("payment_id", "")
        asked[key] = asked.get(key, 0) + 1
    wished = select(StripeCall.ref_id).where(StripeCall.op == "checkout")
    for payment in many(select(Payment).where(Payment.id.in_(wished))):
        if asked.get(str(payment.id), 0) != 1:
            yield f"Payment {payment.id} has {asked.get(str(payment.id), 0)} pages at Stripe."


# K03


def release_twice(here: Here) -> Volley:
    """Two people and the clock release the same money."""
    if here.way == "web":
        return _release_by_form(here)
    if here.chance(True, False):
        return _release_by_desk(here)
    held = funded(here)
    releasers = [*org(here).people("finance"), None]
    shots = [
        shot(acts.release, holding=held, amount=WHOLE, by=person, request=str(uuid4()))
        for person in releasers
    ]
    return Volley(here.mixed(*shots), check=lambda _: _released_once(held))


def _release_by_form(here: Here) -> Volley:
    """Owner and finance press the button of eight windows."""
    contract = working(here)
    held = one(holding_of(contract.milestones[0].subject))
    path = f"/contracts/{contract.id}/milestones/1/release"
    requests = [filled_in(here.app, payer(here), path) for _ in range(WIDE)]
    shots = here.mixed(shot(acts.release, holding=held, amount=WHOLE, by=None, request=""))
    return Volley(shots, check=lambda _: _released_once(held), requests=requests)


def _release_by_desk(here: Here) -> Volley:
    """The last approval, the end of the review window and an early release meet."""
    contract = working(here)
    boss, part = make.owner_of(contract.organisation), contract.milestones[0]
    first, last = pieces(contract)
    shas = [send_piece(piece).sha256 for piece in (first, last)]
    acts.approve(str(first.id), str(boss.id), shas[0])
    part.review_due_at = now() - timedelta(seconds=1)
    held = one(holding_of(part.subject))
    commit()
    shots = here.mixed(
        shot(acts.approve, piece=last, by=boss, sha256=shas[1]),
        shot(acts.silence, milestone=part),
        shot(acts.release, holding=held, amount=WHOLE, by=payer(here), request=str(uuid4())),
    )
    # An early release leaves the approval, or the clock, its work to do; the money moves once.
    return Volley(shots, winners=(1, 3), check=lambda _: _released_once(held))


def _released_once(held: Holding) -> Iterator[str]:
    yield from balanced(held)
    rows = acts.newest(Release, holding_id=key_of(held))
    if [row.gross_minor for row in rows] != [WHOLE]:
        yield f"{len(rows)} releases of {[row.gross_minor for row in rows]} out of {WHOLE}."


# K04


def release_or_refund(here: Here) -> Volley:
    """The same money is released and returned; or a release is taken back while it is sent."""
    if here.chance(True, False, False):
        return _take_back_or_send(here)
    if here.chance(True, False, False):
        return _decide(here)
    held = funded(here)
    shots = here.mixed(
        shot(acts.release, holding=held, amount=WHOLE, by=payer(here), request=str(uuid4())),
        shot(acts.refund, holding=held, amount=WHOLE, request=str(uuid4())),
    )
    return Volley(shots, check=lambda _: balanced(held))


def _take_back_or_send(here: Here) -> Volley:
    ready(here)
    held = funded(here)
    row = actions.release(held, WHOLE, by=None, reason="Good.", request_id="a")
    row.due_at = now()
    commit()
    key = row.id
    shots = here.mixed(
        shot(acts.take_back, release=row, amount=WHOLE, request=str(uuid4())),
        shot(acts.send_transfer, release=row),
    )

    def check(_: list[Outcome]) -> Iterator[str]:
        yield from balanced(held)
        calls = acts.newest(StripeCall, ref_id=key, op="transfer")
        if db.session.get_one(Release, key).state == "voided" and calls:
            yield "A release was taken back, and is to be transferred."

    return Volley(shots, check=check)


def _decide(here: Here) -> Volley:
    """Two admins confirm, and one withdraws, what a third decided."""
    held = make.funded(make.holding(org(here), writer(here), amount_minor=200_000))
    first, second = (here.once(name, lambda: make.staff("admin")) for name in ("first", "second"))
    row = rulings.decide("ruling", f"holding:{held.id}", 200_000, "usd", by=first, reason="Half is done.",
                         request_id=str(uuid4()), to_professional=100_000, to_business=100_000)  # fmt: skip
    commit()
    shots = here.mixed(
        shot(acts.confirm, decision=row, by=second), shot(acts.withdraw_decision, decision=row, by=first)
    )
    return Volley(shots, check=lambda _: balanced(held))


def ready(here: Here) -> Payee:
    """The writer's payout account, to which money can be sent."""

    def made() -> Payee:
        row = actions.set_up_payouts(writer(here), "us")
        payees.payee(said.account(row, "ba_1111"))
        commit()
        return row

    return here.once("payee", made)


# K14


def suspend_while_approving(here: Here) -> Volley:
    """An editor is suspended while approving the last text, which releases the money."""
    contract = working(here)
    editor = make.member(contract.organisation, "editor", "Milo Member")
    first, last = pieces(contract)
    shas = [send_piece(piece).sha256 for piece in (first, last)]
    acts.approve(str(first.id), str(editor.id), shas[0])
    commit()
    admin = here.once("admin", make.staff)
    held = one(holding_of(contract.milestones[0].subject))
    shots = here.mixed(
        shot(acts.approve, piece=last, by=editor, sha256=shas[1]), shot(acts.suspend, person=editor, by=admin)
    )
    person, stream = editor.id, contract.subject

    def check(_: list[Outcome]) -> Iterator[str]:
        if not db.session.get_one(Person, person).is_suspended:
            yield "The suspension was lost."
        told = [event for event in many(select(Event).where(Event.stream == stream))]
        names = [event.name for event in told if event.name in ("piece.approved", "payment.released")]
        if names.count("payment.released") != (names.count("piece.approved") == 2):
            yield f"What happened is told as {names}."
        yield from balanced(held)

    return Volley(shots, winners=(1, 2), check=check)


# K15


def dispute_or_release(here: Here) -> Volley:
    """A dispute is opened as the review window ends, or as the hold before the transfer does."""
    if here.chance(True, False):
        return _dispute_or_transfer(here)
    contract = working(here)
    part, admin = contract.milestones[0], here.once("admin", make.staff)
    for piece in pieces(contract):
        send_piece(piece)
    part.review_due_at = now() - timedelta(seconds=1)
    held = one(holding_of(part.subject))
    commit()
    dispute = shot(acts.freeze, holding=held, by=admin)
    shots = [dispute, *here.mixed(shot(acts.silence, milestone=part))[:7]]
    here.random.shuffle(shots)
    subject = held.subject

    def check(_: list[Outcome]) -> Iterator[str]:
        told = many(select(Event).where(Event.subject == subject).order_by(Event.number))
        names = [event.name for event in told if event.name in ("payment.released", "holding.frozen")]
        if names not in (["holding.frozen"], ["payment.released", "holding.frozen"]):
            yield f"What happened is told as {names}."
        yield from balanced(held)

    return Volley(shots, winners=(1, 2), check=check)


def _dispute_or_transfer(here: Here) -> Volley:
    ready(here)
    held, admin = funded(here), here.once("admin", make.staff)
    row = actions.release(held, WHOLE, by=None, reason="Good.", request_id="a")
    row.due_at = now()
    commit()
    key = row.id
    shots = [shot(acts.freeze, holding=held, by=admin)]
    shots += here.mixed(shot(acts.send_transfer, release=row))[:7]
    here.random.shuffle(shots)

    def check(_: list[Outcome]) -> Iterator[str]:
        called, freezes = db.session.get_one(Release, key).called_at, again(held).freezes
        if called and any(freeze.created_at < called for freeze in freezes):
            yield "The transfer was asked for after the money was frozen."

    return Volley(shots, winners=(1, 2), check=check)


KINDS = (
    Kind("K01", "hold ∥ hold", fund_twice, ("threads", "processes", "web"), after=pages_are_single),
    Kind("K03", "release ∥ release", release_twice, ("threads", "processes", "web")),
    Kind("K04", "release ∥ refund, ruling, transfer", release_or_refund, ("threads", "processes")),
    Kind("K14", "suspend ∥ release", suspend_while_approving),
    Kind("K15", "dispute ∥ release by the clock", dispute_or_release),
)
