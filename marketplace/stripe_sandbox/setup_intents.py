"""Setup intents: saving a card or an account without taking money."""

from . import cards, shapes
from .call import Call
from .changes import change
from .errors import declined, invalid
from .events import tell
from .params import Parser, anything, choice, fields, flag, items, listing, metadata, request, text
from .payment_methods import DATA, make, named, number_of, save
from .query import page
from .store import Obj

_WORDS = dict.fromkeys(["customer", "description", "payment_method"], text)
_COMMON: dict[str, Parser] = {
    **_WORDS, "metadata": metadata, "payment_method_types": items(choice("card", "us_bank_account",
    "sepa_debit", "bacs_debit")), "payment_method_data": fields(DATA, ["type"]),
    "payment_method_options": anything,
}  # fmt: skip
_CONFIRM: dict[str, Parser] = {"mandate_data": anything, "return_url": text}
GET: Parser = request({"client_secret": text})
CREATE: Parser = request(
    {
        **_COMMON, **_CONFIRM, "confirm": flag, "usage": choice("off_session", "on_session"),
        "automatic_payment_methods": anything, "single_use": anything,
    }
)  # fmt: skip
UPDATE: Parser = request(_COMMON)
CONFIRM: Parser = request({**_CONFIRM, "payment_method": text, "payment_method_data": fields(DATA, ["type"])})
CANCEL: Parser = request({"cancellation_reason": choice("abandoned", "duplicate", "requested_by_customer")})
LIST: Parser = listing("customer", "payment_method")
_COPIED = ("customer", "description", "metadata", "payment_method_types", "usage")


def create(call: Call) -> Obj:
    """An intent to save a method; `confirm` saves it at once."""
    wanted = call.params
    if wanted.get("customer"):
        call.store.get("customer", wanted["customer"], call.account, "customer")
    intent = begin(call, **{name: wanted[name] for name in _COPIED if name in wanted})
    if method := _method(call):
        intent.update(payment_method=method["id"], status="requires_confirmation")
        call.store.put(intent, call.account)
    return _confirmed(call, intent) if wanted.get("confirm") else intent


def begin(call: Call, **known: object) -> Obj:
    """A new intent, told to the world."""
    intent = call.store.put(shapes.setup_intent(**known), call.account)
    tell(call, "setup_intent.created", intent)
    return intent


def _method(call: Call) -> Obj | None:
    if data := call.params.get("payment_method_data"):
        return make(call, data)
    id = call.params.get("payment_method")
    return named(call, id) if id else None


def confirm(call: Call) -> Obj:
    """Try to save the method that was named now or before."""
    intent = retrieve(call)
    if intent["status"] in ("succeeded", "canceled"):
        raise _too_late(intent, "confirm")
    if method := _method(call):
        intent["payment_method"] = method["id"]
    return _confirmed(call, intent)


def _confirmed(call: Call, intent: Obj) -> Obj:
    if not intent["payment_method"]:
        sentence = "You cannot confirm this SetupIntent because it's missing a payment method."
        raise invalid(sentence, "setup_intent_unexpected_state")
    method = call.store.get("payment_method", intent["payment_method"], call.account)
    intent = complete(call, intent, method)
    if error := intent["last_setup_error"]:
        raise declined(error, setup_intent=intent)
    return intent


def complete(call: Call, intent: Obj, method: Obj, authenticated: bool = False) -> Obj:
    """Save the method with the intent's customer, unless its bank asks first or declines."""
    intent = {**intent, "payment_method": method["id"], "last_setup_error": None, "next_action": None}
    card = cards.recognise(number_of(call, method)) if method["type"] == "card" else cards.CARDS[0]
    if card.authenticates and not authenticated:
        address = f"{call.settings.public_url}/c/authenticate/{intent['id']}"
        redirect = {"url": address, "return_url": call.params.get("return_url")}
        intent.update(
            status="requires_action", next_action={"type": "redirect_to_url", "redirect_to_url": redirect}
        )
        tell(call, "setup_intent.requires_action", call.store.put(intent, call.account))
        return intent
    if card.decline:
        return fail(call, intent, *card.decline)
    save(call, method, intent["customer"])
    intent.update(status="succeeded")
    tell(call, "setup_intent.succeeded", call.store.put(intent, call.account))
    return intent


def fail(call: Call, intent: Obj, code: str, decline_code: str | None, sentence: str) -> Obj:
    """The attempt came to nothing; another method may be tried."""
    method = call.store.get("payment_method", intent["payment_method"], call.account)
    error = {"type": "card_error", "code": code, "message": sentence, "payment_method": method}
    error |= {"decline_code": decline_code} if decline_code else {}
    intent.update(
        status="requires_payment_method", payment_method=None, next_action=None, last_setup_error=error
    )
    tell(call, "setup_intent.setup_failed", call.store.put(intent, call.account))
    return intent


def cancel(call: Call) -> Obj:
    """Give up an intent that saved nothing."""
    intent = retrieve(call)
    if intent["status"] in ("succeeded", "canceled"):
        raise _too_late(intent, "cancel")
    return close(call, intent, call.params.get("cancellation_reason"))


def close(call: Call, intent: Obj, reason: str | None) -> Obj:
    """The intent will never save anything."""
    intent.update(status="canceled", cancellation_reason=reason, next_action=None)
    tell(call, "setup_intent.canceled", call.store.put(intent, call.account))
    return intent


def _too_late(intent: Obj, verb: str) -> Exception:
    sentence = f"You cannot {verb} this SetupIntent because it has a status of {intent['status']}."
    return invalid(sentence, "setup_intent_unexpected_state", setup_intent=intent)


def retrieve(call: Call) -> Obj:
    return call.store.get("setup_intent", call.id, call.account)


def update(call: Call) -> Obj:
    """Change what the intent is to save, and for whom."""
    if method := _method(call):
        call.params.update(payment_method=method["id"], status="requires_confirmation")
    call.params.pop("payment_method_data", None)
    return change(call, retrieve(call), None)


def list_(call: Call) -> Obj:
    return page(call, "setup_intent", "/v1/setup_intents", ("customer", "payment_method"))
