"""Money, as people move it: payments on the sandbox's page with a test card, payouts on its onboarding page."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select

from marketplace.config import settings
from marketplace.contracts.models import Contract
from marketplace.kernel import jobs
from marketplace.kernel.db import db, one
from marketplace.payments import actions
from marketplace.payments.models import Holding, Payment, payee_of
from marketplace.seed import cast
from marketplace.seed.story import Told

CARD = {"number": "4242424242424242", "expiry": "12 / 40", "cvc": "123", "do": "pay"}
AMERICAN, EUROPEAN = "000123456789", "DE89370400440532013000"
# The countries on the sandbox's onboarding page; writers from elsewhere bank abroad.
BANKS = {"us", "gb", "de", "fr", "nl", "es", "it", "ie", "jp"}
TIMEOUT = 10  # seconds


def is_sandbox() -> bool:
    """Whether money is play money; with real keys the seed moves none."""
    return settings().payments_mode == "sandbox"


def fund(file: Told, numbers: list[int]) -> None:
    """The business asks to pay for milestones of a contract, in one payment."""
    contract = cast.contract(file["slug"])
    holdings = [holding(contract, number) for number in numbers]
    actions.fund(holdings, by=cast.with_role(file["business"], "finance"))


def pay(file: Told) -> None:
    """Somebody of the business types a test card into the page that the last payment leads to."""
    contract, payer = cast.contract(file["slug"]), cast.with_role(file["business"], "finance")
    open_ones = select(Payment).where(Payment.stream == contract.subject, Payment.state == "requires_action")
    payment = one(open_ones.order_by(Payment.created_at.desc()).limit(1))
    url, typed = payment.url, {**CARD, "name": payer.name, "email": payer.email}
    db.session.rollback()
    send_form(url, typed)
    catch_up()


def begin_payouts(handle: str) -> None:
    """The professional begins to set up payouts, if that was not done before."""
    profile = cast.profile(handle)
    actions.set_up_payouts(profile.person, bank_country(profile.country))


def finish_payouts(handle: str) -> None:
    """The professional tells the sandbox who they are and where their money goes."""
    profile = cast.profile(handle)
    country = bank_country(profile.country)
    number = AMERICAN if country == "us" else EUROPEAN
    url, typed = (
        one(payee_of(profile.person)).link_url,
        {"name": profile.name, "country": country, "number": number},
    )
    db.session.rollback()
    send_form(url, {**typed, "do": "submit"})
    catch_up()


def bank_country(country: str) -> str:
    """Where a writer of `country` banks."""
    return country.lower() if country.lower() in BANKS else "de"


def holding(contract: Contract, number: int) -> Holding:
    """The money of a contract's milestone, counted from 1."""
    return one(select(Holding).where(Holding.subject == contract.milestones[number - 1].subject))


def catch_up() -> None:
    """Hear from Stripe what happened: nobody's webhooks arrive while no web server runs."""
    jobs.drain()
    jobs.perform("payments.poll")
    jobs.drain()


class _Stay(urllib.request.HTTPRedirectHandler):
    """Pages lead back to a product that does not run yet."""

    def redirect_request(self, *args: Any) -> None:
        return None


_pages = urllib.request.build_opener(_Stay, urllib.request.ProxyHandler({}))


def send_form(url: str, typed: dict[str, str]) -> None:
    """Send a form of the sandbox. Raises RuntimeError when it shows the form again instead of leading on."""
    try:
        with _pages.open(url, urlencode(typed).encode(), timeout=TIMEOUT) as answer:
            status = answer.status
    except urllib.error.HTTPError as answer:
        status = answer.code
    if status != 303:
        raise RuntimeError(f"The payment sandbox answered {status} to a form on {url}.")
