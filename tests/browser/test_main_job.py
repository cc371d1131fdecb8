"""The main job, walked by people in a real browser: from sign-up to reviews, with scripts and without."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Live
from tests.browser.walking import fill, found_in, press, sees, sign_in, sign_up

pytestmark = pytest.mark.browser

TEXT = (
    "The lift at Harbour Street is out until Thursday.\n\nThe part is on a lorry outside Lyon. We know because the "
    "driver sent us a photograph of it.\n\nUntil then, platform two has a ramp, and Sam, who will walk with you."
)
PITCH = (
    "I would begin with the lift, since that is what people are standing in front of. It is out until Thursday, and "
    "saying so in the first line is the only kindness we have to offer. Then the reason, in one sentence that a tired "
    "person can follow. Then Sam, by name, because a ramp is a fact and a person is help. I would leave the apology "
    "out of the end and spend that line on the day it works again."
)
DAY = (date.today() + timedelta(days=20)).isoformat()


class Cast:
    """The people of one walk, each with a window of their own."""

    def __init__(self, window: Any, live: Live, javascript: bool) -> None:
        self.mark = uuid4().hex[:6]
        self.live = live
        self.writer: Page = window(javascript=javascript)
        self.boss: Page = window(javascript=javascript)
        self.readers: list[Page] = [window(javascript=javascript) for _ in range(2)]

    def email(self, who: str) -> str:
        return f"{who}.{self.mark}@walk.example"


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_from_sign_up_to_reviews(window: Any, live: Live, javascript: bool) -> None:
    cast = Cast(window, live, javascript)
    the_writer_applies(cast)
    two_readers_admit(cast)
    the_business_publishes_a_brief(cast)
    the_writer_pitches(cast)
    the_business_offers_and_the_writer_accepts(cast)
    the_money_is_held(cast)
    the_draft_is_changed_and_approved(cast)
    both_review(cast)
    checked = live.flask("books", "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def the_writer_applies(cast: Cast) -> None:
    page = cast.writer
    sign_up(page, "Olive Marsh", cast.email("olive"), "professional")
    press(page, "Start your application")
    page.goto("/profile")
    fill(
        page, statement="I write for the people who keep a town running.",
        biography="Eleven years of lifts, buses and water, first as an operator and then as the person who explains.",
        platforms=["linkedin", "x"], subjects="public-services", registers=["dry", "plain-spoken"],
        languages__0__code="en", languages__0__level="native", country="GB", city="Leeds",
    )  # fmt: skip
    press(page, "Save")
    page.goto("/profile/rates")
    fill(page, currency="usd", amount_post="140", includes_post="Two rounds of edits")
    press(page, "Save")
    for number in range(3):
        page.goto("/profile/samples/new")
        fill(
            page, platform="linkedin", client="Harbour Street", role="wrote", written_on=f"2026-0{number + 3}-02",
            brief="Tell riders about the lift. No jargon.", text=f"{TEXT}\n\nDay {number + 1}.",
            learns="When the lift works again.", permission="public",
        )  # fmt: skip
        press(page, "Save")
    page.goto("/apply")
    press(page, "Send for reading")
    press(page, "Send")
    sees(page, "Place")


def two_readers_admit(cast: Cast) -> None:
    for number, page in enumerate(cast.readers):
        email = cast.email(f"reader{number}")
        sign_up(page, f"Reader Number {number}", email, "business")
        assert cast.live.flask("people", "appoint", email, "reader").returncode == 0
        sign_in(page, email)
        page.goto("/admin/vetting")
        sees(page, "Applications to read")
        assert "Olive" not in page.content()
        read_youngest(page)
    cast.writer.goto("/apply")
    sees(cast.writer, "You are admitted")


def read_youngest(page: Page) -> None:
    """Take the application that came last, Olive's, and mark it."""
    page.get_by_role("button", name=re.compile("Take it for reading")).last.click()
    sees(page, "on a lorry outside Lyon")
    lines = ("lucidity", "fluency", "voice", "substance", "judgement")
    fill(page, **dict.fromkeys(lines, "4"), **{f"why_{line}": "Clear and certain." for line in lines})
    press(page, "Save marks and compare")


def the_business_publishes_a_brief(cast: Cast) -> None:
    page = cast.boss
    sign_up(page, "Bridget Boss", cast.email("bridget"), "business")
    page.goto("/settings/business/found")
    fill(page, name=f"Harbour Street Lifts {cast.mark}", country="GB", currency="usd")
    press(page, "Set up the business")
    page.goto("/briefs/new")
    press(page, "Begin the brief")
    fill(
        page, title=f"Lifts, told straight {cast.mark}", goal="Tell riders when the lift works.",
        result="Fewer calls.", learns="When and how to travel meanwhile.", subject_area="public-services",
    )  # fmt: skip
    press(page, "Continue")
    fill(page, audience="People in front of a closed lift.", languages="en", formal="2", serious="3", plain="5",
         sounds_like="The lift is out until Thursday.")  # fmt: skip
    press(page, "Continue")
    fill(
        page,
        pieces__0__kind="post",
        pieces__0__platform="linkedin",
        pieces__0__count="1",
        pieces__0__due_on=DAY,
    )
    press(page, "Continue")
    fill(page, currency="usd", low="100", high="600", milestones_wished="1", risk="low", ai_policy="none",
         rights="All rights pass with payment.", visibility="open")  # fmt: skip
    press(page, "Continue")
    press(page, "Publish the brief")
    sees(page, f"Lifts, told straight {cast.mark}")


def the_writer_pitches(cast: Cast) -> None:
    page = cast.writer
    found_in(page, "/briefs", f"Lifts, told straight {cast.mark}").click()
    press(page, "Pitch for this brief")
    page.locator('[name="sample"]').first.check(force=True)
    fill(page, pitch=PITCH, milestones__0__title="One post", milestones__0__price="480", milestones__0__due_on=DAY,
         ai_declaration="none")  # fmt: skip
    press(page, "Send pitch")
    sees(page, "I would begin with the lift")


def the_business_offers_and_the_writer_accepts(cast: Cast) -> None:
    page = cast.boss
    page.goto("/briefs")
    page.get_by_role("link", name=f"Lifts, told straight {cast.mark}").first.click()
    page.goto(page.url.split("?")[0].rstrip("/") + "/proposals")
    sees(page, "I would begin with the lift")
    assert "Olive" not in page.locator("main").inner_text()
    press(page, "Read this pitch")
    page.get_by_role("button", name=re.compile("Shortlist")).first.click()
    page.wait_for_load_state()
    page.goto(page.url.split("?")[0] + "?tab=shortlist")
    sees(page, "Olive Marsh")
    press(page, "Offer a contract")
    press(page, "Send")
    writer = cast.writer
    writer.goto("/contracts")
    writer.get_by_role("link", name=f"Lifts, told straight {cast.mark}").first.click()
    press(writer, "Accept and sign")


def the_money_is_held(cast: Cast) -> None:
    page = cast.boss
    open_contract(page, cast)
    press(page, "Hold $480")
    press(page, "Hold $480")
    expect(page).to_have_url(re.compile("/c/pay/"), timeout=30_000)
    fill(
        page,
        number="4242424242424242",
        expiry="12 / 40",
        cvc="123",
        name="Bridget Boss",
        email="b@walk.example",
    )
    press(page, "Pay")
    expect(page).to_have_url(re.compile("localhost.*/payments|/contracts"), timeout=30_000)
    expect(page.locator("main")).to_contain_text(re.compile("held", re.I), timeout=30_000)


def open_contract(page: Page, cast: Cast) -> None:
    """Go to the contract by the list."""
    page.goto("/contracts")
    page.get_by_role("link", name=f"Lifts, told straight {cast.mark}").first.click()
    page.wait_for_load_state()


def write_and_send(cast: Cast, text: str, note: str) -> None:
    page = cast.writer
    open_contract(page, cast)
    press(page, "Write draft")
    fill(page, text=text, note=note)
    press(page, "Send draft")


def the_draft_is_changed_and_approved(cast: Cast) -> None:
    write_and_send(cast, TEXT, "The first draft.")
    page = cast.boss
    open_contract(page, cast)
    sees(page, "on a lorry outside Lyon")
    press(page, "Ask for changes")
    fill(page, note="Give the hour as well as the day.")
    press(page, "Ask for changes")
    write_and_send(cast, TEXT.replace("until Thursday", "until Thursday noon"), "The day has an hour now.")
    open_contract(page, cast)
    sees(page, "noon")
    press(page, "Approve this post")
    sees(page, "Approved")


def write_review(cast: Cast, page: Page) -> None:
    """Go to the form for the review of the contract that has ended."""
    open_contract(page, cast)
    page.goto(re.sub(r"[?#].*", "", page.url) + "/review")


def both_review(cast: Cast) -> None:
    write_review(cast, cast.boss)
    fill(cast.boss, substance="5", style="5", voice="5", reliability="4", hire_again="yes",
         quote="The part is on a lorry outside Lyon.",
         body="She rang the driver. We published it as it stood.")  # fmt: skip
    press(cast.boss, "Send this review")
    write_review(cast, cast.writer)
    fill(
        cast.writer,
        clarity="5",
        speed="5",
        decisions="4",
        body="Clear brief, quick answers, one good decision.",
    )
    press(cast.writer, "Send this review")
    sees(cast.writer, "She rang the driver")
