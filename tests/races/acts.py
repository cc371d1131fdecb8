"""What is done in a race: the verbs of the rooms, and the jobs of the worker, each on rows given by their ids."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from flask import current_app
from sqlalchemy import select

from marketplace.accounts import actions as accounts
from marketplace.accounts import closing, entering, organisations
from marketplace.accounts.models import Invitation, Organisation, Person, Token
from marketplace.briefs.models import Brief
from marketplace.contracts import actions as contracts
from marketplace.contracts import ending, milestones
from marketplace.contracts.models import Contract, Milestone
from marketplace.deliverables import actions as desk
from marketplace.deliverables.models import Piece
from marketplace.kernel import clock, jobs
from marketplace.kernel.db import db, one
from marketplace.kernel.errors import Missing
from marketplace.messaging import actions as messaging
from marketplace.payments import actions as money
from marketplace.payments import backward, payouts, rulings, transfers
from marketplace.payments.claims import Decision
from marketplace.payments.models import Holding, Payee, Payment, Release, StripeCall, holding_of
from marketplace.payments.outbox import last_call
from marketplace.proposals import actions as proposals
from marketplace.proposals.models import Proposal
from marketplace.proposals.terms import Bid
from marketplace.reviews import actions as reviews
from marketplace.talent import samples
from marketplace.talent.models import Profile, Sample
from marketplace.vetting import actions as vetting
from marketplace.vetting.models import LINES, Application, Reading
from tests import make
from tests.races import said
from tests.races.volleys import act, deed

T = TypeVar("T")
PASSWORD = "an unusual kettle of words"


def get(table: type[T], key: str) -> T:
    """The row of `table` with this id, as a page finds it. Raises Missing when it is gone."""
    row = db.session.get(table, UUID(key))
    if row is None:
        raise Missing
    return row


# Money


@act
def fund(holding: str, by: str) -> str:
    return str(money.fund([get(Holding, holding)], by=get(Person, by)).id)


@act
def cancel_funding(payment: str, by: str) -> str:
    money.cancel_funding(get(Payment, payment), by=get(Person, by))
    return deed()


@act
def release(holding: str, amount: int, by: str | None, request: str) -> str:
    person = get(Person, by) if by else None
    made = money.release(get(Holding, holding), amount, by=person, reason="Good work.", request_id=request)
    return str(made.id)


@act
def refund(holding: str, amount: int, request: str) -> str:
    return str(
        money.refund(get(Holding, holding), amount, by=None, reason="Not begun.", request_id=request).id
    )


@act
def freeze(holding: str, by: str) -> str:
    row = money.freeze(get(Holding, holding), "They disagree.", by=get(Person, by), kind="dispute")
    return str(row.id)


@act
def send_transfer(release: str) -> str | None:
    transfers.send_transfer(UUID(release))
    asked = last_call("transfer", UUID(release))
    return str(asked.id) if asked is not None else None


@act
def take_back(release: str, amount: int, request: str) -> str:
    row = get(Release, release)
    return str(backward.take_back(row, amount, by=None, reason="A ruling.", request_id=request).id)


@act
def confirm(decision: str, by: str) -> str:
    rulings.confirm(get(Decision, decision), by=get(Person, by))
    return deed()


@act
def withdraw_decision(decision: str, by: str) -> str:
    rulings.withdraw(get(Decision, decision), by=get(Person, by))
    return deed()


@act
def pay_out_now(payee: str, amount: int) -> str:
    row = get(Payee, payee)
    return str(payouts.pay_out_now(row, amount, "usd", by=row.person).id)


@act
def hear(message: str, row: str) -> None:
    """A worker enters what Stripe says, as often as the database asks it to."""
    jobs.jobs.setdefault("races.hear", said.enter)
    jobs.perform("races.hear", message, row)


@act
def call(call: str) -> str | None:
    """A worker sends a call of the outbox, if nobody else does."""
    jobs.perform("payments.call", call)
    return call if get(StripeCall, call).state == "done" else None


@act
def read_message(webhook: str) -> None:
    """A worker works on one of Stripe's messages."""
    jobs.perform("payments.inbox", webhook)


@act
def poll() -> None:
    """A worker reads Stripe's own list of events."""
    jobs.perform("payments.poll")


# Hiring


@act
def offer(proposal: str, by: str) -> str:
    row = get(Proposal, proposal)
    made = contracts.offer(
        row, profile=row.profile, brand=row.brief.brand, terms=make.terms(), by=get(Person, by)
    )
    return str(made.id)


@act
def accept(contract: str, by: str, sha256: str) -> str:
    contracts.accept(get(Contract, contract), by=get(Person, by), sha256=sha256)
    return deed()


@act
def counter(contract: str, by: str, title: str) -> str:
    contracts.counter(get(Contract, contract), make.terms(title=title), by=get(Person, by))
    return deed()


@act
def end(contract: str, by: str) -> str:
    ending.end(get(Contract, contract), "It is enough.", by=get(Person, by))
    return deed()


@act
def cancel_milestone(milestone: str, by: str) -> str:
    milestones.cancel(get(Milestone, milestone), by=get(Person, by))
    return deed()


@act
def fund_milestone(milestone: str, by: str) -> str:
    holding = one(holding_of(get(Milestone, milestone).subject))
    return str(money.fund([holding], by=get(Person, by)).id)


@act
def silence(milestone: str) -> str | None:
    milestones.release_by_silence(UUID(milestone))
    return milestone if get(Milestone, milestone).by_silence else None


@act
def send_pitch(brief: str, profile: str) -> str:
    row = get(Profile, profile)
    bid = Bid(
        pitch=make.PITCH, sample=row.samples[0], answers=[], ai_declaration="none", confirmed=True,
        milestones=[{"title": "Four posts", "amount_minor": 48000, "due_on": in_three_weeks()}],
    )  # fmt: skip
    return str(proposals.send(get(Brief, brief), row, bid, by=row.person).id)


@act
def withdraw_pitch(proposal: str) -> str:
    row = get(Proposal, proposal)
    proposals.withdraw(row, by=row.profile.person)
    return deed()


# The work


@act
def save_draft(piece: str, by: str, text: str, revision: int) -> str:
    desk.save(get(Piece, piece), text, revision=revision, by=get(Person, by))
    return text


@act
def send_draft(piece: str, by: str, text: str, revision: int) -> str:
    row = get(Piece, piece)
    return str(desk.send(row, by=get(Person, by), draft=desk.Draft(text, revision=revision)).id)


@act
def approve(piece: str, by: str, sha256: str) -> str:
    return str(desk.approve(get(Piece, piece), sha256, by=get(Person, by)).id)


@act
def review(contract: str, by: str, scores: dict[str, int], quote: str) -> str:
    row, again = get(Contract, contract), True if quote else None
    made = reviews.write(row, scores=scores, body="Good.", hire_again=again, quote=quote, by=get(Person, by))
    return str(made.id)


@act
def write(about: str, by: str) -> str:
    return str(messaging.write(about, "Where do we stand?", by=get(Person, by), stream=about).id)


@act
def read_and_mark(reading: str) -> str:
    row = get(Reading, reading)
    vetting.mark(row, dict.fromkeys(LINES, 4), dict.fromkeys(LINES, "It is so."), by=row.reader)
    return deed()


@act
def refuse_application(application: str, by: str) -> str:
    vetting.refuse(get(Application, application), "It is not their work.", by=get(Person, by))
    return deed()


@act
def submit_application(application: str) -> str:
    row = get(Application, application)
    vetting.submit(row, by=row.profile.person)
    return deed()


@act
def add_sample(profile: str) -> str:
    row = get(Profile, profile)
    fields: dict[str, Any] = {
        "platform": "linkedin", "client": "Northgate", "role": "wrote", "written_on": date(2026, 9, 1),
        "text": make.SAMPLE, "brief": "Explain one late bus.", "learns": "Why.", "link": "",
        "permission": "public", "alt": "",
    }  # fmt: skip
    return str(samples.add_sample(row, by=row.person, **fields).id)


@act
def remove_sample(sample: str) -> str:
    row = get(Sample, sample)
    samples.remove_sample(row, by=row.profile.person)
    return sample


# Accounts


@act
def sign_up(email: str) -> str | None:
    made = accounts.sign_up(email, "Pat Newcomer", PASSWORD, "business")
    return str(made.id) if made is not None else None


@act
def change_email(token: str) -> str:
    row = get(Token, token)
    return str(accounts.change_email(row, by=get(Person, str(row.person_id))).id)


@act
def verify(token: str) -> str:
    accounts.verify(get(Token, token))
    return deed()


@act
def reset(token: str) -> str:
    accounts.reset(get(Token, token), PASSWORD)
    return deed()


@act
def guess(email: str, address: str) -> str:
    """A wrong password; the effect is that it was tried."""
    with current_app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert entering.known(email, uuid4().hex) is None
    return deed()


@act
def join(invitation: str, by: str) -> str:
    organisations.join(get(Invitation, invitation), by=get(Person, by))
    return deed()


@act
def revoke(invitation: str, by: str) -> str:
    organisations.revoke(get(Invitation, invitation), by=get(Person, by))
    return deed()


@act
def remove_member(organisation: str, person: str, by: str) -> str:
    who, actor = get(Person, person), get(Person, by)
    organisations.change_roles(get(Organisation, organisation), who, set(), by=actor)
    return deed()


@act
def close_account(person: str) -> str:
    row = get(Person, person)
    closing.close(row, by=row)
    return deed()


@act
def suspend(person: str, by: str) -> str:
    accounts.suspend(get(Person, person), "They threatened somebody.", by=get(Person, by))
    return deed()


def in_three_weeks() -> str:
    """A day to deliver on."""
    return (clock.now() + timedelta(days=21)).date().isoformat()


def newest(table: type[T], **equal: Any) -> list[T]:
    """All rows of `table` with these values, oldest first."""
    found = select(table).filter_by(**equal).order_by(table.created_at)  # type: ignore[attr-defined]
    return list(db.session.scalars(found).unique())
