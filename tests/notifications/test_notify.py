"""Who is told of what: those concerned, once, never the doer, never somebody who left."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, inspect, select

from marketplace.accounts.models import Membership, Person
from marketplace.contracts.models import Contract
from marketplace.kernel.db import commit, db, many, one
from marketplace.kernel.events import tell
from marketplace.kernel.mail import Mail
from marketplace.notifications import actions
from marketplace.notifications.models import Notice, inbox_of
from tests import make
from tests.reviews import ended


def anew(person: Person) -> Person:
    """The same person from the database: the jobs let go of what the test had loaded."""
    identity = inspect(person).identity
    assert identity is not None
    return one(select(Person).where(Person.id == identity[0]))


def lines(person: Person) -> list[str]:
    """What stands in the inbox of `person`."""
    return [notice.line for notice in many(inbox_of(anew(person)))]


def mails(person: Person) -> list[str]:
    """What stands in the mailbox of `person`."""
    return [mail.body for mail in many(select(Mail).where(Mail.to == anew(person).email))]


def submitted(contract: Contract) -> str:
    """A milestone was sent for approval by its professional; the number of that event."""
    part = contract.milestones[0]
    event = tell("milestone.submitted", part, by=contract.profile.person, stream=contract, title=contract.title,
                 milestone=part.title, due_at="2026-12-04T10:00:00+00:00")  # fmt: skip
    number = str(event.number)
    commit()
    return number


def test_the_editors_are_asked_and_mailed(app: Any, work: Any) -> None:
    contract = ended.contract(state="active")
    owner = make.owner_of(contract.organisation)
    submitted(contract)
    work()
    assert lines(owner) == ["All of “Four posts” is in for your approval"]
    body = mails(owner)[0]
    assert "On 4 December the money is released. Silence pays, but it never publishes" in body
    assert "http://localhost/contracts/" in body


def test_other_roles_and_the_doer_are_not_told(app: Any, work: Any) -> None:
    contract = ended.contract(state="active")
    finance, ines = make.member(contract.organisation, "finance"), contract.profile.person
    editor = make.member(contract.organisation, "editor", "Edda Editor")
    submitted(contract)
    work()
    assert lines(editor)
    assert not lines(finance)
    assert not lines(ines)


def test_doing_the_job_twice_tells_once(app: Any, work: Any) -> None:
    contract = ended.contract(state="active")
    owner, number = make.owner_of(contract.organisation), submitted(contract)
    work()
    actions.notify(number)
    assert len(lines(owner)) == 1
    assert len(mails(owner)) == 1


def test_who_left_before_the_job_is_not_told(app: Any, work: Any) -> None:
    contract = ended.contract(state="active")
    editor = make.member(contract.organisation, "editor")
    submitted(contract)
    db.session.execute(delete(Membership).where(Membership.person_id == editor.id))
    commit()
    work()
    assert not lines(editor)
    assert not mails(editor)


def test_who_leaves_later_no_longer_reads_it(app: Any, work: Any) -> None:
    contract = ended.contract(state="active")
    editor = make.member(contract.organisation, "editor")
    submitted(contract)
    work()
    assert lines(editor)
    db.session.execute(delete(Membership).where(Membership.person_id == anew(editor).id))
    commit()
    db.session.expire_all()
    assert not lines(editor)


def test_a_closed_account_gets_nothing(app: Any, work: Any) -> None:
    contract = ended.contract(state="active")
    contract.profile.person.closed_at = contract.created_at
    tell("contract.withdrawn", contract, by=make.owner_of(contract.organisation), title=contract.title)
    commit()
    work()
    assert not many(select(Notice))


def test_a_rolled_back_verb_tells_nobody(app: Any, work: Any) -> None:
    contract = ended.contract(state="active")
    tell("contract.withdrawn", contract, by=None, title=contract.title)
    db.session.rollback()
    work()
    assert not many(select(Notice))


def test_an_unlisted_event_starts_no_job(app: Any, work: Any) -> None:
    work()
    tell("person.described", make.person(), by=None)
    commit()
    assert work() == 0


def test_a_pitch_on_the_blind_shelf_names_nobody(app: Any, work: Any) -> None:
    proposal = make.proposal()
    owner = make.owner_of(proposal.brief.organisation)
    tell(
        "proposal.sent",
        proposal,
        by=proposal.profile.person,
        stream=proposal.brief,
        title=proposal.brief.title,
    )
    tell(
        "message.written", proposal, by=proposal.profile.person, stream=proposal.brief, about=proposal.subject
    )
    commit()
    work()
    told = " ".join(lines(owner) + mails(owner))
    assert "Launch week" in told
    assert "Ines" not in told


def test_an_audition_names_a_letter_only(app: Any, work: Any) -> None:
    proposal = make.proposal(state="accepted")
    contract = ended.contract(proposal.brief.organisation, proposal.profile, "active", kind="audition",
                              proposal_id=proposal.id)  # fmt: skip
    tell("piece.sent", contract.milestones[0], by=contract.profile.person, stream=contract, draft=1,
         piece="Late", professional=proposal.profile.name)  # fmt: skip
    owner = make.owner_of(contract.organisation)
    commit()
    work()
    assert lines(owner) == ["Writer A sent draft 1 of “Late”"]


def test_an_agreement_asks_the_business_for_the_money(app: Any, work: Any) -> None:
    contract = make.contract()
    owner, ines = make.owner_of(contract.organisation), contract.profile.person
    work()
    assert "hold the money" in lines(owner)[0]
    assert not any("is agreed" in line for line in lines(ines))


def test_braces_and_breaks_in_a_title_are_plain_text(app: Any, work: Any) -> None:
    contract = ended.contract(state="active")
    contract.title, ines = "{reason.__class__}\nBcc: all@example.org <script>", contract.profile.person
    tell("contract.withdrawn", contract, by=None, title=contract.title)
    commit()
    work()
    line = lines(ines)[0]
    assert line == "The offer “{reason.__class__} Bcc: all@example.org <script>” was taken back"
