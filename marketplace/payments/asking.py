"""What is asked of Stripe, as its parameters: made once, in the verb's transaction, and never changed."""

from __future__ import annotations

from typing import Any

from marketplace.accounts.models import Person
from marketplace.config import settings
from marketplace.payments.claims import Reversal
from marketplace.payments.models import Holding, Payee, Payment, Refund, Release
from marketplace.payments.outside import Payer, Payout

Params = dict[str, Any]


def address(path: str) -> str:
    """An address of this site, for Stripe to lead people back to."""
    return settings().base_url.rstrip("/") + path


def group(stream: str) -> str:
    """How Stripe files together what belongs to one contract."""
    return stream.replace(":", "_")


# Which ways to pay a currency has; Stripe refuses the others.
METHOD_CURRENCIES = {"us_bank_account": "usd", "sepa_debit": "eur", "bacs_debit": "gbp"}


def methods(currency: str) -> list[str]:
    """The ways to pay that are offered for `currency`, as Stripe names them."""
    offered = settings().payment_methods
    return [kind for kind in offered if METHOD_CURRENCIES.get(kind, currency) == currency]


def customer(payer: Payer, name: str) -> Params:
    """The business as a customer at Stripe."""
    return {"name": name, "metadata": {"payer_id": str(payer.id), "install": settings().install}}


def checkout(payment: Payment, customer_id: str) -> Params:
    """A Checkout page with one line for each milestone, and one for the client's fee when there is any."""
    known = {"payment_id": str(payment.id), "install": settings().install}
    parts = sorted(payment.allocations, key=lambda part: part.holding.created_at)
    fee = sum(part.client_fee_minor for part in parts)
    lines = [_line(part.holding.title, part.amount_minor, payment.currency) for part in parts]
    return {
        "mode": "payment",
        "payment_method_types": methods(payment.currency),
        "line_items": [*lines, *([_line("Marketplace fee", fee, payment.currency)] if fee else [])],
        "customer": customer_id,
        # The business may keep a card for the next time; the tick is on Stripe's page.
        "saved_payment_method_options": {"payment_method_save": "enabled"},
        "metadata": known,
        "payment_intent_data": {"metadata": known, "transfer_group": group(payment.stream)},
        "success_url": address(f"/payments/return?payment={payment.id}"),
        "cancel_url": address(f"/payments/return?payment={payment.id}&left=1"),
    }


def _line(name: str, amount_minor: int, currency: str) -> Params:
    price = {"currency": currency, "unit_amount": amount_minor, "product_data": {"name": name}}
    return {"quantity": 1, "price_data": price}


def reverse(wished: Reversal, release: Release) -> Params:
    """A part of a transfer back from the professional's account."""
    return {
        "transfer": release.transfer_id,
        "amount": wished.amount_minor,
        "metadata": {"reversal_id": str(wished.id), "install": settings().install},
    }


def payout(made: Payout, account: str) -> Params:
    """Money from a balance at Stripe to its bank. account: the connected one, or empty for the platform's own."""
    return {
        "account": account,
        "amount": made.amount_minor,
        "currency": made.currency,
        "method": made.method,
        "metadata": {"payout_id": str(made.id), "install": settings().install},
    }


def schedule(row: Payee, interval: str) -> Params:
    """When Stripe pays out what stands in a connected account: `manual` is not by itself, `daily` is the usual."""
    return {"account": row.stripe_account, "payments": {"payouts": {"schedule": {"interval": interval}}}}


def evidence(dispute_id: str, words: str) -> Params:
    """Our answer to a chargeback; it is sent once and for all."""
    return {"dispute": dispute_id, "evidence": {"uncategorized_text": words}, "submit": True}


def transfer(release: Release, holding: Holding, payment: Payment, payee: Payee) -> Params:
    """The professional's part, out of the charge that paid for it."""
    return {
        "amount": release.transfer_minor,
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
    """A page at Stripe on which the person says who they are and where their money goes, or changes that."""
    back = {
        "return_url": address("/payments/payouts?back=1"),
        "refresh_url": address("/payments/payouts?again=1"),
    }
    kind = "account_update" if row.state == "ready" else "account_onboarding"
    return {
        "account": row.stripe_account,
        "use_case": {"type": kind, kind: {"configurations": ["recipient"], **back}},
    }
