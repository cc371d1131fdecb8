"""Help and policies: which pages there are, and the sums in them."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.config import rules, settings
from marketplace.kernel import money
from marketplace.kernel.show import percent

EXAMPLE = money.Money(48_000, "usd")
# A price whose fee falls on half a cent, and the parts in which it is released; and one without decimals.
ODD = (16_002, 16_002, 16_001)
WITHOUT_DECIMALS = money.Money(48_005, "jpy")


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


@dataclass(frozen=True)
class Part:
    """One release of a split milestone, each amount as people read it."""

    released: str
    fee: str
    paid_out: str


@dataclass(frozen=True)
class Rounding:
    """The rounding rule worked through. alone: what the fees would come to if each part were rounded alone."""

    whole: Part
    parts: tuple[Part, ...]
    alone: str
    without_decimals: Part


def rounding_example() -> Rounding:
    """The rounding of the fees page, computed as the product computes it."""
    bps, whole, yen = rules().fee_bps, money.Money(sum(ODD), EXAMPLE.currency), WITHOUT_DECIMALS
    before = (sum(ODD[:number]) for number in range(len(ODD)))
    fees = [money.fee(part, bps, earlier) for part, earlier in zip(ODD, before, strict=True)]
    return Rounding(
        whole=_part(whole, money.fee_until(whole.minor, bps)),
        parts=tuple(
            _part(money.Money(part, whole.currency), fee) for part, fee in zip(ODD, fees, strict=True)
        ),
        alone=dollars(sum(money.fee_until(part, bps) for part in ODD)),
        without_decimals=_part(yen, money.fee_until(yen.minor, bps)),
    )


def cover() -> list[str]:
    """What the platform carries of a chargeback, per milestone, in each currency that is offered."""
    return [money.text(rules().chargeback_cover[code], code) for code in settings().currencies]


def _part(amount: money.Money, fee: int) -> Part:
    kept = money.Money(fee, amount.currency)
    return Part(str(amount), str(kept), str(amount - kept))


def dollars(minor: int) -> str:
    """An amount of the example."""
    return money.text(minor, EXAMPLE.currency)
