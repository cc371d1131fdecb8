"""Reading parameters as Stripe does: brackets, types, and a refusal that names the parameter at fault.

A parser is a function (value, path) -> value. `fields` makes one for a hash out of parsers for its keys.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl

from .errors import malformed
from .store import Obj

Parser = Callable[[Any, str], Any]


def decode(encoded: str) -> Obj:
    """`a[b]=1&c[0]=2` as {"a": {"b": "1"}, "c": ["2"]}."""
    root: Obj = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        steps = re.findall(r"[^\[\]]+|\[\]", name)
        here = root
        for step in steps[:-1]:
            here = here.setdefault(step, {})
        last = str(len(here)) if steps[-1] == "[]" else steps[-1]
        here[last] = value
    return {name: _lists(value) for name, value in root.items()}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _lists(inner) for key, inner in value.items()}


def text(value: Any, path: str) -> str:
    """A string of at most 5,000 characters."""
    if not isinstance(value, str):
        raise malformed(f"Invalid string: {value}", "parameter_invalid_string", path)
    if len(value) > 5000:
        raise malformed(
            f"Invalid string: {value[:40]}…; must be at most 5000 characters",
            "parameter_invalid_string",
            path,
        )
    return value


def integer(value: Any, path: str) -> int:
    """A whole number, also when it comes as text."""
    if isinstance(value, bool) or not re.fullmatch(r"-?\d+", str(value)):
        raise malformed(f"Invalid integer: {value}", "parameter_invalid_integer", path)
    return int(value)


def positive(value: Any, path: str) -> int:
    """A whole number of at least 1."""
    number = integer(value, path)
    if number < 1:
        raise malformed("This value must be greater than or equal to 1.", "parameter_invalid_integer", path)
    return number


def flag(value: Any, path: str) -> bool:
    """true or false."""
    if value in (True, "true"):
        return True
    if value in (False, "false"):
        return False
    raise malformed(f"Invalid boolean: {value}", "parameter_invalid_boolean", path)


def choice(*allowed: str) -> Parser:
    """One of these words."""

    def parse(value: Any, path: str) -> str:
        if value not in allowed:
            raise malformed(f"Invalid {path}: must be one of {', '.join(allowed)}", "parameter_invalid", path)
        return str(value)

    return parse


def items(parser: Parser) -> Parser:
    """A list of such values."""

    def parse(value: Any, path: str) -> list[Any]:
        if not isinstance(value, list):
            raise malformed("Invalid array", "parameter_invalid_array", path)
        return [parser(each, f"{path}[{position}]") for position, each in enumerate(value)]

    return parse


def metadata(value: Any, path: str) -> dict[str, str]:
    """Up to 50 pairs, keys to 40 and values to 500 characters; an empty string stands for no pairs."""
    pairs = {} if value == "" else value
    if not isinstance(pairs, dict):
        raise malformed("Invalid hash", "parameter_invalid_hash", path)
    if len(pairs) > 50:
        raise malformed("Metadata can have at most 50 keys.", "parameter_invalid", path)
    for key, each in pairs.items():
        if len(key) > 40 or len(text(each, f"{path}[{key}]")) > 500:
            raise malformed(
                "Metadata keys have at most 40 and values at most 500 characters.", "parameter_invalid", path
            )
    return dict(pairs)


def anything(value: Any, path: str) -> Any:
    """Taken as it comes: Stripe knows the parameter, the sandbox has no use for it."""
    return value


def fields(known: dict[str, Parser], required: Iterable[str] = ()) -> Parser:
    """A hash with these keys and no others."""

    def parse(value: Any, path: str) -> Obj:
        if not isinstance(value, dict):
            raise malformed("Invalid hash", "parameter_invalid_hash", path)
        inside = (lambda name: f"{path}[{name}]") if path else (lambda name: name)
        for name in required:
            if value.get(name) in (None, ""):
                raise malformed(f"Missing required param: {inside(name)}.", "parameter_missing", inside(name))
        for name in value:
            if name not in known:
                raise malformed(
                    f"Received unknown parameter: {inside(name)}", "parameter_unknown", inside(name)
                )
        return {name: known[name](each, inside(name)) for name, each in value.items()}

    return parse


def request(known: dict[str, Parser], required: Iterable[str] = ()) -> Parser:
    """The parameters of a v1 request: the endpoint's own, and `expand`."""
    return fields({**known, "expand": items(text)}, required)


_MOMENT = fields({"gt": integer, "gte": integer, "lt": integer, "lte": integer})


def _created(value: Any, path: str) -> Any:
    return (
        _MOMENT(value, path)
        if isinstance(value, dict)
        else {"gte": integer(value, path), "lte": integer(value, path)}
    )


def listing(*filters: str, **more: Parser) -> Parser:
    """The parameters of a v1 list: its filters, a creation time, and the cursors."""
    cursors: dict[str, Parser] = {
        "limit": integer,
        "starting_after": text,
        "ending_before": text,
        "created": _created,
    }
    return request({**cursors, **{name: text for name in filters}, **more})
