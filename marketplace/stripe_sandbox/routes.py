"""Which address does what: the whole API on one page."""

import re
from collections.abc import Callable
from typing import NamedTuple

from . import (
    balance,
    balance_settings,
    charges,
    checkout,
    connect,
    connect_v1,
    customers,
    disputes,
    events,
    fraud_warnings,
    paying,
    payment_methods,
    payments,
    payouts,
    platform,
    products,
    refunds,
    setup_intents,
    topups,
    transfers,
)
from .call import Call
from .errors import StripeError
from .params import Parser, fields
from .store import Obj

Handler = Callable[[Call], Obj]
_NOTHING: Parser = fields({})


class Route(NamedTuple):
    """One endpoint: its method, address, work, and what it reads."""

    method: str
    path: str
    handler: Handler
    parser: Parser


ROUTES = (
    Route("POST", "/v1/customers", customers.create, customers.CREATE),
    Route("GET", "/v1/customers", customers.list_, customers.LIST),
    Route("GET", "/v1/customers/{id}", customers.retrieve, payments.GET),
    Route("POST", "/v1/customers/{id}", customers.update, customers.UPDATE),
    Route("DELETE", "/v1/customers/{id}", customers.delete, customers.DELETE),
    Route("GET", "/v1/customers/{id}/payment_methods", payment_methods.list_of, payment_methods.LIST_OF),
    Route("GET", "/v1/customers/{id}/payment_methods/{id}", payment_methods.retrieve_of, payment_methods.GET),
    Route("POST", "/v1/payment_methods", payment_methods.create, payment_methods.CREATE),
    Route("GET", "/v1/payment_methods", payment_methods.list_, payment_methods.LIST),
    Route("GET", "/v1/payment_methods/{id}", payment_methods.retrieve, payment_methods.GET),
    Route("POST", "/v1/payment_methods/{id}", payment_methods.update, payment_methods.UPDATE),
    Route("POST", "/v1/payment_methods/{id}/attach", payment_methods.attach, payment_methods.ATTACH),
    Route("POST", "/v1/payment_methods/{id}/detach", payment_methods.detach, payment_methods.DETACH),
    Route("POST", "/v1/products", products.create, products.CREATE),
    Route("GET", "/v1/products", products.list_, products.LIST),
    Route("GET", "/v1/products/{id}", products.retrieve, products.GET),
    Route("POST", "/v1/products/{id}", products.update, products.UPDATE),
    Route("POST", "/v1/prices", products.create_price, products.CREATE_PRICE),
    Route("GET", "/v1/prices", products.list_prices, products.LIST_PRICES),
    Route("GET", "/v1/prices/{id}", products.retrieve_price, products.GET),
    Route("POST", "/v1/prices/{id}", products.update_price, products.UPDATE_PRICE),
    Route("POST", "/v1/checkout/sessions", checkout.create, checkout.CREATE),
    Route("GET", "/v1/checkout/sessions", checkout.list_, checkout.LIST),
    Route("GET", "/v1/checkout/sessions/{id}", checkout.retrieve, checkout.GET),
    Route("GET", "/v1/checkout/sessions/{id}/line_items", checkout.list_items, checkout.ITEMS),
    Route("POST", "/v1/checkout/sessions/{id}/expire", checkout.expire, checkout.EXPIRE),
    Route("GET", "/v1/payment_pages/{id}", paying.show, paying.GET),
    Route("POST", "/v1/payment_pages/{id}/confirm", paying.confirm, paying.CONFIRM),
    Route("POST", "/v1/setup_intents", setup_intents.create, setup_intents.CREATE),
    Route("GET", "/v1/setup_intents", setup_intents.list_, setup_intents.LIST),
    Route("GET", "/v1/setup_intents/{id}", setup_intents.retrieve, setup_intents.GET),
    Route("POST", "/v1/setup_intents/{id}", setup_intents.update, setup_intents.UPDATE),
    Route("POST", "/v1/setup_intents/{id}/confirm", setup_intents.confirm, setup_intents.CONFIRM),
    Route("POST", "/v1/setup_intents/{id}/cancel", setup_intents.cancel, setup_intents.CANCEL),
    Route("POST", "/v1/payment_intents", payments.create, payments.CREATE),
    Route("GET", "/v1/payment_intents", payments.list_, payments.LIST),
    Route("GET", "/v1/payment_intents/{id}", payments.retrieve, payments.GET),
    Route("POST", "/v1/payment_intents/{id}", payments.update, payments.UPDATE),
    Route("POST", "/v1/payment_intents/{id}/confirm", payments.confirm, payments.CONFIRM),
    Route("POST", "/v1/payment_intents/{id}/cancel", payments.cancel, payments.CANCEL),
    Route("GET", "/v1/charges", charges.list_, charges.LIST),
    Route("GET", "/v1/charges/{id}", charges.retrieve, charges.GET),
    Route("POST", "/v1/charges/{id}", charges.update, charges.UPDATE),
    Route("GET", "/v1/balance", balance.get, balance.GET),
    Route("GET", "/v1/balance_transactions", balance.list_, balance.LIST),
    Route("GET", "/v1/balance_transactions/{id}", balance.retrieve, balance.GET),
    Route("POST", "/v1/refunds", refunds.create, refunds.CREATE),
    Route("GET", "/v1/refunds", refunds.list_, refunds.LIST),
    Route("GET", "/v1/refunds/{id}", refunds.retrieve, refunds.GET),
    Route("POST", "/v1/refunds/{id}", refunds.update, refunds.UPDATE),
    Route("GET", "/v1/disputes", disputes.list_, disputes.LIST),
    Route("GET", "/v1/disputes/{id}", disputes.retrieve, disputes.GET),
    Route("POST", "/v1/disputes/{id}", disputes.update, disputes.UPDATE),
    Route("POST", "/v1/disputes/{id}/close", disputes.close, disputes.GET),
    Route("GET", "/v1/radar/early_fraud_warnings", fraud_warnings.list_, fraud_warnings.LIST),
    Route("GET", "/v1/radar/early_fraud_warnings/{id}", fraud_warnings.retrieve, fraud_warnings.GET),
    Route("POST", "/v1/transfers", transfers.create, transfers.CREATE),
    Route("GET", "/v1/transfers", transfers.list_, transfers.LIST),
    Route("GET", "/v1/transfers/{id}", transfers.retrieve, transfers.GET),
    Route("POST", "/v1/transfers/{id}", transfers.update, transfers.UPDATE),
    Route("POST", "/v1/transfers/{id}/reversals", transfers.reverse, transfers.REVERSE),
    Route("GET", "/v1/transfers/{id}/reversals", transfers.list_reversals, transfers.LIST),
    Route("GET", "/v1/transfers/{id}/reversals/{id}", transfers.retrieve_reversal, transfers.GET),
    Route("POST", "/v1/payouts", payouts.create, payouts.CREATE),
    Route("GET", "/v1/payouts", payouts.list_, payouts.LIST),
    Route("GET", "/v1/payouts/{id}", payouts.retrieve, payouts.GET),
    Route("POST", "/v1/payouts/{id}", payouts.update, payouts.UPDATE),
    Route("POST", "/v1/payouts/{id}/cancel", payouts.cancel, payouts.GET),
    Route("POST", "/v1/topups", topups.create, topups.CREATE),
    Route("GET", "/v1/topups", topups.list_, topups.LIST),
    Route("GET", "/v1/topups/{id}", topups.retrieve, topups.GET),
    Route("POST", "/v1/topups/{id}", topups.update, topups.UPDATE),
    Route("POST", "/v1/topups/{id}/cancel", topups.cancel, topups.GET),
    Route("GET", "/v1/events", events.list_, events.LIST),
    Route("GET", "/v1/events/{id}", events.retrieve, payments.GET),
    Route("POST", "/v1/accounts", connect_v1.create, connect_v1.CREATE),
    Route("GET", "/v1/accounts/{id}", connect_v1.retrieve, connect_v1.GET),
    Route("POST", "/v2/core/accounts", connect.create, connect.CREATE),
    Route("GET", "/v2/core/accounts", connect.list_, connect.LIST),
    Route("GET", "/v2/core/accounts/{id}", connect.retrieve, connect.GET),
    Route("POST", "/v2/core/accounts/{id}", connect.update, connect.CREATE),
    Route("POST", "/v2/core/accounts/{id}/close", connect.close, connect.CLOSE),
    Route("POST", "/v2/core/account_links", connect.create_link, connect.LINK),
    Route("GET", "/v1/account", platform.account, platform.GET),
    Route("GET", "/v1/balance_settings", balance_settings.get, balance_settings.GET),
    Route("POST", "/v1/balance_settings", balance_settings.update, balance_settings.UPDATE),
    Route("GET", "/v1/webhook_endpoints", platform.endpoints, platform.LIST),
    Route("GET", "/v2/core/event_destinations", platform.destinations, platform.DESTINATIONS),
    Route("GET", "/v2/core/events", events.list_thin, events.LIST_THIN),
    Route("GET", "/v2/core/events/{id}", events.retrieve_thin, _NOTHING),
)
_PATTERNS = [(route, re.compile(re.sub(r"{id}", r"([^/]+)", route.path))) for route in ROUTES]


def find(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    """The endpoint and the ids in the address;
    refuses an address that Stripe or the sandbox does not have (404).
    """
    for route, pattern in _PATTERNS:
        if route.method == method and (match := pattern.fullmatch(path)):
            return route, match.groups()
    sentence = f"Unrecognized request URL ({method}: {path}). The sandbox does not have it."
    raise StripeError(404, "invalid_request_error", sentence, executed=False)
