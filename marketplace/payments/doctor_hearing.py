"""The doctor's look at what Stripe tells us: endpoints, their secrets, the clock, our address, worker and poller."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from marketplace.payments import stripe, webhook
from marketplace.payments.doctor_account import unreadable
from marketplace.payments.doctor_seen import Finding, Obj, Seen, look_at, missing, quoted, right

Findings = Iterator[Finding]
LATE = timedelta(minutes=5)  # by so much a signature may differ from our clock
UNEASY = timedelta(seconds=30)
EVERYTHING = "*"
# What Accounts v2 tells in thin events, and what follows from it here.
ACCOUNT_EVENTS = (
    "v2.core.account.closed",
    "v2.core.account.updated",
    "v2.core.account[configuration.recipient].capability_status_updated",
    "v2.core.account[configuration.recipient].updated",
    "v2.core.account[requirements].updated",
)


@dataclass(frozen=True)
class Wanted:
    """One endpoint that must exist at Stripe. key: as the inbox names its source. setting: of its secret."""

    key: str
    who: str
    setting: str
    events: tuple[str, ...]


WANTED = (
    Wanted("platform", "your account", "STRIPE_WEBHOOK_SECRET", tuple(sorted(webhook.HANDLED))),
    Wanted("connect", "connected accounts", "STRIPE_CONNECT_WEBHOOK_SECRET",
           tuple(sorted(name for name, how in webhook.HANDLED.items() if how.in_accounts))),
    Wanted("thin", "accounts (thin events)", "STRIPE_ACCOUNTS_WEBHOOK_SECRET", ACCOUNT_EVENTS),
)  # fmt: skip


@dataclass(frozen=True)
class Ear:
    """One endpoint or destination at Stripe, whichever way it was made. key: as `Wanted` has it."""

    key: str
    url: str
    is_on: bool
    is_live: bool
    events: frozenset[str]
    version: str


def endpoints(seen: Seen) -> Findings:
    """Whether each endpoint exists with our address, is on, and hears all that is handled."""
    for name in ("endpoints", "destinations"):
        yield from unreadable(seen, name, "Webhooks", "the list of webhook endpoints")
    if not {"endpoints", "destinations"} & seen.said.keys():
        return
    ours = [ear for ear in ears(seen) if ear.url == seen.address]
    for wanted in WANTED:
        known = "destinations" if wanted.key == "thin" else "endpoints"
        if known in seen.said:
            yield from _endpoint(seen, wanted, [ear for ear in ours if ear.key == wanted.key])


def _endpoint(seen: Seen, wanted: Wanted, found: list[Ear]) -> Findings:
    about, whose = "Webhooks", f"for {wanted.who}"
    if not found:
        yield missing(about, f"No endpoint {whose} leads to {seen.address}. Dashboard → Developers → Webhooks → Add "
                      "destination, with the events that “flask --app app stripe events” prints; put "
                      f"its secret into {wanted.setting}.")  # fmt: skip
        return
    on = [ear for ear in found if ear.is_on]
    heard = frozenset[str]().union(*(ear.events for ear in on))
    deaf = [] if EVERYTHING in heard else [name for name in wanted.events if name not in heard]
    if not on:
        yield missing(about, f"The endpoint {whose} is switched off: enable it in the Dashboard.")
    elif any(ear.is_live != seen.is_live for ear in on):
        yield missing(about, f"The endpoint {whose} belongs to the other mode than the key.")
    elif deaf:
        yield missing(about, f"The endpoint {whose} does not hear {quoted(deaf)}: add these events to it.")
    else:
        yield right(about, f"The endpoint {whose} is on and hears all that is handled.")
    if len(on) > 1:
        yield look_at(about, f"{len(on)} endpoints {whose} lead here. Each message comes as often and counts once; "
                      "one is enough.")  # fmt: skip
    old = sorted({ear.version for ear in on if ear.version not in ("", stripe.PINNED)})
    if old:
        yield look_at(about, f"The endpoint {whose} sends {quoted(old)}. Only ids are read from it and everything is "
                      f"fetched as {stripe.PINNED}, so nothing breaks.")  # fmt: skip


def ears(seen: Seen) -> list[Ear]:
    """Every endpoint of both kinds of API, each once."""
    found = {row["id"]: _of_endpoint(row) for row in seen.said.get("endpoints", {}).get("data", [])}
    for row in seen.said.get("destinations", {}).get("data", []):
        if row["type"] == "webhook_endpoint":
            found.setdefault(row["id"], _of_destination(row))
    return list(found.values())


def _of_endpoint(row: Obj) -> Ear:
    key = "connect" if row.get("application") else "platform"
    events, version = frozenset(row["enabled_events"]), row.get("api_version") or ""
    return Ear(key, row["url"], row["status"] == "enabled", row["livemode"], events, version)


def _of_destination(row: Obj) -> Ear:
    where = (row.get("webhook_endpoint") or {}).get("url") or ""
    others = "@accounts" in (row.get("events_from") or [])
    key = "thin" if row["event_payload"] == "thin" else "connect" if others else "platform"
    events, version = frozenset(row["enabled_events"]), row.get("snapshot_api_version") or ""
    return Ear(key, where, row["status"] == "enabled", row["livemode"], events, version)


def secrets(seen: Seen) -> Findings:
    """Whether each endpoint's secret is set, looks like one, and is its own."""
    given = {wanted.setting: getattr(seen.ours, wanted.setting.lower()) for wanted in WANTED}
    needed = [name for name in given if seen.is_stripe or name != "STRIPE_ACCOUNTS_WEBHOOK_SECRET"]
    absent = [name for name in needed if not given[name]]
    odd = [
        name
        for name, secret in given.items()
        if secret and not secret.startswith("whsec_") and seen.is_stripe
    ]
    kept = [secret for secret in given.values() if secret]
    for name in absent:
        yield missing("Secrets", f"{name} is not set: reveal the signing secret of its endpoint in the Dashboard and "
                      "put it there, else its messages cannot be trusted and are refused.")  # fmt: skip
    for name in odd:
        yield missing("Secrets", f"{name} is no signing secret: it must begin with whsec_.")
    if len(set(kept)) < len(kept):
        yield missing("Secrets", "Two endpoints have the same secret here: each has its own at Stripe, so one of "
                      "them is refused.")  # fmt: skip
    elif not absent and not odd:
        yield right("Secrets", "Every endpoint has a secret of its own.")


def messages(seen: Seen) -> Findings:
    """Whether anything ever came: only that proves that address and secret fit."""
    silent = [wanted.who for wanted in WANTED if wanted.key not in seen.heard_at]
    if silent:
        yield look_at("Messages", f"Nothing came yet for {quoted(silent)}. Only a message proves that address and "
                      "secret fit: send a test event from the Dashboard, or make a first payment.")  # fmt: skip
    if seen.heard_at:
        latest = max(seen.heard_at.values())
        yield right("Messages", f"The last message of Stripe's came on {latest:%-d %B %Y at %H:%M} UTC.")


def clock(seen: Seen) -> Findings:
    """Whether our clock agrees with Stripe's: signatures older than five minutes are refused."""
    if seen.ahead is None:
        return
    off, which = abs(seen.ahead), "ahead of" if seen.ahead > timedelta(0) else "behind"
    seconds = f"{off.total_seconds():.0f} seconds {which} Stripe's"
    if off > LATE:
        yield missing("Clock", f"This machine's clock is {seconds}: every message is refused as too old or too new. "
                      "Switch on time synchronisation.")  # fmt: skip
    elif off > UNEASY:
        yield look_at("Clock", f"This machine's clock is {seconds}; from 300 on messages are refused.")
    else:
        yield right("Clock", "This machine's clock agrees with Stripe's.")


def site(seen: Seen) -> Findings:
    """Whether Stripe can reach us by https."""
    base = seen.ours.base_url
    if seen.ours.secure:
        if seen.site:
            yield missing("Address", f"{base} does not answer by https: {seen.site}. Stripe would not get through "
                          "either: check name, certificate and proxy.")  # fmt: skip
        else:
            yield right("Address", f"{base} answers by https with a certificate that holds.")
    elif seen.is_live:
        yield missing("Address", f"BASE_URL is {base}: Stripe sends live messages to https addresses only.")
    elif seen.is_stripe:
        yield look_at("Address", f"BASE_URL is {base}. For trials on this machine run “stripe listen --forward-to "
                      f"{seen.address}” and use the secret that it prints; the poller brings what is "
                      "missed.")  # fmt: skip
    else:
        yield right("Address", f"{base} is enough for the sandbox.")


def worker(seen: Seen) -> Findings:
    """Whether somebody does the jobs: without a worker nothing is sent to Stripe and nothing is heard."""
    if seen.is_worker_alive:
        yield right("Worker", "A worker is alive.")
    else:
        yield missing("Worker", "No worker gave a sign of life in the last minute: start the “worker” line of "
                      "Procfile. Until then nothing is sent to Stripe.")  # fmt: skip


def poller(seen: Seen) -> Findings:
    """Whether the poller has brought all that Stripe lists, which makes up for lost messages."""
    if seen.unheard is None:
        if "account" in seen.said:
            yield look_at("Poller", "The key may not read the list of events, so lost messages stay lost. Allow it "
                          "Events: Read.")  # fmt: skip
    elif seen.unheard:
        yield missing("Poller", f"{seen.unheard} of Stripe's events are older than 15 minutes and not here. See that "
                      "the worker runs, and look for “payments.poll” in its log.")  # fmt: skip
    else:
        yield right("Poller", "Every event that Stripe lists has come.")
