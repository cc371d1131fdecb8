"""What happens when somebody pays on the page of a Checkout Session, or saves a card there."""

from . import payments, setup_intents, shapes
from .call import Call
from .errors import declined, invalid
from .events import tell
from .params import Parser, integer, request, text
from .payment_methods import named, save
from .store import Obj

GET: Parser = request({})
CONFIRM: Parser = request({"payment_method": text, "expected_amount": integer}, ["payment_method"])
_KEEP = "keep"
_UNPROVEN = "We are unable to authenticate your payment method. Please choose a different payment method and try again."


def pay(call: Call, session: Obj, method: Obj, keep: bool = False) -> Obj:
    """Pay an open session, or save the method in one that only saves; `keep` remembers it for the next time.

    Returns the intent, which tells how it went.
    """
    call.store.note(session["id"], _KEEP, keep)
    session = _with_customer(call, session, method)
    if session["mode"] == "setup":
        found = call.store.get("setup_intent", session["setup_intent"], call.account)
        intent = setup_intents.complete(call, {**found, "customer": session["customer"]}, method)
    else:
        intent = payments.pay(call, _intent(call, session), method)
    return _complete(call, session, intent, method)


def authenticate(call: Call, session: Obj | None, intent: Obj, passed: bool) -> Obj:
    """The customer came back from the bank's 3-D Secure page. Returns the intent."""
    method = call.store.get("payment_method", intent["payment_method"], call.account)
    is_payment = intent["object"] == "payment_intent"
    if not passed:
        code = (
            "payment_intent_authentication_failure" if is_payment else "setup_intent_authentication_failure"
        )
        if is_payment:
            return payments.fail(call, intent, "invalid_request_error", code, None, _UNPROVEN)
        return setup_intents.fail(call, intent, code, None, _UNPROVEN)
    attempt = payments.pay if is_payment else setup_intents.complete
    intent = attempt(call, intent, method, authenticated=True)
    return _complete(call, session, intent, method) if session else intent


def _with_customer(call: Call, session: Obj, method: Obj) -> Obj:
    """The session with the customer that it wants made, or that saving a method needs."""
    data = call.store.noted(session["id"], "payment_intent_data")
    wanted = session["customer_creation"] == "always" or data.get("setup_future_usage")
    if session["customer"] or not (wanted or session["mode"] == "setup"):
        return session
    person = method["billing_details"]
    customer = call.store.put(shapes.customer(name=person["name"], email=person["email"]), call.account)
    tell(call, "customer.created", customer)
    session["customer"] = customer["id"]
    return call.store.put(session, call.account)


def _intent(call: Call, session: Obj) -> Obj:
    if session["payment_intent"]:
        return call.store.get("payment_intent", session["payment_intent"], call.account)
    wanted = call.store.noted(session["id"], "payment_intent_data")
    if wanted.get("shipping"):
        wanted["shipping"] = {**dict.fromkeys(["carrier", "phone", "tracking_number"]), **wanted["shipping"]}
    intent = payments.begin(
        call, amount=session["amount_total"], currency=session["currency"], customer=session["customer"],
        payment_method_types=session["payment_method_types"], **wanted,
    )  # fmt: skip
    session["payment_intent"] = intent["id"]
    call.store.put(session, call.account)
    return intent


def _complete(call: Call, session: Obj, intent: Obj, method: Obj) -> Obj:
    if intent["status"] not in ("succeeded", "processing"):
        return intent
    if call.store.noted(session["id"], _KEEP):
        save(call, method, session["customer"], "always")
    if session["mode"] == "payment" and intent["status"] == "succeeded":
        session["payment_status"] = "paid"
    person = method["billing_details"]
    blank = dict.fromkeys(["address", "business_name", "individual_name", "phone"])
    details = {**blank, "email": person["email"], "name": person["name"], "tax_exempt": "none", "tax_ids": []}
    session.update(status="complete", url=None, customer_details=details)
    tell(call, "checkout.session.completed", call.store.put(session, call.account))
    return intent


def show(call: Call) -> Obj:
    """The session as a paying program sees it (the official command line client pays so)."""
    return call.store.get("checkout.session", call.id, call.account)


def confirm(call: Call) -> Obj:
    """Pay an open session with a named method, as the page does; a refusal of the bank answers 402."""
    session = show(call)
    if session["status"] != "open":
        sentence = f"This Checkout Session is not open: it has a status of {session['status']}."
        raise invalid(sentence, "checkout_session_not_open")
    expected = call.params.get("expected_amount", session["amount_total"])
    if expected != session["amount_total"]:
        raise invalid("The amount has changed.", "amount_mismatch", "expected_amount")
    intent = pay(call, session, named(call, call.params["payment_method"]))
    if error := intent.get("last_payment_error") or intent.get("last_setup_error"):
        raise declined(error, payment_intent=intent)
    return show(call)


def landing(session: Obj) -> str:
    """Where the customer goes after paying: the success address with the session's id put in."""
    address: str = session["success_url"]
    return address.replace("{CHECKOUT_SESSION_ID}", session["id"])
