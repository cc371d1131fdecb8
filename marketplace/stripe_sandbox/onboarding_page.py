"""The hosted pages on which a payee tells who they are and where their money goes, and changes that later."""

from . import accounts, external_accounts
from .call import Call
from .clock import now
from .errors import StripeError
from .html import Html, Page, field, fill, go, join, page, problem, sorry, table
from .pay_form import Form, merchant
from .store import Obj

COUNTRIES = {
    "us": "United States", "gb": "United Kingdom", "de": "Germany", "fr": "France", "nl": "Netherlands",
    "es": "Spain", "it": "Italy", "ie": "Ireland", "jp": "Japan",
}  # fmt: skip
_NUMBER = "IBAN or account number"
_HINT = "A test number from the list"
_FORM = """<div class="columns">
<form class="sheet" method="post" novalidate>
<h1>{title}</h1>
{lead}{problem}{name}
<div class="field"><label for="country">{country}</label>
<select id="country" name="country">{countries}</select></div>
{number}
<button name="do" value="submit">{finish}</button>
<button class="plain" name="do" value="leave" formnovalidate>{leave}</button>
</form>
<section class="sheet scroll">{numbers}</section>
</div>"""
_WHO = "<p>Tell us who you are and where your money should go. You can save this and finish later.</p>"
_WHERE = """<p>Your payouts go to the account that ends in <strong>{last4}</strong>. Where should they go from now
on?</p>"""


def show(call: Call) -> Page:
    """The form; a link that was used or is too old leads back to the product, which makes a new one."""
    link = call.store.noted(call.id, "link")
    if link is None:
        return sorry("No such page", "This link does not exist.")
    if link["used"] or link["expires"] < now():
        return go(link["refresh_url"])
    return _form(call, link, _known(call, link), {})


def _known(call: Call, link: Obj) -> Form:
    """What the person entered before they left."""
    account = accounts.get(call, link["account"])
    saved: Form = call.store.noted(account["id"], "onboarding") or {}
    return {"country": (account["identity"]["country"] or "us").lower(), **saved}


def send(call: Call, form: Form) -> Page:
    """Somebody pressed a button of the form."""
    link = call.store.noted(call.id, "link")
    if link is None:
        return sorry("No such page", "This link does not exist.")
    if link["used"] or link["expires"] < now():
        return go(link["refresh_url"])
    typed = {name: form.get(name, "").strip() for name in ("name", "country", "number")}
    faults = _faults(typed, whole=form.get("do") == "submit", named=not _is_update(link))
    if faults:
        return _form(call, link, typed, faults)
    _keep(call, link, typed, finished=form.get("do") == "submit")
    call.store.note(call.id, "link", {**link, "used": True})
    return go(str(link["return_url"] or link["refresh_url"]))


def _is_update(link: Obj) -> bool:
    return bool(link.get("use") == "account_update")


def _keep(call: Call, link: Obj, typed: Form, finished: bool) -> None:
    account = accounts.get(call, link["account"])
    if _is_update(link):
        if finished:
            accounts.set_bank(call, account, typed["number"], typed["country"])
    elif finished:
        accounts.finish_onboarding(call, account, **typed)
        call.store.forget(account["id"], "onboarding")
    elif typed["name"] or typed["number"]:
        call.store.note(account["id"], "onboarding", typed)
        accounts.save_onboarding(call, account, **typed)


def _faults(typed: Form, whole: bool, named: bool) -> dict[str, str]:
    """What cannot be right; somebody who leaves may leave anything out, but what they typed must be right."""
    faults = {}
    if whole and named and not typed["name"]:
        faults["name"] = "Enter your name."
    if whole and typed["country"] not in COUNTRIES:
        faults["country"] = "Choose your country."
    if whole or typed["number"]:
        try:
            external_accounts.checked(typed["number"])
        except StripeError as error:
            faults["number"] = str(error)
    return faults


def _form(call: Call, link: Obj, form: Form, faults: dict[str, str]) -> Page:
    whom = merchant(call, link["refresh_url"])
    title = f"Payouts from {whom}" if _is_update(link) else f"Set up payouts from {whom}"
    words = ("Save", "Leave without saving") if _is_update(link) else ("Finish", "Save and leave")
    name = field("name", "Full name", form.get("name", ""), "", faults.get("name", ""))
    body = fill(
        _FORM, title=title, lead=_lead(call, link), problem=problem(" ".join(faults.values())),
        country="Country of the account" if _is_update(link) else "Country",
        countries=_countries(form.get("country", "us")), name=Html("") if _is_update(link) else name,
        number=field("number", _NUMBER, form.get("number", ""), _HINT, faults.get("number", "")),
        numbers=table("Test account numbers", ("Number", "What it does"), external_accounts.NUMBERS),
        finish=words[0], leave=words[1],
    )  # fmt: skip
    return page(f"Error: {title}" if faults else title, body, 422 if faults else 200)


def _lead(call: Call, link: Obj) -> Html:
    bank = external_accounts.current(call.on(link["account"]))
    return fill(_WHERE, last4=bank["last4"]) if _is_update(link) and bank else fill(_WHO)


def _countries(chosen: str) -> Html:
    option = '<option value="{code}"{chosen}>{name}</option>'
    return join(
        fill(option, code=code, name=name, chosen=Html(" selected" if code == chosen else ""))
        for code, name in COUNTRIES.items()
    )
