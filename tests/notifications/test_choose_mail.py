"""People choose what is mailed to them; the inbox shows everything, money and security always write."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from marketplace.accounts.models import MAIL_KINDS
from marketplace.kernel.db import commit, db
from marketplace.kernel.mail import Mail
from marketplace.notifications.letters import LETTERS, MAIL_KIND
from marketplace.notifications.models import Notice
from marketplace.proposals import actions
from tests import make


def count(table: Any, **by: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(table).filter_by(**by)) or 0


def told(browser: Any, work: Any, kinds: list[str]) -> tuple[int, int]:
    """How many notices and mails a declined pitch brings to a writer who wants `kinds`."""
    proposal = make.proposal()
    writer, boss = proposal.profile.person, make.owner_of(proposal.brief.organisation)
    browser(writer).post("/settings/notices", {"mailed": kinds})
    actions.decline(proposal, "We chose a drier voice this time.", by=boss)
    commit()
    person, email = writer.id, writer.email
    work()
    return count(Notice, person_id=person), count(Mail, to=email)


def test_a_kind_that_is_off_is_in_the_inbox_only(browser: Any, work: Any) -> None:
    assert told(browser, work, ["work", "words", "reviews"]) == (1, 0)


def test_a_kind_that_is_on_is_mailed_too(browser: Any, work: Any) -> None:
    assert told(browser, work, list(MAIL_KINDS)) == (1, 1)


def test_money_security_and_vetting_cannot_be_switched_off() -> None:
    firsts = {name.partition(".")[0] for name in LETTERS}
    assert {"payment", "transfer", "application", "person"} & firsts
    assert not {"payment", "transfer", "payee", "application", "person", "organisation"} & set(MAIL_KIND)
    assert set(MAIL_KIND.values()) == set(MAIL_KINDS)
