"""Doing a thing once however often it is asked: a key remembers its first answer, per account."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from .errors import StripeError, malformed
from .store import Obj, Store


class Remembered(NamedTuple):
    """An answer given before."""

    status: int
    body: Obj
    request_id: str


class Keys:
    """The idempotency keys, those in use right now and those in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._in_use: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    @contextmanager
    def held(self, account: str, key: str) -> Iterator[None]:
        """Hold the key while its request runs; a second request with it meanwhile is refused (409)."""
        if len(key) > 255:
            raise malformed(
                "Idempotency keys are at most 255 characters long.", "parameter_invalid", "Idempotency-Key"
            )
        with self._lock:
            if (account, key) in self._in_use:
                sentence = (
                    f"There is currently another in-progress request using this Idempotent Key ({key})."
                )
                raise StripeError(
                    409, "idempotency_error", sentence, executed=False, code="idempotency_key_in_use"
                )
            self._in_use.add((account, key))
        try:
            yield
        finally:
            with self._lock:
                self._in_use.discard((account, key))

    def recall(self, account: str, key: str, print_: str) -> Remembered | None:
        """The first answer, or None; the same key with other parameters is refused (400)."""
        sql = "select fingerprint, status, body, request_id from answers where account = ? and key = ?"
        found = self._store.rows(sql, account, key)
        if not found:
            return None
        first, status, body, request_id = found[0]
        if first != print_:
            sentence = (
                "Keys for idempotent requests can only be used with the same parameters they were first"
                " used with."
                f" Try using a key other than '{key}' if you meant to execute a different request."
            )
            raise StripeError(400, "idempotency_error", sentence, executed=False)
        return Remembered(status, json.loads(body), request_id)

    def remember(self, account: str, key: str, print_: str, answer: Remembered) -> None:
        """Keep the answer; call it in the transaction that did the work."""
        sql = "insert into answers(account, key, fingerprint, status, body, request_id) values(?,?,?,?,?,?)"
        status, body, request_id = answer
        self._store.rows(sql, account, key, print_, status, json.dumps(body), request_id)


def fingerprint(method: str, path: str, params: Obj) -> str:
    """The same for the same request, whatever the order of its parameters."""
    whole = json.dumps([method, path, params], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()
