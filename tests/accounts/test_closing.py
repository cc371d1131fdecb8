"""Closing an account: what has to be settled first, what goes along, what is left."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from sqlalchemy import select

from marketplace.accounts import closing
from marketplace.accounts.models import Brand
from marketplace.contracts import ending
from marketplace.contracts import milestones as milestoning
from marketplace.deliverables import actions as desk
from marketplace.kernel import files
from marketplace.kernel.db import add, commit, find, many, one
from marketplace.messaging.actions import write
from marketplace.notifications.models import Notice
from marketplace.talent.models import Profile, Sample
from tests import make
from tests.deliverables.work import pieces, send


def exported(browser: Any, person: Any) -> dict[str, list[dict[str, Any]]]:
    """The export of a person, by file."""
    archive = zipfile.ZipFile(io.BytesIO(browser(person).get("/settings/export").data))
    return {name.removesuffix(".json"): json.loads(archive.read(name)) for name in archive.namelist()}


def illustrate(profile: Profile) -> str:
    """Give the first sample of `profile` an image. Returns the file's id."""
    image = add(
        files.File(owner_id=profile.person_id, mime="image/webp", size=3, sha256="0", width=1, height=1)
    )
    files.store().put(str(image.id), b"abc")
    profile.samples[0].image_id = image.id
    commit()
    return str(image.id)


def test_running_contracts_stand_in_the_way_of_both_sides(browser: Any) -> None:
    contract = make.working()
    for person in (contract.profile.person, make.owner_of(contract.organisation)):
        answer = browser(person).post("/settings/close", {"sure": "y"})
        assert answer.status_code == 409
        assert "Launch week, told straight” is running" in answer.text
        assert person.closed_at is None


def test_an_open_offer_stands_in_the_way(browser: Any) -> None:
    offer = make.offer()
    assert "it has to be answered" in browser(offer.profile.person).get("/settings/close").text


def test_money_that_is_not_paid_out_yet_stands_in_the_way(browser: Any) -> None:
    contract = make.working()
    send(pieces(contract)[0])
    ending.end(contract, "Plans changed.", by=make.owner_of(contract.organisation))
    commit()
    writer = contract.profile.person
    assert closing.objections(writer) == ["$216.00 for “Four posts” is not paid out to you yet."]
    assert closing.objections(make.owner_of(contract.organisation)) == []


def test_a_member_who_leaves_others_behind_is_not_held_back(browser: Any) -> None:
    org = make.business()
    contract, editor = make.working(org), make.member(org, "editor")
    org.brands[0].accountable_editor_id = editor.id
    commit()
    assert browser(editor).post("/settings/close", {"sure": "y"}).status_code == 303
    assert contract.state == "active"
    assert find(select(Brand.accountable_editor_id)) is None


def test_the_export_of_a_professional_holds_their_work(browser: Any) -> None:
    contract = make.working(by=make.proposal().profile)
    writer = contract.profile.person
    version = send(pieces(contract)[0])
    desk.save(pieces(contract)[1], "Half a thought.", by=writer)
    write(contract.subject, "I begin today.", by=writer, stream=contract.subject)
    commit()
    held = exported(browser, writer)
    assert held["talent"][0]["handle"] == contract.profile.handle
    assert len(held["talent"]) == 4
    assert held["proposals"][0]["pitch"] == make.PITCH
    assert held["contracts"][0]["sha256"] == contract.current_terms.sha256
    assert {"text": version.text, "unsent": "Half a thought."}.items() <= {
        key: value for row in held["deliverables"] for key, value in row.items()
    }.items()
    assert held["messaging"][0]["body"] == "I begin today."


def test_the_export_of_a_business_holds_its_briefs_and_statement(browser: Any) -> None:
    contract = make.working()
    make.brief(contract.organisation)
    held = exported(browser, make.owner_of(contract.organisation))
    assert held["briefs"][0]["title"] == "Launch week, told straight"
    assert held["payments"][0]["Amount"] == "480.00"
    assert held["contracts"][0]["professional"] == contract.profile.name


def test_a_closed_professional_leaves_an_empty_profile(browser: Any, work: Any) -> None:
    profile = make.professional()
    handle, person = profile.handle, profile.person
    image_id = illustrate(profile)
    assert browser(person).post("/settings/close", {"sure": "y"}).status_code == 303
    work()
    profile = one(select(Profile))
    assert browser().get(f"/professionals/{handle}").status_code == 404
    assert (profile.name, profile.biography, profile.rates) == ("Former member", "", [])
    assert {sample.text for sample in many(select(Sample))} == {""}
    assert many(select(files.File)) == []
    assert image_id not in {entry["path"] for page in files.store().list() for entry in page}


def test_an_application_that_waits_is_taken_back(browser: Any) -> None:
    application = make.application()
    browser(application.profile.person).post("/settings/close", {"sure": "y"})
    assert application.state == "withdrawn"


def test_delivered_texts_stay_under_former_member(browser: Any) -> None:
    contract = make.working()
    writer, owner = contract.profile.person, make.owner_of(contract.organisation)
    send(pieces(contract)[0])
    ending.end(contract, "I am ill.", by=writer)
    commit()
    ours = browser(owner)
    assert browser(writer).post("/settings/close", {"sure": "y"}).status_code == 303
    page = ours.get(f"/contracts/{contract.id}")
    assert "The 14 was late 61 times" in page.text
    assert "Former member" in page.text
    assert f"/professionals/{one(select(Profile)).handle}" not in page.text
    assert many(select(Notice).where(Notice.person_id == writer.id)) == []


def test_a_cancelled_milestone_no_longer_stands_in_the_way(browser: Any) -> None:
    contract = make.contract()
    milestoning.cancel(contract.milestones[0], by=make.owner_of(contract.organisation))
    commit()
    assert closing.objections(contract.profile.person) == []
