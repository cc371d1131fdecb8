"""Every page as its people see it: at 1280 and 390 pixels, light and dark, without a violation of axe.

The pictures are kept in test-output/shots for whoever wants to look.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Live
from tests.browser.walking import sign_in

pytestmark = pytest.mark.browser

SHOTS = Path(__file__).resolve().parents[2] / "test-output" / "shots"
WORDS = "a voice, not an echo"
LOOKS = [(1280, False), (1280, True), (390, False), (390, True)]

# Addresses by who looks. `list > part` follows the first link of `list` whose address has that form.
A_BRIEF = "/briefs > /briefs/[0-9a-f-]{36}$"
A_CONTRACT = "/contracts > /contracts/[0-9a-f-]{36}$"
A_HOLDING = "/payments/holdings/[0-9a-f-]{36}$"
# An admin's page about the money of a contract that runs.
DECIDED = f"/admin/contracts?state=active > /contracts/[0-9a-f-]{{36}}$ > {A_HOLDING} > /admin/money/holdings/.{{36}}$"
PAGES = {
    "": [
        "/",
        "/professionals",
        "/professionals?q=bus&register=dry",
        "/professionals/ines-okafor",
        "/professionals/ines-okafor > /samples/",
        "/vetting",
        "/briefs",
        A_BRIEF,
        "/sign-up",
        "/sign-in",
        "/reset",
        "/ranking",
        "/terms",
        "/privacy",
        "/contact",
        "/help",
        "/help/fees",
        "/help/accessibility",
        "/no-such-page",
    ],
    "dana@northgate-transit.example": [
        "/",
        "/start",
        "/briefs",
        "/briefs/new",
        A_BRIEF,
        f"{A_BRIEF} > /proposals$",
        "/contracts",
        A_CONTRACT,
        f"{A_CONTRACT} > /terms$",
        f"{A_CONTRACT} > /changes$",
        "/payments",
        "/inbox",
        "/settings/account",
        "/settings/business",
        "/settings/notices",
        "/settings/business > /settings/business/.{36}$",
        "/settings/business > /people$",
        "/settings/sessions",
        "/settings/terms",
        "/settings/close",
        "/professionals/ines-okafor",
        "/professionals/ines-okafor/offer",
    ],
    "sunita@northgate-transit.example": [
        "/payments",
        "/payments/methods",
        "/payments/documents",
        "/payments/documents > /payments/documents/[0-9a-f-]{36}$",
        f"/payments > {A_HOLDING}",
        f"{A_CONTRACT} > /release$",
    ],
    "ines@writers.example": [
        "/",
        "/briefs",
        A_BRIEF,
        "/contracts",
        A_CONTRACT,
        f"{A_CONTRACT} > /edit$",
        "/payments",
        "/payments/payouts",
        f"/payments > {A_HOLDING}",
        "/payments/documents",
        "/settings/papers",
        "/profile",
        "/profile/rates",
        "/profile/samples",
        "/profile/samples/new",
        "/apply",
        "/inbox",
    ],
    "theo@staff.example": ["/", "/admin/vetting", "/admin/vetting > /admin/vetting/[0-9a-f-]{36}$"],
    "maren@staff.example": [
        "/",
        "/admin",
        "/admin/people",
        "/admin/people > /admin/people/[0-9a-f-]{36}$",
        "/admin/contracts",
        "/admin/books",
        "/admin/stripe",
        "/admin/money",
        "/admin/money/withdraw",
        DECIDED,
        f"{DECIDED} > /rule$",
        f"{DECIDED} > /freeze$",
        "/admin/audit",
        "/dev/mailbox",
        "/dev/mailbox > /dev/mailbox/",
    ],
}


def open_page(page: Page, path: str) -> None:
    """Go to an address, following links by their form where `>` says so."""
    first, *forms = path.split(" > ")
    page.goto(first)
    for form in forms:
        links = [link.get_attribute("href") or "" for link in page.locator("main a, main ~ * a").all()]
        found = [href for href in links if re.search(form, re.sub(r"[?#].*", "", href))]
        assert found, f"{page.url} has no link like {form}"
        page.goto(found[0])


@pytest.fixture(scope="module")
def windows(chromium: Browser, live: Live) -> Iterator[Any]:
    """One signed-in context a person and look, made once."""
    made: dict[tuple[str, int, bool], Page] = {}

    def window(who: str, width: int, dark: bool) -> Page:
        if (who, width, dark) not in made:
            kept = next((page for (name, _, _), page in made.items() if name == who), None)
            state = kept.context.storage_state() if kept else None
            context = chromium.new_context(
                base_url=live.url, viewport={"width": width, "height": 900}, storage_state=state,
                color_scheme="dark" if dark else "light", reduced_motion="reduce",
            )  # fmt: skip
            page = made[who, width, dark] = context.new_page()
            if who and kept is None:
                sign_in(page, who, WORDS)
        return made[who, width, dark]

    yield window
    for page in made.values():
        page.context.close()


def label(who: str, path: str) -> str:
    """A file name for a page."""
    plain = re.sub(r"\[0-9a-f-\]\{36\}|[^a-z0-9>]+", "-", path).replace(">", "_").strip("-")
    return f"{who.split('@')[0] or 'visitor'}_{plain or 'home'}"


@pytest.mark.parametrize(("who", "path"), [(who, path) for who, paths in PAGES.items() for path in paths])
def test_page(windows: Any, who: str, path: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    first = windows(who, *LOOKS[0])
    open_page(first, path)
    address = first.url
    for width, dark in LOOKS:
        page = windows(who, width, dark)
        page.goto(address)
        shade = "dark" if dark else "light"
        page.screenshot(path=SHOTS / f"{label(who, path)}-{width}-{shade}.png", full_page=True)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{address} is {wide} pixels wide at {width}"
        found = Axe().run(page).response["violations"]
        told = [(v["id"], [node["html"][:120] for node in v["nodes"]][:3]) for v in found]
        assert not told, f"{address} at {width} {shade}: {told}"
