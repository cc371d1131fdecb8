"""Transfers to connected accounts, and taking them back."""

from . import connect, shapes, shapes_money
from .balance import funds, move
from .call import Call
from .changes import change
from .clock import now
from .errors import invalid, missing
from .events import tell
from .money import known_currency
from .params import Parser, listing, metadata, positive, request, text
from .query import page
from .store import Obj, new_id

CREATE: Parser = request(
    {
        "amount": positive, "currency": text, "destination": text, "source_transaction": text,
        "transfer_group": text,
        "metadata": metadata, "description": text,
    },
    ["currency", "destination"],
)  # fmt: skip
UPDATE: Parser = request({"metadata": metadata, "description": text})
REVERSE: Parser = request({"amount": positive, "metadata": metadata, "description": text})
GET: Parser = request({})
LIST: Parser = listing("destination", "transfer_group")


def create(call: Call) -> Obj:
    """Move money to a connected account: out of one charge (as soon as that settles),
    or out of what is available.
    """
    wanted = call.params
    amount, currency = wanted.get("amount"), known_currency(wanted["currency"])
    if amount is None:
        raise invalid("Missing required param: amount.", "parameter_missing", "amount")
    payee = connect.payable(call, wanted["destination"])
    charge = _source(call, wanted.get("source_transaction"), amount, currency)
    if charge is None and funds(call, currency)[0] < amount:
        sentence = (
            "You have insufficient available funds in your Stripe account. Try adding funds directly"
            " to your available balance."
        )
        raise invalid(sentence, "balance_insufficient")
    transfer = shapes.transfer(
        amount=amount, currency=currency, destination=payee, destination_payment=new_id("py_"),
        source_transaction=wanted.get("source_transaction"), metadata=wanted.get("metadata", {}),
        transfer_group=wanted.get("transfer_group") or (charge and charge["transfer_group"]),
        description=wanted.get("description"),
    )  # fmt: skip
    _book(call, transfer, charge)
    tell(call, "transfer.created", call.store.put(transfer, call.account))
    return transfer


def _source(call: Call, id: str | None, amount: int, currency: str) -> Obj | None:
    if id is None:
        return None
    charge = call.store.get("charge", id, call.account, "source_transaction")
    if charge["status"] != "succeeded":
        raise invalid(
            f"Charge {id} did not succeed, so there is no money to transfer.", None, "source_transaction"
        )
    if charge["currency"] != currency:
        sentence = (
            f"The currency of source_transaction's balance transaction ({charge['currency']}) must be"
            f" the transfer's."
        )
        raise invalid(sentence, "transfer_source_balance_parameters_mismatch", "currency")
    earlier = call.store.where("transfer", call.account, source_transaction=id)
    left = charge["amount_captured"] - sum(each["amount"] - each["amount_reversed"] for each in earlier)
    if amount > left:
        sentence = (
            f"The transfers associated with source_transaction {id} cannot exceed the source amount of"
            f" {left}."
        )
        raise invalid(sentence, None, "amount")
    return charge


def _book(call: Call, transfer: Obj, charge: Obj | None) -> None:
    amount, currency = transfer["amount"], transfer["currency"]
    settled = call.store.find(charge["balance_transaction"], call.account) if charge else None
    available_on = settled["available_on"] if settled else now()
    ours = move(call, -amount, currency, "transfer", transfer["id"], available_on=available_on)
    transfer["balance_transaction"] = ours["id"]
    theirs, payment = call.on(transfer["destination"]), transfer["destination_payment"]
    entry = move(theirs, amount, currency, "payment", payment, available_on=available_on)
    received = shapes_money.destination_payment(transfer, balance_transaction=entry["id"])
    tell(theirs, "payment.created", theirs.store.put(received, theirs.account))


def retrieve(call: Call) -> Obj:
    return call.store.get("transfer", call.id, call.account)


def update(call: Call) -> Obj:
    """Change the metadata or the description."""
    return change(call, retrieve(call), "transfer.updated")


def list_(call: Call) -> Obj:
    return page(call, "transfer", "/v1/transfers", ("destination", "transfer_group"))


def reverse(call: Call) -> Obj:
    """Take back `amount` (all that is left when not said), if the connected account still has it."""
    transfer = retrieve(call)
    left = transfer["amount"] - transfer["amount_reversed"]
    if left <= 0:
        raise invalid(f"Transfer {transfer['id']} is already fully reversed.", None, "amount")
    amount = call.params.get("amount", left)
    if amount > left:
        sentence = (
            f"Transfer reversal amount ({amount}) is greater than unreversed amount on transfer ({left})"
        )
        raise invalid(sentence, None, "amount")
    theirs = call.on(transfer["destination"])
    if sum(funds(theirs, transfer["currency"])) < amount:
        sentence = "The connected account does not have enough money to cover this reversal."
        raise invalid(sentence, "balance_insufficient")
    return _take_back(call, theirs, transfer, amount)


def _take_back(call: Call, theirs: Call, transfer: Obj, amount: int) -> Obj:
    reversal = shapes.transfer_reversal(
        amount=amount, currency=transfer["currency"], transfer=transfer["id"],
        metadata=call.params.get("metadata", {}), destination_payment_refund=new_id("pyr_"),
    )  # fmt: skip
    entry = move(call, amount, transfer["currency"], "transfer_refund", reversal["id"])
    reversal["balance_transaction"] = entry["id"]
    _give_back(theirs, transfer, reversal)
    total = transfer["amount_reversed"] + amount
    transfer.update(amount_reversed=total, reversed=total >= transfer["amount"])
    transfer["reversals"]["data"].insert(0, reversal)
    call.store.put(reversal, call.account)
    tell(call, "transfer.reversed", call.store.put(transfer, call.account))
    return reversal


def _give_back(theirs: Call, transfer: Obj, reversal: Obj) -> None:
    """The other side of a reversal: a refund of the payment that the transfer was there."""
    id, amount, currency = reversal["destination_payment_refund"], reversal["amount"], reversal["currency"]
    received = theirs.store.get("charge", transfer["destination_payment"], theirs.account)
    total = received["amount_refunded"] + amount
    received.update(amount_refunded=total, refunded=total >= received["amount"])
    theirs.store.put(received, theirs.account)
    refund = shapes.refund(
        id=id, amount=amount, currency=currency, charge=received["id"], payment_intent=None,
        balance_transaction=move(theirs, -amount, currency, "payment_refund", id)["id"],
        source_transfer_reversal=reversal["id"],
    )  # fmt: skip
    del refund["destination_details"]
    theirs.store.put(refund, theirs.account)


def retrieve_reversal(call: Call) -> Obj:
    reversal = call.store.get("transfer_reversal", call.ids[1], call.account)
    if reversal["transfer"] != call.id:
        raise missing("transfer_reversal", call.ids[1])
    return reversal


def list_reversals(call: Call) -> Obj:
    call.params["transfer"] = retrieve(call)["id"]
    return page(call, "transfer_reversal", f"/v1/transfers/{call.id}/reversals", ("transfer",))
