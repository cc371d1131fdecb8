"""What stands in the database between two steps: the rows that the next step may be about, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from marketplace.kernel.db import db
from marketplace.payments.claims import Chargeback, Debt, Decision
from marketplace.payments.models import (
    Allocation,
    Freeze,
    Holding,
    Payee,
    Payment,
    Refund,
    Release,
    StripeCall,
)

H, R = Holding, Release


def _rows(*columns: Any, table: Any, where: Any = True) -> list[Any]:
    wanted = select(*columns).where(where).order_by(table.created_at, table.id)
    return list(db.session.execute(wanted).all())


@dataclass
class Standing:
    """Rows by kind, oldest first; what can be done is what has rows."""

    holdings: list[Any]
    payments: list[Any]
    releases: list[Any]
    refunds: list[Any]
    chargebacks: list[Any]
    debts: list[Any]
    freezes: list[Any]
    payees: list[Any]
    decisions: list[Any]
    calls: list[Any]
    live: dict[UUID, UUID]

    @property
    def unfunded(self) -> list[Any]:
        """Holdings that nobody pays for."""
        return [row for row in self.holdings if not row.funded_minor and row.id not in self.live]

    @property
    def held(self) -> list[Any]:
        """Holdings with money in them."""
        return [row for row in self.holdings if left(row)]

    @property
    def released(self) -> list[Any]:
        """Holdings of which something was released and not taken back."""
        return [row for row in self.holdings if row.released_minor > row.clawed_minor]

    @property
    def paid(self) -> list[Any]:
        """Payments that came through."""
        return [row for row in self.payments if row.charge_id]

    @property
    def open_pages(self) -> list[Any]:
        """Payments whose page at Stripe is open, as far as we know."""
        return [row for row in self.payments if row.state == "requires_action"]

    @property
    def unsent(self) -> list[Any]:
        """Releases that wait out their hold."""
        return [row for row in self.releases if row.state in ("authorised", "blocked") and not row.called_at]

    @property
    def stuck(self) -> list[Any]:
        """Refunds that failed or are not done."""
        return [row for row in self.refunds if row.state in ("authorised", "failed")]

    @property
    def owed(self) -> list[Any]:
        """Debts of which something is left."""
        return [row for row in self.debts if owing(row)]


def left(row: Any) -> int:
    """What a holding holds, in minor units."""
    held: int = row.funded_minor - row.released_minor - row.refunded_minor - row.lost_minor
    return held


def owing(row: Any) -> int:
    """What of a debt is still owed, in minor units."""
    still: int = row.amount_minor - row.returned_minor - row.offset_minor - row.written_off_minor
    return still


def look() -> Standing:
    """Everything as it stands now."""
    live = db.session.execute(select(Allocation.holding_id, Allocation.payment_id).where(Allocation.is_live))
    standing = Standing(
        holdings=_rows(H.id, H.stream, H.currency, H.payee_id, H.amount_minor, H.funded_minor, H.released_minor,
                       H.refunded_minor, H.lost_minor, H.clawed_minor, table=H),
        payments=_rows(Payment.id, Payment.state, Payment.url, Payment.charge_id, Payment.intent_id,
                       Payment.currency, table=Payment),
        releases=_rows(R.id, R.holding_id, R.state, R.called_at, R.gross_minor, R.voided_minor, R.transfer_id,
                       table=R),
        refunds=_rows(Refund.id, Refund.state, Refund.stripe_refund, Refund.kind, table=Refund),
        chargebacks=_rows(Chargeback.id, Chargeback.stripe_dispute, Chargeback.state, Chargeback.answered_at,
                          table=Chargeback, where=Chargeback.closed_at.is_(None)),
        debts=_rows(Debt.id, Debt.currency, Debt.amount_minor, Debt.returned_minor, Debt.offset_minor,
                    Debt.written_off_minor, table=Debt),
        freezes=_rows(Freeze.id, Freeze.kind, table=Freeze, where=Freeze.until_at.is_(None)),
        payees=_rows(Payee.id, Payee.person_id, Payee.state, Payee.stripe_account, Payee.link_url, table=Payee),
        decisions=_rows(Decision.id, table=Decision, where=Decision.state == "waiting"),
        calls=_rows(StripeCall.id, table=StripeCall, where=StripeCall.state.in_(("ready", "sending", "unknown"))),
        live={holding: payment for holding, payment in live.all()},
    )  # fmt: skip
    db.session.remove()
    return standing
