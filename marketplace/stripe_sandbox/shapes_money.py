"""Whole objects of what goes backward and out: disputes, warnings, top-ups, payments that a transfer makes."""

from typing import Any

from .clock import now
from .store import Obj, new_id

_EVIDENCE = (
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure"
    " cancellation_rebuttal customer_communication customer_email_address customer_name customer_purchase_ip"
    " customer_signature duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id"
    " product_description receipt refund_policy refund_policy_disclosure refund_refusal_explanation"
    " service_date service_documentation shipping_address shipping_carrier shipping_date"
    " shipping_documentation shipping_tracking_number uncategorized_file uncategorized_text"
)
EVIDENCE = tuple(_EVIDENCE.split())
"""What evidence may consist of: every one a text, or the id of a file."""


def dispute(charge: Obj, inquiry: bool, due_by: int, **known: Any) -> Obj:
    """A dispute of a charge; `due_by` is when evidence must be there."""
    details: Obj = {"type": "card"}
    if card := charge["payment_method_details"].get("card"):
        network = {"brand": card["brand"], "network": card["network"], "network_reason_code": "83"}
        details["card"] = {**network, "case_type": "inquiry" if inquiry else "chargeback"}
    deadline = {"due_by": due_by, "enhanced_eligibility": {}, "has_evidence": False, "past_due": False}
    return {
        "id": new_id("du_"), "object": "dispute", "created": now(), "livemode": False,
        "balance_transactions": [], "charge": charge["id"], "currency": charge["currency"],
        "enhanced_eligibility_types": [], "evidence": {**dict.fromkeys(EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {**deadline, "submission_count": 0}, "is_charge_refundable": inquiry,
        "metadata": {}, "payment_intent": charge["payment_intent"], "payment_method_details": details,
        "status": "warning_needs_response" if inquiry else "needs_response", **known,
    }  # fmt: skip


def fraud_warning(charge: Obj, actionable: bool) -> Obj:
    """What the card's bank says about a charge before anybody disputes it."""
    return {
        "id": new_id("issfr_"), "object": "radar.early_fraud_warning", "actionable": actionable,
        "charge": charge["id"], "created": now(), "fraud_type": "unauthorized_use_of_card",
        "livemode": False, "payment_intent": charge["payment_intent"],
    }  # fmt: skip


def topup(**known: Any) -> Obj:
    """Money that the platform sends to its own balance."""
    nothing = (
        "balance_transaction description expected_availability_date failure_code failure_message"
        " payment_method payment_method_options source statement_descriptor transfer_group"
    )
    return {
        "id": new_id("tu_"), "object": "topup", "created": now(), "livemode": False, "metadata": {},
        "initiated_by": "user", "status": "pending", **dict.fromkeys(nothing.split()), **known,
    }  # fmt: skip


def destination_payment(transfer: Obj, **known: Any) -> Obj:
    """What a transfer is on the side of the account that receives it: a charge that costs nothing."""
    nothing = (
        "application application_fee application_fee_amount balance_transaction customer description"
        " failure_balance_transaction failure_code failure_message on_behalf_of outcome payment_intent"
        " receipt_email receipt_number receipt_url refunds review shipping statement_descriptor"
        " statement_descriptor_suffix transfer_data transfer_group calculated_statement_descriptor"
    )
    return {
        "id": transfer["destination_payment"], "object": "charge", "created": now(), "livemode": False,
        **dict.fromkeys(nothing.split()), "amount": transfer["amount"], "amount_captured": transfer["amount"],
        "amount_refunded": 0, "captured": True,
        "billing_details": dict.fromkeys(["address", "email", "name", "phone", "tax_id"]),
        "currency": transfer["currency"], "disputed": False, "fraud_details": {}, "metadata": {},
        "paid": True, "payment_method": None, "refunded": False, "source_transfer": transfer["id"],
        "payment_method_details": {"type": "stripe_account", "stripe_account": {}}, "status": "succeeded",
        "radar_options": {}, **known,
    }  # fmt: skip
