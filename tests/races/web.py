"""Shots at the real web server: eight browsers whose requests lack one byte of their headers, then have it.

A view runs before a body has arrived, so it is the headers that must be held back.
"""

from __future__ import annotations

import html
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextvars import Context
from pathlib import Path
from urllib.parse import urlencode

from marketplace.accounts.models import Person
from marketplace.kernel.http import Marketplace
from marketplace.supervisor import die_with_parent
from tests.attacks.forms_in import Forms
from tests.browsing import Browser
from tests.races.volleys import Outcome, Request, Shot, spin

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60
# What a page says to the person who lost, in the form or in its place.
SAID = re.compile(r'(?:data-problem>|id="problem-h">There is a problem</h2>\s*<p>)(.*?)</', re.S)


class Web:
    """Granian with two processes of eight threads each, as in production."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        server = [sys.executable, "-m", "granian", "--interface", "wsgi", "app:app", "--host", "127.0.0.1"]
        server += ["--port", str(self.port), "--workers", "2", "--blocking-threads", "8", "--no-log"]
        self.process = subprocess.Popen(
            server, cwd=ROOT, env=dict(environment), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, preexec_fn=die_with_parent,
        )  # fmt: skip

    def wait(self) -> None:
        """Return once it answers."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise RuntimeError("The web server did not come up.") from None
                time.sleep(0.05)

    def fire(
        self, shots: Sequence[Shot], requests: Sequence[Request], waits: Sequence[float]
    ) -> list[Outcome]:
        """Send all requests but one byte of each one's headers; then that byte and the body."""
        held = [self._held_back(request) for request in requests]
        begun = time.perf_counter()
        for (line, rest), wait in sorted(zip(held, waits, strict=True), key=lambda one: one[1]):
            spin(begun + wait)
            line.sendall(rest)
        return [self._answer(shot, line) for shot, (line, _) in zip(shots, held, strict=True)]

    def _held_back(self, request: Request) -> tuple[socket.socket, bytes]:
        body = urlencode(request.form).encode()
        head = (
            f"POST {request.path} HTTP/1.1\r\nHost: localhost\r\nCookie: {request.cookie}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
            "Connection: close\r\n\r\n"
        ).encode()
        line = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        line.sendall(head[:-1])
        return line, head[-1:] + body

    def _answer(self, shot: Shot, line: socket.socket) -> Outcome:
        with line:
            answer = b"".join(iter(lambda: line.recv(65536), b"")).decode(errors="replace")
        status = int(answer.split(" ", 2)[1])
        if status in (302, 303):
            where = re.search(r"^location: (.*)$", answer, re.I | re.M)
            return Outcome(shot.act, won=True, value=where.group(1).strip() if where else "", status=status)
        said = " ".join(html.unescape(part).strip() for part in SAID.findall(answer))
        broken = answer if (status >= 500 and status != 503) or status < 400 else ""
        return Outcome(shot.act, sentence=said, status=status, broken=broken)

    def stop(self) -> None:
        """End it and its workers."""
        os.killpg(self.process.pid, 9)
        self.process.wait(timeout=30)


def filled_in(app: Marketplace, person: Person, path: str) -> Request:
    """The form at `path` as `person` sees it, signed in and ready to be sent."""
    browser = Browser(app, person)
    # In a context of its own, as a request would be: the token is kept with the context.
    token = Context().run(browser._token)
    page = browser.get(path).get_data(as_text=True)
    form = next(one for one in Forms(page).found if one.action == path or not one.action)
    cookie = browser.client.get_cookie("session", "localhost")
    assert cookie is not None
    return Request(path, f"session={cookie.value}", {**form, "csrf_token": token})
