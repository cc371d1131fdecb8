"""The whole product as `make dev` runs it, seeded, and a real Chromium."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
STARTING = 240


@dataclass
class Live:
    """A running marketplace. url: where people reach it. environment: for its commands."""

    url: str
    environment: dict[str, str]

    @property
    def sandbox(self) -> str:
        """Where Stripe's stand-in listens: at the next port."""
        host, _, port = self.url.rpartition(":")
        return f"{host}:{int(port) + 1}"

    def flask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of the product's commands on this marketplace's data."""
        command = [sys.executable, "-m", "flask", "--app", "app", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )


def free_port() -> int:
    """A port that nobody uses, with a free one after it."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


@pytest.fixture(scope="session")
def live() -> Iterator[Live]:
    """The seeded marketplace, started by the same supervisor as for people, stopped at the end.

    LIVE_URL names one that runs already (`make dev`), which saves the start while writing a test.
    """
    if "LIVE_URL" in os.environ:
        yield Live(os.environ["LIVE_URL"], dict(os.environ))
        return
    place = Path(tempfile.mkdtemp(prefix="nae-live-"))
    port = free_port()
    environment = {**os.environ, "VAR_DIR": str(place), "PORT": str(port), "SANDBOX_PORT": str(port + 1)}
    environment |= {
        "DATABASE_URL": f"sqlite:///{place}/dev.sqlite",
        "BLOB_DIR": str(place / "blobs"),
        "CLOCK_FILE": str(place / "clock"),
        "BASE_URL": f"http://localhost:{port}",
        "SECRET_KEY": "only for the browser tests, thirty-two letters",
        # Everybody in these tests has one address; the rule itself is tried in tests/accounts.
        "RULE_SIGN_UPS_PER_HOUR": "100",
        # Released money is sent at the next sweep; that it waits is tried in tests/payments.
        "RULE_HOLD": "PT0S",
        "RULE_HOLD_NEWCOMER": "PT0S",
        # Long enough to be read about, short enough to be over within a test.
        "RULE_BANK_COOLING": "PT60S",
    }
    log = (place / "log").open("w")
    command = [sys.executable, "-m", "marketplace.dev"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        wait_until_up(process, port, place / "log")
        yield Live(f"http://localhost:{port}", environment)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
        log.close()
        shutil.rmtree(place, ignore_errors=True)


def wait_until_up(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Return when /healthz answers 200; fail with the log when the supervisor leaves or time is over."""
    end = time.monotonic() + STARTING
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            with urlopen(f"http://localhost:{port}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.2)
    pytest.fail("The marketplace did not come up:\n" + log.read_text()[-4000:])


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a screen."""
    path = shutil.which("chromium") or "/usr/bin/chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Browser, live: Live) -> Any:
    """Opens a window of one person's own: `window(javascript=False, width=390)`; all are closed at the end."""
    contexts = []

    def open_window(*, javascript: bool = True, width: int = 1280, dark: bool = False) -> Any:
        context = chromium.new_context(
            base_url=live.url,
            java_script_enabled=javascript,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    yield open_window
    for context in contexts:
        context.close()
