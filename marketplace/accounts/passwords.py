"""Passwords: argon2id, no rules of composition, no guessable ones."""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from marketplace.accounts.common_passwords import COMMON
from marketplace.kernel.errors import Refused

SHORTEST, LONGEST = 10, 256

# OWASP's second choice for argon2id: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Verified against when there is no such person, so that both answers take the same time.
_NOBODY = _hasher.hash("nobody has this password")


def make(password: str, *context: str) -> str:
    """The hash to store. Raises Refused for one that is short, long, common, or made of `context`.

    context: the person's name and address, and the site's name, which guessers try first.
    """
    normal = unicodedata.normalize("NFC", password)
    if len(normal) < SHORTEST:
        raise Refused(f"A password needs at least {SHORTEST} characters.", field="password")
    if len(normal) > LONGEST:
        raise Refused(f"A password may have at most {LONGEST} characters.", field="password")
    if is_guessable(normal.casefold(), *context):
        sentence = "That password is one of the first that a guesser tries. Please choose another."
        raise Refused(sentence, field="password")
    return _hasher.hash(normal)


def is_guessable(folded: str, *context: str) -> bool:
    """Whether a guesser tries this first: common, or made of the person's and the site's own words."""
    parts = [part for text in context for part in (text, *text.replace("@", " ").split())]
    known = {part.casefold() for part in parts if len(part) > 3}
    rests = [folded.replace(part, "").strip("0123456789!.-_ ") for part in known]
    return folded in COMMON or "" in rests


def matches(password: str, stored: str | None) -> bool:
    """Whether `password` is the one behind `stored`; takes as long when there is nothing stored."""
    normal = unicodedata.normalize("NFC", password[: LONGEST + 1])
    try:
        _hasher.verify(stored or _NOBODY, normal)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None
