"""Words as the index knows them: without case, accents and marks, the same on every database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

# Letters that Unicode does not take apart, as people without that keyboard type them.
_LETTERS = str.maketrans(
    {
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ł": "l",
        "ħ": "h",
        "ı": "i",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "'": "",
        "’": "",
    }
)
# Scripts written without spaces: every sign is a term of its own.
_SIGNS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TERM = re.compile(rf"[{_SIGNS}]|[^\W_{_SIGNS}]+")
LONGEST = 60  # characters kept of one term
MOST = 12  # terms of a query that count


def fold(text: str) -> str:
    """`text` without case and accents: `Bjørn’s CAFÉ` becomes `bjorns cafe`."""
    taken_apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(sign for sign in taken_apart if unicodedata.category(sign) != "Mn")
    return bare.casefold().translate(_LETTERS)


def terms(text: str) -> list[str]:
    """The folded words of `text` in their order; punctuation, quotes and wildcards are no words."""
    return [found[:LONGEST] for found in _TERM.findall(fold(text))]


def joined(texts: Iterable[str]) -> str:
    """The different terms of `texts`, parted by single spaces: what the index keeps of a document."""
    return " ".join(dict.fromkeys(term for text in texts for term in terms(text)))


@dataclass(frozen=True)
class Query:
    """What somebody typed: whole words, and a last one that may be only begun."""

    whole: tuple[str, ...]
    begun: str

    @classmethod
    def of(cls, typed: str) -> Query | None:
        """The query in `typed`, or None when it holds no word."""
        found = list(dict.fromkeys(terms(typed)))[:MOST]
        return cls(tuple(found[:-1]), found[-1]) if found else None

    @property
    def all(self) -> tuple[str, ...]:
        """Every term."""
        return (*self.whole, self.begun)

    def met_by(self, term: str) -> bool:
        """Whether one folded term of a text is asked for."""
        return term in self.whole or term.startswith(self.begun)

    def hits(self, text: str) -> int:
        """How many of the asked terms `text` holds."""
        held = set(terms(text))
        return sum(term in held for term in self.whole) + any(term.startswith(self.begun) for term in held)
