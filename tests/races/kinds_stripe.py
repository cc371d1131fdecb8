"""The kinds of race about money that comes in and goes out: K10, K13, K16, K18 and K24."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select

from marketplace.accounts.models import Organisation
from marketplace.contracts.models import Contract
from marketplace.kernel import jobs
from marketplace.kernel.clock import now
from marketplace.kernel.db import commit, db, many, one
from marketplace.kernel.events import Event
from marketplace.payments import actions, payees, transfers
from marketplace.payments.actions import fund
from marketplace.payments.ledger import Entry
from marketplace.payments.models import (
    Holding,
    Payee,
    Payment,
    Refund,
    StripeCall,
    Webhook,
    holding_of,
)
from marketplace.payments.outside import Payout
from tests import make
from tests.races import acts, said
from tests.races.at_sandbox import pay, work_off
from tests.races.kinds_money import WHOLE, again, balanced, holding, org, payer
from tests.races.volleys import Here, Kind, Outcome, Volley, key_of, shot

# K10


def pay_out_twice(here: Here) -> Volley:
    """The same balance is paid out in several windows; meanwhile the bank account may change."""
    person = make.professional(f"Pia {uuid4().hex[:6]}").person
    held = make.funded(make.holding(org(here), person))
    row = actions.set_up_payouts(person, "us")
    payees.payee(said.account(row, "ba_1111"))
    sent = actions.release(held, WHOLE, by=None, reason="Good.", request_id="a")
    sent.due_at = now()
    transfers.send_transfer(sent.id)
    transfers.transfer(said.transfer(sent, row.stripe_account or ""))
    net = sent.net_minor
    commit()
    wish, changed = (
        shot(acts.pay_out_now, payee=row, amount=net),
        shot(acts.hear, message="new_bank", row=row.id),
    )
    changes = here.chance(True, False)
    shots = here.mixed(*([wish, wish, wish, changed] if changes else [wish]))
    key, human = row.id, person.id

    def check(_: list[Outcome]) -> Iterator[str]:
        made = acts.newest(Payout, person_id=human)
        cooling = db.session.get_one(Payee, key).cooling_until
        since = cooling - cooling_length() if cooling else None
        if any(since is not None and payout.created_at > since for payout in made):
            yield "It was paid out to a bank account that was new."

    return Volley(shots, winners=(0 if changes else 1, 1), check=check)


def cooling_length() -> timedelta:
    """How long a new bank account waits."""
    from marketplace.config import rules

    return rules().bank_cooling


# K13


def close_while_paying(here: Here) -> Volley:
    """The only owner closes the account of the business while money comes in for a contract that has ended."""
    boss_of = make.business("Lone Business")
    contract = make.contract(boss_of, here.once("writer", make.professional))
    boss, held = make.owner_of(boss_of), one(holding_of(contract.milestones[0].subject))
    payment = fund([held], by=boss)
    commit()
    acts.end(str(contract.id), str(boss.id))
    commit()
    how = here.chance("intent", "canceled")
    shots = here.mixed(shot(acts.close_account, person=boss), shot(acts.hear, message=how, row=payment.id))
    business, key = boss_of.id, payment.id

    def check(_: list[Outcome]) -> Iterator[str]:
        if db.session.get_one(Organisation, business).closed_at and again(held).left_minor:
            yield "Money is held for a business that is closed."
        if how == "intent" and db.session.get_one(Payment, key).state not in ("succeeded", "surplus"):
            yield "The money that came in was not entered."
        yield from balanced(held)

    return Volley(shots, winners=(0, 1), check=check)


# K16


def hear_everywhere(here: Here) -> Volley:
    """A paid page is heard of by messages, by the poller, and by whoever reads the page's state again."""
    held = holding(here)
    payment, key, stream = fund([held], by=payer(here)), held.id, held.stream
    commit()
    work_off()
    pay(payment)
    jobs.perform("payments.poll")
    mine = many(select(Webhook).where(Webhook.state == "new"))
    messages = [shot(acts.read_message, webhook=row) for row in mine]
    shots = here.mixed(*messages, shot(acts.poll), *messages)

    def check(_: list[Outcome]) -> Iterator[str]:
        work_off()
        held_now = db.session.get_one(Holding, key)
        entries = [entry.kind for entry in many(select(Entry).where(Entry.stream == stream))]
        heard = many(select(Event).where(Event.subject == held_now.subject, Event.name == "payment.held"))
        if (held_now.funded_minor, entries.count("fund"), len(heard)) != (WHOLE, 1, 1):
            yield f"{held_now.funded_minor} funded by the entries {sorted(entries)}, told {len(heard)} times."

    return Volley(shots, winners=(0, 0), check=check)


# K18


def two_workers(here: Here) -> Volley:
    """Eight workers take the same call of the outbox."""
    held = holding(here)
    payment = fund([held], by=payer(here))
    commit()
    work_off(but="checkout")
    (row,) = acts.newest(StripeCall, ref_id=key_of(payment), op="checkout")
    key = row.id

    def check(_: list[Outcome]) -> Iterator[str]:
        done = db.session.get_one(StripeCall, key)
        if (done.state, done.attempts) != ("done", 1):
            yield f"The call is {done.state} after {done.attempts} attempts."

    return Volley(here.mixed(shot(acts.call, call=row)), check=check)


# K24


def cross_the_locks(here: Here) -> Volley:
    """Money comes in (holding, then milestone) as the contract is ended (milestone, then holding)."""
    contract = make.contract(org(here), here.once("writer", make.professional))
    boss, part = make.owner_of(contract.organisation), contract.milestones[0]
    held = one(holding_of(part.subject))
    payment = fund([held], by=boss)
    commit()
    hears = shot(acts.hear, message="intent", row=payment.id)
    others = [
        shot(acts.end, contract=contract, by=boss),
        shot(acts.cancel_milestone, milestone=part, by=boss),
    ]
    shots = here.mixed(hears, *others)

    def check(_: list[Outcome]) -> Iterator[str]:
        row = again(held)
        if (row.funded_minor, row.released_minor, row.refunded_minor) not in (
            (WHOLE, 0, WHOLE),
            (WHOLE, 0, 0),
        ):
            yield f"{row.funded_minor} came, {row.released_minor} released, {row.refunded_minor} returned."
        (refunds,) = [acts.newest(Refund, holding_id=row.id)]
        for made in refunds:
            if len(acts.newest(StripeCall, ref_id=made.id, op="refund")) != 1:
                yield "A refund is not asked for exactly once."
        over = db.session.get_one(Contract, contract_id).state == "ended"
        if over and row.left_minor:
            yield "The contract has ended, but its money is still held."

    contract_id = contract.id
    return Volley(shots, winners=(0, 1), check=check)


KINDS = (
    Kind("K10", "payout ∥ payout ∥ new bank account", pay_out_twice),
    Kind("K13", "close account ∥ incoming payment", close_while_paying),
    Kind("K16", "webhook ∥ poller ∥ return", hear_everywhere),
    Kind("K18", "eight workers, one call", two_workers, ("threads", "processes")),
    Kind("K24", "locks taken crosswise", cross_the_locks, ("threads", "processes")),
)
