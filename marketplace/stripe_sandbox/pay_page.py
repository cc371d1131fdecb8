"""The hosted pages for paying: the card form and the bank's 3-D Secure page."""

from urllib.parse import urlsplit

from . import cards, checkout, shapes
from .call import Call
from .errors import StripeError
from .html import Html, Page, field, fill, go, join, page, problem, sorry, table
from .money import shown
from .store import Obj

Form = dict[str, str]

_PAY = """<div class="columns">
<section class="sheet" aria-label="What you pay for">
<h1>Pay {merchant}</h1>
<p class="amount">{total}</p>
<ul class="lines">{lines}<li><strong>Total</strong> <strong class="sum">{total}</strong></li></ul>
</section>
<form class="sheet tall" method="post" novalidate>
<h2>Pay by card</h2>
{problem}{email}{number}
<div class="pair">{expiry}{cvc}</div>
{name}
<button name="do" value="pay">Pay {total}</button>
{back}
</form>
<section class="sheet scroll">{cards}</section>
</div>"""
_HINT = "A test card from the list"
_BACK = '<button class="plain" name="do" value="back" formnovalidate>Back to {merchant}</button>'
_AUTHENTICATE = """<form class="sheet" method="post">
<h1>Is it you?</h1>
<p>This is where your bank would ask you to confirm the payment of
<strong>{total}</strong> to {merchant} (3-D Secure).</p>
<button name="do" value="complete">Complete authentication</button>
<button class="plain" name="do" value="fail">Fail authentication</button>
</form>"""


def merchant(call: Call, address: str | None) -> str:
    """Who is being paid: the name given at the start, else the host of the address to come back to."""
    return call.settings.merchant or urlsplit(address or "").netloc or "the merchant"


def show(call: Call) -> Page:
    """The card form of an open session."""
    session = call.store.find(call.id)
    if not session or session["status"] != "open":
        return _closed(call, session)
    intent = call.store.find(session["payment_intent"]) if session["payment_intent"] else None
    error = intent["last_payment_error"] if intent else None
    return _form(call, session, {}, f"{error['message']} You have not been charged." if error else "")


def send(call: Call, form: Form) -> Page:
    """Somebody pressed a button of the card form."""
    session = call.store.find(call.id)
    if not session or session["status"] != "open":
        return _closed(call, session)
    if form.get("do") == "back" and session["cancel_url"]:
        return go(session["cancel_url"])
    try:
        number, month, year = cards.checked(
            form.get("number", ""), form.get("expiry", ""), form.get("cvc", "")
        )
    except StripeError as error:
        return _form(call, session, form, str(error), error.body["error"]["param"])
    card = cards.recognise(number)
    person = shapes.billing_details(form.get("name") or None, form.get("email") or session["customer_email"])
    method = shapes.payment_method(number[-4:], card.country, month, year, person)
    intent = checkout.pay(call, session, card, method)
    if intent["status"] == "requires_action":
        return go(intent["next_action"]["redirect_to_url"]["url"])
    return _outcome(call, session, intent, form)


def _outcome(call: Call, session: Obj, intent: Obj, form: Form) -> Page:
    if intent["status"] == "succeeded":
        return go(checkout.landing(session))
    return _form(call, session, form, f"{intent['last_payment_error']['message']} You have not been charged.")


def _closed(call: Call, session: Obj | None) -> Page:
    if session is None:
        return sorry("No such page", "This payment page does not exist.")
    if session["status"] == "complete":
        link = fill(
            '<p><a href="{to}">Go on to {name}</a></p>',
            to=checkout.landing(session),
            name=merchant(call, session["success_url"]),
        )
        return sorry("Already paid", "This has been paid. You have not been charged again.", 200, link)
    back = session["cancel_url"] or session["success_url"]
    link = fill('<p><a href="{to}">Back to {name}</a></p>', to=back, name=merchant(call, back))
    return sorry("This page has expired", "Nothing was charged. Start again from where you came.", 410, link)


def _form(call: Call, session: Obj, form: Form, sentence: str = "", wrong: str = "") -> Page:
    name = merchant(call, session["success_url"])
    fault = {wrong: sentence} if wrong else {}

    def entry(key: str, label: str, hint: str = "", **attributes: str) -> Html:
        return field(key, label, form.get(key, ""), hint, fault.get(key, ""), **attributes)

    digits = {"inputmode": "numeric"}
    form = {"email": session["customer_email"] or "", **form}
    body = fill(
        _PAY, merchant=name, total=shown(session["amount_total"], session["currency"]),
        problem=problem(sentence),
        lines=join(_line(line) for line in call.store.noted(session["id"], "line_items")),
        email=entry("email", "E-mail", type="email", autocomplete="email"),
        number=entry("number", "Card number", _HINT, autocomplete="cc-number", **digits),
        expiry=entry("expiry", "Expires", "MM / YY", autocomplete="cc-exp", **digits),
        cvc=entry("cvc", "CVC", "3 digits", autocomplete="cc-csc", **digits),
        name=entry("name", "Name on card", autocomplete="cc-name"),
        back=fill(_BACK, merchant=name) if session["cancel_url"] else Html(""), cards=_cards(),
    )  # fmt: skip
    return page(f"{'Error: ' if sentence else ''}Pay {name}", body, 422 if form.get("do") else 200)


def _line(line: Obj) -> Html:
    many = f" × {line['quantity']}" if line["quantity"] > 1 else ""
    amount = shown(line["amount_total"], line["currency"])
    return fill(
        '<li><span>{what}{many}</span> <span class="sum">{sum}</span></li>',
        what=line["description"],
        many=many,
        sum=amount,
    )


def _cards() -> Html:
    def spaced(number: str) -> Html:
        return fill("<code>{it}</code>", it=" ".join(number[at : at + 4] for at in range(0, 16, 4)))

    rows = [(spaced(card.number), card.outcome) for card in cards.CARDS]
    return table("Test cards: any future date, any CVC", ("Number", "What it does"), rows)


def show_authentication(call: Call) -> Page:
    """The bank's page for an intent that waits for 3-D Secure."""
    session, intent = _waiting(call)
    if session is None or intent is None:
        return sorry("Nothing to confirm", "This payment is not waiting for you.")
    total = shown(intent["amount"], intent["currency"])
    return page(
        "Confirm the payment",
        fill(_AUTHENTICATE, total=total, merchant=merchant(call, session["success_url"])),
    )


def send_authentication(call: Call, form: Form) -> Page:
    """Somebody confirmed the payment, or did not."""
    session, intent = _waiting(call)
    if session is None or intent is None:
        return sorry("Nothing to confirm", "This payment is not waiting for you.")
    method = call.store.get("payment_method", intent["payment_method"])
    card = cards.by_last4(method["card"]["last4"])
    intent = checkout.authenticate(call, session, intent, card, form.get("do") == "complete")
    if intent["status"] == "succeeded":
        return go(checkout.landing(session))
    return go(session["url"])


def _waiting(call: Call) -> tuple[Obj | None, Obj | None]:
    intent = call.store.find(call.id)
    if not intent or intent.get("status") != "requires_action":
        return None, None
    found = call.store.where("checkout.session", payment_intent=intent["id"], status="open")
    return (found[0], intent) if found else (None, None)
