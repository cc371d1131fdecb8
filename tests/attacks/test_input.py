"""Crafted input: cases I01, I02, I04, I07, I08, I09, N01, N03, N04, N05."""

from __future__ import annotations

import re
from typing import Any

import pytest

from marketplace.config import ROOT
from marketplace.kernel import money
from marketplace.kernel.errors import Refused
from marketplace.kernel.http import Marketplace
from tests import make
from tests.attacks.forms_in import Forms
from tests.crawling import World, addresses, unchanged

# Every name that some page reads from its address, found in the source, and some that attackers try.
ASKED = re.compile(r"""args(?:\.get(?:list)?\(|\[)"(\w+)\"""")
SOURCES = [file.read_text() for file in (ROOT / "marketplace").rglob("*.py")]
PARAMETERS = sorted(
    {name for text in SOURCES for name in ASKED.findall(text)} | {"q", "sort", "order", "page"}
)

HOSTILE = {
    "quote": "'",
    "union": "' UNION SELECT * FROM accounts_person --",
    "drop": '"; DROP TABLE accounts_person; --',
    "fts near": 'NEAR(a b, 5) AND "',
    "fts column": "name:x OR ^a* -b +c",
    "like": "%_\\%",
    "tsquery": "a & | ! <-> ( :*",
    "json": '{"$gt": ""}[]',
    "template": "{{7*7}} %s %(x)s {0}",
    "path": "../../etc/passwd",
    "huge": str(10**18),
    "huger": str(10**30),
    "negative": "-1",
    "float": "1e3",
    "digits": "١٢３",
    "uuid": "00000000-0000-0000-0000-000000000000",
    "line ends": "a\r\nX-Evil: 1",
    "long": "a " * 4000,
    "emoji": "👩‍👩‍👧‍👦\u202ethgir",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_i01_i04_n04_no_address_breaks_a_page(
    app: Marketplace, world: World, browser: Any, name: str
) -> None:
    # Each text is tried by one kind of person, so that all kinds try some.
    kind = ("stranger", "party", "owner", "admin")[list(HOSTILE).index(name) % 4]
    visitor, before = browser(world.people[kind]), {path for _, path in addresses(app, world)}
    asked = dict.fromkeys(PARAMETERS, HOSTILE[name])
    answers = [visitor.get(path, query_string=asked) for path in sorted(before)]
    assert [(a.request.path, a.status_code) for a in answers if a.status_code >= 500] == []
    assert not [a.request.path for a in answers if "X-Evil" in a.headers or b"syntax error" in a.data]


@pytest.mark.parametrize("text", ["a\x00b", "\x00", "a\x0bb", "\x1b[31m", "a\x7f", "\x85"])
def test_n01_control_characters_in_an_address_are_refused(browser: Any, text: str) -> None:
    assert browser().get("/professionals", query_string={"q": text}).status_code == 400
    assert browser().get("/professionals", query_string={text: "q"}).status_code == 400
    assert browser().get(f"/professionals/{text}").status_code in {400, 404}


@pytest.mark.parametrize("raw", ["%ff", "%ed%a0%80", "%c0%af", "%f8%88%80%80%80", "%", "%zz"])
def test_n01_bytes_that_are_no_text_find_nothing(browser: Any, raw: str) -> None:
    assert browser().get(f"/professionals/{raw}").status_code in {400, 404}
    assert browser().get(f"/professionals?q={raw}").status_code in {200, 400}


@pytest.mark.parametrize("words", ["a\x00b", "\ud800", "\x1b[2J", "\ufffe"])
@pytest.mark.parametrize("kind", ["newcomer", "owner"])
def test_n01_control_characters_in_a_form_are_refused(
    app: Marketplace, world: World, browser: Any, words: str, kind: str
) -> None:
    visitor, seen = browser(world.people[kind]), {}
    for _, path in addresses(app, world):
        page = visitor.get(path)
        for form in Forms(page.text).found if page.mimetype == "text/html" else ():
            if form.method == "post" and form.free:
                filled = {
                    name: value.encode(errors="surrogatepass") for name, value in form.filled(words).items()
                }
                seen[path] = visitor.post(form.action or path, filled).status_code
    assert len(seen) > 4
    assert {path: status for path, status in seen.items() if status >= 500 or status < 303} == {}


def test_n01_bytes_that_are_no_text_in_a_form_are_refused(browser: Any) -> None:
    here = browser(make.person())
    statuses: list[int] = []
    typed = {"name": b"\xff\xfe\xed\xa0\x80\x00", "timezone": "UTC", "theme": ""}
    assert unchanged(lambda: statuses.append(here.post("/settings/account", typed).status_code))
    assert statuses[0] in {400, 422}


def test_n03_ten_thousand_fields_are_too_many(browser: Any) -> None:
    assert browser().post("/sign-in", {f"field{number}": "x" for number in range(10_000)}).status_code == 413


def test_n03_u02_ten_thousand_parts_are_too_many(browser: Any) -> None:
    part = '--b\r\nContent-Disposition: form-data; name="f{}"\r\n\r\nx\r\n'
    body = "".join(part.format(number) for number in range(10_000)) + "--b--\r\n"
    answer = browser().client.post(
        "/sign-in", data=body.encode(), content_type="multipart/form-data; boundary=b"
    )
    assert answer.status_code == 413


def test_n03_a_megabyte_in_every_field_is_refused(app: Marketplace, world: World, browser: Any) -> None:
    for path in ("/sign-in", "/sign-up", "/reset"):
        form = max(Forms(browser().get(path).text).found, key=len)
        for name in form.free:
            status = browser().post(path, {**form, name: "x" * 1_000_000}).status_code
            assert status in {400, 413, 422}, (path, name)


def test_n03_u02_a_body_without_end_is_cut_off(browser: Any) -> None:
    statuses = [
        browser().client.post("/sign-in", data="x" * size).status_code for size in (3_000_000, 12_000_000)
    ]
    assert statuses == [413, 413]


def test_n03_a_long_address_and_many_headers_break_nothing(browser: Any) -> None:
    assert browser().get("/professionals", query_string={"q": "x" * 65_536}).status_code < 500
    headers = {f"X-{number}": "y" * 100 for number in range(200)}
    assert browser().get("/", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "number", ["1000000000000000000", "-1", "x", "1.5", "0", "१", "99999", "", "1,2", "1;2"]
)
def test_n04_a_page_that_is_not_there_breaks_nothing(world: World, browser: Any, number: str) -> None:
    owner = browser(world.people["owner"])
    for path in ("/professionals", "/briefs", "/payments", "/inbox", "/contracts"):
        assert owner.get(path, query_string={"page": number, "before": number}).status_code in {
            200,
            400,
            404,
        }, path


@pytest.mark.parametrize(
    "path",
    ["//settings/account", "/./settings/account", "/%2e%2e/settings/account", "/settings//account",
     "/settings/account/", "/settings/account;x", "/SETTINGS/account", "/settings/account%20", "/settings%2faccount"],
)  # fmt: skip
def test_n05_no_spelling_of_an_address_skips_the_guard(browser: Any, path: str) -> None:
    answer = browser().get(path)
    assert answer.status_code in {303, 308, 400, 404}
    assert "Dana" not in answer.text


AMOUNTS = ["1e3", "NaN", "inf", "1_000", "１２", "٣", "+5", "-0", "-5", "0x10", " 5 5", "5.", ".5", "5.001", "5,00",
           "10000000", "٣.٠٠", "5.00\n", "", "0b1", "1 000", "५", "4.8e2", "=5"]  # fmt: skip


@pytest.mark.parametrize("typed", AMOUNTS)
def test_i07_amounts_are_plain_figures(typed: str) -> None:
    with pytest.raises(Refused):
        money.parse(typed, "usd")


@pytest.mark.parametrize(
    "typed",
    [{"terms[]": "y"}, {"side": ["business", "professional", "admin"]}, {"email": ["a@example.org", "b@example.org"]},
     {"name[first]": "x"}, {"staff": "admin", "verified_at": "2026-01-01"}],
)  # fmt: skip
def test_i08_i07_repeated_and_invented_fields_grant_nothing(browser: Any, typed: dict[str, Any]) -> None:
    whole = {
        "name": "Nadia",
        "email": "n@example.org",
        "password": "sixty-one late buses",
        "side": "business",
    }
    answer = browser().post("/sign-up", {**whole, "terms": "y", **typed})
    assert answer.status_code in {303, 422}
    assert browser().get("/admin/vetting").status_code == 303


@pytest.mark.parametrize(
    "body", ["[" * 100_000, '{"a":' * 50_000, "\x00", "<?xml version='1.0'?><!DOCTYPE a>"]
)
@pytest.mark.parametrize(
    "kind", ["application/json", "text/xml", "application/x-www-form-urlencoded; charset=utf-7"]
)
def test_i09_strange_bodies_are_refused(browser: Any, body: str, kind: str) -> None:
    here = browser(make.person())
    answer = here.client.post("/settings/account", data=body.encode(), content_type=kind)
    assert answer.status_code in {400, 413, 415}


@pytest.mark.parametrize(
    "email", ["a" * 100_000 + "@example.org", "a@" + "a." * 50_000, "@" * 100_000, "a@" * 5000]
)
def test_i02_a_monstrous_address_costs_nothing(browser: Any, email: str) -> None:
    assert browser().post("/sign-in", {"email": email, "password": "x"}).status_code == 422
