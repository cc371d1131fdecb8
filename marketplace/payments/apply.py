"""What Stripe did, entered into our books. Workers, webhooks, the poller and reconciliation all come here.

Each function takes Stripe's object as it is now, holds the locks it needs (holdings first), changes nothing
when it comes a second time or too late, and tells. What does not match what we asked for is quarantined.
Here are payments; the other nouns are in refunds, transfers, chargebacks and payouts.
"""

from __future__ import annotations

from marketplace.kernel import money
from marketplace.kernel.clock import now
from marketplace.kernel.db import flush
from marketplace.kernel.jobs import later
from marketplace.payments import refunds, saved
from marketplace.payments.entering import Foreign, Obj, Quarantine, lock_payment, ours, report, text
from marketplace.payments.ledger import post
from marketplace.payments.models import Payment
from marketplace.payments.outbox import ask

__all__ = ["Foreign", "Quarantine", "charge", "checkout", "credit", "intent", "never_opened"]


def checkout(session: Obj) -> None:
    """A Checkout Session: open, paid or expired."""
    payment = _payment(session)
    _compare(payment, session["amount_total"], session["currency"])
    paying = session["payment_intent"]
    if session["status"] == "expired":
        _over(payment)
    elif session["status"] == "complete" and isinstance(paying, dict):
        payment.session_id = session["id"]
        _enter_intent(payment, paying, page_is_open=False)
    elif payment.state == "created":
        payment.state, payment.session_id = "requires_action", session["id"]
        payment.url = session["url"] or ""
        flush()


def intent(found: Obj) -> None:
    """A payment intent; only a succeeded one changes anything: a declined card may be tried again."""
    payment = _payment(found)
    _compare(payment, found["amount"], found["currency"])
    _enter_intent(payment, found, page_is_open=payment.state in ("created", "requires_action"))


def _enter_intent(payment: Payment, found: Obj, *, page_is_open: bool) -> None:
    """What an intent says. While the page is open, a declined card may be tried again with another."""
    status, error = found["status"], (found.get("last_payment_error") or {}).get("message") or ""
    if status == "succeeded":
        _settle(payment, found)
    elif status == "canceled":
        _over(payment)
    elif status == "processing" and payment.state in ("created", "requires_action"):
        payment.state, payment.intent_id, payment.url = "processing", found["id"], ""
        flush()
        for part in payment.allocations:
            report("payment.processing", part.holding, payment=str(payment.id),
                  amount=text(part.holding, part.amount_minor))  # fmt: skip
    elif status == "requires_payment_method" and error:
        payment.failure = error
        if not page_is_open and payment.state in ("requires_action", "processing"):
            _fail(payment, found["id"], error)


def _fail(payment: Payment, intent_id: str, reason: str) -> None:
    """A slow method came to nothing. The intent could still be paid: it is closed there before anything else."""
    payment.state, payment.intent_id = "failed", intent_id
    flush()
    ask("cancel_intent", payment.id, {"intent": intent_id})
    for part in payment.allocations:
        report("payment.failed", part.holding, payment=str(payment.id), reason=reason)


def charge(found: Obj) -> None:
    """A charge that got its balance transaction: Stripe's fee is known now."""
    payment = _payment(found)
    if payment.charge_id == found["id"]:
        _take_fee(payment, found)


def _payment(found: Obj) -> Payment:
    """The payment an object is about, its holdings and itself locked."""
    return lock_payment(ours(Payment, "payment_id", found))


def _compare(payment: Payment, amount: int, currency: str) -> None:
    if (amount, currency) != (payment.amount_minor, payment.currency):
        asked = money.text(payment.amount_minor, payment.currency)
        raise Quarantine(f"Asked for {asked}, but Stripe says {amount} {currency} (payment {payment.id}).")


def _settle(payment: Payment, found: Obj) -> None:
    """Credit a succeeded intent, once."""
    paid = found["latest_charge"]
    if not isinstance(paid, dict):
        raise Quarantine(f"The intent {found['id']} succeeded without a charge.")
    if payment.state in ("succeeded", "surplus"):
        if payment.charge_id != paid["id"]:
            raise Quarantine(f"Payment {payment.id} was paid twice: {payment.charge_id} and {paid['id']}.")
        return _take_fee(payment, paid)
    if found["amount_received"] != payment.amount_minor:
        raise Quarantine(f"Payment {payment.id} received {found['amount_received']}, not what was asked.")
    payment.method = (paid.get("payment_method_details") or {}).get("type") or ""
    credit(payment, intent_id=found["id"], charge_id=paid["id"], receipt_url=paid.get("receipt_url") or "")
    _take_fee(payment, paid)
    if payer := saved.payer_of(payment.organisation_id):
        later("payments.methods", str(payer.id))


def credit(payment: Payment, *, intent_id: str, charge_id: str, receipt_url: str = "") -> None:
    """Hold the money of a payment that came through, in every holding it is for. The locks are held.

    Money that its milestones no longer wait for is a surplus, and goes back whole.
    """
    parts = sorted(payment.allocations, key=lambda part: part.holding_id)
    if not all(part.is_live for part in parts) or any(part.holding.funded_minor for part in parts):
        return refunds.return_surplus(payment, intent_id, charge_id)
    payment.state, payment.intent_id, payment.charge_id = "succeeded", intent_id, charge_id
    payment.receipt_url, payment.paid_at, payment.url = receipt_url, now(), ""
    lines = {"stripe:balance": payment.amount_minor}
    lines["revenue:client_fee"] = -sum(part.client_fee_minor for part in parts)
    for part in parts:
        part.holding.funded_minor += part.amount_minor
        part.holding.version += 1
        lines[f"held:{part.holding_id}"] = -part.amount_minor
    single = parts[0].holding_id if len(parts) == 1 else None
    post("fund", charge_id, payment.currency, lines, stream=payment.stream, holding_id=single)
    for part in parts:
        report(
            "payment.held",
            part.holding,
            payment=str(payment.id),
            amount=text(part.holding, part.amount_minor),
        )


def _take_fee(payment: Payment, paid: Obj) -> None:
    booked = paid.get("balance_transaction")
    if not isinstance(booked, dict):
        return  # It comes with charge.updated.
    if booked["currency"] != payment.currency:
        raise Quarantine(f"Payment {payment.id} settled in {booked['currency']}, not {payment.currency}.")
    fee = booked["fee"]
    lines = {"expense:stripe_fee": fee, "stripe:balance": -fee}
    if fee:
        post("stripe_fee", booked["id"], payment.currency, lines, stream=payment.stream)


def _over(payment: Payment) -> None:
    """Stripe closed the page unpaid: the holdings may be paid for anew."""
    if payment.state in ("succeeded", "surplus", "canceled"):
        return
    _close(payment, "payment.expired")


def never_opened(payment: Payment, sentence: str) -> None:
    """Stripe refused to open a page: the holdings may be paid for anew. The locks are held."""
    if payment.state == "created":
        payment.failure = sentence
        _close(payment, "payment.failed", reason=sentence)


def _close(payment: Payment, event: str, **data: str) -> None:
    payment.state, payment.url = "canceled", ""
    for part in payment.allocations:
        part.is_live = False
    flush()
    for part in payment.allocations:
        report(event, part.holding, payment=str(payment.id), **data)
