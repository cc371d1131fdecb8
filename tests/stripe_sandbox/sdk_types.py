"""The SDK's own parameter types as a judge of requests that the cut OpenAPI document does not tell of.

Those are Accounts v2 and their links, top-ups, early fraud warnings, products, prices, setup intents and a
customer's payment methods. They say nothing of lengths, and of a form's numbers only that they are numbers.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin

import stripe.params
import stripe.params.radar
import stripe.params.v2.core
from typing_extensions import get_type_hints, is_typeddict

Json = dict[str, Any]
_V1, _V2, _RADAR = stripe.params, stripe.params.v2.core, stripe.params.radar
TYPES: dict[str, tuple[Any, str]] = {
    "POST /v2/core/accounts": (_V2, "AccountCreateParams"),
    "GET /v2/core/accounts": (_V2, "AccountListParams"),
    "POST /v2/core/accounts/{id}": (_V2, "AccountUpdateParams"),
    "GET /v2/core/accounts/{id}": (_V2, "AccountRetrieveParams"),
    "POST /v2/core/accounts/{id}/close": (_V2, "AccountCloseParams"),
    "POST /v2/core/account_links": (_V2, "AccountLinkCreateParams"),
    "GET /v2/core/events": (_V2, "EventListParams"),
    "GET /v2/core/events/{id}": (_V2, "EventRetrieveParams"),
    "POST /v1/topups": (_V1, "TopupCreateParams"),
    "GET /v1/topups": (_V1, "TopupListParams"),
    "GET /v1/topups/{id}": (_V1, "TopupRetrieveParams"),
    "GET /v1/radar/early_fraud_warnings": (_RADAR, "EarlyFraudWarningListParams"),
    "GET /v1/radar/early_fraud_warnings/{id}": (_RADAR, "EarlyFraudWarningRetrieveParams"),
    "POST /v1/products": (_V1, "ProductCreateParams"),
    "POST /v1/products/{id}": (_V1, "ProductModifyParams"),
    "POST /v1/prices": (_V1, "PriceCreateParams"),
    "POST /v1/prices/{id}": (_V1, "PriceModifyParams"),
    "POST /v1/setup_intents": (_V1, "SetupIntentCreateParams"),
    "POST /v1/setup_intents/{id}/confirm": (_V1, "SetupIntentConfirmParams"),
    "POST /v1/setup_intents/{id}/cancel": (_V1, "SetupIntentCancelParams"),
    "GET /v1/customers/{id}/payment_methods": (_V1, "CustomerListPaymentMethodsParams"),
}
_OPTIONS = {"api_key", "stripe_version", "stripe_account", "stripe_context", "max_network_retries",
            "idempotency_key", "content_type", "headers"}  # fmt: skip
_CURSOR = "page"
"""What v2 puts into the address of a list's next page: the SDK follows it and names it nowhere."""
_NAMES = {"StripeContext": object, "Mapping": Mapping}


def knows(method: str, path: str) -> bool:
    """Whether a parameter type stands here for this endpoint."""
    return _type(method, path) is not None


def _type(method: str, path: str) -> Any:
    for address, (module, name) in TYPES.items():
        verb, pattern = address.split(" ")
        if verb == method and re.fullmatch(pattern.replace("{id}", "[^/]+"), path):
            return getattr(module, name)
    return None


def of_request(method: str, path: str, params: Json) -> list[str]:
    """What is wrong with the parameters of a request; only v2 sends JSON, with types of its own."""
    is_json = method == "POST" and path.startswith("/v2/")
    return list(_typed(params, _type(method, path), "", is_json))


def _typed(value: Any, wanted: Any, path: str, is_json: bool) -> Iterator[str]:
    origin, inside = get_origin(wanted), get_args(wanted)
    if origin in (NotRequired, Required):
        yield from _typed(value, inside[0], path, is_json)
    elif origin in (Union, types.UnionType):
        yield from min((list(_typed(value, each, path, is_json)) for each in inside), key=len)
    elif is_typeddict(wanted):
        yield from _hash(value, wanted, path, is_json)
    elif origin is list:
        yield from _list(value, inside[0], path, is_json)
    elif not _is(value, wanted, is_json):
        yield f"Invalid value of {path}: {value!r} is not {wanted}"


def _hash(value: Any, wanted: Any, path: str, is_json: bool) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"Invalid hash: {path}"
        return
    known: Json = get_type_hints(wanted, localns=_NAMES, include_extras=True)
    for name in set(wanted.__required_keys__) - set(value):
        yield f"Missing required param: {path}[{name}]"
    for name, each in value.items():
        if name in known and name not in _OPTIONS:
            yield from _typed(each, known[name], f"{path}[{name}]", is_json)
        elif name != _CURSOR:
            yield f"Received unknown parameter: {path}[{name}]"


def _list(value: Any, wanted: Any, path: str, is_json: bool) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"Invalid array: {path}"
        return
    for position, each in enumerate(value):
        yield from _typed(each, wanted, f"{path}[{position}]", is_json)


def _is(value: Any, wanted: Any, is_json: bool) -> bool:
    """Whether a value fits a plain type; in a form all values are text."""
    if get_origin(wanted) is Literal:
        return value in get_args(wanted)
    if get_origin(wanted) is dict or getattr(wanted, "__name__", "") == "UntypedStripeObject":
        return isinstance(value, dict)
    if is_json or wanted is str:
        return wanted is Any or isinstance(value, wanted)
    patterns = {int: r"-?\d+", float: r"-?\d+(\.\d+)?", bool: "true|false"}
    return wanted not in patterns or re.fullmatch(patterns[wanted], str(value)) is not None
