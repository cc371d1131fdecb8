"""The clocks: offers expire, silence pays, reminders, and the life of held money."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from marketplace.admin.queues import queues
from marketplace.contracts import actions
from marketplace.kernel import clock
from marketplace.kernel.clock import now
from marketplace.kernel.db import commit, db, many
from marketplace.kernel.events import Event
from marketplace.kernel.sweep import sweep
from marketplace.payments.models import holdings_of
from tests import make
from tests.deliverables.work import pieces, send


def after(**span: Any) -> None:
    """The sweep, so much later."""
    clock.move_to(now() + timedelta(**span))
    sweep()
    db.session.expire_all()


def told(name: Any) -> Any:
    """How often something was told."""
    return len(many(select(Event).where(Event.name == name)))


def submitted(**also: Any) -> Any:
    """A contract whose two pieces are with the editor."""
    contract = make.working(**also)
    for piece in pieces(contract):
        send(piece)
    return contract


def test_an_offer_expires_after_seven_days(app: Any) -> None:
    contract = make.offer()
    after(days=6)
    assert contract.state == "offered"
    after(days=1, minutes=1)
    assert contract.state == "expired"


def test_silence_pays_and_never_publishes(app: Any) -> None:
    contract = submitted()
    after(days=7, minutes=1)
    (held,) = many(holdings_of(contract.subject))
    assert (held.released_minor, contract.milestones[0].by_silence) == (48000, True)
    assert [piece.state for piece in pieces(contract)] == ["paid_unapproved"] * 2
    assert not any(piece.is_publishable for piece in pieces(contract))


def test_a_late_approval_allows_publishing_and_pays_nothing_twice(app: Any) -> None:
    from marketplace.deliverables import actions as desk

    contract = submitted()
    after(days=7, minutes=1)
    piece = pieces(contract)[0]
    desk.approve(piece, piece.versions[-1].sha256, by=make.owner_of(contract.organisation))
    commit()
    assert piece.is_publishable
    assert many(holdings_of(contract.subject))[0].released_minor == 48000


def test_the_business_is_reminded_three_times(app: Any) -> None:
    submitted(review_days=10)
    for days, times in ((3.9, 0), (0.2, 1), (3, 2), (2, 3), (0.5, 3)):
        after(days=days)
        assert told("milestone.reminded") == times


def test_a_sweep_that_runs_twice_releases_once(app: Any) -> None:
    contract = submitted()
    after(days=8)
    after(minutes=1)
    assert len(many(holdings_of(contract.subject))[0].releases) == 1


def test_held_money_warns_twice_and_goes_back_after_75_days(app: Any) -> None:
    contract = make.working()
    after(days=45, minutes=1)
    assert told("milestone.life_warned") == 1
    after(days=25)
    assert told("milestone.life_warned") == 2
    after(days=5)
    (held,) = many(holdings_of(contract.subject))
    assert (held.refunded_minor, contract.milestones[0].work, contract.state) == (48000, "cancelled", "ended")


def test_the_hard_stop_pays_the_kill_fee_for_work_begun(app: Any) -> None:
    contract = make.working()
    send(pieces(contract)[0])
    for days in (45, 25, 6):
        after(days=days)
    (held,) = many(holdings_of(contract.subject))
    assert (held.released_minor, held.refunded_minor) == (24000, 24000)


def test_what_waits_for_a_decision_goes_to_an_admin_instead_of_back(app: Any) -> None:
    contract = make.working()
    after(days=45, minutes=1)
    after(days=22)
    for piece in pieces(contract):
        send(piece)
    after(days=3)
    assert (told("milestone.life_warned"), told("milestone.overdue")) == (1, 1)
    assert {queue.title: queue.total for queue in queues()}["Money held too long"] == 1
    after(days=5)
    assert many(holdings_of(contract.subject))[0].refunded_minor == 0


def test_a_brief_does_not_expire_while_its_offer_waits(app: Any) -> None:
    brief = make.brief()
    clock.move_to(now() + timedelta(days=20))
    writer, boss = make.professional(), make.owner_of(brief.organisation)
    contract = actions.offer(
        None, brief=brief, profile=writer, brand=brief.brand, terms=make.terms(), by=boss
    )
    commit()
    after(days=6)
    actions.accept(contract, by=writer.person, sha256=contract.current_terms.sha256)
    assert (contract.state, brief.state) == ("active", "hired")
