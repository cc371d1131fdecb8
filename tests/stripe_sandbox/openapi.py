"""Stripe's own OpenAPI document as a judge of requests and of answers.

Requests are forms, in which everything is text; they are read as Stripe reads them before they are judged.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

Json = dict[str, Any]
SAID = "STRIPE_SPEC does not name Stripe's OpenAPI document, so requests, answers and events go unchecked."
needs_document = pytest.mark.skipif("STRIPE_SPEC" not in os.environ, reason=SAID)


@cache
def document() -> Document:
    """The document that STRIPE_SPEC names."""
    return Document(json.loads(Path(os.environ["STRIPE_SPEC"]).read_text()))


class Document:
    """What Stripe says about addresses, parameters and objects."""

    def __init__(self, whole: Json) -> None:
        self.version: str = whole["info"]["version"]
        self.schemas: Json = whole["components"]["schemas"]
        self._root: Json = {"components": _plain(whole["components"])}
        self._validators: dict[str, Any] = {}
        self._routes = [
            (re.compile(re.sub(r"{[^}]+}", "[^/]+", path)), path.count("{"), verbs)
            for path, verbs in whole["paths"].items()
        ]

    def knows(self, method: str, path: str) -> bool:
        """Whether the document tells of this endpoint."""
        return self._endpoint(method, path) is not None

    def _endpoint(self, method: str, path: str) -> Json | None:
        fitting = [(holes, verbs) for route, holes, verbs in self._routes if route.fullmatch(path)]
        verbs = min(fitting, key=lambda each: each[0])[1] if fitting else {}
        found: Json | None = verbs.get(method.lower())
        return found

    def of_request(self, method: str, path: str, params: Json) -> list[str]:
        """What is wrong with the parameters of a request, in Stripe's words."""
        endpoint = self._endpoint(method, path)
        if endpoint is None:
            return [f"{method} {path} is not in the document"]
        if method == "POST":
            return list(self._value(params, endpoint["body"], ""))
        known = {each["name"]: each["schema"] for each in endpoint["parameters"]}
        needed = [each["name"] for each in endpoint["parameters"] if each.get("required")]
        return list(self._value(params, {"type": "object", "properties": known, "required": needed}, ""))

    def _value(self, value: Any, schema: Json, path: str) -> Iterator[str]:
        schema = self._resolved(schema)
        if "anyOf" in schema:
            tried = [list(self._value(value, each, path)) for each in schema["anyOf"]]
            yield from min(tried, key=len)
        elif schema.get("type") == "object" or "properties" in schema:
            yield from self._hash(value, schema, path)
        elif schema.get("type") == "array":
            yield from self._list(value, schema, path)
        elif not _is(value, schema):
            yield f"Invalid value of {path}: {value!r}"

    def _hash(self, value: Any, schema: Json, path: str) -> Iterator[str]:
        if value == "" and path:
            return
        if not isinstance(value, dict):
            yield f"Invalid hash: {path}"
            return
        inside = (lambda name: f"{path}[{name}]") if path else str
        known, more = schema.get("properties", {}), schema.get("additionalProperties", False)
        for name in set(schema.get("required", [])) - set(value):
            yield f"Missing required param: {inside(name)}"
        for name, each in value.items():
            if name in known:
                yield from self._value(each, known[name], inside(name))
            elif isinstance(more, dict):
                yield from self._value(each, more, inside(name))
            elif not more:
                yield f"Received unknown parameter: {inside(name)}"

    def _list(self, value: Any, schema: Json, path: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"Invalid array: {path}"
            return
        for position, each in enumerate(value):
            yield from self._value(each, schema["items"], f"{path}[{position}]")

    def _resolved(self, schema: Json) -> Json:
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"].rsplit("/", 1)[-1]]
        return schema

    def of_object(self, obj: Json) -> list[str]:
        """What is wrong with an object of an answer or of an event; nothing where the document is silent."""
        kind = "error" if "error" in obj else obj["object"]
        if kind == "list":
            return [fault for each in obj["data"] for fault in self.of_object(each)]
        if obj.get("deleted"):
            kind = f"deleted_{kind}"
        if kind not in self.schemas:
            return []
        wrong = [
            f"{kind}.{'.'.join(map(str, one.path))}: {one.message[:200]}" for one in self._against(kind, obj)
        ]
        known = self.schemas[kind]["properties"]
        absent = [name for name, each in known.items() if each.get("nullable") and name not in obj]
        return wrong + [f"{kind}.{name} is missing" for name in absent]

    def _against(self, kind: str, obj: Json) -> Iterator[Any]:
        if kind not in self._validators:
            root = {**self._root, "$ref": f"#/components/schemas/{kind}"}
            self._validators[kind] = jsonschema.Draft202012Validator(root)
        found: Iterator[Any] = self._validators[kind].iter_errors(obj)
        return found

    def of_event(self, event: Json) -> list[str]:
        """What is wrong with a snapshot event, its object included."""
        return self.of_object(event) + self.of_object(event["data"]["object"])


def _plain(schema: Any) -> Any:
    """OpenAPI's `nullable` in the words of JSON Schema."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: _plain(each) for name, each in schema.items() if name != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") is True else plain


def _is(value: Any, schema: Json) -> bool:
    """Whether the text of a form is a value of a plain type."""
    if not isinstance(value, str | int | float | bool):
        return False
    text = str(value).lower() if isinstance(value, bool) else str(value)
    match schema.get("type"):
        case "integer":
            return re.fullmatch(r"-?\d+", text) is not None
        case "number":
            return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None
        case "boolean":
            return text in ("true", "false")
    return text in schema.get("enum", [text]) and len(text) <= schema.get("maxLength", len(text))
