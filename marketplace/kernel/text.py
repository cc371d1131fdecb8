"""Texts as people type them: cleaned at the door, canonical where their bytes are signed."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from typing import Any

# Controls that no honest keyboard sends; line feed and tab are allowed in long texts.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\ud800-\udfff\ufffe\uffff]")
_UNSAFE_IN_NAMES = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\n\r\t]")


def line_ends(typed: str) -> str:
    """`typed` with every line end as a line feed: browsers send CR LF."""
    return typed.replace("\r\n", "\n").replace("\r", "\n")


def has_controls(typed: str) -> bool:
    """Whether `typed` holds control characters or lone surrogates, which no database keeps alike."""
    return _CONTROLS.search(typed) is not None


def has_hidden(typed: str) -> bool:
    """Whether `typed` holds characters that hide or turn text around, so that names could imitate."""
    return _UNSAFE_IN_NAMES.search(typed) is not None


def words(text: str) -> list[str]:
    """The words of `text`, as a person would count them."""
    return text.split()


def key(name: str) -> str:
    """`name` folded so that look-alikes by case and width are one: for e-mail addresses and handles."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).strip().rstrip(".")


def slug(name: str) -> str:
    """`name` as part of an address: `Ines Okafor` becomes `ines-okafor`; empty when nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60]


def initials(name: str) -> str:
    """The first letters of the first and the last name, for a monogram."""
    parts = name.split()
    return (parts[0][:1] + (parts[-1][:1] if len(parts) > 1 else "")).upper() if parts else "?"


def canonical(value: Any) -> bytes:
    """JSON whose bytes are the same for the same value (RFC 8785 for the types used here).

    value: dicts with text keys, lists, text, whole numbers, booleans, None. Line ends become LF; no
    Unicode normalisation, since what is approved is exactly what was written. Raises TypeError for
    floats, whose text differs between writers.
    """
    return json.dumps(
        _checked(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode("utf-8")


def _checked(value: Any) -> Any:
    match value:
        case dict():
            return {str(name): _checked(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_checked(inner) for inner in value]
        case str():
            return line_ends(value)
        case None | bool() | int():
            return value
    raise TypeError(f"{type(value).__name__} has no canonical form")


def sha256(data: bytes) -> str:
    """The SHA-256 of `data` as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
