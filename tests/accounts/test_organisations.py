"""Businesses and who acts for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from marketplace.accounts import organisations
from marketplace.accounts.models import Invitation, Organisation
from marketplace.kernel import clock
from marketplace.kernel.db import commit, db
from marketplace.kernel.errors import Refused
from tests import make
from tests.accounts.mailbox import link_in


@pytest.fixture
def northgate(app: Any) -> Organisation:
    return make.business("Northgate Transit")


def test_a_confirmed_person_founds_a_business_and_owns_it(browser: Any) -> None:
    dana = make.person("Dana Whitlock")
    answer = browser(dana).post(
        "/settings/business/found", {"name": "Northgate", "country": "GB", "currency": "gbp"}
    )
    assert answer.location == "/start"
    (org,) = db.session.scalars(db.select(Organisation))
    assert [brand.name for brand in org.brands] == ["Northgate"]
    assert org.brands[0].accountable_editor_id == dana.id


def test_an_unconfirmed_person_is_asked_to_confirm_first(browser: Any) -> None:
    dana = make.person("Dana Whitlock", side="business")
    dana.verified_at = None
    commit()
    answer = browser(dana).post(
        "/settings/business/found", {"name": "Northgate", "country": "GB", "currency": "gbp"}
    )
    assert answer.status_code == 403
    assert "confirm your e-mail" in answer.text


def invite(browser: Any, org: Organisation, email: str, role: str = "editor") -> str:
    owner = browser(make.owner_of(org))
    assert (
        owner.post(f"/settings/business/{org.id}/people", {"email": email, "role": role}).status_code == 303
    )
    return link_in(email)


def test_an_invited_editor_joins(browser: Any, northgate: Organisation) -> None:
    milo = make.person("Milo Member")
    path = invite(browser, northgate, milo.email)
    assert browser(milo).post(path).status_code == 303
    assert milo.acts_for(northgate.id, "editor")
    assert not milo.acts_for(northgate.id, "finance")


def test_an_invitation_is_for_its_address_alone(browser: Any, northgate: Organisation) -> None:
    path = invite(browser, northgate, "milo@northgate.example")
    assert browser(make.person("Nadia Stranger")).post(path).status_code == 403


@pytest.mark.parametrize("end", ["used", "week", "revoked", "demoted"])
def test_an_invitation_ends(browser: Any, northgate: Organisation, end: str) -> None:
    milo = make.person("Milo Member")
    path = invite(browser, northgate, milo.email)
    if end == "used":
        browser(milo).post(path)
    if end == "week":
        clock.move_to(clock.now() + timedelta(days=7, minutes=1))
    if end == "revoked":
        (waiting,) = db.session.scalars(db.select(Invitation))
        browser(make.owner_of(northgate)).post(f"/settings/invitations/{waiting.id}/revoke")
    if end == "demoted":
        heir = make.member(northgate, "owner", "Hetty Heir")
        northgate.brands[0].accountable_editor_id = heir.id
        organisations.change_roles(northgate, make.owner_of(northgate), {"viewer"}, by=heir)
        commit()
    assert browser(milo).post(path).status_code in {404, 409}


@pytest.mark.parametrize("role", ["editor", "hiring", "finance", "viewer"])
def test_members_may_look_at_people_but_only_owners_change_them(
    browser: Any, northgate: Organisation, role: str
) -> None:
    milo = browser(make.member(northgate, role))
    path = f"/settings/business/{northgate.id}/people"
    assert milo.get(path).status_code == 200
    refused = milo.post(path, {"email": "x@y.example", "role": "owner"})
    assert refused.status_code == 403
    assert "not change it" in refused.text


@pytest.mark.parametrize("path", ["", "/people", "/brands"])
def test_strangers_find_no_business(browser: Any, northgate: Organisation, path: str) -> None:
    nadia = browser(make.person("Nadia Stranger"))
    assert nadia.get(f"/settings/business/{northgate.id}{path}").status_code == 404
    assert nadia.post(f"/settings/business/{northgate.id}{path}", {"brand": "Mine"}).status_code == 404


def test_there_is_always_an_owner(browser: Any, northgate: Organisation) -> None:
    owner = make.owner_of(northgate)
    path = f"/settings/business/{northgate.id}/people/{owner.id}"
    answer = browser(owner).post(path, {"roles": ["viewer"]})
    assert answer.status_code == 422
    assert organisations.ONE_OWNER in answer.text


def test_two_owners_cannot_remove_each_other(northgate: Organisation) -> None:
    dana, hetty = make.owner_of(northgate), make.member(northgate, "owner", "Hetty Heir")
    organisations.change_roles(northgate, hetty, set(), by=dana)
    commit()
    with pytest.raises(Refused):
        organisations.change_roles(northgate, dana, set(), by=dana)


def test_a_removed_member_loses_access_at_once(browser: Any, northgate: Organisation) -> None:
    milo = make.member(northgate, "editor")
    page = browser(milo)
    organisations.change_roles(northgate, milo, set(), by=make.owner_of(northgate))
    commit()
    assert page.get(f"/settings/business/{northgate.id}").status_code == 404


def test_only_editors_answer_for_words(browser: Any, northgate: Organisation) -> None:
    make.member(northgate, "finance", "Fay Finance")
    eddie = make.member(northgate, "editor", "Eddie Editor")
    owner = browser(make.owner_of(northgate))
    path = f"/settings/brands/{northgate.brands[0].id}/editor"
    assert "Fay Finance" not in owner.get(path).text
    assert owner.post(path, {"editor": str(eddie.id)}).status_code == 303
    assert northgate.brands[0].accountable_editor_id == eddie.id


def test_a_website_is_a_web_address(browser: Any, northgate: Organisation) -> None:
    data = {"name": "Northgate", "country": "GB", "website": "javascript:alert(1)"}
    answer = browser(make.owner_of(northgate)).post(f"/settings/business/{northgate.id}", data)
    assert answer.status_code == 422
    assert "begins with https://" in answer.text


def test_who_answers_for_a_brand_keeps_a_role_that_approves(browser: Any) -> None:
    org = make.business()
    owner, editor = make.owner_of(org), make.member(org, "editor")
    org.brands[0].accountable_editor_id = editor.id
    commit()
    answer = browser(owner).post(f"/settings/business/{org.id}/people/{editor.id}", {"roles": ["viewer"]})
    assert (answer.status_code, "name another editor first" in answer.text) == (422, True)
    assert editor.acts_for(org.id, "editor")


def test_a_viewer_reads_about_the_business_without_a_form(browser: Any, northgate: Organisation) -> None:
    path = f"/settings/business/{northgate.id}"
    assert "An owner can change this" in browser(make.member(northgate, "viewer")).get(path).text
    assert "An owner can change this" not in browser(make.owner_of(northgate)).get(path).text
