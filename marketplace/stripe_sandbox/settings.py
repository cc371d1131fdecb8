"""What the command line decides."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Where to listen, where to keep the file, whom to tell. Times in seconds."""

    port: int
    db: str
    public_url: str
    webhook_url: str
    webhook_secret: str
    connect_webhook_url: str
    connect_webhook_secret: str
    thin_webhook_url: str
    thin_webhook_secret: str
    merchant: str = ""
    settle_seconds: int = 0
    payout_seconds: int = 30
    async_seconds: int = 3
    fast: bool = False


def parse(arguments: Sequence[str] | None = None) -> Settings:
    """Settings from the command line; an endpoint without a secret gets no deliveries."""
    parser = argparse.ArgumentParser(
        prog="python -m marketplace.stripe_sandbox", description="A keyless Stripe."
    )
    parser.add_argument("--port", type=int, default=4242)
    parser.add_argument("--db", default="var/sandbox.sqlite", help="the SQLite file, made when absent")
    parser.add_argument("--public-url", default="", help="how browsers reach this process")
    parser.add_argument("--webhook-url", default="", help="receives events of the platform's own account")
    parser.add_argument("--webhook-secret", default="")
    parser.add_argument(
        "--connect-webhook-url", default="", help="events of connected accounts; default: --webhook-url"
    )
    parser.add_argument("--connect-webhook-secret", default="", help="default: --webhook-secret")
    parser.add_argument(
        "--thin-webhook-url", default="", help="thin events of Accounts v2; default: --webhook-url"
    )
    parser.add_argument("--thin-webhook-secret", default="", help="default: --webhook-secret")
    parser.add_argument(
        "--merchant", default="", help="whom the pages name as paid; default: the host to return to"
    )
    parser.add_argument("--settle-seconds", type=int, default=0, help="until charged money becomes available")
    parser.add_argument(
        "--payout-seconds", type=int, default=30, help="until connected accounts are paid out"
    )
    parser.add_argument("--async-seconds", type=int, default=3, help="until a bank answers a debit")
    parser.add_argument(
        "--fast", action="store_true", help="trust the machine not to lose power; for tests in bulk"
    )
    given = vars(parser.parse_args(arguments))
    given["public_url"] = (given["public_url"] or f"http://127.0.0.1:{given['port']}").rstrip("/")
    for kind in ("connect", "thin"):
        given[f"{kind}_webhook_url"] = given[f"{kind}_webhook_url"] or given["webhook_url"]
        given[f"{kind}_webhook_secret"] = given[f"{kind}_webhook_secret"] or given["webhook_secret"]
    return Settings(**given)
