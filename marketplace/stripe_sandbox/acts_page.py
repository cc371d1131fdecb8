"""The page on which a person lets things happen at Stripe: pick an object, press what happens to it."""

from collections.abc import Callable

from . import accounts, acts, balance, external_accounts, payouts
from .call import Call
from .clock import iso
from .errors import StripeError
from .html import Html, Page, field, fill, go, join, page, problem
from .money import shown
from .pay_form import Form
from .store import Obj

_PAGE = """<h1>What happens elsewhere</h1>
<p>Banks, cardholders and people at Stripe's dashboard act without asking the product. Here you are all of
them.</p>
<p><a href="/">Sandbox</a> · <a href="/_faults">Fault panel</a></p>
{problem}{lists}
<div class="columns">
<form class="sheet" method="post">
<h2>Any other object</h2>
<div class="field"><label for="act">What happens</label><select id="act" name="act">{acts}</select></div>
{id}
<div class="pair">{amount}{number}</div>
<button>Let it happen</button>
</form>
<form class="sheet" method="post">
<h2>The platform, and time</h2>
<p>Balance: {balance}. It is {now} here.</p>
<div class="field"><label for="ours">What happens</label><select id="ours" name="act">{ours}</select></div>
<div class="pair">{sum}{currency}</div>
{seconds}
<button>Let it happen to the platform</button>
</form>
</div>"""
_LIST = """<section class="sheet"><h2>{title}</h2>{items}</section>"""
_ITEM = """<form class="item" method="post"><p><strong>{sum}</strong> {about}<br><code>{id}</code></p>
<p class="acts"><input type="hidden" name="id" value="{id}">{buttons}</p></form>"""
_BUTTON = '<button class="plain" name="act" value="{act}">{label}</button>'
_SHOWN = 8
_LABELS = {
    "dispute": "Dispute", "inquiry": "Inquire", "fraud_warning": "Warn of fraud", "refund": "Refund",
    "dispute_won": "Won", "dispute_lost": "Lost", "escalate": "Escalate", "fail_refund": "Fail",
    "reverse_transfer": "Reverse", "restrict_account": "Restrict", "reject_account": "Reject",
    "enable_account": "Enable", "close_account": "Close", "fail_payout": "Comes back",
}  # fmt: skip


def show(call: Call, sentence: str = "", form: Form | None = None) -> Page:
    """The last objects of each kind with their acts, and a form for any other."""
    typed = form or {}
    body = fill(
        _PAGE, problem=problem(sentence), lists=join(_list(call, *each) for each in _KINDS),
        acts=_options(ours=False), ours=_options(ours=True), id=field("id", "Id", typed.get("id", "")),
        amount=field("amount", "Amount", "", "Minor units; empty for all"),
        number=field("number", "Account number", "", "Of another bank"),
        sum=_field("sum", "amount", "Amount", "Minor units"),
        currency=_field("currency", "currency", "Currency", "usd if empty"),
        seconds=_field("seconds", "seconds", "Seconds forward", "A day if empty"),
        balance=_available(call), now=iso().replace("T", " ").removesuffix(".000Z"),
    )  # fmt: skip
    title = "Error: What happens elsewhere" if sentence else "What happens elsewhere"
    return page(title, body, 422 if sentence else 200)


def send(call: Call, form: Form) -> Page:
    """Somebody pressed what happens."""
    try:
        acts.perform(call, form)
    except StripeError as error:
        return show(call, str(error), form)
    return go("/_acts")


def _options(ours: bool) -> Html:
    return join(
        fill('<option value="{name}">{what}</option>', name=name, what=act.what)
        for name, act in acts.ACTS.items()
        if ours == (not act.names or act.names[0] in ("amount", "seconds"))
    )


def _field(id: str, name: str, label: str, hint: str) -> Html:
    """A field whose id is not its name: the other form has that name too."""
    markup = (
        '<div class="field"><label for="{id}">{label}</label><p class="hint" id="{id}-hint">{hint}</p>'
        '<input id="{id}" name="{name}" aria-describedby="{id}-hint"></div>'
    )
    return fill(markup, id=id, name=name, label=label, hint=hint)


def _available(call: Call) -> str:
    whole = balance.get(call)
    pairs = zip(whole["available"], whole["pending"], strict=True)
    return ", ".join(
        f"{_sum(available)} available and {_sum(pending)} pending" for available, pending in pairs
    )


def _list(call: Call, kind: str, title: str, possible: Callable[[Obj], str]) -> Html:
    found = [obj for _, obj in call.store.page(kind, call.account, {}, limit=_SHOWN)]
    if kind == "payout":
        found = payouts.last(call, _SHOWN)
    items = join(_item(call, obj, possible(obj).split()) for obj in found)
    return fill(_LIST, title=title, items=items or fill("<p>There are none.</p>"))


def _item(call: Call, obj: Obj, names: list[str]) -> Html:
    buttons = join(fill(_BUTTON, act=name, label=_LABELS[name]) for name in names)
    is_account = obj["object"] == accounts.KIND
    sum, about = (_person(obj), _standing(call, obj)) if is_account else (_sum(obj), _about(obj))
    return fill(_ITEM, sum=sum, about=about, id=obj["id"], buttons=buttons)


def _person(account: Obj) -> str:
    return str(account["display_name"] or "Without a name")


def _standing(call: Call, account: Obj) -> str:
    """What the account may do, where its money goes, and how much it has."""
    theirs = call.on(account["id"])
    may = "active" if accounts.is_active(account, "stripe_transfers") else "restricted"
    bank = external_accounts.current(theirs)
    words = ["closed" if account["closed"] else "rejected" if accounts.is_rejected(account) else may]
    words += [f"bank …{bank['last4']}"] if bank else []
    words += [shown(each["amount"], each["currency"]) for each in balance.get(theirs)["available"]]
    return ", ".join(words)


def _sum(obj: Obj) -> str:
    return shown(obj["amount"], obj["currency"])


def _about(obj: Obj) -> str:
    taken = obj.get("amount_refunded") or obj.get("amount_reversed") or 0
    back = f"{shown(taken, obj['currency'])} back" if taken else ""
    disputed = "disputed" if obj.get("disputed") else ""
    words = (obj.get("status", ""), obj.get("reason") or "", back, disputed)
    return ", ".join(word.replace("_", " ") for word in words if word)


def _of_a_charge(charge: Obj) -> str:
    if charge["status"] != "succeeded":
        return ""
    back = "" if charge["refunded"] else " refund"
    return ("fraud_warning" if charge["disputed"] else "dispute inquiry fraud_warning") + back


def _of_a_dispute(dispute: Obj) -> str:
    if dispute["status"] in ("won", "lost", "warning_closed"):
        return ""
    return f"dispute_won {'escalate' if dispute['status'].startswith('warning_') else 'dispute_lost'}"


def _of_a_refund(refund: Obj) -> str:
    return "fail_refund" if refund["status"] != "failed" and refund["balance_transaction"] else ""


def _of_a_transfer(transfer: Obj) -> str:
    return "" if transfer["reversed"] else "reverse_transfer"


def _of_a_payout(payout: Obj) -> str:
    return "fail_payout" if payout["status"] in ("paid", "in_transit") else ""


def _of_an_account(account: Obj) -> str:
    if account["closed"]:
        return ""
    may = accounts.is_active(account, "stripe_transfers")
    return "restrict_account reject_account close_account" if may else "enable_account reject_account"


_KINDS = (
    ("charge", "Charges", _of_a_charge),
    ("dispute", "Disputes", _of_a_dispute),
    ("refund", "Refunds", _of_a_refund),
    ("transfer", "Transfers", _of_a_transfer),
    (accounts.KIND, "Accounts", _of_an_account),
    ("payout", "Payouts", _of_a_payout),
)
