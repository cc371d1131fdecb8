"""Whatever people do in whatever order: only the approved bytes of a named other person are publishable."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.accounts.models import Membership
from marketplace.deliverables import actions
from marketplace.deliverables.models import Piece
from marketplace.kernel.db import add, commit, db, rollback
from marketplace.kernel.errors import Refused
from tests import make
from tests.deliverables.work import pieces

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["save", "send", "approve", "approve_old", "self", "ask"]), st.sampled_from("ABC")
    ),
    max_size=10,
)


def do(piece: Piece, step: str, text: str, boss: Any, ines: Any) -> None:
    """One step of a sequence; refusals are part of it."""
    versions = piece.versions
    match step:
        case "save":
            actions.save(piece, text, revision=piece.draft_revision, by=ines)
        case "send":
            actions.send(piece, by=ines)
        case "approve" if versions:
            actions.approve(piece, versions[-1].sha256, by=boss)
        case "approve_old" if versions:
            actions.approve(piece, versions[0].sha256, by=boss)
        case "self" if versions:
            actions.approve(piece, versions[-1].sha256, by=ines)
        case "ask":
            actions.ask_changes(piece, "Please.", by=boss)


def expected(piece: Piece, boss: Any) -> bool:
    """What should be publishable, said another way: from the rows of approval alone."""
    if not piece.versions:
        return False
    last = piece.versions[-1]
    rows = [a for a in last.approvals if a.voided_at is None]
    return any(a.sha256 == last.sha256 and a.by_id == boss.id for a in rows)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(STEPS)
def test_a_piece_is_publishable_only_by_an_editors_approval_of_its_latest_bytes(app: Any, steps: Any) -> None:
    contract = make.working()
    piece, ines = pieces(contract)[0], contract.profile.person
    boss = make.owner_of(contract.organisation)
    add(Membership(organisation_id=contract.organisation_id, person_id=ines.id, role="editor"))
    commit()
    db.session.expire_all()
    for step, text in steps:
        try:
            do(piece, step, text, boss, ines)
            commit()
        except Refused:
            rollback()
        assert piece.is_publishable == expected(piece, boss)
        in_force = [v.number for v in piece.versions for a in v.approvals if a.voided_at is None]
        assert in_force in ([], [len(piece.versions)])
