"""What happens at Stripe beside our own calls: payouts, saved ways to pay, and where its books differ.

Tables only. They know people and organisations; holdings by their keys.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.kernel.db import Base, Row, one_of

OPEN_DIFFERENCE = text("resolved_at IS NULL")


class Payout(Row, kw_only=True, eq=False, repr=False):
    """Money that left Stripe for a bank: a professional's, or the platform's own (person_id None)."""

    __tablename__ = "payments_payout"
    __table_args__ = (
        one_of("state", "authorised", "pending", "in_transit", "paid", "failed", "canceled", "refused"),
        one_of("method", "standard", "instant"),
        CheckConstraint("amount_minor > 0", name="amount"),
    )

    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts_person.id"), index=True)
    currency: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    method: Mapped[str] = mapped_column(default="standard")
    # Made by Stripe's own schedule, not by somebody's wish.
    automatic: Mapped[bool] = mapped_column(default=True)
    state: Mapped[str] = mapped_column(default="authorised", index=True)
    stripe_payout: Mapped[str | None] = mapped_column(unique=True, default=None)
    bank_last4: Mapped[str] = mapped_column(default="")
    failure: Mapped[str] = mapped_column(default="")
    arrives_at: Mapped[datetime | None] = mapped_column(default=None)
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts_person.id"), default=None)


class PayoutItem(Row, kw_only=True, eq=False, repr=False):
    """One transfer that a payout brought to the bank, as Stripe lists it."""

    __tablename__ = "payments_payout_item"
    __table_args__ = (UniqueConstraint("payout_id", "stripe_transaction"),)

    payout_id: Mapped[UUID] = mapped_column(ForeignKey("payments_payout.id"), index=True)
    stripe_transaction: Mapped[str]
    # What it was: a transfer of ours (release_id), one taken back, a correction.
    kind: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    release_id: Mapped[UUID | None] = mapped_column(ForeignKey("payments_release.id"), index=True)


class Payer(Row, kw_only=True, eq=False, repr=False):
    """A business as Stripe's customer, to whom its saved ways to pay belong. Made before its first payment."""

    __tablename__ = "payments_payer"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_organisation.id"), unique=True)
    stripe_customer: Mapped[str | None] = mapped_column(unique=True, default=None)


class SavedMethod(Row, kw_only=True, eq=False, repr=False):
    """A way to pay that a business kept at Stripe; of the card only what people may see."""

    __tablename__ = "payments_saved_method"

    payer_id: Mapped[UUID] = mapped_column(ForeignKey("payments_payer.id"), index=True)
    stripe_method: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    brand: Mapped[str]
    last4: Mapped[str]
    expires: Mapped[str] = mapped_column(default="")
    removed_at: Mapped[datetime | None] = mapped_column(default=None)


class Difference(Row, kw_only=True, eq=False, repr=False):
    """Something in which our books and Stripe's differ: found by reconciliation, open until it is explained.

    Nothing is repaired by an update: a repair is a ledger entry, named here.
    """

    __tablename__ = "payments_difference"
    __table_args__ = (
        Index(
            "uq_payments_difference_open",
            "key",
            unique=True,
            sqlite_where=OPEN_DIFFERENCE,
            postgresql_where=OPEN_DIFFERENCE,
        ),
    )

    # cause, kind and object in one, so that a second run finds the same row.
    key: Mapped[str]
    cause: Mapped[str] = mapped_column(index=True)
    # charge, refund, transfer, reversal, dispute, payout, topup, balance_transaction, balance, holding, …
    kind: Mapped[str]
    object_id: Mapped[str] = mapped_column(index=True)
    currency: Mapped[str]
    ours_minor: Mapped[int | None] = mapped_column(BigInteger)
    theirs_minor: Mapped[int | None] = mapped_column(BigInteger)
    sentence: Mapped[str]
    holding_id: Mapped[UUID | None] = mapped_column(ForeignKey("payments_holding.id"), index=True)
    seen_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    resolution: Mapped[str] = mapped_column(default="")
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("payments_entry.id"), default=None)
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts_person.id"), default=None)


class DayEnd(Base, kw_only=True, eq=False, repr=False):
    """What stood in one kind of account at the end of a day (UTC), for the plot of money over time."""

    __tablename__ = "payments_day_end"

    day: Mapped[date] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
