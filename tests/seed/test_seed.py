"""The seeded world is whole, true to its books, and every page of it opens."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from marketplace.accounts.models import Organisation
from marketplace.briefs.models import STATES, Brief, VoiceSheet
from marketplace.config import settings
from marketplace.contracts.models import Contract, Milestone
from marketplace.deliverables.models import Approval, Comment, Version
from marketplace.kernel import clock
from marketplace.kernel.db import db, many
from marketplace.kernel.events import Event
from marketplace.kernel.http import Marketplace
from marketplace.payments import check
from marketplace.payments.models import Holding
from marketplace.reviews.models import Review
from marketplace.seed import cast
from marketplace.seed.commands import SIGN_INS, cli
from marketplace.talent.models import listed, shown_samples
from marketplace.vetting.models import Application
from tests.browsing import Browser


def number(column: InstrumentedAttribute[Any]) -> Counter[str]:
    """How many rows have each value of a column."""
    return Counter(db.session.scalars(select(column)))


def test_24_professionals_of_3_to_8_samples_are_admitted(world: Marketplace) -> None:
    profiles = many(listed())
    assert len(profiles) >= 24
    assert all(3 <= len(many(shown_samples(profile.id))) <= 8 for profile in profiles)


def test_6_are_in_vetting_at_different_stages(world: Marketplace) -> None:
    stages = many(select(Application).where(Application.decision != "admitted"))
    found = {(row.state, row.decision, len(row.finished)) for row in stages}
    assert len(stages) == len(found) == 6


def test_8_businesses_have_voice_sheets_and_14_briefs_are_in_every_state(world: Marketplace) -> None:
    assert db.session.scalar(select(func.count()).select_from(Organisation)) == 8
    assert len(set(many(select(VoiceSheet.brand_id)))) == 8
    states = number(Brief.state)
    assert states.total() == 14
    assert set(states) == set(STATES)


def test_10_contracts_cover_the_states_of_work_and_of_money(world: Marketplace) -> None:
    assert number(Contract.state).keys() == {"offered", "countered", "active", "ended"}
    assert number(Contract.state).total() == 10
    work = {"planned", "in_progress", "submitted", "changes_asked", "closed", "cancelled"}
    assert number(Milestone.work).keys() == work
    money = {holding.money_state for holding in many(select(Holding))}
    assert money == {"unfunded", "funding", "held", "released", "mixed", "refunded"}


def test_there_are_drafts_notes_approvals_and_reviews(world: Marketplace) -> None:
    least = {Version: 30, Comment: 40, Approval: 15, Review: 4}
    assert all(
        (db.session.scalar(select(func.count()).select_from(row)) or 0) >= n for row, n in least.items()
    )


def test_the_books_are_right(world: Marketplace) -> None:
    assert check.books() == []


def test_time_runs_forward_and_ends_before_now(world: Marketplace) -> None:
    moments = list(db.session.scalars(select(Event.at).order_by(Event.number)))
    assert moments == sorted(moments)
    assert moments[-1] - moments[0] > timedelta(days=300)
    assert clock.shift() == timedelta(0)


def test_seeding_again_changes_nothing(world: Marketplace) -> None:
    before = db.session.scalar(select(func.count(Event.number)))
    assert "already" in world.test_cli_runner().invoke(cli).output
    assert db.session.scalar(select(func.count(Event.number))) == before


def test_the_list_names_people_who_can_sign_in(world: Marketplace) -> None:
    listing = world.test_cli_runner().invoke(cli, ["--list"]).output
    assert all(email in listing and settings().seed_password in listing for email in SIGN_INS.values())


PAGES = {
    "dana@northgate-transit.example": (
        "/",
        "/briefs",
        "/professionals",
        "/contracts",
        "/settings",
        "/inbox",
    ),
    "ines@writers.example": ("/", "/briefs", "/contracts", "/professionals/ines-okafor", "/payments/payouts"),
    "nell@marrow-and-rye.example": ("/", "/contracts", "/professionals/joel-abernathy"),
    "theo@staff.example": ("/", "/vetting"),
    "maren@staff.example": ("/", "/admin/vetting", "/admin/people"),
}


@pytest.mark.parametrize(
    ("email", "path"), [(email, path) for email, paths in PAGES.items() for path in paths]
)
def test_pages_open_for_the_right_person(world: Marketplace, email: str, path: str) -> None:
    assert Browser(world, cast.person(email)).get(path, follow_redirects=True).status_code == 200


def test_every_contract_opens_for_both_sides(world: Marketplace) -> None:
    for contract in many(select(Contract)):
        for person in (contract.profile.person, contract.organisation.people("editor")[0]):
            answer = Browser(world, person).get(f"/contracts/{contract.id}", follow_redirects=True)
            assert answer.status_code == 200, contract.title
