"""Where is my money? Of one milestone, to the last minor unit: the way it went, and where each part is now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from marketplace.accounts.models import Person
from marketplace.config import settings
from marketplace.kernel.clock import now
from marketplace.kernel.db import db, find, many
from marketplace.payments.chargebacks import chargebacks_of, parts_of
from marketplace.payments.claims import Chargeback, ChargebackPart, Debt, Reversal
from marketplace.payments.entering import text
from marketplace.payments.ledger import Entry, Line
from marketplace.payments.models import Freeze, Holding, Payee, Payment, Refund, Release
from marketplace.payments.outside import Payout
from marketplace.payments.papers import Document, papers_visible_to
from marketplace.payments.payouts import at_stripe
from marketplace.payments.transfers import is_cooling


@dataclass(frozen=True)
class Step:
    """One station of the way. state: done (it went on), here (some of it is), or ahead. papers: kinds of documents."""

    title: str
    minor: int
    state: str
    at: datetime | None = None
    words: str = ""
    paper: str = ""


@dataclass(frozen=True)
class Place:
    """Where one part is now, in minor units; below zero for what is owed back or carried by the platform."""

    title: str
    minor: int
    words: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Borne:
    """A chargeback and, once it is lost, who bears this milestone's part of it."""

    chargeback: Chargeback
    part: ChargebackPart | None


@dataclass
class Way:
    """All that is known of the money of one holding.

    sent: to the professional's account at Stripe and not taken back from there; at_stripe: what of it still
    stands there; both in minor units.
    """

    holding: Holding
    payment: Payment | None
    payee: Payee | None
    refunds: list[Refund]
    debts: list[Debt]
    borne: list[Borne]
    sent: int
    at_stripe: int
    last_payout: Payout | None

    @property
    def freezes(self) -> list[Freeze]:
        """What stops this money now."""
        return [row for row in self.holding.freezes if row.until_at is None]

    @property
    def due(self) -> list[Release]:
        """Releases of which something is still to be transferred."""
        return [row for row in self.holding.releases if row.due_minor > 0]

    @property
    def on_hold(self) -> int:
        """Released, and waiting out its hold, in minor units."""
        return sum(row.due_minor for row in self.due if row.due_at > now())

    @property
    def waiting(self) -> int:
        """Released and due, but not sent, in minor units."""
        return sum(row.due_minor for row in self.due if row.due_at <= now())

    @property
    def paid_out(self) -> int:
        """Sent, and gone on to the professional's bank, in minor units."""
        return self.sent - self.at_stripe

    @property
    def offset(self) -> int:
        """Kept out of releases for earlier debts, in minor units."""
        return sum(row.offset_minor for row in self.holding.releases)


def way_of(holding: Holding) -> Way:
    """Everything about the money of `holding`; a fixed number of queries."""
    part = next((row for row in holding.allocations if row.payment.state == "succeeded"), None)
    payment = part.payment if part else None
    parts = {row.chargeback_id: row for row in many(parts_of(holding))}
    return Way(
        holding=holding,
        payment=payment,
        payee=find(select(Payee).where(Payee.person_id == holding.payee_id)),
        refunds=[row for row in holding.refunds if row.state != "voided"],
        debts=many(select(Debt).where(Debt.holding_id == holding.id).order_by(Debt.created_at)),
        borne=[Borne(row, parts.get(row.id)) for row in (chargebacks_of(payment) if payment else ())],
        sent=_sent(holding),
        at_stripe=_at_stripe(holding),
        last_payout=_payout_after(holding),
    )


def _sent(holding: Holding) -> int:
    """By the ledger: a debt that was undone counts as returned, and took nothing out of the account."""
    account = Line.code == f"memo:pro_stripe:{holding.payee_id}"
    summed = select(func.sum(Line.amount_minor)).join(Entry, Entry.id == Line.entry_id)
    return int(db.session.scalar(summed.where(account, Entry.holding_id == holding.id)) or 0)


def _at_stripe(holding: Holding) -> int:
    """What of this holding still stands in the professional's account at Stripe, in minor units.

    An account holds one sum: what came first goes to the bank first, so what stands there is what was sent last.
    """
    back = select(func.coalesce(func.sum(Reversal.amount_minor), 0)).where(
        Reversal.release_id == Release.id, Reversal.state == "done", Reversal.debt_id.is_not(None)
    )
    kept = Release.sent_minor - back.scalar_subquery()
    newest = func.sum(kept).over(order_by=(Release.paid_at.desc(), Release.id.desc()))
    mine = (
        Holding.payee_id == holding.payee_id,
        Holding.currency == holding.currency,
        Release.sent_minor > 0,
    )
    sent = (
        select(Release.holding_id, kept.label("kept"), newest.label("until"))
        .join(Holding, Holding.id == Release.holding_id)
        .where(*mine)
        .subquery()
    )
    rows = db.session.execute(select(sent.c.kept, sent.c.until).where(sent.c.holding_id == holding.id)).all()
    there = {amount.currency: amount.minor for amount in at_stripe(holding.payee)}.get(holding.currency, 0)
    return sum(max(0, min(int(part), there - (int(until) - int(part)))) for part, until in rows)


def _payout_after(holding: Holding) -> Payout | None:
    """The first payout that reached the bank after the last transfer of this holding."""
    sent = [row.paid_at for row in holding.releases if row.paid_at is not None and row.sent_minor]
    if not sent:
        return None
    mine = select(Payout).where(Payout.person_id == holding.payee_id, Payout.currency == holding.currency)
    paid = mine.where(Payout.state == "paid", Payout.created_at >= max(sent))
    return find(paid.order_by(Payout.created_at, Payout.id).limit(1))


def steps(way: Way) -> list[Step]:
    """The way of the money: paid, held, released, on hold, at Stripe, at the bank."""
    on = way.holding
    released = on.releases[-1] if on.releases else None
    sent = [row for row in on.releases if row.paid_at is not None]
    held_until = min((row.due_at for row in way.due if row.due_at > now()), default=None)
    stops = [
        ("Paid in", on.funded_minor, 0, way.payment.paid_at if way.payment else None, "", "receipt"),
        ("Held now", on.left_minor, on.left_minor, None, "Until it is released or returned.", ""),
        ("Released", on.released_minor, 0, released.created_at if released else None,
         _divided(on), "invoice"),
        ("Waiting to be sent", way.on_hold + way.waiting, way.on_hold + way.waiting, held_until, _waits(way), ""),
        ("Sent to Stripe", way.sent, way.at_stripe, sent[-1].paid_at if sent else None,
         "To the professional’s own account there.", ""),
        ("At the bank", way.paid_out, 0, way.last_payout.arrives_at if way.last_payout and way.paid_out else None,
         "", "payout_statement"),
    ]  # fmt: skip
    reached = max((place for place, stop in enumerate(stops) if stop[1]), default=-1)
    return [
        Step(title, minor, _state(place, reached, here, minor), at, words if minor else "", paper)
        for place, (title, minor, here, at, words, paper) in enumerate(stops)
    ]


def _divided(on: Holding) -> str:
    """What became of what was released, in a sentence."""
    if on.clawed_minor:
        return f"{text(on, on.clawed_minor)} of it was taken back later."
    return f"{text(on, on.fee_minor)} of it is our fee, the rest is {on.payee.name}’s."


def _state(place: int, reached: int, here: int, minor: int) -> str:
    if place > reached:
        return "ahead"
    return "here" if here or (place == reached and minor) else "done"


def _waits(way: Way) -> str:
    """Why what is released was not sent yet, in a sentence."""
    if way.freezes:
        return "It is frozen: nothing is sent now."
    if way.waiting and (way.payee is None or way.payee.state != "ready"):
        return "It waits for the professional’s payout account."
    if way.waiting and way.payee and is_cooling(way.payee):
        return "The bank account is new: nothing is sent before its time for objections is over."
    if any(row.state in ("blocked", "reversed", "partially_reversed") for row in way.due):
        return "Stripe did not take the transfer: we look into it."
    return "Then it is sent." if way.on_hold else "It is being sent."


def places(way: Way) -> list[Place]:
    """Where each part is now. The parts add up to exactly what was paid in for this milestone."""
    on = way.holding
    back, coming = _returned(way)
    claws = sum(row.part.amount_minor - row.part.held_minor for row in way.borne if row.part)
    carried = sum(row.part.carried_minor for row in way.borne if row.part)
    until = min((row.due_at for row in way.due if row.due_at > now()), default=None)
    who, site = on.payee.name, settings().site_name
    found = [
        Place("Held", on.left_minor),
        Place(f"Released to {who}, on hold", way.on_hold, until=until),
        Place(f"Released to {who}, not sent yet", way.waiting, _waits(way)),
        Place(f"In {who}’s account at Stripe", way.at_stripe),
        Place(f"Paid out to {who}’s bank", way.paid_out),
        Place(f"Kept from {who} for an earlier debt", way.offset),
        Place("Our fee", on.fee_minor),
        Place("On its way back to the business", coming),
        Place("Returned to the business", back),
        Place("Taken back by the bank of the business", on.lost_minor + claws),
        Place(f"Owed back by {who}", -sum(row.left_minor for row in way.debts), _why(way)),
        Place(f"Paid back by {who} out of later releases", -sum(row.offset_minor for row in way.debts)),
        Place(f"Given up by {site}", -sum(row.written_off_minor for row in way.debts)),
        Place(f"Carried by {site}", -carried, "The cover for work that was approved."),
    ]
    return [place for place in found if place.minor]


def _why(way: Way) -> str:
    """Why the professional owes something, each reason once."""
    return " ".join(dict.fromkeys(row.reason for row in way.debts))


def _returned(way: Way) -> tuple[int, int]:
    """What the business has back, and what is still on its way there, in minor units."""
    back = sum(row.amount_minor for row in way.refunds if row.state == "succeeded")
    return back, sum(row.amount_minor for row in way.refunds) - back


def papers(way: Way, person: Person) -> list[Document]:
    """The documents about this money that `person` may see, oldest first."""
    charge = way.payment.charge_id if way.payment else ""
    paid_out = [way.last_payout.subject] if way.last_payout else []
    about = or_(Entry.holding_id == way.holding.id, Entry.external_id == charge)
    causes = [f"entry:{key}" for key in many(select(Entry.id).where(about))]
    found = papers_visible_to(person).where(Document.cause.in_([*causes, *paid_out]))
    return many(found.order_by(Document.made_at, Document.number))
