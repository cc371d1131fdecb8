"""Places are never overfilled, however many send at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from marketplace.briefs.models import Brief
from marketplace.config import rules
from marketplace.kernel.db import commit, db, rollback
from marketplace.kernel.errors import Refused
from marketplace.proposals import actions
from marketplace.proposals.models import LIVE, Proposal
from marketplace.talent.models import Profile
from tests import make
from tests.proposals import pitches


def at_once(app: Any, tries: list[Callable[[], None]]) -> list[str]:
    """Do all `tries` at the same moment, each in its own thread and transaction. Returns what was refused."""
    ready, refused = Barrier(len(tries)), []

    def run(attempt: Callable[[], None]) -> None:
        with app.app_context():
            ready.wait()
            try:
                attempt()
                commit()
            except Refused as no:
                rollback()
                refused.append(no.sentence)
            finally:
                db.session.remove()

    threads = [Thread(target=run, args=(attempt,)) for attempt in tries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def sending(brief_id: UUID, profile_id: UUID) -> Callable[[], None]:
    """One try to send."""

    def attempt() -> None:
        brief, profile = db.session.get_one(Brief, brief_id), db.session.get_one(Profile, profile_id)
        actions.send(brief, profile, pitches.bid(profile, confirmed=True), by=profile.person)

    return attempt


def live() -> int:
    """How many places are taken."""
    return db.session.scalar(select(func.count()).where(Proposal.state.in_(LIVE))) or 0


def test_a_brief_never_has_more_than_its_places(app: Any) -> None:
    brief, most = make.brief(), rules().proposals_per_brief
    for number in range(most - 2):
        make.proposal(brief, make.professional(f"Early{number} Bird"))
    late = [make.professional(f"Late{number} Comer").id for number in range(6)]
    brief_id = brief.id
    rollback()
    refused = at_once(app, [sending(brief_id, one) for one in late])
    assert (live(), len(refused)) == (most, 4)


def test_a_person_never_has_more_than_their_open_pitches(app: Any) -> None:
    org, ines, most = make.business(), make.professional(), rules().proposals_per_person
    for _ in range(most - 2):
        make.proposal(make.brief(org), ines)
    briefs, profile_id = [make.brief(org).id for _ in range(6)], ines.id
    rollback()
    refused = at_once(app, [sending(one, profile_id) for one in briefs])
    assert (live(), len(refused)) == (most, 4)


@pytest.mark.parametrize("times", [6])
def test_a_pitch_sent_twice_is_there_once(app: Any, times: int) -> None:
    brief_id, profile_id = make.brief().id, make.professional().id
    rollback()
    refused = at_once(app, [sending(brief_id, profile_id)] * times)
    assert (live(), len(refused)) == (1, times - 1)
