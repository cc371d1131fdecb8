"""What is asked of Stripe, as its parameters: made once, in the verb's transaction, and never changed."""

from __future__ import annotations

from typing import Any

from marketplace.accounts.models import Person
from marketplace.config import settings
from marketplace.payments.models import Holding, Payee, Payment, Refund, Release

Params = dict[str, Any]


def address(path: str) -> str:
    """An address of this site, for Stripe to lead people back to."""
    return settings().base_url.rstrip("/") + path


def group(stream: str) -> str:
    """How Stripe files together what belongs to one contract."""
    return stream.replace(":", "_")


def checkout(payment: Payment, holdings: list[Holding], by: Person) -> Params:
    """A Checkout page with one line for each milestone."""
    known = {"payment_id": str(payment.id), "install": settings().install}
    return {
        "mode": "payment",
        # A slow method that fails after its page is done would keep the milestones waiting for good.
        "payment_method_types": ["card"],
        "line_items": [
            {"quantity": 1, "price_data": {
                "currency": row.currency, "unit_amount": row.amount_minor, "product_data": {"name": row.title},
            }}
            for row in holdings
        ],
        "customer_email": by.email,
        "metadata": known,
        "payment_intent_data": {"metadata": known, "transfer_group": group(payment.stream)},
        "success_url": address(f"/payments/return?payment={payment.id}"),
        "cancel_url": address(f"/payments/return?payment={payment.id}&left=1"),
    }  # fmt: skip


def transfer(release: Release, holding: Holding, payment: Payment, payee: Payee) -> Params:
    """The professional's part, out of the charge that paid for it."""
    return {
        "amount": release.net_minor,
        "currency": holding.currency,
        "destination": payee.stripe_account,
        "source_transaction": payment.charge_id,
        "transfer_group": group(holding.stream),
        "metadata": {"release_id": str(release.id), "install": settings().install},
    }


def refund(made: Refund, payment: Payment) -> Params:
    """A part of a payment back to the card."""
    return {
        "payment_intent": payment.intent_id,
        "amount": made.amount_minor,
        "metadata": {"refund_id": str(made.id), "install": settings().install},
    }


def payee(row: Payee, person: Person) -> Params:
    """An account that receives transfers; the platform answers for losses, Stripe collects who they are."""
    transfers = {"stripe_balance": {"stripe_transfers": {"requested": True}}}
    return {
        "display_name": person.name,
        "contact_email": person.email,
        "dashboard": "express",
        "identity": {"country": row.country},
        "configuration": {"recipient": {"capabilities": transfers}},
        "defaults": {
            "responsibilities": {"fees_collector": "application", "losses_collector": "application"}
        },
        "include": ["configuration.recipient", "requirements"],
        "metadata": {"payee_id": str(row.id), "install": settings().install},
    }


def link(row: Payee) -> Params:
    """A page at Stripe on which the person says who they are and where their money goes."""
    back = {
        "return_url": address("/payments/payouts?back=1"),
        "refresh_url": address("/payments/payouts?again=1"),
    }
    return {
        "account": row.stripe_account,
        "use_case": {
            "type": "account_onboarding",
            "account_onboarding": {"configurations": ["recipient"], **back},
        },
    }
