"""The sweep fires what is due, and one that fails does not stop the rest."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from marketplace.accounts.models import Organisation, Person
from marketplace.kernel import sweep
from marketplace.kernel.db import add, commit, db
from marketplace.kernel.errors import Refused, Stale
from tests import make


def everybody(_moment: Any) -> Any:
    return select(Person.id).order_by(Person.created_at)


@pytest.mark.parametrize("failure", [Refused("Not now."), RuntimeError("broken")])
def test_one_that_fails_does_not_stop_the_rest(app: Any, monkeypatch: Any, failure: Exception) -> None:
    first, second = make.person("Ann First").id, make.person("Bob Second").id

    def rename(row_id: UUID) -> None:
        db.session.get_one(Person, row_id).name = "Fired"
        if row_id == first:
            raise failure

    monkeypatch.setattr(sweep, "deadlines", [sweep.Deadline("person.rename", everybody, rename)])
    sweep.sweep()
    assert [db.session.get_one(Person, row).name for row in (first, second)] == ["Ann First", "Fired"]


def test_whoever_is_second_is_told_so(app: Any) -> None:
    make.business("Northgate Transit")
    slug = db.session.scalars(select(Organisation.slug)).one()
    twin: Any = {"name": "Twin", "slug": slug, "country": "GB", "currency": "usd"}
    with pytest.raises(Stale, match="Somebody was faster"):
        add(Organisation(**twin))
    db.session.rollback()
    db.session.add(Organisation(**twin))
    with pytest.raises(Stale, match="Somebody was faster"):
        commit()
