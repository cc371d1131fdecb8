"""What a person does in a browser window, in their words. Works with scripts and without."""

from __future__ import annotations

import re
import time
from typing import Any

from playwright.sync_api import Locator, Page, expect

PASSWORD = "four buses and a dog"


def fill(page: Page, **typed: Any) -> None:
    """Fill in fields by their names: text, lists, days; radios and ticks by their value; True ticks a box.

    A double underscore stands for the dash of repeated rows: `pieces__0__count`.
    """
    for name, value in typed.items():
        field = page.locator(f'[name="{name.replace("__", "-")}"]:not([type=hidden])')
        for single in value if isinstance(value, list) else [value]:
            enter(field, single)


def enter(field: Locator, value: Any) -> None:
    """Put one value into one field, whatever its kind."""
    kind = field.first.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
    if kind in {"radio", "checkbox"}:
        chosen = field if value is True else field.and_(field.page.locator(f'[value="{value}"]'))
        chosen.check(force=True)
    elif kind == "select":
        field.select_option(str(value))
    elif kind == "file":
        field.set_input_files(value)
    else:
        field.fill(str(value))


def press(page: Page, label: str) -> None:
    """Press the button, or follow the link that looks like one."""
    exact = re.compile(rf"^\s*{re.escape(label)}")
    content = page.locator("main, main ~ *")
    content.get_by_role("button", name=exact).or_(content.get_by_role("link", name=exact)).first.click()
    page.wait_for_load_state()


def sees(page: Page, text: str) -> None:
    """The page shows `text` now or within the time-out."""
    expect(page.locator("body")).to_contain_text(text)


def mailed_link(page: Page, email: str) -> str:
    """The link in the newest mail to `email`, found in the mailbox page as a developer would."""
    page.goto("/dev/mailbox")
    page.locator("li", has_text=email).first.get_by_role("link").click()
    found = re.search(r"http://localhost:\d+(/\S+)", page.locator(".words").inner_text())
    assert found is not None
    return found[1]


def sign_up(page: Page, name: str, email: str, side: str) -> None:
    """Make an account, and confirm the address by the mailed link."""
    page.goto("/sign-up")
    fill(page, side=side, name=name, email=email, password=PASSWORD, terms=True)
    press(page, "Create account")
    sees(page, "Look in your mailbox")
    page.goto(mailed_link(page, email))
    press(page, "Confirm this address")


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """Sign in."""
    page.goto("/sign-in")
    fill(page, email=email, password=password)
    press(page, "Sign in")
    expect(page).not_to_have_url(re.compile("sign-in"))


def found_in(page: Page, path: str, name: str) -> Locator:
    """The link called `name` on a list that a job keeps: looked for again until it is there."""
    end = time.monotonic() + 30
    link = page.get_by_role("link", name=name).first
    while time.monotonic() < end:
        page.goto(path)
        if link.count():
            break
    return link
