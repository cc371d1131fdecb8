"""Taking an application for reading: two readers, no conflicts."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.accounts.models import Membership
from marketplace.contracts.models import Contract
from marketplace.kernel.db import add, commit, db
from marketplace.kernel.errors import Missing, Stale
from marketplace.vetting import actions
from tests import make
from tests.counting import queries


def test_two_readers_and_no_third(app: Any) -> None:
    application = make.application()
    numbers = [actions.claim(application, by=make.reader(name)).number for name in ("A Reader", "B Reader")]
    assert numbers == [1, 2]
    with pytest.raises(Stale, match="readers are found"):
        actions.claim(application, by=make.staff())


def test_claiming_twice_is_claiming_once(app: Any) -> None:
    application, reader = make.application(), make.reader()
    assert actions.claim(application, by=reader) is actions.claim(application, by=reader)


def test_what_is_given_back_is_free_again(app: Any, browser: Any) -> None:
    application, reader = make.application(), make.reader()
    actions.claim(application, by=reader)
    commit()
    browser(reader).post(f"/admin/vetting/{application.id}/release")
    db.session.expire_all()
    assert (application.state, application.readings) == ("submitted", [])


def test_nobody_reads_their_own(app: Any) -> None:
    application = make.application()
    application.profile.person.staff = "reader"
    commit()
    with pytest.raises(Missing):
        actions.claim(application, by=application.profile.person)


def hired(organisation: Any, profile: Any) -> None:
    boss = make.owner_of(organisation)
    add(Contract(organisation_id=organisation.id, brand_id=organisation.brands[0].id, profile_id=profile.id,
                 by_id=boss.id, title="Posts", currency="usd", state="ended"))  # fmt: skip
    commit()


@pytest.mark.parametrize("conflict", ["colleague", "hired them", "was hired by them"])
def test_a_reader_with_a_conflict_finds_nothing(app: Any, browser: Any, conflict: str) -> None:
    application, reader, org = make.application(), make.reader(), make.business()
    theirs = make.professional("Rosa Writes") if conflict == "was hired by them" else application.profile
    if conflict == "was hired by them":
        theirs.person_id = reader.id
        add(Membership(organisation_id=org.id, person_id=application.profile.person_id, role="hiring"))
    else:
        add(Membership(organisation_id=org.id, person_id=reader.id, role="viewer"))
    if conflict == "colleague":
        add(Membership(organisation_id=org.id, person_id=application.profile.person_id, role="editor"))
    else:
        hired(org, theirs)
    commit()
    desk = browser(reader)
    assert str(application.id) not in desk.get("/admin/vetting").text
    assert desk.get(f"/admin/vetting/{application.id}").status_code == 404
    assert desk.post(f"/admin/vetting/{application.id}/claim").status_code == 404
    assert str(application.id) in browser(make.reader("Un Related")).get("/admin/vetting").text


def test_only_staff_come_to_the_queue(app: Any, browser: Any) -> None:
    application = make.application()
    assert browser(make.person()).get("/admin/vetting").status_code == 404
    assert browser(application.profile.person).get(f"/admin/vetting/{application.id}").status_code == 404
    assert browser().get("/admin/vetting").status_code == 303


def test_the_queue_costs_the_same_with_many(app: Any, browser: Any) -> None:
    make.application()
    desk = browser(make.reader())
    with queries(app) as few:
        desk.get("/admin/vetting")
    few = list(few)
    for number in range(5):
        make.application(make.professional(f"Name{number} Other", admitted=False))
    with queries(app) as many:
        desk.get("/admin/vetting")
    assert len(many) == len(few) <= 12
