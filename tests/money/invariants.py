"""The 22 invariants: what must be true of the database, and beside Stripe, whatever was done or killed before.

Each is a function under its number that yields what breaks it, in sentences. Those about money are the product's
own books and what the oracle of the state machine compares with Stripe; 9 (nothing acknowledged is lost) and 22
(no answer of 5xx) are given what the clients were told; 21 (nobody reads another's) is for pages, not for rows:
tests/attacks and tests/test_access.py try it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, select, text

from marketplace.accounts.models import Membership, Organisation, Person, Session
from marketplace.contracts.models import Contract
from marketplace.kernel import files
from marketplace.kernel.db import db, many
from marketplace.kernel.events import Event
from marketplace.kernel.files import File
from marketplace.kernel.jobs import SLOW_QUEUE
from marketplace.kernel.mail import Mail
from marketplace.kernel.text import sha256
from marketplace.payments import check
from marketplace.payments.models import Allocation, Holding, Payment, Refund, Release, StripeCall, Webhook
from marketplace.payments.papers import Document, Series
from marketplace.reviews.models import Review, Window
from marketplace.vetting.models import Application
from tests.money import oracle

Objects = dict[str, list[dict[str, Any]]]
LOST = ("ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


@dataclass(frozen=True)
class Told:
    """What the clients saw. promised: sentences about what was acknowledged, each with a question that must be
    answered by yes. statuses: what the site answered, since nothing was wrong any more.
    """

    promised: list[tuple[str, Callable[[], bool]]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)


def invariants(
    state: dict[str, Any] | None = None, told: Told | None = None, *, rest: bool = True
) -> list[str]:
    """Every broken invariant as a sentence with its number; empty when all is well.

    state: what the sandbox knows (`GET /_state`); without it nothing is compared with Stripe. rest: whether all
    that was asked for should be done by now, so that nothing may be waiting.
    """
    theirs: Objects = defaultdict(list, state["objects"]) if state is not None else {}
    found = [f"{number}. {one}" for number, rule in OURS.items() for one in rule()]
    if rest:
        found += [f"{number}. {one}" for number, rule in AT_REST.items() for one in rule()]
    if state is not None:
        found += [
            f"{number}. {one}" for number, rules in BESIDE.items() for rule in rules for one in rule(theirs)
        ]
    found += [f"9. {promise}" for promise, kept in (told.promised if told else ()) if not kept()]
    found += [
        f"22. An answer had the status {code}." for code in (told.statuses if told else ()) if code >= 500
    ]
    db.session.rollback()
    return found


def rows(statement: Any) -> list[Any]:
    """All rows of a statement, as tuples."""
    return list(db.session.execute(statement).all())


def paid_once() -> Iterator[str]:
    """2 and 3. A holding has one payment that came through, and each thing happened to it once."""
    live = select(Allocation.holding_id).join(Payment).where(Payment.state == "succeeded", Allocation.is_live)
    for key, times in Counter(key for (key,) in rows(live)).items():
        if times > 1:
            yield f"The holding {key} was funded {times} times."
    for holding in many(select(Holding)):
        released, refunded = (
            [row.request_id for row in kind] for kind in (holding.releases, holding.refunds)
        )
        if len(released) != len(set(released)) or len(refunded) != len(set(refunded)):
            yield f"The holding {holding.id} was released or refunded twice for one wish."


def never_overspent() -> Iterator[str]:
    """4. What left a holding is at most what came; of one whose milestone is over, all of it."""
    for holding in many(select(Holding)):
        if holding.left_minor < 0 or holding.clawed_minor > holding.released_minor:
            yield f"The holding {holding.id} gave more than it had."


def told_once() -> Iterator[str]:
    """10. Each effect has one event, and events are in the order of their numbers by time, but for moved clocks."""
    for table, name, key in (
        (Release, "payment.released", "release"),
        (Refund, "payment.refund_started", "refund"),
    ):
        told = Counter(data.get(key) for (data,) in rows(select(Event.data).where(Event.name == name)))
        wanted = select(table.id) if table is Release else select(Refund.id).where(Refund.kind == "held")
        for (row_id,) in rows(wanted):
            if told[str(row_id)] != 1:
                yield f"{name} of {row_id} was told {told[str(row_id)]} times."
    held = Counter((subject, data["payment"]) for subject, data in rows(
        select(Event.subject, Event.data).where(Event.name == "payment.held")))  # fmt: skip
    yield from (
        f"The money of {key} was told as held {times} times." for key, times in held.items() if times > 1
    )


def unique_people() -> Iterator[str]:
    """11. One contract a brief, one review a side, an owner for each business, one holder of an address."""
    hired = select(Contract.brief_id).where(
        Contract.brief_id.is_not(None), Contract.kind == "contract", Contract.state.in_(("active", "ended"))
    )
    for question, statement in (
        ("The brief {} has {} contracts.", hired),
        ("Contract and side {} have {} reviews.", select(Review.contract_id, Review.side)),
        ("The address {} has {} holders.", select(Person.email_key)),
    ):
        counted = Counter(tuple(row) for row in rows(statement))
        yield from (question.format(key, times) for key, times in counted.items() if times > 1)
    owned = select(Membership.organisation_id).where(Membership.role == "owner")
    for (key,) in rows(
        select(Organisation.id).where(Organisation.id.not_in(owned), Organisation.closed_at.is_(None))
    ):
        yield f"The business {key} has no owner."


def decided_once() -> Iterator[str]:
    """12. An application has one decision at most, and the writer is as it says."""
    told = Counter(
        subject for (subject,) in rows(select(Event.subject).where(Event.name == "application.decided"))
    )
    for row in many(select(Application).where(Application.state == "decided")):
        if told[row.subject] != 1:
            yield f"The application {row.id} was decided {told[row.subject]} times."
    yield from (f"{subject} was decided {times} times." for subject, times in told.items() if times > 1)


def files_are_whole() -> Iterator[str]:
    """14. Each file has its bytes, with the right size and hash."""
    for row in many(select(File)):
        try:
            body = bytes(files.store().get(str(row.id)).bytes())
        except FileNotFoundError:
            yield f"The file {row.id} has no bytes."
            continue
        if (len(body), sha256(body)) != (row.size, row.sha256):
            yield f"The file {row.id} is not what was stored."


def nobody_left_is_in() -> Iterator[str]:
    """16. Whoever closed the account has no session."""
    gone = select(Session.id).join(Person).where(Session.ended_at.is_(None), Person.closed_at.is_not(None))
    yield from (f"The session {key} is of somebody who left." for (key,) in rows(gone))


def counted_again() -> Iterator[str]:
    """17. What is shown of reviews is what is in: both at the same moment, or none."""
    shown = {key: at for key, at in rows(select(Window.contract_id, Window.shown_at))}
    for contract, at in rows(select(Review.contract_id, Review.shown_at)):
        if at != shown.get(contract):
            yield f"A review of the contract {contract} is shown since {at}, its window since {shown.get(contract)}."


def file_is_sound() -> Iterator[str]:
    """18. The database itself finds nothing broken."""
    if db.engine.dialect.name == "sqlite":
        yield from (str(line) for (line,) in rows(text("PRAGMA integrity_check")) if line != "ok")
        yield from (f"A key points nowhere: {tuple(row)}" for row in rows(text("PRAGMA foreign_key_check")))
    else:
        broken = text("SELECT conname FROM pg_constraint WHERE NOT convalidated")
        yield from (f"The constraint {name} is not kept." for (name,) in rows(broken))


def papers_are_numbered() -> Iterator[str]:
    """20. In each issuer's year the numbers are 1, 2, 3 … as far as the series says, each once."""
    given: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for issuer, year, number in rows(select(Document.issuer, Document.year, Document.number)):
        given[issuer, year].append(number)
    last = {
        (issuer, year): number
        for issuer, year, number in rows(select(Series.issuer, Series.year, Series.last))
    }
    for key in given.keys() | last.keys():
        if sorted(given[key]) != list(range(1, last.get(key, 0) + 1)):
            yield f"The papers of {key} have the numbers {sorted(given[key])}, up to {last.get(key, 0)}."


def nothing_waits() -> Iterator[str]:
    """13. Nothing is pending, and no job is left with a worker that is gone."""
    waiting = text(
        f"SELECT name, status FROM {jobs_table()} WHERE status NOT IN :over AND queue_name <> '{SLOW_QUEUE}'"
    )
    # What is delayed waits for its moment, and what is slow for its turn, by right.
    over: Any = bindparam("over", (*LOST, "SUCCESS", "DELAYED"), expanding=True)
    for name, status in rows(waiting.bindparams(over)):
        if not name.endswith(".tick"):  # Those come again by the clock.
            yield f"The job {name} is {status}."
    opened = StripeCall.state.in_(("ready", "sending", "unknown"))
    for op, state, key in rows(select(StripeCall.op, StripeCall.state, StripeCall.ref_id).where(opened)):
        yield f"The call {op} of {key} is {state}."


def mails_went() -> Iterator[str]:
    """15. Each mail that was written was sent."""
    for kind, to in rows(select(Mail.kind, Mail.to).where(Mail.sent_at.is_(None))):
        yield f"The mail {kind} to {to} was not sent."


def messages_are_read() -> Iterator[str]:
    """19. Each message was worked on, and each is there once."""
    for kind, state, key in rows(select(Webhook.type, Webhook.state, Webhook.object_id)):
        if state in ("new", "dead", "quarantined"):
            yield f"The message {kind} about {key} is {state}."
    known = Counter(tuple(row) for row in rows(select(Webhook.source, Webhook.event_id)))
    yield from (f"The message {key} is here {times} times." for key, times in known.items() if times > 1)


def failed_jobs() -> Iterator[str]:
    """13. No job gave up."""
    gave_up = text(f"SELECT name, status FROM {jobs_table()} WHERE status IN :lost")
    lost: Any = bindparam("lost", LOST, expanding=True)
    yield from (f"The job {name} is {status}." for name, status in rows(gave_up.bindparams(lost)))


def jobs_table() -> str:
    """Where the jobs stand: in SQLite beside our tables, in PostgreSQL in a schema of their own."""
    return "workflow_status" if db.engine.dialect.name == "sqlite" else "dbos.workflow_status"


Rule = Callable[[], Iterable[str]]
OURS: dict[str, Rule] = {
    "1, 5, 7": check.books,
    "2, 3": paid_once,
    "4": never_overspent,
    "10": told_once,
    "11": unique_people,
    "12": decided_once,
    "13": failed_jobs,
    "14": files_are_whole,
    "16": nobody_left_is_in,
    "17": counted_again,
    "18": file_is_sound,
    "20": papers_are_numbered,
}
AT_REST: dict[str, Rule] = {"13": nothing_waits, "15": mails_went, "19": messages_are_read}
BESIDE: dict[str, tuple[Callable[[Objects], Iterable[str]], ...]] = {
    "2": (oracle.charged_once, oracle.payments_agree),
    "3": (oracle.sent_once, oracle.asked_once),
    "6": (oracle.balances_agree, oracle.transfers_agree, oracle.refunds_agree),
    "8": (oracle.claims_agree,),
}
