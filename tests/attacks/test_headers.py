"""Headers on every kind of answer: cases H01 to H09, C07, C08, N06, O02, X11."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from marketplace.kernel.http import NO_STORE, Marketplace
from tests import make
from tests.crawling import World, addresses

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ANSWERS: dict[str, Callable[[Any], Any]] = {
    "200": lambda b: b.get("/"),
    "health": lambda b: b.get("/healthz"),
    "303": lambda b: b.get("/settings"),
    "304": lambda b: b.get(stylesheet(b), headers={"If-None-Match": b.get(stylesheet(b)).headers["ETag"]}),
    "400": lambda b: b.get("/", headers={"Host": "evil.example"}),
    "403": lambda b: b.post("/sign-in", headers={"Origin": "https://evil.example"}),
    "404": lambda b: b.get("/no-such-page"),
    "404 file": lambda b: b.get("/static/x/no-such-file.css"),
    "405": lambda b: b.get("/sign-out"),
    "413": lambda b: b.post("/sign-in", {"email": "x" * 3_000_000}),
    "422": lambda b: b.post("/sign-in", {}),
    "500": lambda b: b.get("/terms"),
    "file": lambda b: b.get(stylesheet(b)),
}


def stylesheet(browser: Any) -> str:
    """Where the style sheet is at present."""
    return f"/static/{browser.client.application.build}/site.css"


@pytest.fixture
def broken_terms(app: Marketplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """One page that fails, with words in the failure that nobody may read."""

    def fail() -> None:
        raise RuntimeError("the password is sesame")

    monkeypatch.setitem(app.view_functions, "home.terms", fail)


@pytest.mark.parametrize("kind", ANSWERS)
@pytest.mark.usefixtures("broken_terms")
def test_h01_c08_every_answer_carries_the_policy(browser: Any, kind: str) -> None:
    answer = ANSWERS[kind](browser())
    assert kind[:3] in {str(answer.status_code), "hea", "fil"}
    policy = answer.headers["Content-Security-Policy"]
    for part in ("default-src 'self'", "frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
    assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.usefixtures("broken_terms")
def test_o02_a_failure_says_nothing_but_its_number(browser: Any) -> None:
    answer = browser().get("/terms")
    assert answer.status_code == 500
    assert "sesame" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_h02_private_pages_are_kept_by_no_shared_cache(app: Marketplace, world: World, browser: Any) -> None:
    owner = browser(world.people["owner"])
    for _, path in addresses(app, world):
        answer = owner.get(path)
        if path not in {"/healthz"}:
            caching = answer.headers["Cache-Control"]
            assert "public" not in caching, path
            assert "no-store" in caching or "Cookie" in answer.headers["Vary"], path


@pytest.mark.parametrize("path", ["/payments", "/settings/account", "/contracts", "/payments.csv", "/start"])
def test_h02_pages_of_money_and_keys_are_kept_by_no_cache(world: World, browser: Any, path: str) -> None:
    assert browser(world.people["owner"]).get(path).headers["Cache-Control"] == "no-store"


def test_h02_pages_of_vetting_are_kept_by_no_cache(world: World, browser: Any) -> None:
    assert browser(world.people["newcomer"]).get("/apply").headers["Cache-Control"] == "no-store"
    assert browser(world.people["reader"]).get("/admin/vetting").headers["Cache-Control"] == "no-store"
    assert len(NO_STORE) > 5


def test_h03_whole_pages_come_back_from_history(app: Marketplace, world: World, browser: Any) -> None:
    restore = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    for kind in ("stranger", "owner", "party"):
        visitor = browser(world.people[kind])
        for _, path in addresses(app, world):
            plain, answer = visitor.get(path), visitor.get(path, headers=restore)
            if plain.status_code == 200 and plain.data.startswith(b"<!doctype html>"):
                assert answer.data.startswith(b"<!doctype html>"), path
                assert "HX-Request" in answer.headers["Vary"], path


@pytest.mark.parametrize("tail", ["/x.css", "%2fx.js", ";.png", ".css", "%00.css", "/..%2fx.js"])
def test_h04_a_private_page_never_poses_as_a_file(
    app: Marketplace, world: World, browser: Any, tail: str
) -> None:
    owner = browser(world.people["owner"])
    plain = [path for rule, path in addresses(app, world) if "<" not in rule.rule and path != "/"]
    known = {path for _, path in addresses(app, world)}
    for path in plain:
        if path + tail not in known:
            answer = owner.get(path + tail)
            assert answer.status_code in {400, 404}, path + tail
            assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost"])
def test_h05_no_origin_is_let_in(browser: Any, origin: str) -> None:
    for path in ("/", "/professionals", "/healthz", "/no-such-page", stylesheet(browser())):
        headers = browser().get(path, headers={"Origin": origin}).headers
        assert [name for name, _ in headers if name.startswith("Access-Control")] == []


def test_h06_signing_out_clears_what_the_browser_kept(browser: Any) -> None:
    answer = browser(make.person()).post("/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/professionals", "/vetting", "/terms", "/help/fees"])
def test_h07_public_pages_set_no_cookie_and_may_be_kept(world: World, browser: Any, path: str) -> None:
    answer = browser().get(path)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "public, max-age=60"


def test_c07_a_page_with_a_token_is_kept_by_no_shared_cache(
    app: Marketplace, world: World, browser: Any
) -> None:
    tokens = 0
    for _, path in addresses(app, world):
        answer = browser().get(path)
        if answer.mimetype == "text/html" and 'name="csrf_token"' in answer.text:
            tokens += 1
            assert answer.headers["Cache-Control"] == "no-store", path
    assert tokens >= 3


@pytest.mark.parametrize(
    "header", ["X-Forwarded-Host", "X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "X-Original-URL"]
)
def test_h08_forwarded_headers_of_a_client_are_ignored(browser: Any, header: str) -> None:
    value = "host=evil.example;proto=https" if header == "Forwarded" else "evil.example"
    answer = browser().get("/settings/account", headers={header: value})
    assert answer.location == "/sign-in?next=/settings/account"
    assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize(
    ("name", "kind"),
    [("site.css", "text/css"), ("site.js", "text/javascript"), ("icons.svg", "image/svg+xml")],
)
def test_h09_files_of_this_build_never_change(app: Marketplace, browser: Any, name: str, kind: str) -> None:
    answer = browser().get(f"/static/{app.build}/{name}")
    assert answer.mimetype == kind
    assert answer.headers["Cache-Control"] == "max-age=31536000, public, immutable"
    assert "Set-Cookie" not in answer.headers


def test_h09_files_of_another_build_are_asked_for_again(browser: Any) -> None:
    assert "immutable" not in browser().get("/static/0000/site.css").headers["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["../app.py", "..%2fapp.py", "%2e%2e/app.py", ".git/config", "../.env", "", "//etc/passwd"]
)
def test_o03_nothing_but_its_files_comes_from_static(app: Marketplace, browser: Any, path: str) -> None:
    assert browser().get(f"/static/{app.build}/{path}").status_code in {308, 404}


@pytest.mark.parametrize(
    "path", ["/.git/config", "/.env", "/app.py", "/var/dev.sqlite", "/static", "/metrics"]
)
def test_o03_nothing_of_the_machine_is_served(browser: Any, path: str) -> None:
    assert browser().get(path).status_code == 404


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "CONNECT"])
def test_n06_strange_methods_get_no_echo(browser: Any, method: str) -> None:
    answer = browser().client.open("/sign-in", method=method, headers={"X-Canary": "canary"})
    assert answer.status_code == 405
    assert "canary" not in answer.text


@pytest.mark.parametrize("path", ["/<script>alert(1)</script>", "/professionals/<img src=x>?q=<img src=x>"])
def test_x11_errors_echo_nothing(browser: Any, path: str) -> None:
    answer = browser().get(path, headers={"Referer": "<script>alert(1)"})
    assert answer.status_code == 404
    assert "<script>alert" not in answer.text
    assert "<img src=x>" not in answer.text


def test_h01_https_is_kept_for_a_year(https: Any) -> None:
    answer = https(path="/")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
