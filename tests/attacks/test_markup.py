"""Words that pose as markup, everywhere words are stored: cases X01 to X16 (the browser's part is apart)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Text, select

from marketplace.config import ROOT, settings
from marketplace.kernel import events
from marketplace.kernel.db import Base, commit, db, many
from marketplace.kernel.http import Marketplace
from marketplace.kernel.mail import Mail, html, message, post
from tests import make
from tests.attacks.forms_in import Forms
from tests.crawling import KINDS, World, addresses

MARKUP = "\"'><img src=x onerror=a(1)></p></title></textarea><script>a(1)</script>{{7*7}}${7*7}"
SHORT = "\"'><img src=x onerror=a(1)>{{7*7}}"
LIVE = ("<img src=x", "<script>a(1)", "onerror=a(1)>{{49", "{{49}}")
# Never filled in: they end the account or the session with which the crawl goes on.
ENDING = ("/settings/close", "/sign-out", "/settings/password", "/settings/email")


def spoil() -> int:
    """Put markup behind every stored text that is prose (has a space); how many rows were spoiled."""
    spoiled = 0
    for table in Base.metadata.sorted_tables:
        if table.name in events.guarded or table.name.startswith("kernel_"):
            continue
        for column in table.c:
            if isinstance(column.type, Text) and not column.foreign_keys:
                words = table.update().where(column.like("% %")).values({column: column + MARKUP})
                spoiled += db.session.execute(words).rowcount  # type: ignore[attr-defined]
    commit()
    return spoiled


def pages(app: Marketplace, world: World, browser: Any, kinds: tuple[str, ...] = KINDS) -> Iterator[Any]:
    """Every page that a person of one of `kinds` is shown."""
    for kind in kinds:
        visitor = browser(world.people[kind])
        for _, path in addresses(app, world):
            answer = visitor.get(path)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                yield kind, path, answer.text


@pytest.mark.parametrize("kind", KINDS)
def test_x01_x02_x13_stored_words_stay_words(app: Marketplace, world: World, browser: Any, kind: str) -> None:
    assert spoil() > 20
    shown = list(pages(app, world, browser, (kind,)))
    assert {path for _, path, text in shown if any(live in text for live in LIVE)} == set()
    assert any("&lt;img src=x" in text for _, _, text in shown)


@pytest.mark.parametrize("words", [MARKUP, SHORT])
@pytest.mark.parametrize("kind", ["newcomer", "party", "owner"])
def test_x01_x04_what_a_form_takes_comes_back_inert(
    app: Marketplace, world: World, browser: Any, kind: str, words: str
) -> None:
    visitor, answers = browser(world.people[kind]), []
    for _, path, text in list(pages(app, world, browser, (kind,))):
        for form in Forms(text).found:
            target = form.action or path
            if form.method == "post" and not target.startswith(ENDING):
                answers.append(visitor.post(target, form.filled(words)))
    texts = [answer.text for answer in answers if answer.mimetype == "text/html"]
    texts += [text for _, _, text in pages(app, world, browser, (kind,))]
    assert [answer.request.path for answer in answers if answer.status_code >= 500] == []
    assert len(answers) > 5
    assert not [live for text in texts for live in LIVE if live in text]
    assert not [text for text in texts if 'href="javascript:' in text]


@pytest.mark.parametrize(
    "site", ["javascript:a(1)", "\tjavascript:a(1)", "data:text/html,x", "vbscript:x", "//evil"]
)
def test_x04_a_website_is_an_address_of_the_web(browser: Any, site: str) -> None:
    org = make.business()
    typed = {"name": "Northgate", "country": "GB", "city": "", "website": site, "about": ""}
    path = f"/settings/business/{org.id}"
    assert browser(make.owner_of(org)).post(path, typed).status_code == 422


def test_x04_links_of_people_lead_out_without_favour(app: Marketplace, world: World, browser: Any) -> None:
    for _, path, text in pages(app, world, browser, ("stranger", "owner")):
        for link in ast.literal_eval(repr(text)).split("<a ")[1:]:
            tag = link.split(">")[0]
            if 'target="_blank"' in tag:
                assert "noopener" in tag, path


@pytest.mark.parametrize("header", ["HX-Redirect", "HX-Location", "HX-Push-Url", "HX-Trigger", "HX-Retarget"])
def test_x09_words_of_people_reach_no_header(world: World, browser: Any, header: str) -> None:
    typed = {"name": MARKUP, "timezone": "UTC", "theme": "", header: "https://evil.example"}
    answer = browser(world.people["owner"]).post("/settings/account", typed, headers={"HX-Request": "true"})
    assert answer.headers.get(header, "/") in {"/", "/settings/account"}


@pytest.mark.parametrize("next_page", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_x09_htmx_is_led_nowhere_else(world: World, browser: Any, next_page: str) -> None:
    here = browser(world.people["owner"])
    answer = here.get("/sign-in", query_string={"next": next_page}, headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == "/"


NAMES = ["Dana <script>a(1)</script>", 'Dana" <evil@example.org>', "[Dana](https://evil.example)", "{{7*7}}",
         "Dana & O'Brien", "https://evil.example/win", "Dana, evil@example.org", "**Dana** # x"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_x13_x14_a_name_in_mail_is_only_a_name(app: Marketplace, name: str) -> None:
    with app.test_request_context():
        mail = post("dana@example.org", name, "verify", url="http://localhost/verify/x", minutes=60)
        assert f"Hello {name}," in mail.body
        page, letter = html(mail), message(mail)
    assert page.count("<a href") == 1
    assert 'href="http://localhost/verify/x"' in page
    assert "<script>" not in page
    assert [one.addr_spec for one in letter["To"].addresses] == ["dana@example.org"]


@pytest.mark.parametrize("subject", ["Hi\r\nBcc: evil@example.org", "Hi\nX: y", "Hi\x0bthere"])
def test_x14_i04_a_subject_is_one_line(app: Marketplace, subject: str) -> None:
    org = make.business(subject)
    with app.test_request_context():
        mail = post(
            "a@example.org",
            "A",
            "invitation",
            by="Dana",
            organisation=org.name,
            role="editor",
            url="",
            days=7,
        )
        letter = message(mail)
    assert letter["Bcc"] is None
    assert len(letter.as_string().split("Subject: ")[1].splitlines()[0]) < 100


def test_x14_every_letter_of_a_spoiled_marketplace_is_clean(
    app: Marketplace, world: World, work: Any
) -> None:
    work()
    with app.test_request_context():
        letters = [html(mail) for mail in many(select(Mail))]
    assert settings().base_url == "http://localhost"
    assert not [letter for letter in letters if "<img" in letter or "<script" in letter]


def test_x15_htmx_runs_no_text_and_asks_no_other_site(browser: Any) -> None:
    page = browser().get("/").text
    assert '"mode":"same-origin"' in page
    assert '"includeIndicatorCSS":false' in page
    assert "hx-on" not in page


def test_i06_nothing_is_unpickled_or_evaluated() -> None:
    banned = {"pickle", "marshal", "shelve", "dill", "yaml", "eval", "exec", "system"}
    used = set()
    for file in (ROOT / "marketplace").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                used |= {alias.name for alias in node.names}
            elif isinstance(node, ast.Call):
                used.add(getattr(node.func, "id", getattr(node.func, "attr", "")))
    assert not used & banned
