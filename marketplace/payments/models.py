"""Holdings (the money side of a milestone) and all that happens to them; ledger tables are in `ledger`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    UniqueConstraint,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from marketplace.accounts.models import Organisation, Person
from marketplace.kernel.db import Base, Row, one_of
from marketplace.payments import claims, ledger, outside, papers  # noqa: F401  (their tables belong to this room's)

# A payment that Stripe may still turn into money, or has: it keeps its holdings' only slot.
LIVE = ("created", "requires_action", "processing", "failed", "succeeded")
UNDER_WAY = tuple(state for state in LIVE if state != "succeeded")
CALL_STATES = ("ready", "sending", "unknown", "done", "rejected")
OPEN_CALL = text("state IN ('ready', 'sending', 'unknown')")


class Holding(Row, kw_only=True, eq=False, repr=False):
    """The money of one milestone: what was held, released, refunded and lost, in minor units."""

    __tablename__ = "payments_holding"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("fee_bps BETWEEN 0 AND 10000", name="fee_bps"),
        CheckConstraint(
            "funded_minor >= 0 AND released_minor >= 0 AND refunded_minor >= 0 AND lost_minor >= 0",
            name="not_negative",
        ),
        CheckConstraint("funded_minor <= amount_minor", name="funded"),
        CheckConstraint("released_minor + refunded_minor + lost_minor <= funded_minor", name="spent"),
        CheckConstraint("clawed_minor BETWEEN 0 AND released_minor", name="clawed"),
        CheckConstraint("fee_minor BETWEEN 0 AND released_minor", name="fee"),
        CheckConstraint("client_fee_bps BETWEEN 0 AND 10000", name="client_fee_bps"),
    )

    # Replaces the row's own name: other rooms know a holding by its milestone.
    subject: Mapped[str] = mapped_column(unique=True)
    stream: Mapped[str] = mapped_column(index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_organisation.id"), index=True)
    payee_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"), index=True)
    title: Mapped[str]
    currency: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    fee_bps: Mapped[int]
    # How long a release waits before its transfer, during which a freeze stops it.
    hold_seconds: Mapped[int]
    funded_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    released_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    refunded_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    lost_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    # Taken back out of what was released: refunds and lost chargebacks after a release.
    clawed_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    # Our fee on what was released and not taken back: each release brings it to the fee of the whole.
    fee_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    # What the business pays on top, to the platform; not returned with a refund.
    client_fee_bps: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=0)
    organisation: Mapped[Organisation] = relationship(init=False)
    payee: Mapped[Person] = relationship(init=False)
    freezes: Mapped[list[Freeze]] = relationship(init=False, default_factory=list)
    allocations: Mapped[list[Allocation]] = relationship(
        back_populates="holding", init=False, default_factory=list
    )
    releases: Mapped[list[Release]] = relationship(
        back_populates="holding", init=False, default_factory=list, order_by="Release.number"
    )
    refunds: Mapped[list[Refund]] = relationship(
        back_populates="holding", init=False, default_factory=list, order_by="Refund.created_at"
    )

    @property
    def left_minor(self) -> int:
        """What is held now and may be released or refunded, in minor units."""
        return self.funded_minor - self.released_minor - self.refunded_minor - self.lost_minor

    @property
    def hold(self) -> timedelta:
        """How long a release waits before its transfer."""
        return timedelta(seconds=self.hold_seconds)

    @property
    def is_frozen(self) -> bool:
        """Whether anybody has stopped this money; then nothing leaves it."""
        return any(freeze.until_at is None for freeze in self.freezes)

    @property
    def live_allocation(self) -> Allocation | None:
        """This holding's part in the one payment that is under way or came through."""
        return next((part for part in self.allocations if part.is_live), None)

    @property
    def money_state(self) -> str:
        """unfunded, funding, held, part_released, released, refunded, mixed or lost."""
        if self.funded_minor == 0:
            return "funding" if self.live_allocation else "unfunded"
        if self.lost_minor:
            return "lost"
        if self.left_minor:
            return "held" if self.left_minor == self.funded_minor else "part_released"
        if self.released_minor and self.refunded_minor:
            return "mixed"
        return "released" if self.released_minor else "refunded"


class Freeze(Row, kw_only=True, eq=False, repr=False):
    """That somebody stopped a holding, until `until_at`; the holding is frozen while any is open."""

    __tablename__ = "payments_freeze"

    holding_id: Mapped[UUID] = mapped_column(ForeignKey("payments_holding.id"), index=True)
    reason: Mapped[str]
    # dispute (between the two sides), chargeback, warning (of fraud), books (they differ), review (a person looks)
    kind: Mapped[str] = mapped_column(default="review")
    # What it waits for, for those that end by themselves: chargeback:<id>, difference:<id>; request:<uuid> of a form.
    cause: Mapped[str] = mapped_column(default="", index=True)
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts_person.id"), default=None)
    until_at: Mapped[datetime | None] = mapped_column(default=None)


class Payment(Row, kw_only=True, eq=False, repr=False):
    """One Checkout Session at Stripe, which may pay for several holdings of one stream."""

    __tablename__ = "payments_payment"
    __table_args__ = (
        one_of("state", *LIVE, "canceled", "surplus"),
        CheckConstraint("amount_minor > 0", name="amount"),
    )

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_organisation.id"), index=True)
    stream: Mapped[str] = mapped_column(index=True)
    currency: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"))
    # requires_action: the Checkout page is open at `url`. Only Stripe's own word makes it canceled.
    state: Mapped[str] = mapped_column(default="created", index=True)
    session_id: Mapped[str | None] = mapped_column(unique=True, default=None)
    url: Mapped[str] = mapped_column(default="")
    intent_id: Mapped[str | None] = mapped_column(unique=True, default=None)
    charge_id: Mapped[str | None] = mapped_column(unique=True, default=None)
    # card, us_bank_account, …: how it was paid, once that is known.
    method: Mapped[str] = mapped_column(default="")
    # Why the last attempt came to nothing, in Stripe's sentence.
    failure: Mapped[str] = mapped_column(default="")
    receipt_url: Mapped[str] = mapped_column(default="")
    paid_at: Mapped[datetime | None] = mapped_column(default=None)
    organisation: Mapped[Organisation] = relationship(init=False)
    by: Mapped[Person] = relationship(init=False)
    allocations: Mapped[list[Allocation]] = relationship(
        back_populates="payment", init=False, default_factory=list, lazy="selectin"
    )


class Allocation(Row, kw_only=True, eq=False, repr=False):
    """The part of a payment that is for one holding. A holding has one live allocation at most."""

    __tablename__ = "payments_allocation"
    __table_args__ = (
        UniqueConstraint("payment_id", "holding_id"),
        CheckConstraint("amount_minor > 0", name="amount"),
        Index(
            "uq_payments_allocation_live",
            "holding_id",
            unique=True,
            sqlite_where=text("is_live"),
            postgresql_where=text("is_live"),
        ),
    )

    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments_payment.id"), index=True)
    holding_id: Mapped[UUID] = mapped_column(ForeignKey("payments_holding.id"), index=True)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    client_fee_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    is_live: Mapped[bool] = mapped_column(default=True)
    payment: Mapped[Payment] = relationship(back_populates="allocations", init=False)
    holding: Mapped[Holding] = relationship(back_populates="allocations", init=False)


class Release(Row, kw_only=True, eq=False, repr=False):
    """Money that became the professional's: booked at once, transferred when `due_at` has passed."""

    __tablename__ = "payments_release"
    __table_args__ = (
        one_of("state", "authorised", "paid", "blocked", "voided", "partially_reversed", "reversed"),
        CheckConstraint(
            "voided_minor BETWEEN 0 AND gross_minor AND voided_fee_minor BETWEEN 0 AND voided_minor "
            "AND offset_minor >= 0 AND sent_minor >= 0 AND reversed_minor >= 0",
            name="taken",
        ),
        UniqueConstraint("holding_id", "request_id"),
        UniqueConstraint("holding_id", "number"),
        CheckConstraint("gross_minor > 0 AND fee_minor >= 0 AND net_minor >= 0", name="amounts"),
        CheckConstraint("gross_minor = fee_minor + net_minor", name="sum"),
    )

    holding_id: Mapped[UUID] = mapped_column(ForeignKey("payments_holding.id"), index=True)
    number: Mapped[int]
    request_id: Mapped[str]
    reason: Mapped[str]
    gross_minor: Mapped[int] = mapped_column(BigInteger)
    fee_minor: Mapped[int] = mapped_column(BigInteger)
    net_minor: Mapped[int] = mapped_column(BigInteger)
    due_at: Mapped[datetime] = mapped_column(index=True)
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts_person.id"), default=None)
    state: Mapped[str] = mapped_column(default="authorised", index=True)
    # Set when the transfer was handed to the outbox; cleared when that is to be done anew.
    called_at: Mapped[datetime | None] = mapped_column(default=None)
    transfer_id: Mapped[str | None] = mapped_column(unique=True, default=None)
    paid_at: Mapped[datetime | None] = mapped_column(default=None)
    # Taken back before the transfer: gross, and the fee in it. What paid a debt instead. What the last transfer
    # asked of Stripe; what was sent and not sent back; what was taken back by reversals, ours and others'.
    voided_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    voided_fee_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    offset_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    transfer_minor: Mapped[int | None] = mapped_column(BigInteger, default=None)
    sent_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    reversed_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    holding: Mapped[Holding] = relationship(back_populates="releases", init=False)

    @property
    def owed_minor(self) -> int:
        """What the professional gets of it, in minor units: net of fee and of what was taken back before."""
        return self.net_minor - (self.voided_minor - self.voided_fee_minor)

    @property
    def due_minor(self) -> int:
        """What of it is still to be transferred, in minor units."""
        return self.owed_minor - self.offset_minor - self.sent_minor

    @property
    def is_unsent(self) -> bool:
        """Whether nothing of it was handed to Stripe, so that it can still be taken back."""
        return self.state in ("authorised", "blocked") and self.called_at is None


class Refund(Row, kw_only=True, eq=False, repr=False):
    """Money that goes back to the card of the business."""

    __tablename__ = "payments_refund"
    __table_args__ = (
        one_of("state", "authorised", "pending", "succeeded", "failed", "voided"),
        one_of("kind", "held", "released", "surplus", "external"),
        UniqueConstraint("holding_id", "request_id"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("holding_id IS NOT NULL OR kind = 'surplus'", name="holding"),
    )

    # None for a payment that nobody waited for any more: it goes back whole.
    holding_id: Mapped[UUID | None] = mapped_column(ForeignKey("payments_holding.id"), index=True)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments_payment.id"), index=True)
    request_id: Mapped[str]
    reason: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts_person.id"), default=None)
    # Out of what is held; out of what was released (then `fee_minor` of it was our fee); a surplus; or made
    # at Stripe by somebody's own hand.
    kind: Mapped[str] = mapped_column(default="held")
    fee_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    state: Mapped[str] = mapped_column(default="authorised", index=True)
    stripe_refund: Mapped[str | None] = mapped_column(unique=True, default=None)
    failure: Mapped[str] = mapped_column(default="")
    holding: Mapped[Holding | None] = relationship(back_populates="refunds", init=False)
    payment: Mapped[Payment] = relationship(init=False)


class Payee(Row, kw_only=True, eq=False, repr=False):
    """A professional's account at Stripe, to which released money is transferred."""

    __tablename__ = "payments_payee"
    __table_args__ = (one_of("state", "new", "onboarding", "ready", "restricted", "rejected"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"), unique=True)
    country: Mapped[str]
    state: Mapped[str] = mapped_column(default="new", index=True)
    stripe_account: Mapped[str | None] = mapped_column(unique=True, default=None)
    # Where the person tells Stripe who they are; good once and for minutes, then Stripe sends them back.
    link_url: Mapped[str] = mapped_column(default="")
    # The bank account that Stripe pays out to, known by its id and its last figures only.
    bank_id: Mapped[str] = mapped_column(default="")
    bank_last4: Mapped[str] = mapped_column(default="")
    # A new bank account waits: nothing is transferred before.
    cooling_until: Mapped[datetime | None] = mapped_column(default=None)
    # Since when Stripe cannot pay out to the bank: a payout failed and the account was not changed since.
    failed_at: Mapped[datetime | None] = mapped_column(default=None)
    person: Mapped[Person] = relationship(init=False)


class StripeCall(Row, kw_only=True, eq=False, repr=False):
    """One thing to do at Stripe: written before it is sent, with frozen parameters and its own key."""

    __tablename__ = "payments_stripe_call"
    __table_args__ = (
        one_of("state", *CALL_STATES),
        UniqueConstraint("op", "ref_id", "epoch"),
        Index(
            "uq_payments_stripe_call_open",
            "op",
            "ref_id",
            unique=True,
            sqlite_where=OPEN_CALL,
            postgresql_where=OPEN_CALL,
        ),
    )

    op: Mapped[str]
    ref_id: Mapped[UUID] = mapped_column(index=True)
    epoch: Mapped[int]
    idem_key: Mapped[str] = mapped_column(unique=True)
    params: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default="ready", index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    first_sent_at: Mapped[datetime | None] = mapped_column(default=None)
    # Stripe only repeats an old failure under this key: what was done is to be looked up there.
    must_look: Mapped[bool] = mapped_column(default=False)
    object_id: Mapped[str] = mapped_column(default="")
    error: Mapped[str] = mapped_column(default="")


class Webhook(Row, kw_only=True, eq=False, repr=False):
    """One message of Stripe's, kept once by its id; its content is only a hint to look."""

    __tablename__ = "payments_webhook"
    __table_args__ = (
        UniqueConstraint("source", "event_id"),
        one_of("state", "new", "done", "ignored", "quarantined", "dead"),
    )

    source: Mapped[str]
    event_id: Mapped[str]
    type: Mapped[str]
    object_id: Mapped[str]
    account: Mapped[str]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default="new", index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None] = mapped_column(default=None)
    error: Mapped[str] = mapped_column(default="")


class Cursor(Base, kw_only=True, eq=False, repr=False):
    """Up to which moment a list at Stripe was read."""

    __tablename__ = "payments_cursor"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


def holdings_of(stream: str) -> Select[Holding]:
    """The holdings of a contract (`contract:<uuid>`), oldest first, with what their states are made of."""
    whole = (selectinload(Holding.freezes), selectinload(Holding.allocations))
    mine = select(Holding).where(Holding.stream == stream).options(*whole)
    return mine.order_by(Holding.created_at, Holding.subject)


def holding_of(subject: str) -> Select[Holding]:
    """The holding of a milestone (`milestone:<uuid>`)."""
    return select(Holding).where(Holding.subject == subject)


def holdings_visible_to(person: Person) -> Select[Holding]:
    """The holdings `person` may see: their own earnings, their organisations', as admin all."""
    if person.is_admin:
        return select(Holding)
    mine = or_(Holding.payee_id == person.id, Holding.organisation_id.in_(person.organisation_ids))
    return select(Holding).where(mine)


def payments_visible_to(person: Person) -> Select[Payment]:
    """The payments `person` may see: those of their organisations; an admin all."""
    if person.is_admin:
        return select(Payment)
    return select(Payment).where(Payment.organisation_id.in_(person.organisation_ids))


def payee_of(person: Person) -> Select[Payee]:
    """The payout account of `person`."""
    return select(Payee).where(Payee.person_id == person.id)
