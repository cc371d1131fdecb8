"""Doors for programs: signed messages that go past all that is made for people (sessions, forms, pages).

A door keeps what a message says for good, and returns nothing. It is the only way in without a form token, so each
door proves by itself who sent the message. Refusals are sentences here, too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from werkzeug.exceptions import RequestEntityTooLarge

from marketplace.kernel.errors import Refused
from marketplace.kernel.explaining import explain

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from flask import Flask

log = logging.getLogger(__name__)

# Stripe's own messages have some tens of kilobytes; what is larger is not read.
LARGEST = 1024 * 1024


class Message(NamedTuple):
    """What a program sent: its bytes, and how it signed them."""

    body: bytes
    signature: str


class Door(NamedTuple):
    """hear: keeps a message, or raises what `explain` has a sentence for. header: where its signature stands."""

    hear: Callable[[Message], None]
    header: str


def answer(app: Flask, door: Door, environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
    """Let one request in at `door` of `app`: 200, or a status and a sentence."""
    status, sentence = 200, "Kept."
    try:
        message = _read(door, environ)
        with app.app_context():
            door.hear(message)
    except Exception as error:
        status, sentence = explain(error)
        if status >= 500:
            log.error("a message could not be kept", exc_info=error)
    said = f"{sentence}\n".encode()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(said))),
               ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]  # fmt: skip
    if status == 405:
        headers.append(("Allow", "POST"))
    start(f"{status} {HTTPStatus(status).phrase}", headers)
    return [said]


def _read(door: Door, environ: WSGIEnvironment) -> Message:
    if environ["REQUEST_METHOD"] != "POST":
        raise Refused("Only POST is heard here.", status=405)
    length = environ.get("CONTENT_LENGTH") or ""
    if not length.isdecimal():
        raise Refused("Say how long the message is.", status=411)
    if int(length) > LARGEST:
        raise RequestEntityTooLarge
    return Message(environ["wsgi.input"].read(int(length)), environ.get(door.header, ""))
