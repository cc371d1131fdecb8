"""`make dev`: the whole product on this machine, under one supervisor.

Settings come from the environment, then from var/dev.env, then from here. Nothing of the
application is imported: each part runs in its own process, as it does in production.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from marketplace.supervisor import Supervisor, read_procfile

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("VAR_DIR", ROOT / "var")).resolve()
SETTINGS = VAR / "dev.env"
SEEDED = VAR / "dev.seeded"
STARTING = 60.0  # seconds until /healthz must have answered


def kept_settings() -> dict[str, str]:
    """What var/dev.env says; the secrets that are missing are made up once and kept there."""
    VAR.mkdir(parents=True, exist_ok=True)
    lines = SETTINGS.read_text().splitlines() if SETTINGS.exists() else []
    kept = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    made = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "STRIPE_WEBHOOK_SECRET": f"whsec_{secrets.token_hex(24)}",
        "STRIPE_CONNECT_WEBHOOK_SECRET": f"whsec_{secrets.token_hex(24)}",
    }
    missing = {name: value for name, value in made.items() if name not in kept}
    if missing:
        text = "\n".join([*lines, *(f"{name}={value}" for name, value in missing.items())]) + "\n"
        SETTINGS.touch(mode=0o600)
        SETTINGS.write_text(text)
    return {**kept, **missing}


def settings(given: Mapping[str, str]) -> dict[str, str]:
    """Everything the processes read. given: the environment, which wins over var/dev.env and defaults."""
    chosen = {**kept_settings(), **{name: value for name, value in given.items() if value}}
    port = chosen.get("PORT", "8000")
    sandbox_port = chosen.get("SANDBOX_PORT", str(int(port) + 1))
    defaults = {
        "PORT": port,
        "ENVIRONMENT": "development",
        "DATABASE_URL": f"sqlite:///{VAR / 'dev.sqlite'}",
        "BASE_URL": f"http://localhost:{port}",
        "BLOB_DIR": str(VAR / "blobs"),
        "CLOCK_FILE": str(VAR / "clock"),
        "SANDBOX_PORT": sandbox_port,
        # Named with Stripe too, though nobody asks there then: the Procfile is filled in as a whole.
        "STRIPE_API_BASE": f"http://127.0.0.1:{sandbox_port}",
        "SANDBOX_DB": str(VAR / "sandbox.sqlite"),
        "SITE_NAME": "Not an Echo",
        "PYTHONUNBUFFERED": "1",
        "PATH": f"{Path(sys.executable).parent}:{chosen.get('PATH', os.defpath)}",
    }
    if "STRIPE_SECRET_KEY" in chosen:
        payments = {"PAYMENTS_MODE": "stripe"}
    else:
        payments = {
            "PAYMENTS_MODE": "sandbox",
            "STRIPE_SECRET_KEY": "sk_test_sandbox",
            # All that there is, to be seen; at Stripe an account must be allowed these first.
            "PAYMENT_METHODS": '["card", "us_bank_account", "sepa_debit", "bacs_debit"]',
            "INSTANT_PAYOUTS": "true",
        }
    return {**defaults, **payments, **chosen, "PATH": defaults["PATH"]}


def refuse_busy(names: Mapping[str, str]) -> None:
    """Leave with a sentence when a port is taken. names: the setting that chooses it, and its number."""
    for name, number in names.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", int(number)))
            except OSError:
                sys.exit(f"Port {number} is busy: choose another one, for example `make dev {name}=9000`.")


def prepare(supervisor: Supervisor, environment: Mapping[str, str]) -> None:
    """Bring the database to the newest schema, and fill it unless EMPTY=1 or it is filled already."""
    flask = [sys.executable, "-m", "flask", "--app", "app"]
    database = environment["DATABASE_URL"]
    file = Path(database.removeprefix("sqlite:///"))
    known = SEEDED.exists() and SEEDED.read_text() == database
    filled = known and (file.exists() or not database.startswith("sqlite"))
    supervisor.run("migrate", [*flask, "migrate"])
    if not environment.get("EMPTY") and not filled:
        supervisor.run("seed", [*flask, "seed"])
        SEEDED.write_text(database)


def wait_until_up(supervisor: Supervisor, environment: Mapping[str, str]) -> None:
    """Return once /healthz answers 200; leave with a sentence when a process ends or time is over."""
    address = f"http://127.0.0.1:{environment['PORT']}/healthz"
    request = urllib.request.Request(address, headers={"Host": environment["BASE_URL"].split("://")[1]})
    end = time.monotonic() + STARTING
    while time.monotonic() < end:
        if sentence := supervisor.dead():
            sys.exit(sentence)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    sys.exit(f"The product is not up after {STARTING:.0f} seconds: {address} has not answered 200.")


def greet(environment: Mapping[str, str], sign_ins: str) -> None:
    """Say where to go and as whom."""
    base = environment["BASE_URL"]
    print(f"\nNot an Echo is up: {base}\nMail it would send: {base}/dev/mailbox\n{sign_ins}", flush=True)
    if environment["PAYMENTS_MODE"] == "stripe":
        print("Payments go to Stripe: STRIPE_WEBHOOK_SECRET must be the one that `stripe listen` prints.")
    print("Ctrl-C stops all of it.\n", flush=True)


def main(arguments: list[str]) -> None:
    """Start everything and stay until Ctrl-C; `migrate` only brings the database up to date."""
    environment = settings(os.environ)
    supervisor = Supervisor(environment, ROOT)
    flask = [sys.executable, "-m", "flask", "--app", "app"]
    try:
        if arguments == ["migrate"]:
            return supervisor.run("migrate", [*flask, "migrate"])
        commands = read_procfile(ROOT / "Procfile", environment)
        ports = {"PORT": environment["PORT"]}
        if environment["PAYMENTS_MODE"] == "sandbox":
            refuse_busy({**ports, "SANDBOX_PORT": environment["SANDBOX_PORT"]})
            supervisor.start("sandbox", commands.pop("sandbox"))
        else:
            commands.pop("sandbox")
            refuse_busy(ports)
        prepare(supervisor, environment)
        for name, command in commands.items():
            supervisor.start(name, command)
        listing = subprocess.run(
            [*flask, "seed", "--list"], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
        )
        wait_until_up(supervisor, environment)
        greet(environment, listing.stdout)
        supervisor.watch()
    finally:
        supervisor.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
