"""Everything that the SDK asks and hears while a test runs, judged as Stripe would judge it.

A request that the sandbox accepted must be one that Stripe's document accepts, and the other way round: what
the sandbox refuses as unknown, Stripe must not know either. Every answer must have the shape of its schema.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from marketplace.stripe_sandbox.params import decode

from . import sdk_types
from .openapi import Document, Json

Answer = tuple[bytes, int, Mapping[str, str]]
_UNKNOWN = "parameter_unknown"


class Watch:
    """What went over the wire, and what is wrong with it."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.faults: list[str] = []
        self.seen: set[str] = set()
        """Every endpoint that was asked, as `POST /v1/refunds`, ids left out."""

    def around(self, request: Callable[..., Answer]) -> Callable[..., Answer]:
        """The same request method, with everything that passes through it judged."""

        def watched(client: Any, method: str, url: str, headers: Any, post_data: Any = None) -> Answer:
            answer = request(client, method, url, headers, post_data)
            if (body := _read(answer[0])) is not None:
                self.judge(method.upper(), url, post_data, answer[1], body)
            return answer

        return watched

    def judge(self, method: str, url: str, sent: Any, status: int, body: Json) -> None:
        """Note what is wrong with one request and its answer."""
        address = urlsplit(url)
        params = _params(method, address.path, address.query, sent)
        wrong = self._of_request(method, address.path, params)
        code = body.get("error", {}).get("code")
        if status == 200 and wrong:
            self._note(method, address.path, "was accepted, though", wrong)
        if code == _UNKNOWN and not wrong:
            self._note(method, address.path, "was refused, though Stripe knows the parameter", [])
        if address.path.startswith("/v1/"):
            shape = self._document.of_object(body)
            if shape:
                self._note(method, address.path, "was answered with", shape)
        self.seen.add(f"{method} {address.path}")

    def judge_event(self, event: Json) -> None:
        """Note what is wrong with a webhook; thin ones carry no object."""
        if event["object"] == "event" and (wrong := self._document.of_event(event)):
            self.faults.append(f"The event {event['type']} carries {'; '.join(wrong)}")

    def _of_request(self, method: str, path: str, params: Json) -> list[str]:
        if self._document.knows(method, path):
            return self._document.of_request(method, path, params)
        if sdk_types.knows(method, path):
            return sdk_types.of_request(method, path, params)
        return []

    def _note(self, method: str, path: str, what: str, wrong: list[str]) -> None:
        self.faults.append(f"{method} {path} {what} {'; '.join(wrong)}")


def _params(method: str, path: str, query: str, sent: Any) -> Json:
    if method == "POST" and path.startswith("/v2/"):
        found: Json = json.loads(sent or "{}")
        return found
    text = sent if method == "POST" else query
    return decode(text.decode() if isinstance(text, bytes) else text or "")


def _read(answer: bytes) -> Json | None:
    """The answer, unless it is one that a fault broke."""
    try:
        body: Json = json.loads(answer)
    except ValueError:
        return None
    return body
