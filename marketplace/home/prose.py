"""Help and policies: which pages there are, and the sums in them."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.config import rules
from marketplace.kernel import money

EXAMPLE = money.Money(48_000, "usd")


@dataclass(frozen=True)
class Prose:
    """One page. name: its endpoint. lead: the sentence below the title."""

    address: str
    name: str
    title: str
    lead: str

    @property
    def template(self) -> str:
        """The template of the same name."""
        return f"home/{self.name}.html"


PAGES = (
    Prose("/help", "help", "Help", "How the marketplace works, from the first line to the last payment."),
    Prose("/help/fees", "fees", "Fees and payments", "What it costs, and when money moves or goes back."),
    Prose(
        "/help/accessibility",
        "accessibility",
        "Accessibility",
        "What you can rely on, and where to say we fail.",
    ),
    Prose(
        "/ranking", "ranking", "How we rank", "All that decides the order of a list. No place is for sale."
    ),
    Prose("/terms", "terms", "Terms", "What you agree to when you use the marketplace, in plain words."),
    Prose("/privacy", "privacy", "Privacy", "What is stored about you, why, for how long, and who sees it."),
    Prose("/contact", "contact", "Contact", "Write to a person."),
)


@dataclass(frozen=True)
class Example:
    """A milestone worked through, each amount as people read it."""

    amount: str
    fee: str
    paid_out: str
    percent: str
    kill_started: str
    kill_drafted: str
    kill_drafted_fee: str
    kill_drafted_paid: str
    kill_drafted_back: str


def fee_example() -> Example:
    """The sums of the fees page, computed as the product computes them."""
    law, whole = rules(), EXAMPLE.minor
    drafted = money.fee_until(whole, law.kill_fee_drafted_bps)
    drafted_fee, whole_fee = money.fee(drafted, law.fee_bps), money.fee(whole, law.fee_bps)
    return Example(
        amount=dollars(whole),
        fee=dollars(whole_fee),
        paid_out=dollars(whole - whole_fee),
        percent=percent(law.fee_bps),
        kill_started=percent(law.kill_fee_started_bps),
        kill_drafted=percent(law.kill_fee_drafted_bps),
        kill_drafted_fee=dollars(drafted_fee),
        kill_drafted_paid=dollars(drafted - drafted_fee),
        kill_drafted_back=dollars(whole - drafted),
    )


def dollars(minor: int) -> str:
    """An amount of the example."""
    return money.text(minor, EXAMPLE.currency)


def percent(bps: int) -> str:
    """Hundredths of a percent as people read them: `10 %`."""
    return f"{bps / 100:g} %"
