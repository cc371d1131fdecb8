"""Trouble on demand: what can go wrong between a program and Stripe,
waiting for the next matching request.
"""

import re
from dataclasses import dataclass

from .errors import malformed
from .params import Parser, fields, integer, text
from .store import Obj, Store
from .webhooks import MODES

KINDS = {
    "error_before": "Answer 500 and do nothing.",
    "error_after": "Do the work, then answer 500.",
    "drop_after": "Do the work, then drop the connection without an answer.",
    "delay": "Wait some seconds, then do the work.",
    "rate_limit": "Answer 429 and do nothing.",
}
REQUEST: Parser = fields(
    {
        "kind": text,
        "method": text,
        "path": text,
        "times": integer,
        "seconds": integer,
        "webhooks": text,
        "clear": text,
    }
)


@dataclass(frozen=True)
class Fault:
    """One piece of trouble; `seconds` matters to a delay only."""

    kind: str
    seconds: float = 0


def order(store: Store, wanted: Obj) -> None:
    """Take an order: `kind` with `path` (a pattern), `method`, `times`, `seconds`; or `webhooks`;
    or `clear`.
    """
    asked = REQUEST(wanted, "")
    if asked.get("clear"):
        store.rows("delete from faults")
        store.note("webhooks", "mode", "normal")
    if mode := asked.get("webhooks"):
        if mode not in MODES:
            raise malformed(
                f"Invalid webhooks: must be one of {', '.join(MODES)}", "parameter_invalid", "webhooks"
            )
        store.note("webhooks", "mode", mode)
    if kind := asked.get("kind"):
        if kind not in KINDS:
            raise malformed(f"Invalid kind: must be one of {', '.join(KINDS)}", "parameter_invalid", "kind")
        _checked_pattern(asked.get("path", ""))
        sql = "insert into faults(kind, method, path, times, seconds) values(?,?,?,?,?)"
        rest = asked.get("path", ""), asked.get("times", 1), asked.get("seconds", 2)
        store.rows(sql, kind, asked.get("method", "POST").upper(), *rest)


def _checked_pattern(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise malformed(
            f"Invalid path: not a regular expression ({error}).", "parameter_invalid", "path"
        ) from error


def take(store: Store, method: str, path: str) -> Fault | None:
    """The oldest trouble that fits this request, used up by one."""
    with store.transaction():
        for id, kind, wanted, pattern, seconds in store.rows(
            "select id, kind, method, path, seconds from faults where times > 0 order by id"
        ):
            if wanted in (method, "*") and re.search(pattern, path):
                store.rows("update faults set times = times - 1 where id = ?", id)
                return Fault(kind, seconds)
    return None


def waiting(store: Store) -> list[Obj]:
    """The troubles not used up yet."""
    names = ("kind", "method", "path", "times", "seconds")
    found = store.rows(f"select {', '.join(names)} from faults where times > 0 order by id")  # noqa: S608  names are ours, values are bound
    return [dict(zip(names, row, strict=True)) for row in found]
