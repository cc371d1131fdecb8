"""The hosted page on which a payee tells who they are and where their money goes."""

from . import connect
from .call import Call
from .clock import now
from .html import Page, field, fill, go, join, page, problem, sorry, table
from .pay_form import Form, merchant
from .store import Obj

COUNTRIES = {
    "us": "United States", "gb": "United Kingdom", "de": "Germany", "fr": "France", "nl": "Netherlands",
    "es": "Spain", "it": "Italy", "ie": "Ireland", "jp": "Japan",
}  # fmt: skip
_NUMBERS = (
    ("DE89 3704 0044 0532 0130 00", "Payouts arrive."),
    ("000123456789", "Payouts arrive (United States)."),
    ("DE62 3704 0044 0532 0130 01", "Payouts fail: the account is closed."),
    ("000111111116", "Payouts fail (United States)."),
)
_NUMBER = "IBAN or account number"
_HINT = "A test number from the list"
_FORM = """<div class="columns">
<form class="sheet" method="post" novalidate>
<h1>Set up payouts from {merchant}</h1>
<p>Tell us who you are and where your money should go.</p>
{problem}{name}
<div class="field"><label for="country">Country</label>
<select id="country" name="country">{countries}</select></div>
{number}
<button name="do" value="submit">Submit and return to {merchant}</button>
<button class="plain" name="do" value="return" formnovalidate>Return to {merchant} without finishing</button>
</form>
<section class="sheet scroll">{numbers}</section>
</div>"""


def show(call: Call) -> Page:
    """The form; a link that was used or is too old leads back to the product, which makes a new one."""
    link = call.store.noted(call.id, "link")
    if link is None:
        return sorry("No such page", "This link does not exist.")
    if link["used"] or link["expires"] < now():
        return go(link["refresh_url"])
    return _form(call, link, {})


def send(call: Call, form: Form) -> Page:
    """Somebody pressed a button of the form."""
    link = call.store.noted(call.id, "link")
    if link is None:
        return sorry("No such page", "This link does not exist.")
    if link["used"]:
        return go(link["refresh_url"])
    if form.get("do") == "return":
        return go(_way_back(link))
    number = form.get("number", "").replace(" ", "").upper()
    faults = _faults(form, number)
    if faults:
        return _form(call, link, form, faults)
    account = call.store.get(connect.KIND, link["account"])
    connect.finish_onboarding(call, account, form["name"].strip(), form["country"], number)
    call.store.note(call.id, "link", {**link, "used": True})
    return go(_way_back(link))


def _way_back(link: Obj) -> str:
    return str(link["return_url"] or link["refresh_url"])


def _faults(form: Form, number: str) -> dict[str, str]:
    faults = {}
    if not form.get("name", "").strip():
        faults["name"] = "Enter your name."
    if form.get("country") not in COUNTRIES:
        faults["country"] = "Choose your country."
    if not (number.isalnum() and 8 <= len(number) <= 34):
        faults["number"] = "Enter an IBAN or an account number of 8 to 34 letters and digits."
    return faults


def _form(call: Call, link: Obj, form: Form, faults: dict[str, str] | None = None) -> Page:
    faults = faults or {}
    chosen = form.get("country", "us")
    selected = {True: " selected", False: ""}
    options = (
        fill(
            '<option value="{code}"{chosen}>{name}</option>',
            code=code,
            chosen=selected[code == chosen],
            name=name,
        )
        for code, name in COUNTRIES.items()
    )
    body = fill(
        _FORM, merchant=merchant(call, link["refresh_url"]), problem=problem(" ".join(faults.values())),
        countries=join(options),
        name=field("name", "Full name", form.get("name", ""), "", faults.get("name", "")),
        number=field("number", _NUMBER, form.get("number", ""), _HINT, faults.get("number", "")),
        numbers=table("Test account numbers", ("Number", "What it does"), _NUMBERS),
    )  # fmt: skip
    return page("Error: Set up payouts" if faults else "Set up payouts", body, 422 if faults else 200)
