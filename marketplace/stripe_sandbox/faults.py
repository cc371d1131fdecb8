"""Trouble on demand: what can go wrong between a program and Stripe,
waiting for the next matching request, or drawn for every one that changes something.
"""

import random
import re
from dataclasses import dataclass
from typing import Any

from .errors import StripeError, malformed
from .params import Parser, fields, integer, text
from .store import Obj, Store
from .webhooks import MODES, set_manner

KINDS = {
    "error_before": "Answer 500 and do nothing.",
    "error_after": "Do the work, then answer 500.",
    "drop_after": "Do the work, then drop the connection without an answer.",
    "wrong_json": "Do the work, then answer with broken JSON.",
    "timeout": "Do the work, then say nothing for some seconds and drop the connection.",
    "delay": "Wait some seconds, then do the work.",
    "rate_limit": "Answer 429 (too many requests) and do nothing.",
    "lock_timeout": "Answer 429 (the object is locked) and do nothing.",
    "conflict": "Answer 409 (the key is in use) and do nothing.",
}
DRAWN = ("error_before", "error_after", "drop_after", "wrong_json", "rate_limit", "lock_timeout", "conflict")
"""What a seed draws from: everything that takes no time."""
_RANDOM = "random"
_SECONDS = 2


def _share(value: Any, path: str) -> float:
    """A number from 0 to 1."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1
    if not 0 <= number <= 1:
        raise malformed(f"Invalid {path}: must be a number from 0 to 1.", "parameter_invalid", path)
    return number


REQUEST: Parser = fields(
    {
        **dict.fromkeys(("kind", "method", "path", "webhooks", "clear"), text),
        **dict.fromkeys(("times", "seconds", "seed"), integer),
        **dict.fromkeys(("rate", "share"), _share),
    }
)


@dataclass(frozen=True)
class Fault:
    """One piece of trouble; `seconds` matters to a delay and a timeout only."""

    kind: str
    seconds: float = 0

    def refusal(self) -> StripeError | None:
        """The answer instead of any work, for trouble that comes before it."""
        by_panel = "(The sandbox's fault panel asked for it.)"
        match self.kind:
            case "rate_limit":
                return _refused(429, "invalid_request_error", f"Too many requests. {by_panel}", "rate_limit")
            case "lock_timeout":
                locked = "This object cannot be accessed right now because another API request is using it."
                return _refused(429, "invalid_request_error", f"{locked} {by_panel}", "lock_timeout")
            case "conflict":
                busy = "There is currently another in-progress request using this Idempotent Key."
                return _refused(409, "idempotency_error", f"{busy} {by_panel}", "idempotency_key_in_use")
        return None


def _refused(status: int, type: str, sentence: str, code: str) -> StripeError:
    return StripeError(status, type, sentence, executed=False, code=code)


def order(store: Store, wanted: Obj) -> None:
    """Take an order: `kind` with `path` (a pattern), `method`, `times`, `seconds`; kind `random` with `seed`,
    `rate` and `path`, which draws a fault for each POST, the same ones again for the same seed; `webhooks`
    (a mode) with `share`, `seed` and `seconds`; or `clear`.
    """
    asked = REQUEST({name: value for name, value in wanted.items() if value != ""}, "")
    if asked.get("clear"):
        store.rows("delete from faults")
        store.forget("faults", _RANDOM)
        set_manner(store, {})
    if mode := asked.get("webhooks"):
        _known(mode, tuple(MODES), "webhooks")
        extra = {name: asked[name] for name in ("share", "seed", "seconds") if name in asked}
        set_manner(store, {"mode": mode, **extra})
    if kind := asked.get("kind"):
        _known(kind, (*KINDS, _RANDOM), "kind")
        _checked_pattern(asked.get("path", ""))
        (_order_draws if kind == _RANDOM else _order_one)(store, asked)


def _known(word: str, words: tuple[str, ...], path: str) -> None:
    if word not in words:
        raise malformed(f"Invalid {path}: must be one of {', '.join(words)}", "parameter_invalid", path)


def _checked_pattern(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise malformed(
            f"Invalid path: not a regular expression ({error}).", "parameter_invalid", "path"
        ) from error


def _order_one(store: Store, asked: Obj) -> None:
    sql = "insert into faults(kind, method, path, times, seconds) values(?,?,?,?,?)"
    rest = asked.get("path", ""), asked.get("times", 1), asked.get("seconds", _SECONDS)
    store.rows(sql, asked["kind"], asked.get("method", "POST").upper(), *rest)


def _order_draws(store: Store, asked: Obj) -> None:
    known = {"seed": asked.get("seed", 0), "rate": asked.get("rate", 0.2), "path": asked.get("path", "")}
    store.note("faults", _RANDOM, {**known, "drawn": 0})


def take(store: Store, method: str, path: str) -> Fault | None:
    """The oldest trouble that fits this request, used up by one; else what the seed draws."""
    if not store.rows("select 1 from faults where times > 0 limit 1"):
        return _draw(store, method, path)
    with store.transaction():
        for id, kind, wanted, pattern, seconds in store.rows(
            "select id, kind, method, path, seconds from faults where times > 0 order by id"
        ):
            if wanted in (method, "*") and re.search(pattern, path):
                store.rows("update faults set times = times - 1 where id = ?", id)
                return Fault(kind, seconds)
    return _draw(store, method, path)


def _draw(store: Store, method: str, path: str) -> Fault | None:
    """Whether the draw for this request is trouble; each POST that fits is the next draw of the seed."""
    if method != "POST" or store.noted("faults", _RANDOM) is None:
        return None
    with store.transaction():
        draws = store.noted("faults", _RANDOM)
        if draws is None or not re.search(draws["path"], path):
            return None
        store.note("faults", _RANDOM, {**draws, "drawn": draws["drawn"] + 1})
    luck = random.Random(f"{draws['seed']}:{draws['drawn']}")  # noqa: S311  no secret
    return Fault(luck.choice(DRAWN)) if luck.random() < draws["rate"] else None


def waiting(store: Store) -> list[Obj]:
    """The troubles not used up yet; that of a seed last."""
    names = ("kind", "method", "path", "times", "seconds")
    found = store.rows(f"select {', '.join(names)} from faults where times > 0 order by id")  # noqa: S608  names are ours, values are bound
    draws = store.noted("faults", _RANDOM)
    ordered = [dict(zip(names, row, strict=True)) for row in found]
    return ordered + ([{"kind": _RANDOM, "method": "POST", **draws}] if draws else [])
