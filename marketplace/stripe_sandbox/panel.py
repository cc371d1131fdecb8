"""The pages for whoever runs the sandbox: what it is, the fault panel, and the whole state for tests."""

from . import faults, webhooks
from .call import Call
from .errors import StripeError
from .html import Html, Page, fill, go, join, page, problem, sorry, table
from .money import shown
from .pay_form import Form
from .store import Obj

_HOME = """<h1>Stripe sandbox</h1>
<p>A stand-in for Stripe. It answers the <code>stripe</code> SDK, keeps its books in one file
and sends signed webhooks.</p>
<p><a href="/_acts">What happens elsewhere</a> · <a href="/_faults">Fault panel</a> ·
<a href="/_state">Everything it knows, as JSON</a></p>
<section class="sheet scroll">{sessions}</section>"""
_PANEL = """<h1>Fault panel</h1>
<p>What may go wrong between a program and Stripe, for the next requests that fit.</p>
<p><a href="/">Sandbox</a> · <a href="/_acts">What happens elsewhere</a></p>
{problem}
<div class="columns">
<form class="sheet" method="post">
<h2>Requests</h2>
<div class="field"><label for="kind">What goes wrong</label>
<select id="kind" name="kind">{kinds}</select></div>
<div class="field"><label for="path">Only addresses that match</label>
<p class="hint" id="path-hint">A pattern, such as
<code>/v1/transfers</code>; empty for all</p><input id="path" name="path" aria-describedby="path-hint"></div>
<div class="pair">
<div class="field"><label for="times">How often</label>
<input id="times" name="times" value="1" inputmode="numeric"></div>
<div class="field"><label for="seconds">Seconds</label>
<input id="seconds" name="seconds" value="2" inputmode="numeric"></div>
</div>
<button>Make the next request fail</button>
</form>
<div class="stack">
<form class="sheet" method="post">
<h2>At random</h2>
<p>Each POST draws; the same seed draws the same again.</p>
<div class="pair">
<div class="field"><label for="draw-seed">Seed</label>
<input id="draw-seed" name="seed" value="1" inputmode="numeric"></div>
<div class="field"><label for="rate">Share, 0 to 1</label>
<input id="rate" name="rate" value="0.2" inputmode="decimal"></div>
</div>
<button name="kind" value="random">Draw from now on</button>
</form>
<form class="sheet" method="post">
<h2>Webhooks</h2>
<p>{counts}</p>
<div class="field"><label for="webhooks">Deliveries are</label>
<select id="webhooks" name="webhooks">{modes}</select></div>
<div class="pair">
<div class="field"><label for="share">Share, 0 to 1</label>
<input id="share" name="share" value="{share}" inputmode="decimal"></div>
<div class="field"><label for="late">Seconds late</label>
<input id="late" name="seconds" value="{late}" inputmode="numeric"></div>
</div>
<button>Change deliveries</button>
</form>
<section class="sheet scroll">{waiting}
<form method="post"><button class="plain" name="clear" value="yes">Clear all faults</button></form></section>
</div>
</div>"""


def home(call: Call) -> Page:
    """The last payment pages, with links to the open ones."""
    last = call.store.where("checkout.session")[:20]
    rows = [(_linked(each), each["status"], _sum(each)) for each in last]
    return page(
        "Stripe sandbox",
        fill(_HOME, sessions=table("Checkout Sessions", ("Id", "Status", "Amount"), rows)),
    )


def _sum(session: Obj) -> str:
    """What is paid there; a page that only keeps a card asks for nothing."""
    return shown(session["amount_total"], session["currency"]) if session["amount_total"] else ""


def _linked(session: Obj) -> Html:
    short = f"{session['id'][:24]}…"
    return (
        fill('<a href="{url}">{id}</a>', url=session["url"], id=short)
        if session["url"]
        else fill("{id}", id=short)
    )


def show(call: Call, sentence: str = "") -> Page:
    """The fault panel."""
    kinds = [
        fill('<option value="{kind}">{what}</option>', kind=kind, what=what)
        for kind, what in faults.KINDS.items()
    ]
    how = webhooks.manner(call.store)
    rows = [_row(fault) for fault in faults.waiting(call.store)]
    heads = ("Fault", "Method", "Address", "How often")
    waiting = table("Waiting", heads, rows) if rows else fill("<p>No fault is waiting.</p>")
    body = fill(
        _PANEL, problem=problem(sentence), kinds=join(kinds), modes=_modes(how["mode"]), waiting=waiting,
        share=how["share"], late=how["seconds"], counts=_counts(call),
    )  # fmt: skip
    return page("Fault panel", body, 422 if sentence else 200)


def _modes(now: str) -> Html:
    option = '<option value="{mode}"{chosen}>{what}</option>'
    return join(
        fill(option, mode=mode, what=what, chosen=Html(" selected" if mode == now else ""))
        for mode, what in webhooks.MODES.items()
    )


def _row(fault: Obj) -> tuple[object, ...]:
    often = fault["times"] if "times" in fault else f"{fault['rate']} of all, seed {fault['seed']}"
    kind = fill("<code>{kind}</code>", kind=fault["kind"])
    return kind, fault["method"], fault["path"], often


def _counts(call: Call) -> str:
    found = webhooks.counts(call.store)
    return ", ".join(f"{count} {state}" for state, count in found.items()) or "No deliveries so far."


def send(call: Call, form: Form) -> Page:
    """An order from the panel's forms."""
    try:
        faults.order(call.store, form)
    except StripeError as error:
        return show(call, str(error))
    return go("/_faults")


def nothing(call: Call) -> Page:
    """An address that no page has."""
    return sorry("Not found", "The sandbox has no such page.")


def state(call: Call, kinds: str = "") -> Obj:
    """Everything: objects by kind (oldest first, each with the account that owns it), deliveries, keys,
    faults. kinds: words apart by commas, to have only those objects.
    """
    how = webhooks.manner(call.store)
    whole: Obj = {"objects": {}, "webhooks": how["mode"], "faults": faults.waiting(call.store)}
    for kind, account, obj in call.store.objects(kinds.split(",") if kinds else ()):
        whole["objects"].setdefault(kind, []).append({**obj, "_account": account})
    names = ("event", "endpoint", "state", "attempts", "said")
    found = call.store.rows(f"select {', '.join(names)} from deliveries order by id")  # noqa: S608  names are ours, values are bound
    whole["deliveries"] = [dict(zip(names, row, strict=True)) for row in found]
    whole["idempotency_keys"] = [row[0] for row in call.store.rows("select key from answers order by rowid")]
    return whole
