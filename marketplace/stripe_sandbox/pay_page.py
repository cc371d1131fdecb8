"""The hosted pages for paying: the page of a Checkout Session and the bank's 3-D Secure page."""

from . import banks, cards, paying, payment_methods, shapes
from .call import Call
from .errors import StripeError
from .html import Page, fill, go, page, sorry
from .money import shown
from .pay_form import Form, merchant, render, ways
from .store import Obj

_AUTHENTICATE = """<form class="sheet" method="post">
<h1>Is it you?</h1>
<p>This is where your bank would ask you to confirm {what} (3-D Secure).</p>
<button name="do" value="complete">Complete authentication</button>
<button class="plain" name="do" value="fail">Fail authentication</button>
</form>"""


def show(call: Call) -> Page:
    """The form of an open session."""
    session = call.store.find(call.id)
    if not session or session["status"] != "open":
        return _closed(call, session)
    return render(call, session, {}, _last_error(call, session))


def _last_error(call: Call, session: Obj) -> str:
    for name, error in (("payment_intent", "last_payment_error"), ("setup_intent", "last_setup_error")):
        intent = call.store.find(session[name]) if session[name] else None
        if intent and intent[error]:
            return _sentence(intent)
    return ""


def _sentence(intent: Obj) -> str:
    error = intent.get("last_payment_error") or intent.get("last_setup_error")
    kept = "You have not been charged." if intent["object"] == "payment_intent" else "Nothing was saved."
    return f"{error['message']} {kept}" if error else ""


def send(call: Call, form: Form) -> Page:
    """Somebody pressed a button of the form."""
    session = call.store.find(call.id)
    if not session or session["status"] != "open":
        return _closed(call, session)
    if form.get("do") == "back" and session["cancel_url"]:
        return go(session["cancel_url"])
    if form.get("remove"):
        return _remove(call, session, form)
    known = ways(call, session)
    by = form.get("by", "card" if "card" in known else next(iter(known)))
    if by not in known:
        return render(call, session, form, "Choose how you want to pay.")
    try:
        method = _method(call, session, form, by)
    except StripeError as error:
        field = error.body["error"]["param"]
        return render(call, session, form, str(error), field if by == "card" else f"{by}_{field}")
    intent = paying.pay(call, session, method, keep=bool(form.get("keep")))
    if intent["status"] == "requires_action":
        return go(intent["next_action"]["redirect_to_url"]["url"])
    if intent["status"] in ("succeeded", "processing"):
        return go(paying.landing(session))
    return render(call, session, form, _sentence(intent))


def _method(call: Call, session: Obj, form: Form, by: str) -> Obj:
    if by.startswith("pm_"):
        return call.store.get("payment_method", by)
    email = form.get("email") or session["customer_email"]
    person = shapes.billing_details(name=form.get("name") or None, email=email)
    if by == "card":
        typed = form.get("number", ""), form.get("expiry", ""), form.get("cvc", "")
        return payment_methods.of_card(call, *cards.checked(*typed), person)
    number = banks.checked(by, form.get(f"{by}_number", ""), form.get(f"{by}_routing", ""))
    return payment_methods.of_bank(call, by, number, person)


def _remove(call: Call, session: Obj, form: Form) -> Page:
    """Forget a saved card, if the session lets its customer do so."""
    options = session["saved_payment_method_options"] or {}
    for method in payment_methods.offered(call, session):
        if method["id"] == form["remove"] and options.get("payment_method_remove") == "enabled":
            payment_methods.remove(call, method)
    return go(session["url"])


def _closed(call: Call, session: Obj | None) -> Page:
    """What a page says that was paid in another tab, or came too late."""
    if session is None or session["object"] != "checkout.session":
        return sorry("No such page", "This payment page does not exist.")
    if session["status"] == "complete":
        name = merchant(call, session["success_url"])
        link = fill('<p><a href="{to}">Go on to {name}</a></p>', to=paying.landing(session), name=name)
        title, sentence = _outcome(call, session)
        return sorry(title, sentence, 200, link)
    back = session["cancel_url"] or session["success_url"]
    link = fill('<p><a href="{to}">Back to {name}</a></p>', to=back, name=merchant(call, back))
    return sorry("This page has expired", "Nothing was charged. Start again from where you came.", 410, link)


def _outcome(call: Call, session: Obj) -> tuple[str, str]:
    if session["mode"] == "setup":
        return "Card saved", "This card has been saved. Nothing was charged."
    if session["payment_status"] == "paid":
        return "Already paid", "This has been paid. You have not been charged again."
    if call.store.get("payment_intent", session["payment_intent"])["status"] == "processing":
        return "Payment on its way", "Your bank has been asked for the money. You do not need to pay again."
    return "The payment failed", "Your bank sent the payment back. Start again from where you came."


def show_authentication(call: Call) -> Page:
    """The bank's page for an intent that waits for 3-D Secure."""
    intent = _waiting(call)
    if intent is None:
        return sorry("Nothing to confirm", "This payment is not waiting for you.")
    session = _session(call, intent)
    name = merchant(call, session["success_url"] if session else None)
    if intent["object"] == "setup_intent":
        return page("Confirm the card", fill(_AUTHENTICATE, what=f"that {name} may keep your card"))
    total = fill("<strong>{it}</strong>", it=shown(intent["amount"], intent["currency"]))
    what = fill("the payment of {total} to {name}", total=total, name=name)
    return page("Confirm the payment", fill(_AUTHENTICATE, what=what))


def send_authentication(call: Call, form: Form) -> Page:
    """Somebody confirmed the payment, or did not."""
    intent = _waiting(call)
    if intent is None:
        return sorry("Nothing to confirm", "This payment is not waiting for you.")
    session, redirect = _session(call, intent), intent["next_action"]["redirect_to_url"]
    intent = paying.authenticate(call, session, intent, form.get("do") == "complete")
    if session:
        return go(paying.landing(session) if intent["status"] == "succeeded" else session["url"])
    if redirect["return_url"]:
        return go(redirect["return_url"])
    return sorry("Thank you", "You can close this page.", 200)


def _waiting(call: Call) -> Obj | None:
    intent = call.store.find(call.id)
    return intent if intent and intent.get("status") == "requires_action" else None


def _session(call: Call, intent: Obj) -> Obj | None:
    """The open session that the intent belongs to; an intent of a program's own has none."""
    found = call.store.where("checkout.session", status="open", **{intent["object"]: intent["id"]})
    return found[0] if found else None
