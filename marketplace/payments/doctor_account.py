"""The doctor's look at the account: the key, what it may do, its payouts, currencies, ways to pay, Connect."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from marketplace.config import rules
from marketplace.currencies import CURRENCIES
from marketplace.kernel.money import text
from marketplace.payments import stripe
from marketplace.payments.doctor_seen import Finding, Seen, look_at, missing, quoted, right

Findings = Iterator[Finding]
# Which capability of the account each way to pay needs.
CAPABILITIES = {
    "card": "card_payments",
    "us_bank_account": "us_bank_account_ach_payments",
    "sepa_debit": "sepa_debit_payments",
    "bacs_debit": "bacs_debit_payments",
}


def key(seen: Seen) -> Findings:
    """Whether there is a key, of the right kind and mode."""
    given, about = seen.ours.stripe_secret_key, "Key"
    if not seen.is_stripe:
        yield right(about, "PAYMENTS_MODE=sandbox: this looks at the stand-in, and no money moves.")
    elif not given.startswith(("sk_", "rk_")):
        yield missing(about, "STRIPE_SECRET_KEY is no secret key: it must begin with rk_ or sk_. Copy it from "
                      "Developers → API keys; a publishable key (pk_) is of no use here.")  # fmt: skip
    elif seen.ours.environment == "production" and not seen.is_live:
        yield missing(about, "ENVIRONMENT=production with a test key: nobody could really pay. Put the live key into "
                      "STRIPE_SECRET_KEY.")  # fmt: skip
    elif seen.ours.environment != "production" and seen.is_live:
        yield missing(about, "A live key outside production: every trial would move real money. Use a test key, or "
                      "set ENVIRONMENT=production.")  # fmt: skip
    elif given.startswith("sk_live_"):
        yield look_at(about, "The key is live but may do everything. A restricted key (rk_live_) with the "
                      "permissions in docs/going-live-with-stripe.md limits what a thief could do.")  # fmt: skip
    else:
        yield right(about, f"The key is there, for {'live' if seen.is_live else 'test'} payments.")


def account(seen: Seen) -> Findings:
    """Whether the account answers and may charge and pay out, in the country that the settings name."""
    about = "Account"
    if "account" in seen.unread:
        where = "api.stripe.com" if seen.is_stripe else seen.ours.stripe_api_base
        yield missing(about, f"Stripe does not open the account: {seen.unread['account']} Check STRIPE_SECRET_KEY, "
                      f"and whether this machine reaches {where}.")  # fmt: skip
        return
    said = seen.said["account"]
    due = said.get("requirements") or {}
    asks = quoted(list(due.get("past_due") or due.get("currently_due") or []))
    for able, what in (("charges_enabled", "take payments"), ("payouts_enabled", "be paid out")):
        if not said.get(able):
            yield missing(about, f"The account {said['id']} may not {what} yet. Open Stripe's Dashboard and answer "
                          f"what it asks for{f': {asks}' if asks else ''}.")  # fmt: skip
    if said.get("charges_enabled") and said.get("payouts_enabled"):
        yield right(about, f"The account {said['id']} answers, takes payments and can be paid out.")
        if asks:
            yield look_at(about, f"Stripe still wants to know: {asks}. Answer in the Dashboard in time.")
    if said.get("country") != seen.ours.platform_country.upper():
        yield missing(about, f"PLATFORM_COUNTRY is {seen.ours.platform_country}, but the account is in "
                      f"{said.get('country')}: set it to that, since the holding limit follows from it.")  # fmt: skip


def name_on_statements(seen: Seen) -> Findings:
    """Whether a cardholder will know whose charge it is: else it comes back as a chargeback."""
    shown = (
        (seen.said.get("account", {}).get("settings") or {}).get("payments", {}).get("statement_descriptor")
    )
    if shown:
        yield right("Statements", f"Card statements will say {shown}.")
    elif "account" in seen.said:
        yield look_at("Statements", "No statement descriptor is set, so cardholders may not know the charge. "
                      "Dashboard → Settings → Business → Public details.")  # fmt: skip


def payout_schedule(seen: Seen) -> Findings:
    """Whether the platform's own payouts are manual: automatic ones drain what is held for others."""
    if "payouts" not in seen.said:
        yield from unreadable(seen, "payouts", "Payouts", "whether the platform's payouts are manual")
        return
    payouts = seen.said["payouts"]["payments"].get("payouts") or {}
    interval = (payouts.get("schedule") or {}).get("interval") or "not known"
    if interval == "manual":
        yield right("Payouts", "The platform is paid out by hand only, so held money stays where it is.")
    else:
        yield missing("Payouts", f"The platform's payouts are {interval}: they would carry off money that is held for "
                      "others. Dashboard → Settings → Payouts → Payout schedule: Manual.")  # fmt: skip


def currencies(seen: Seen) -> Findings:
    """Whether each currency that is offered stays itself on the account, or would be converted."""
    if "account" not in seen.said or "balance" not in seen.said:
        yield from unreadable(seen, "balance", "Currencies", "in which currencies the account settles")
        return
    kept = {part["currency"] for part in seen.said["balance"]["available"]}
    kept.add(seen.said["account"].get("default_currency", ""))
    unsure = [code.upper() for code in seen.ours.currencies if code not in kept]
    sure = [code.upper() for code in seen.ours.currencies if code in kept]
    if sure:
        yield right("Currencies", f"Settled in themselves: {quoted(sure)}.")
    if unsure:
        yield look_at("Currencies", f"Not on the account's balance yet: {quoted(unsure)}. Without a bank account in "
                      "that currency (Dashboard → Settings → Payouts) Stripe converts, and such a "
                      "payment waits for a person instead of being held. Add one, or take the currency "
                      "out of CURRENCIES.")  # fmt: skip


def amounts(seen: Seen) -> Findings:
    """Whether the smallest milestone is above what Stripe takes at least."""
    law, offered = rules(), seen.ours.currencies
    small = [code for code in offered if law.smallest_milestone[code] < CURRENCIES[code].min_minor]
    for code in small:
        yield missing("Amounts", f"The smallest milestone, {text(law.smallest_milestone[code], code)}, is below what "
                      f"Stripe takes, {text(CURRENCIES[code].min_minor, code)}.")  # fmt: skip
    if not small:
        span = quoted([text(law.smallest_milestone[code], code) for code in offered])
        yield right("Amounts", f"Milestones begin above Stripe's minimum: {span}.")


def ways_to_pay(seen: Seen) -> Findings:
    """Whether the account may use each way to pay that the settings name."""
    if "account" not in seen.said:
        return
    able = seen.said["account"].get("capabilities") or {}
    closed = [way for way in seen.ours.payment_methods if able.get(CAPABILITIES[way]) != "active"]
    for way in closed:
        yield missing("Ways to pay", f"{way} is not active on the account ({able.get(CAPABILITIES[way], 'off')}). "
                      "Dashboard → Settings → Payment methods, or take it out of PAYMENT_METHODS.")  # fmt: skip
    if not closed:
        yield right("Ways to pay", f"Active on the account: {quoted(list(seen.ours.payment_methods))}.")


def connect(seen: Seen) -> Findings:
    """Whether the account is a Connect platform that may open accounts for professionals."""
    if "account" not in seen.said:
        return
    if "accounts" not in seen.said:
        yield missing("Connect", f"Accounts v2 does not answer: {seen.unread['accounts']} Dashboard → Connect → Get "
                      "started, as a marketplace; a restricted key needs Connect: Write.")  # fmt: skip
    elif seen.has_ready_payee:
        yield right("Connect", "Connect answers, and professionals have accounts that can be paid.")
    else:
        yield look_at("Connect", "Connect answers, but nobody can be paid yet. Only Stripe sees whether the platform "
                      "profile is complete: Dashboard → Connect → Settings → Platform profile, with "
                      "the platform answering for losses, Express dashboards, and transfers to "
                      "recipients.")  # fmt: skip


def holding_limit(seen: Seen) -> Findings:
    """Whether Stripe lets the platform hold money as long as a milestone may live, and a release may wait."""
    law, limit = rules(), seen.ours.holding_limit
    longest = law.life_hard_stop + max(law.hold, law.hold_newcomer) + timedelta(days=law.review_days_most)
    where = f"Stripe lets a platform in {seen.ours.platform_country} hold money for {limit.days} days"
    if law.life_hard_stop > limit:
        yield missing("Holding", f"{where}, but a milestone may live {law.life_hard_stop.days}. Set "
                      "RULE_LIFE_HARD_STOP to less than that, and the two warnings before it.")  # fmt: skip
    elif longest > limit:
        yield look_at("Holding", f"{where}. A milestone submitted on its last day, {law.life_hard_stop.days}, with "
                      f"the longest review and wait may come to {longest.days}: admins see it in their "
                      "queue.")  # fmt: skip
    else:
        yield right("Holding", f"{where}, and a milestone lives at most {law.life_hard_stop.days}.")


def version(seen: Seen) -> Findings:
    """Whether Stripe speaks the version that this product was tried with."""
    if not seen.version:
        return
    if seen.version == stripe.PINNED:
        yield right("Version", f"Stripe speaks {stripe.PINNED}, as this product was tried with.")
    else:
        yield missing("Version", f"Stripe speaks {seen.version} instead of {stripe.PINNED}: install exactly what "
                      "requirements.txt names.")  # fmt: skip


def unreadable(seen: Seen, name: str, about: str, what: str) -> Findings:
    """That something could not be read, unless nothing could."""
    if name in seen.unread:
        yield look_at(about, f"The key may not read {what}: {seen.unread[name]} Allow it, or look yourself.")
