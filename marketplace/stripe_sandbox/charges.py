"""Charges: what one attempt to pay took, or did not take."""

from . import banks, disputes, fraud_warnings, shapes
from .balance import move
from .call import Call
from .cards import Card
from .changes import change
from .clock import now
from .events import tell
from .money import stripe_fee
from .params import Parser, anything, fields, listing, metadata, request, text
from .query import page
from .store import Obj, new_id

GET: Parser = request({})
UPDATE: Parser = request(
    {
        "customer": text, "description": text, "metadata": metadata, "receipt_email": text,
        "transfer_group": text, "fraud_details": fields({"user_report": text}), "shipping": anything,
    }
)  # fmt: skip
LIST: Parser = listing("customer", "payment_intent", "transfer_group")
_COPIED = ("amount", "currency", "customer", "description", "metadata", "receipt_email", "shipping",
           "statement_descriptor", "statement_descriptor_suffix", "transfer_group")  # fmt: skip
Failure = tuple[str, str | None, str]


def of_card(call: Call, intent: Obj, method: Obj, failure: Failure | None, authenticated: bool) -> Obj:
    """A charge that the card's bank answered at once: taken, or declined with (code, decline code, sentence)."""
    code, decline_code, sentence = failure or (None, None, "Payment complete.")
    took = 0 if failure else intent["amount"]
    charge = _new(
        call, intent, method, amount_captured=took, captured=not failure, paid=not failure,
        status="failed" if failure else "succeeded",
        failure_code=code, failure_message=sentence if failure else None,
        outcome=shapes.charge_outcome(decline_code or code, sentence),
        payment_method_details=shapes.card_on_a_charge(method["card"], intent["amount"], authenticated),
    )  # fmt: skip
    tell(call, "charge.failed" if failure else "charge.succeeded", charge)
    return charge


def of_bank(call: Call, intent: Obj, method: Obj) -> Obj:
    """A debit on its way: nobody knows yet whether the account will bear it."""
    charge = _new(
        call, intent, method, id=new_id("py_"), amount_captured=intent["amount"], captured=True, paid=False,
        status="pending", outcome=shapes.charge_outcome(None, "Payment complete."),
        payment_method_details=banks.on_a_charge(method),
    )  # fmt: skip
    tell(call, "charge.pending", charge)
    return charge


def _new(call: Call, intent: Obj, method: Obj, **known: Obj | int | str | None) -> Obj:
    copied = {name: intent[name] for name in _COPIED}
    linked = {"payment_intent": intent["id"], "payment_method": method["id"]}
    charge = shapes.charge(**copied, **linked, billing_details=method["billing_details"], **known)
    return call.store.put(charge, call.account)


def arrive(call: Call, charge: Obj, failure: tuple[str, str] | None) -> Obj:
    """The bank has answered a debit: the money came, or (code, sentence) says why it did not."""
    if failure is None:
        charge.update(status="succeeded", paid=True)
    else:
        code, sentence = failure
        charge.update(
            status="failed", amount_captured=0, captured=False, failure_code=code, failure_message=sentence,
            outcome=shapes.charge_outcome(code, sentence),
        )  # fmt: skip
    tell(call, "charge.failed" if failure else "charge.succeeded", call.store.put(charge, call.account))
    return charge


def settle(call: Call, charge: Obj, card: Card) -> None:
    """Book the money. It comes after the success events, so that those carry no balance transaction,
    as at Stripe. Then the cardholder or the bank may turn against the charge.
    """
    method = charge["payment_method_details"]["type"]
    entry = move(
        call, charge["amount"], charge["currency"], "charge" if method == "card" else "payment", charge["id"],
        category="charge", fee=stripe_fee(charge["amount"], method), description=charge["description"],
        available_on=now() + (0 if card.at_once else call.settings.settle_seconds),
    )  # fmt: skip
    charge["balance_transaction"] = entry["id"]
    tell(call, "charge.updated", call.store.put(charge, call.account), {"balance_transaction": None})
    if card.dispute:
        disputes.open_for(call, charge, card)
    if card.warning:
        fraud_warnings.open_for(call, charge)


def retrieve(call: Call) -> Obj:
    return call.store.get("charge", call.id, call.account)


def update(call: Call) -> Obj:
    """Change what is written on a charge; never its money."""
    return change(call, retrieve(call), "charge.updated")


def list_(call: Call) -> Obj:
    return page(call, "charge", "/v1/charges", ("customer", "payment_intent", "transfer_group"))
