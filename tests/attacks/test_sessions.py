"""Cookies and sessions: cases S03 to S12, A07, A13, A14, A18 to A21."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from marketplace.accounts import actions, passwords
from marketplace.accounts.models import Person
from marketplace.config import Settings
from marketplace.kernel import clock
from marketplace.kernel.db import commit, db
from marketplace.kernel.errors import Refused
from marketplace.kernel.http import Marketplace
from tests import make
from tests.accounts.mailbox import link_in
from tests.crawling import World, addresses, unchanged

WORDS = "sixty-one late buses"
CAFE = "caf\u00e9 au lait " * 6


@pytest.fixture
def dana(app: Marketplace) -> Person:
    """A person who knows her password."""
    row = make.person("Dana Whitlock")
    row.password_hash = passwords.make(WORDS)
    commit()
    return row


def test_s04_a_suspended_person_may_look_but_changes_nothing(browser: Any, dana: Person) -> None:
    open_before = browser(dana)
    actions.suspend(dana, "Payment fraud, case 14.", by=make.staff())
    commit()
    answer = open_before.post("/settings/business/found", {"name": "N", "country": "GB", "currency": "usd"})
    assert answer.status_code in {303, 403}
    assert open_before.get("/settings/business").text.count("/settings/business/") <= 1


def test_s04_a_suspended_person_acts_nowhere(app: Marketplace, world: World, browser: Any) -> None:
    person = world.people["owner"]
    assert person is not None
    actions.suspend(person, "Payment fraud, case 14.", by=make.staff())
    commit()
    for rule, path in addresses(app, world, "POST"):
        if getattr(app.view_functions[rule.endpoint], "audience", "") == "verified":
            assert browser(person).post(path, {"name": "x"}).status_code in {303, 403, 404}, path


def test_s04_a_closed_account_is_out_at_once(browser: Any, dana: Person) -> None:
    here = browser(dana)
    dana.closed_at = clock.now()
    commit()
    assert here.get("/settings/account").location.startswith("/sign-in")


def test_s04_a_dismissed_admin_is_out_at_once(browser: Any, world: World) -> None:
    admin = world.people["admin"]
    assert admin is not None
    here = browser(admin)
    assert here.get("/admin/vetting").status_code == 200
    actions.appoint(admin, "", by=None)
    commit()
    assert here.get("/admin/vetting").status_code in {303, 404}


@pytest.mark.parametrize("path", ["/sign-in", "/sign-up", "/reset"])
def test_s06_cookies_are_for_this_host_and_https_only(https: Any, path: str) -> None:
    for cookie in https(path=path).headers.getlist("Set-Cookie"):
        name, *flags = cookie.split("; ")
        assert name.startswith("__Host-session=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(flags)
        assert not any(flag.startswith("Domain") for flag in flags)


def test_s06_a_page_with_a_form_does_set_one(https: Any) -> None:
    assert len(https(path="/sign-in").headers.getlist("Set-Cookie")) == 1


@pytest.mark.parametrize(
    "cookie",
    ["session=garbage", "session=", "=nameless", "session=a; session=b", "session=" + "x" * 65_536,
     "session=eyJfdXNlcl9pZCI6IngifQ.aaaa.bbbb", "session=.eJ", "session=%00", "session=\x80\xff", "a" * 4000],
)  # fmt: skip
def test_s07_a_strange_cookie_is_ignored(browser: Any, cookie: str) -> None:
    for path, status in (("/", 200), ("/settings/account", 303)):
        answer = browser().client.get(path, headers={"Cookie": cookie})
        assert answer.status_code == status


def test_s08_an_old_key_opens_until_it_is_taken_away(
    app: Marketplace, browser: Any, dana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, old = browser(dana), app.config["SECRET_KEY"]
    kept = here.client.get_cookie("session").value
    monkeypatch.setitem(app.config, "SECRET_KEY", "another key of at least 32 characters")
    monkeypatch.setitem(app.config, "SECRET_KEY_FALLBACKS", [old])
    assert here.get("/settings/account").status_code == 200
    monkeypatch.setitem(app.config, "SECRET_KEY_FALLBACKS", [])
    here.client.set_cookie("session", kept)
    assert here.get("/settings/account").status_code == 303


def test_s10_an_answer_that_comes_after_signing_out_brings_nothing_back(browser: Any, dana: Person) -> None:
    here = browser(dana)
    with here.cookie() as cookie:
        late = dict(cookie)
    here.post("/sign-out")
    with here.cookie() as cookie:
        cookie.update(late)
    assert here.get("/settings/account").status_code == 303


def test_s11_no_address_holds_a_session(browser: Any, dana: Person) -> None:
    here = browser()
    answer = here.post("/sign-in", {"email": dana.email, "password": WORDS})
    with here.cookie() as cookie:
        secret = cookie["_user_id"]
    assert secret not in answer.location
    assert secret not in here.get("/settings/sessions").text


def test_s12_no_cookie_remembers_beyond_the_session(browser: Any, dana: Person) -> None:
    answer = browser().post("/sign-in", {"email": dana.email, "password": WORDS, "remember": "1"})
    assert {cookie.split("=")[0] for cookie in answer.headers.getlist("Set-Cookie")} == {"session"}


def test_a07_links_hold_256_bits_and_never_repeat(browser: Any, dana: Person) -> None:
    secrets = set()
    for number in range(4):
        browser().post("/reset", {"email": dana.email}, environ_base={"REMOTE_ADDR": f"10.0.0.{number}"})
        secrets.add(link_in(dana.email).rsplit("/", 1)[1])
    assert len(secrets) == 4
    assert {len(secret) for secret in secrets} == {43}


@pytest.mark.parametrize("changed", [f"{CAFE}x", CAFE.upper(), CAFE.strip(), "cafe au lait " * 6])
def test_a13_a_password_is_taken_exactly(app: Marketplace, changed: str) -> None:
    made = passwords.make(CAFE)
    assert passwords.matches(CAFE, made)
    assert passwords.matches("cafe\u0301 au lait " * 6, made), "another keyboard composes the same letter"
    assert not passwords.matches(changed, made)


@pytest.mark.parametrize("typed", ["x" * 1_000_000, "a\x00b" * 8])
def test_a13_a_monstrous_password_costs_nothing(browser: Any, dana: Person, typed: str) -> None:
    assert browser().post("/sign-in", {"email": dana.email, "password": typed}).status_code == 422


@pytest.mark.parametrize("weak", ["password", "12345678", "notanecho", "not an echo", "qwertyuiop"])
def test_a14_a_password_that_everybody_tries_is_refused(app: Marketplace, weak: str) -> None:
    with pytest.raises(Refused):
        passwords.make(weak, "dana@example.org", "Dana Whitlock", "Not an Echo")


@pytest.mark.parametrize(
    "path", ["/settings/password", "/settings/email", "/settings/close", "/settings/business/{}/people"]
)
def test_a18_an_old_session_gives_the_password_again(browser: Any, path: str) -> None:
    org = make.business()
    here = browser(make.owner_of(org))
    clock.move_to(clock.now() + timedelta(minutes=16))
    answers: list[int] = []
    path = path.format(org.id)
    typed = {"email": "new@example.org", "role": "editor", "old": "x", "password": "a new sentence to keep"}
    assert unchanged(lambda: answers.append(here.post(path, typed).status_code))
    assert answers == [403]


def test_a19_mail_scanners_change_nothing(browser: Any, dana: Person) -> None:
    browser().post("/reset", {"email": dana.email})
    path = link_in(dana.email)
    assert unchanged(lambda: [browser().get(path) for _ in range(2)])
    assert browser().get(path).status_code == 303


@pytest.mark.parametrize(
    "wrong",
    [{"secret_key": "development only"}, {"secret_key": "short"}, {"base_url": "http://market.example"},
     {"payments_mode": "sandbox"}, {"stripe_webhook_secret": ""}],
)  # fmt: skip
def test_a21_o05_it_does_not_start_unsafe_in_earnest(wrong: dict[str, str]) -> None:
    sound = {"environment": "production", "secret_key": "k" * 40, "base_url": "https://market.example",
             "payments_mode": "stripe", "stripe_webhook_secret": "w", "stripe_secret_key": "sk_live_1"}  # fmt: skip
    assert Settings(**sound).secure  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        Settings(**{**sound, **wrong})  # type: ignore[arg-type]


def test_a21_an_empty_marketplace_has_no_people(app: Marketplace) -> None:
    assert db.session.query(Person).count() == 0
