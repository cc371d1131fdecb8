"""Whole objects: every property that Stripe always sends, so that a reader never meets a missing one.

Each function takes what is known and fills the rest with what Stripe sends when nothing else was asked for.
"""

from typing import Any

from .clock import now
from .store import Obj, new_id


def _nulls(names: str) -> Obj:
    return dict.fromkeys(names.split())


def _new(kind: str, prefix: str, livemode: bool = True) -> Obj:
    shape: Obj = {"id": new_id(prefix), "object": kind, "created": now()}
    return {**shape, "livemode": False} if livemode else shape


def listed(data: list[Obj], url: str, has_more: bool = False) -> Obj:
    """A v1 list."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def customer(**known: Any) -> Obj:
    return {
        **_new("customer", "cus_"), "balance": 0, "delinquent": False, "metadata": {},
        "preferred_locales": [],
        "invoice_prefix": new_id("", 8).upper(), "next_invoice_sequence": 1, "tax_exempt": "none",
        **_nulls("address cash_balance currency customer_account default_source description discount"),
        **_nulls("email name phone shipping"),
        "invoice_settings": _nulls("custom_fields default_payment_method footer rendering_options"),
        "test_clock": None, **known,
    }  # fmt: skip


def checkout_session(**known: Any) -> Obj:
    nothing = _nulls(
        "after_expiration allow_promotion_codes billing_address_collection cancel_url client_reference_id"
        " client_secret collected_information consent consent_collection currency_conversion customer"
        " customer_account customer_details customer_email invoice locale origin_context payment_intent"
        " payment_link permissions payment_method_configuration_details recovered_from"
        " saved_payment_method_options setup_intent shipping_address_collection shipping_cost submit_type"
        " subscription success_url wallet_options integration_identifier managed_payments optional_items"
    )
    return {
        **_new("checkout.session", "cs_test_"), **nothing, "id": new_id("cs_test_", 58), "mode": "payment",
        "adaptive_pricing": {"enabled": False},
        "automatic_tax": {"enabled": False, **_nulls("liability provider status")}, "custom_fields": [],
        "custom_text": _nulls("after_submit shipping_address submit terms_of_service_acceptance"),
        "customer_creation": "if_required", "discounts": [], "metadata": {}, "status": "open",
        "payment_method_collection": "if_required", "payment_method_options": {},
        "payment_method_types": ["card"],
        "payment_status": "unpaid", "phone_number_collection": {"enabled": False}, "shipping_options": [],
        "invoice_creation": {"enabled": False, "invoice_data": {
            **_nulls("account_tax_ids custom_fields description footer issuer rendering_options"),
            "metadata": {}}},
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        **known,
    }  # fmt: skip


def product(**known: Any) -> Obj:
    return {
        **_new("product", "prod_"), "active": True, "images": [], "marketing_features": [], "metadata": {},
        **_nulls("default_price description package_dimensions shippable statement_descriptor tax_code"),
        **_nulls("unit_label url"), "type": "service", "updated": now(), **known,
    }  # fmt: skip


def price(**known: Any) -> Obj:
    return {
        **_new("price", "price_"), "active": True, "billing_scheme": "per_unit", "metadata": {},
        **_nulls("custom_unit_amount lookup_key nickname recurring tiers_mode transform_quantity"),
        "tax_behavior": "unspecified", "type": "one_time",
        "unit_amount_decimal": str(known["unit_amount"]), **known,
    }  # fmt: skip


def line_item(price: Obj, quantity: int, name: str) -> Obj:
    amount = price["unit_amount"] * quantity
    return {
        "id": new_id("li_"), "object": "item", "amount_discount": 0, "amount_subtotal": amount,
        "amount_tax": 0, "amount_total": amount, "currency": price["currency"], "description": name,
        "metadata": {}, "price": price, "quantity": quantity, "adjustable_quantity": None,
    }  # fmt: skip


def payment_intent(**known: Any) -> Obj:
    id = new_id("pi_")
    nothing = _nulls(
        "application application_fee_amount automatic_payment_methods canceled_at cancellation_reason"
        " customer customer_account description excluded_payment_method_types last_payment_error"
        " latest_charge next_action on_behalf_of payment_method payment_method_configuration_details"
        " processing receipt_email review setup_future_usage shipping statement_descriptor"
        " statement_descriptor_suffix transfer_data transfer_group allowed_payment_method_types"
        " managed_payments"
    )
    return {
        **_new("payment_intent", "pi_"), **nothing, "id": id, "amount_capturable": 0, "amount_received": 0,
        "amount_details": {"tip": {}}, "capture_method": "automatic_async",
        "confirmation_method": "automatic",
        "client_secret": f"{id}_secret_{new_id('', 25)}", "metadata": {}, "payment_method_types": ["card"],
        "payment_method_options": {"card": {
            **_nulls("installments mandate_options network"), "request_three_d_secure": "automatic"}},
        "status": "requires_payment_method", **known,
    }  # fmt: skip


def setup_intent(**known: Any) -> Obj:
    id = new_id("seti_")
    nothing = _nulls(
        "allowed_payment_method_types application automatic_payment_methods cancellation_reason customer"
        " customer_account description excluded_payment_method_types flow_directions last_setup_error"
        " latest_attempt managed_payments mandate next_action on_behalf_of payment_method"
        " payment_method_configuration_details payment_method_options single_use_mandate"
    )
    return {
        **_new("setup_intent", "seti_"), **nothing, "id": id, "client_secret": f"{id}_secret_{new_id('', 25)}",
        "metadata": {}, "payment_method_types": ["card"], "status": "requires_payment_method",
        "usage": "off_session", **known,
    }  # fmt: skip


def card(number: str, brand: str, country: str, exp_month: int, exp_year: int) -> Obj:
    """What a payment method shows of its card."""
    return {
        "brand": brand, "display_brand": brand, "last4": number[-4:], "country": country, "funding": "credit",
        "exp_month": exp_month, "exp_year": exp_year, "fingerprint": f"sandbox{number[-4:]}",
        "regulated_status": "unregulated",
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "networks": {"available": [brand], "preferred": None}, "three_d_secure_usage": {"supported": True},
        "generated_from": None, "wallet": None,
    }  # fmt: skip


def payment_method(type: str, details: Obj, billing: Obj, **known: Any) -> Obj:
    """A card, or an account to debit."""
    return {
        **_new("payment_method", "pm_"), "allow_redisplay": "unspecified", "billing_details": billing,
        "customer": None, "customer_account": None, "metadata": {}, "type": type, type: details, **known,
    }  # fmt: skip


def billing_details(**known: Any) -> Obj:
    return {**_nulls("address email name phone tax_id"), **known}


_ON_A_CHARGE = ("brand", "last4", "country", "funding", "exp_month", "exp_year", "fingerprint", "checks")


def card_on_a_charge(card: Obj, amount: int, authenticated: bool) -> Obj:
    """What a charge shows of the card that it takes from, in the shape of `payment_method_details`."""
    secure = {
        "authentication_flow": "challenge", "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated", "result_reason": None, "transaction_id": new_id("", 28),
        "version": "2.2.0",
    }  # fmt: skip
    details = {
        **{name: card[name] for name in _ON_A_CHARGE},
        **_nulls("authorization_code installments mandate network_token network_transaction_id wallet"),
        "amount_authorized": amount, "network": card["brand"], "regulated_status": "unregulated",
        "three_d_secure": secure if authenticated else None, "transaction_link_id": None,
    }  # fmt: skip
    return {"type": "card", "card": details}


def charge(**known: Any) -> Obj:
    nothing = _nulls(
        "application application_fee application_fee_amount balance_transaction customer description"
        " failure_balance_transaction failure_code failure_message on_behalf_of outcome receipt_email"
        " receipt_number receipt_url refunds review shipping source_transfer statement_descriptor"
        " statement_descriptor_suffix transfer_data transfer_group"
    )
    return {
        **_new("charge", "ch_"), **nothing, "amount_refunded": 0, "disputed": False, "fraud_details": {},
        "calculated_statement_descriptor": "SANDBOX", "metadata": {}, "refunded": False,
        "radar_options": {}, **known,
    }  # fmt: skip


def charge_outcome(decline_code: str | None, message: str) -> Obj:
    declined = decline_code is not None
    return {
        "advice_code": "try_again_later" if declined else None, "network_advice_code": None,
        "network_decline_code": "01" if declined else None,
        "network_status": "declined_by_network" if declined else "approved_by_network",
        "reason": decline_code,
        "risk_level": "normal", "risk_score": 12, "seller_message": message,
        "type": "issuer_declined" if declined else "authorized",
    }  # fmt: skip


def balance_transaction(**known: Any) -> Obj:
    shape = {
        **_new("balance_transaction", "txn_", False),
        "balance_type": "payments",
        **_nulls("description exchange_rate"),
    }
    return {**shape, "fee": 0, "fee_details": [], **known}


def refund(**known: Any) -> Obj:
    nothing = _nulls(
        "balance_transaction customer customer_account payment_method reason receipt_number"
        " source_transfer_reversal transfer_reversal"
    )
    reference = {
        "reference_status": "pending",
        "reference_type": "acquirer_reference_number",
        "type": "refund",
    }
    return {
        **_new("refund", "re_", False), **nothing, "destination_details": {"card": reference, "type": "card"},
        "metadata": {}, "status": "succeeded", **known,
    }  # fmt: skip


def transfer(**known: Any) -> Obj:
    shape = {
        **_new("transfer", "tr_"),
        **_nulls("balance_transaction description source_transaction transfer_group"),
    }
    shape["reversals"] = listed([], f"/v1/transfers/{shape['id']}/reversals")
    return {**shape, "amount_reversed": 0, "metadata": {}, "reversed": False, "source_type": "card", **known}


def transfer_reversal(**known: Any) -> Obj:
    shape = _new("transfer_reversal", "trr_", False)
    return {
        **shape,
        **_nulls("balance_transaction destination_payment_refund source_refund"),
        "metadata": {},
        **known,
    }


def payout(**known: Any) -> Obj:
    nothing = _nulls(
        "application_fee application_fee_amount balance_transaction description failure_balance_transaction"
        " failure_code failure_message original_payout payout_method reversed_by statement_descriptor"
        " trace_id"
    )
    return {
        **_new("payout", "po_"), **nothing, "automatic": True, "metadata": {}, "method": "standard",
        "reconciliation_status": "in_progress", "source_type": "card", "status": "pending",
        "type": "bank_account", **known,
    }  # fmt: skip
