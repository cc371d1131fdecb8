"""Requests that another site makes a browser send: cases C01 to C03."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.accounts.models import Person
from tests import make
from tests.crawling import unchanged

PATH = "/settings/account"
TYPED = {"name": "Dana Changed", "timezone": "UTC", "theme": ""}


@pytest.fixture
def dana(app: Any) -> Person:
    """Who is attacked."""
    return make.person("Dana Whitlock")


def test_the_same_request_from_here_is_done(browser: Any, dana: Person) -> None:
    here = browser(dana)
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert here.post(PATH, TYPED, headers=headers).status_code == 303
    assert dana.name == "Dana Changed"


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://sub.localhost", "http://localhost:81", ""]
)
def test_c03_another_origin_is_refused(browser: Any, dana: Person, origin: str) -> None:
    here, statuses = browser(dana), []
    assert unchanged(lambda: statuses.append(here.post(PATH, TYPED, headers={"Origin": origin}).status_code))
    assert statuses == [403]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_c03_another_site_is_refused(browser: Any, dana: Person, site: str) -> None:
    here, statuses = browser(dana), []
    headers = {"Sec-Fetch-Site": site}
    assert unchanged(lambda: statuses.append(here.post(PATH, TYPED, headers=headers).status_code))
    assert statuses == [403]


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/sign-up"])
def test_c02_nobody_is_signed_in_or_out_from_elsewhere(browser: Any, dana: Person, path: str) -> None:
    here = browser(dana)
    assert here.post(path, headers={"Origin": "https://evil.example"}).status_code == 403
    assert here.get(PATH).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "null", "0" * 500, "\x00"])
def test_c01_an_invented_token_is_refused(browser: Any, dana: Person, token: str) -> None:
    here, statuses = browser(dana), []
    send = here.client.post
    assert unchanged(lambda: statuses.append(send(PATH, data={**TYPED, "csrf_token": token}).status_code))
    assert statuses == [400]


def test_c01_the_token_of_another_is_refused(browser: Any, dana: Person) -> None:
    here, other = browser(dana), browser(make.person("Nadia Stranger"))
    answer = here.client.post(PATH, data={**TYPED, "csrf_token": other._token()})
    assert answer.status_code == 400
    assert "Dana Changed" in answer.text, "what was typed is kept"


def test_c01_the_token_from_before_signing_in_is_refused(browser: Any, dana: Person) -> None:
    stranger, here = browser(), browser(dana)
    assert here.client.post(PATH, data={**TYPED, "csrf_token": stranger._token()}).status_code == 400


def test_c01_i08_a_token_in_the_address_counts_for_nothing(browser: Any, dana: Person) -> None:
    here = browser(dana)
    token = here._token()
    assert here.client.post(f"{PATH}?csrf_token={token}", data=TYPED).status_code == 400
    assert here.client.post(PATH, data=TYPED, headers={"X-CSRFToken": token}).status_code == 400


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/json", "application/xml", "", "multipart/form-data"]
)
def test_c01_i09_other_kinds_of_body_do_nothing(browser: Any, dana: Person, kind: str) -> None:
    here, statuses = browser(dana), []
    body = f"csrf_token={here._token()}&name=Changed&timezone=UTC".encode()
    assert unchanged(
        lambda: statuses.append(here.client.post(PATH, data=body, content_type=kind).status_code)
    )
    assert statuses[0] in {400, 415}
