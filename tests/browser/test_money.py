"""Money in a real browser: ways to pay that go well and badly, what comes back, and how it reaches a bank."""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.conftest import Live
from tests.browser.walking import fill, press, sees, sign_in

pytestmark = pytest.mark.browser

SHOTS = Path(__file__).resolve().parents[2] / "test-output" / "shots"
WORDS = "a voice, not an echo"
DAY = (date.today() + timedelta(days=20)).isoformat()
GOOD, SECURE, DECLINED = "4242424242424242", "4000002760003184", "4000000000000002"
ARRIVES, CLOSED = "000123456789", "000111111113"


class Deal:
    """A contract of Northgate Transit with one writer, and the windows of its people."""

    def __init__(self, window: Any, live: Live, handle: str, *prices: str, javascript: bool = True) -> None:
        self.live, self.title = live, f"Told straight {uuid4().hex[:6]}"
        self.open: Callable[[], Page] = lambda: window(javascript=javascript)
        self.boss, self.payer, self.writer = self.open(), self.open(), self.open()
        sign_in(self.boss, "dana@northgate-transit.example", WORDS)
        sign_in(self.payer, "sunita@northgate-transit.example", WORDS)
        sign_in(self.writer, f"{handle.split('-')[0]}@writers.example", WORDS)
        offer(self.boss, handle, self.title, prices)
        self.writer.goto("/contracts")
        self.writer.get_by_role("link", name=self.title).first.click()
        press(self.writer, "Accept and sign")
        self.path = re.sub(r"^.*?(/contracts/[0-9a-f-]{36}).*$", r"\1", self.writer.url)

    def visit(self, page: Page, end: str = "") -> None:
        """Open the contract, or a page under it."""
        page.goto(self.path + end)

    def hold(self, card: str = GOOD) -> None:
        """The payer holds the money of the first milestone."""
        self.visit(self.payer, "/milestones/1/fund")
        press(self.payer, "Hold £")
        pay(self.payer, card)

    def money(self, page: Page) -> None:
        """Open the page that says where the money is."""
        self.visit(page)
        page.get_by_role("link", name="What happened to the money").click()
        page.wait_for_load_state()


def offer(page: Page, handle: str, title: str, prices: tuple[str, ...]) -> None:
    """Offer a contract with one milestone of one post for each price."""
    page.goto(f"/professionals/{handle}/offer")
    for _ in prices[1:]:
        press(page, "Add another milestone")
    fill(page, title=title, rights="All rights pass with payment.")
    for number, price in enumerate(prices):
        fill(page, **{
            f"milestones-{number}-title": f"Part {number + 1}", f"milestones-{number}-amount": price,
            f"milestones-{number}-due_on": DAY, f"milestones-{number}-pieces-0-title": f"Post {number + 1}",
        })  # fmt: skip
    press(page, "Send the offer")
    sees(page, title)


def pay(page: Page, card: str) -> None:
    """Type a test card into the page at Stripe, which opens by itself or is one click away."""
    expect(page).to_have_url(re.compile("/c/pay/"), timeout=30_000)
    fill(page, number=card, expiry="12 / 40", cvc="123", name="Sunita Rao", email="sunita@walk.example")
    press(page, "Pay")


def returns(page: Page) -> None:
    """Stripe leads back to the marketplace."""
    expect(page).to_have_url(re.compile(r"localhost:\d+/payments/"), timeout=30_000)


def until(page: Page, text: str, seconds: int = 90) -> None:
    """Open the page anew until `text` stands on it: what happened elsewhere has to be heard first."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and text not in page.locator("main").inner_text():
        page.wait_for_timeout(1000)
        page.reload()
    sees(page, text)


def elsewhere(page: Page, live: Live, kind: str, label: str) -> None:
    """Let something happen at Stripe to the newest object of a kind, as its page of acts offers it."""
    page.goto(f"{live.sandbox}/_acts")
    newest = page.locator("section", has=page.get_by_role("heading", name=kind)).locator("form.item").first
    newest.get_by_role("button", name=label, exact=True).click()
    page.wait_for_load_state()


def no_violations(page: Page) -> None:
    """The page as it stands is readable for everybody; its picture is kept beside those of test_pages."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    plain = re.sub(r"[0-9a-f-]{36}|[^a-z0-9]+", "-", page.url.split("/", 3)[3]).strip("-")
    page.screenshot(path=SHOTS / f"money_{plain}.png", full_page=True)
    told = [
        (v["id"], [node["html"][:100] for node in v["nodes"]][:2])
        for v in Axe().run(page).response["violations"]
    ]
    assert not told, f"{page.url}: {told}"


def test_a_bank_asks_for_confirmation_and_the_money_is_held(window: Any, live: Live) -> None:
    deal = Deal(window, live, "callum-reid", "480")
    deal.hold(SECURE)
    sees(deal.payer, "Is it you?")
    press(deal.payer, "Complete authentication")
    returns(deal.payer)
    until(deal.payer, "£480.00 held")
    deal.money(deal.payer)
    sees(deal.payer, "Held now")
    no_violations(deal.payer)


def test_a_declined_card_holds_nothing_and_another_one_pays(window: Any, live: Live) -> None:
    deal = Deal(window, live, "gwen-prothero", "300")
    deal.hold(DECLINED)
    sees(deal.payer, "Your card was declined")
    pay(deal.payer, GOOD)
    returns(deal.payer)
    until(deal.payer, "£300.00 held")


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_two_milestones_are_held_in_one_payment(window: Any, live: Live, javascript: bool) -> None:
    deal = Deal(window, live, "gwen-prothero", "300", "200", "100", javascript=javascript)
    page = deal.payer
    deal.visit(page, "/fund")
    sees(page, "Hold £600.00")
    page.get_by_label("Part 3").uncheck(force=True)
    if not javascript:
        press(page, "Work out the sum again")
    expect(page.get_by_role("button", name="Hold £500.00")).to_be_visible()
    press(page, "Hold £500.00")
    if not javascript:
        page.wait_for_url(re.compile("/c/pay/"), timeout=30_000)
    pay(page, GOOD)
    returns(page)
    until(page, "£500.00 held")
    for words in ("Part 1", "£300.00", "Part 2", "£200.00"):
        sees(page, words)


def test_what_was_not_begun_goes_back_whole(window: Any, live: Live) -> None:
    deal = Deal(window, live, "gwen-prothero", "250")
    deal.hold()
    returns(deal.payer)
    until(deal.payer, "£250.00 held")
    deal.visit(deal.boss, "/milestones/1/cancel")
    press(deal.boss, "Leave out")
    deal.money(deal.payer)
    until(deal.payer, "Returned to the business")
    sees(deal.payer, "£250.00 refunded.")


def released(deal: Deal) -> None:
    """The first milestone's money is held and all of it released."""
    deal.hold()
    returns(deal.payer)
    until(deal.payer, "held")
    deal.visit(deal.payer, "/milestones/1/release")
    press(deal.payer, "Release £")
    sees(deal.payer, "released.")


def test_a_chargeback_after_the_release_is_answered_lost_and_borne(window: Any, live: Live) -> None:
    deal = Deal(window, live, "harriet-voss", "900")
    released(deal)
    stripe, admin = deal.open(), deal.open()
    elsewhere(stripe, live, "Charges", "Dispute")
    until(deal.payer, "This money is frozen")
    sign_in(admin, "maren@staff.example", WORDS)
    admin.goto("/admin/money")
    until(admin, "£900.00: fraudulent; our answer is due")
    no_violations(admin)
    admin.get_by_role("link", name="£900.00: fraudulent").first.click()
    expect(admin.locator("[name=evidence]")).to_have_value(re.compile(f"{deal.title}.*SHA-256", re.DOTALL))
    no_violations(admin)
    press(admin, "Send this to the bank")
    sees(admin, "What we answered")
    elsewhere(stripe, live, "Disputes", "Lost")
    deal.money(deal.writer)
    for page in (deal.payer, deal.writer):
        until(page, "Who bears it")
        for words in ("£90.00", "Carried by Not an Echo", "£500.00", "Owed by", "£310.00"):
            sees(page, words)
        no_violations(page)
    deal.writer.goto("/payments")
    sees(deal.writer, "You owe")
    no_violations(deal.writer)


def at_stripe(page: Page) -> None:
    """Stripe's page of the payout account is open."""
    expect(page).to_have_url(re.compile("/c/onboarding/"), timeout=30_000)


def test_onboarding_left_half_way_is_finished_later(window: Any, live: Live) -> None:
    page = window()
    sign_in(page, "lucia@writers.example", WORDS)
    page.goto("/payments/payouts")
    press(page, "Set up payouts")
    at_stripe(page)
    fill(page, name="Lucia Ferrante", country="es")
    press(page, "Save and leave")
    returns(page)
    until(page, "Not finished at Stripe yet?")
    page.goto("/payments")
    sees(page, "begun but not finished")
    press(page, "Finish setting up payouts")
    press(page, "Set up payouts")
    at_stripe(page)
    expect(page.locator("[name=name]")).to_have_value("Lucia Ferrante")
    fill(page, number="DE89370400440532013000")
    press(page, "Finish")
    returns(page)
    until(page, "Your payouts are set up")


def onboard(page: Page, number: str) -> None:
    """The writer's payout account pays to this bank account."""
    page.goto("/payments/payouts")
    press(page, "Set up payouts")
    at_stripe(page)
    fill(page, name="Bram de Wolff", country="nl", number=number)
    press(page, "Finish")
    returns(page)
    until(page, "Your payouts are set up")


def test_a_failed_payout_is_repaired_by_another_bank_account(window: Any, live: Live) -> None:
    deal = Deal(window, live, "bram-de-wolff", "400")
    writer = deal.writer
    onboard(writer, CLOSED)
    released(deal)
    writer.goto("/payments/payouts")
    until(writer, "Your bank returned a payout", 240)
    sees(writer, "Came back")
    no_violations(writer)
    press(writer, "Give another bank account")
    at_stripe(writer)
    fill(writer, number=ARRIVES)
    press(writer, "Save")
    returns(writer)
    until(writer, "Nothing goes there before")
    no_violations(writer)
    until(writer, "Paid out", 240)
    deal.money(writer)
    sees(writer, "Paid out to Bram de Wolff’s bank")
    checked = live.flask("books", "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def consents(page: Page) -> None:
    """The writer lets invoices be made in their name."""
    page.goto("/settings/papers")
    fill(page, legal_name="Beatrix Lindqvist", address="Storgatan 1\nMalmö", country="SE", consents=True)
    press(page, "Save")
    sees(page, "Saved.")


def paper(page: Page, deal: Deal, kind: str) -> str:
    """The text of a document's PDF, downloaded as a person would."""
    page.goto(f"/payments/documents?contract={deal.path.rsplit('/', 1)[1]}")
    until(page, f"{kind} 20")
    page.get_by_role("link", name=re.compile(f"^{kind} 20")).first.click()
    page.wait_for_load_state()
    link = page.get_by_role("link", name=re.compile("PDF"))
    expect(link).to_be_visible(timeout=90_000)
    answer = page.request.get(link.get_attribute("href") or "")
    assert answer.headers["content-type"] == "application/pdf"
    text = " ".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(answer.body())).pages)
    return text.replace("\N{NO-BREAK SPACE}", " ")


def table(page: Page, address: str) -> list[dict[str, str]]:
    """A spreadsheet of the marketplace, as rows by their headings."""
    return list(csv.DictReader(io.StringIO(page.request.get(address).text())))


def test_documents_are_downloaded_and_say_what_the_ledger_says(window: Any, live: Live) -> None:
    deal = Deal(window, live, "beatrix-lindqvist", "350")
    consents(deal.writer)
    released(deal)
    assert "350.00 GBP" in paper(deal.payer, deal, "Receipt")
    assert "350.00 GBP" in paper(deal.payer, deal, "Invoice")
    assert "35.00 GBP" in paper(deal.writer, deal, "Fee invoice")
    mine = f"/payments/documents.csv?contract={deal.path.rsplit('/', 1)[1]}"
    totals = {row["Paper"]: Decimal(row["Total"]) for row in table(deal.writer, mine)}
    lines = [row for row in table(deal.writer, "/payments.csv") if row["Contract"] == deal.title]
    earned = sum(Decimal(row["Amount"]) for row in lines if row["State"] == "Released")
    assert totals["Invoice"] - totals["Fee invoice"] == earned == Decimal("315.00")
    held = [row for row in table(deal.payer, "/payments.csv") if row["Contract"] == deal.title]
    assert sum(Decimal(row["Amount"]) for row in held) == 0
    checked = live.flask("books", "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
