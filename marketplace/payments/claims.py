"""What goes backward: chargebacks, money taken back from professionals, what they owe, and who decided it.

Tables only; the verbs are in chargebacks, backward and rulings. They know holdings by their keys, so that
`models` can import them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.kernel.db import Row, one_of

# Stripe's words for a chargeback, by how late they come: an older word never replaces a newer one.
CHARGEBACK_RANKS = {
    "warning_needs_response": 1,
    "warning_under_review": 2,
    "warning_closed": 3,
    "prevented": 3,
    "needs_response": 4,
    "under_review": 5,
    "won": 9,
    "lost": 9,
}
CHARGEBACK_OVER = ("warning_closed", "prevented", "won", "lost")


class Chargeback(Row, kw_only=True, eq=False, repr=False):
    """A dispute at Stripe: the bank of a business took the money of a payment back, or asks about it."""

    __tablename__ = "payments_chargeback"
    __table_args__ = (
        one_of("state", *CHARGEBACK_RANKS),
        CheckConstraint("amount_minor > 0", name="amount"),
    )

    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments_payment.id"), index=True)
    stripe_dispute: Mapped[str] = mapped_column(unique=True)
    currency: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    # Until when the bank takes an answer; None when it takes none.
    answer_by: Mapped[datetime | None] = mapped_column(default=None)
    evidence: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None] = mapped_column(default=None)
    answered_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts_person.id"), default=None)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)

    @property
    def is_over(self) -> bool:
        """Whether the bank has said its last word."""
        return self.state in CHARGEBACK_OVER

    @property
    def moves_money(self) -> bool:
        """Whether the bank took the money; an inquiry only asks."""
        return not self.state.startswith(("warning", "prevented"))


class ChargebackPart(Row, kw_only=True, eq=False, repr=False):
    """What one holding bears of a lost chargeback: what was held, our fee, the platform's cover, the debt."""

    __tablename__ = "payments_chargeback_part"
    __table_args__ = (
        UniqueConstraint("chargeback_id", "holding_id"),
        CheckConstraint(
            "amount_minor = held_minor + fee_minor + carried_minor + owed_minor AND held_minor >= 0 "
            "AND fee_minor >= 0 AND carried_minor >= 0 AND owed_minor >= 0",
            name="sum",
        ),
    )

    chargeback_id: Mapped[UUID] = mapped_column(ForeignKey("payments_chargeback.id"), index=True)
    holding_id: Mapped[UUID] = mapped_column(ForeignKey("payments_holding.id"), index=True)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    held_minor: Mapped[int] = mapped_column(BigInteger)
    fee_minor: Mapped[int] = mapped_column(BigInteger)
    carried_minor: Mapped[int] = mapped_column(BigInteger)
    owed_minor: Mapped[int] = mapped_column(BigInteger)


class Debt(Row, kw_only=True, eq=False, repr=False):
    """What a professional owes the platform: money taken back after it was released.

    It is returned by a reversal, offset against later releases, or written off; what is left is receivable.
    """

    __tablename__ = "payments_debt"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint(
            "returned_minor >= 0 AND offset_minor >= 0 AND written_off_minor >= 0 "
            "AND returned_minor + offset_minor + written_off_minor <= amount_minor",
            name="left",
        ),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"), index=True)
    holding_id: Mapped[UUID] = mapped_column(ForeignKey("payments_holding.id"), index=True)
    currency: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str]
    # chargeback:<id> or refund:<id>, the row that made it.
    cause: Mapped[str] = mapped_column(unique=True)
    returned_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    offset_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    written_off_minor: Mapped[int] = mapped_column(BigInteger, default=0)

    @property
    def left_minor(self) -> int:
        """What is still owed, in minor units."""
        return self.amount_minor - self.returned_minor - self.offset_minor - self.written_off_minor


class Offset(Row, kw_only=True, eq=False, repr=False):
    """The part of a release that paid a debt instead of being transferred."""

    __tablename__ = "payments_offset"
    __table_args__ = (
        UniqueConstraint("debt_id", "release_id"),
        CheckConstraint("amount_minor > 0", name="amount"),
    )

    debt_id: Mapped[UUID] = mapped_column(ForeignKey("payments_debt.id"), index=True)
    release_id: Mapped[UUID] = mapped_column(ForeignKey("payments_release.id"), index=True)
    amount_minor: Mapped[int] = mapped_column(BigInteger)


class Void(Row, kw_only=True, eq=False, repr=False):
    """A release taken back, whole or in part, before its transfer was sent: the money is held again."""

    __tablename__ = "payments_void"
    __table_args__ = (
        UniqueConstraint("release_id", "request_id"),
        CheckConstraint("gross_minor > 0 AND fee_minor >= 0 AND net_minor >= 0", name="amounts"),
        CheckConstraint("gross_minor = fee_minor + net_minor", name="sum"),
    )

    release_id: Mapped[UUID] = mapped_column(ForeignKey("payments_release.id"), index=True)
    request_id: Mapped[str]
    reason: Mapped[str]
    gross_minor: Mapped[int] = mapped_column(BigInteger)
    fee_minor: Mapped[int] = mapped_column(BigInteger)
    net_minor: Mapped[int] = mapped_column(BigInteger)
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts_person.id"), default=None)


class Reversal(Row, kw_only=True, eq=False, repr=False):
    """A transfer taken back from a professional's account at Stripe, for a debt."""

    __tablename__ = "payments_reversal"
    __table_args__ = (
        one_of("state", "authorised", "done", "refused"),
        CheckConstraint("amount_minor > 0", name="amount"),
    )

    release_id: Mapped[UUID] = mapped_column(ForeignKey("payments_release.id"), index=True)
    debt_id: Mapped[UUID | None] = mapped_column(ForeignKey("payments_debt.id"), index=True)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(default="authorised", index=True)
    # trr_…; one that nobody here asked for has it from the start, and no debt.
    stripe_reversal: Mapped[str | None] = mapped_column(unique=True, default=None)


class Decision(Row, kw_only=True, eq=False, repr=False):
    """What an admin decided about money, with the reason; from a limit on, a second admin confirms it."""

    __tablename__ = "payments_decision"
    __table_args__ = (
        one_of("state", "waiting", "done", "withdrawn"),
        CheckConstraint("second_id IS NULL OR second_id <> by_id", name="two_people"),
        CheckConstraint("amount_minor >= 0", name="amount"),
    )

    # ruling, claw_back, write_off, send_again, void_refund, retry_refund, withdraw, repair
    kind: Mapped[str]
    # holding:<id>, debt:<id>, release:<id>, refund:<id>
    about: Mapped[str] = mapped_column(index=True)
    request_id: Mapped[str] = mapped_column(unique=True)
    currency: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    params: Mapped[dict[str, Any]]
    reason: Mapped[str]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_person.id"))
    state: Mapped[str] = mapped_column(default="waiting", index=True)
    second_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts_person.id"), default=None)
    done_at: Mapped[datetime | None] = mapped_column(default=None)
