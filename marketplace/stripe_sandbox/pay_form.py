"""What the page of a Checkout Session shows: what is paid, the ways to pay it, and the test numbers."""

from collections.abc import Callable
from urllib.parse import urlsplit

from . import banks, cards
from .call import Call
from .html import Html, Page, field, fill, join, page, problem, table
from .money import shown
from .payment_methods import offered
from .store import Obj

Form = dict[str, str]
Entry = Callable[..., Html]

_PAGE = """<div class="columns">
<section class="sheet" aria-label="What it is for">
<h1>{title}</h1>
{summary}
</section>
<form class="sheet tall" method="post" novalidate>
{problem}{email}{ways}{parts}{name}{later}
<button name="do" value="pay">{act}</button>
{back}
</form>
<section class="sheet scroll">{numbers}</section>
</div>
<form id="remove" method="post"></form>"""
# Buttons that remove a card belong to a form of their own, so that Enter in a field pays.
_PAID = """<p class="amount">{total}</p>
<ul class="lines">{lines}<li><strong>Total</strong> <strong class="sum">{total}</strong></li></ul>"""
_SAVED_ONLY = "<p>Your card is kept for later payments. Nothing is charged now.</p>"
_BACK = '<button class="plain" name="do" value="back" formnovalidate>Back to {merchant}</button>'
_WAYS = '<fieldset class="ways"><legend>{legend}</legend>{options}</fieldset>'
_WAY = """<div class="way"><input type="radio" name="by" id="by-{value}" value="{value}"{chosen}>
<label for="by-{value}">{label}</label>{beside}</div>"""
_REMOVE = """<button class="plain" form="remove" name="remove" value="{id}"
aria-label="Remove {label}">Remove</button>"""
_KEEP = """<div class="way"><input type="checkbox" name="keep" id="keep" value="yes"{chosen}>
<label for="keep">Save this card for next time</label></div>"""
_NUMBER = "A test number from the list"
_DIGITS = {"inputmode": "numeric"}
_BRANDS = {"visa": "Visa", "mastercard": "Mastercard", "amex": "American Express"}


def merchant(call: Call, address: str | None) -> str:
    """Who is being paid: the name given at the start, else the host of the address to come back to."""
    return call.settings.merchant or urlsplit(address or "").netloc or "the merchant"


def card_name(method: Obj) -> str:
    """A saved card as people tell it from others: `Visa ending in 4242`."""
    card = method["card"]
    return f"{_BRANDS[card['brand']]} ending in {card['last4']}"


def ways(call: Call, session: Obj) -> dict[str, str]:
    """What may be chosen, by its value in the form: saved cards first, then a new card, then accounts."""
    kept = offered(call, session) if session["mode"] == "payment" else []
    saved = {method["id"]: card_name(method) for method in kept}
    new = "Another card" if saved else "Card"
    labels = {"card": new, **{type: scheme.label for type, scheme in banks.SCHEMES.items()}}
    return {**saved, **{type: labels[type] for type in session["payment_method_types"]}}


def render(call: Call, session: Obj, form: Form, sentence: str = "", wrong: str = "") -> Page:
    """The page of an open session; `wrong` names the field that `sentence` is about."""
    name = merchant(call, session["success_url"])
    saves = session["mode"] == "setup"
    title = f"Save a card with {name}" if saves else f"Pay {name}"
    fault = {wrong: sentence} if wrong else {}
    form = {"email": _email(call, session), **form}
    body = fill(
        _PAGE, title=title, problem=problem(sentence), summary=_summary(call, session),
        email=field("email", "E-mail", form["email"], "", "", type="email", autocomplete="email"),
        ways=_choice(call, session, form), parts=_parts(session, form, fault), later=_later(call, session, form),
        name=_name(session, form),
        act="Save the card" if saves else f"Pay {_total(session)}",
        back=fill(_BACK, merchant=name) if session["cancel_url"] else Html(""),
        numbers=join(_numbers(type) for type in session["payment_method_types"]),
    )  # fmt: skip
    return page(f"{'Error: ' if sentence else ''}{title}", body, 422 if form.get("do") else 200)


def _email(call: Call, session: Obj) -> str:
    customer = call.store.find(session["customer"]) if session["customer"] else None
    return str(session["customer_email"] or (customer or {}).get("email") or "")


def _name(session: Obj, form: Form) -> Html:
    """Whose card or account it is; a saved card knows."""
    types = session["payment_method_types"]
    label = "Name on card" if types == ["card"] else "Full name"
    inside = field("name", label, form.get("name", ""), autocomplete="cc-name")
    return fill('<div class="part {to}">{it}</div>', to=" ".join(f"for-{type}" for type in types), it=inside)


def _total(session: Obj) -> str:
    return shown(session["amount_total"], session["currency"])


def _summary(call: Call, session: Obj) -> Html:
    if session["mode"] == "setup":
        return Html(_SAVED_ONLY)
    lines = join(_line(line) for line in call.store.noted(session["id"], "line_items"))
    return fill(_PAID, total=_total(session), lines=lines)


def _line(line: Obj) -> Html:
    many = f" × {line['quantity']}" if line["quantity"] > 1 else ""
    return fill(
        '<li><span>{what}{many}</span> <span class="sum">{sum}</span></li>',
        what=line["description"], many=many, sum=shown(line["amount_total"], line["currency"]),
    )  # fmt: skip


def _choice(call: Call, session: Obj, form: Form) -> Html:
    known = ways(call, session)
    if len(known) == 1:
        return fill('<h2>{it}</h2><input type="hidden" name="by" value="{by}">', by=next(iter(known)),
                    it=_heading(session))  # fmt: skip
    chosen = form.get("by") if form.get("by") in known else next(iter(known))
    removes = (session["saved_payment_method_options"] or {}).get("payment_method_remove") == "enabled"
    options = (
        fill(_WAY, value=value, label=label, chosen=Html(" checked") if value == chosen else "",
             beside=fill(_REMOVE, id=value, label=label) if removes and value.startswith("pm_") else Html(""))
        for value, label in known.items()
    )  # fmt: skip
    return fill(_WAYS, legend="How do you want to pay?", options=join(options))


def _heading(session: Obj) -> str:
    if session["mode"] == "setup":
        return "The card to save"
    type = session["payment_method_types"][0]
    return "Pay by card" if type == "card" else f"Pay by {banks.SCHEMES[type].label}"


def _parts(session: Obj, form: Form, fault: dict[str, str]) -> Html:
    """The fields of each way; the stylesheet shows those of the chosen one only."""

    def entry(key: str, label: str, hint: str = "", **attributes: str) -> Html:
        return field(key, label, form.get(key, ""), hint, fault.get(key, ""), **attributes)

    parts = []
    for type in session["payment_method_types"]:
        inside = _card_fields(entry) if type == "card" else _bank_fields(entry, banks.SCHEMES[type])
        parts.append(fill('<div class="part for-{type}">{inside}</div>', type=type, inside=inside))
    return join(parts)


def _card_fields(entry: Entry) -> Html:
    pair = '<div class="pair">{expiry}{cvc}</div>'
    return join(
        [
            entry("number", "Card number", _NUMBER, autocomplete="cc-number", **_DIGITS),
            fill(
                pair,
                expiry=entry("expiry", "Expires", "MM / YY", autocomplete="cc-exp", **_DIGITS),
                cvc=entry("cvc", "CVC", "3 digits", autocomplete="cc-csc", **_DIGITS),
            ),
        ]
    )


def _bank_fields(entry: Entry, scheme: banks.Scheme) -> Html:
    number = entry(f"{scheme.type}_number", scheme.number_label, _NUMBER)
    if not scheme.routing:
        return number
    hint = f"In tests always {scheme.routing}"
    return join([entry(f"{scheme.type}_routing", scheme.routing_label, hint, **_DIGITS), number])


def _later(call: Call, session: Obj, form: Form) -> Html:
    """A tick to keep the card, or a sentence that it is kept in any case."""
    data = call.store.noted(session["id"], "payment_intent_data")
    if data.get("setup_future_usage"):
        name = merchant(call, session["success_url"])
        return fill('<p class="hint">{name} may use this for later payments.</p>', name=name)
    if (session["saved_payment_method_options"] or {}).get("payment_method_save") != "enabled":
        return Html("")
    ticked = fill(_KEEP, chosen=Html(" checked") if form.get("keep") else "")
    return fill('<div class="part for-card">{it}</div>', it=ticked)


def _numbers(type: str) -> Html:
    if type == "card":
        rows = [(_spaced(card.number), card.outcome) for card in cards.CARDS]
        return table("Test cards: any future date, any CVC", ("Number", "What it does"), rows)
    rows = [(_spaced(each.number), each.outcome) for each in banks.accounts(type)]
    return table(f"Test accounts: {banks.SCHEMES[type].label}", ("Number", "What it does"), rows)


def _spaced(number: str) -> Html:
    """The number in groups of four; one that is too long for a narrow screen may go on in a second line."""
    if len(number) < 16:
        return fill("<code>{it}</code>", it=number)
    groups = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    return fill('<code class="{kind}">{it}</code>', kind="long" if len(number) > 16 else "", it=groups)
