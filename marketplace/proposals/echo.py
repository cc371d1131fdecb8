"""Whether a pitch repeats its writer. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_WORD = re.compile(r"[^\W_]+")
SIZE = 3


def shingles(text: str) -> frozenset[str]:
    """Every run of three words in `text`, without case and punctuation."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).lower().replace("’", "").replace("'", ""))
    return frozenset(" ".join(words[at : at + SIZE]) for at in range(len(words) - SIZE + 1))


def overlap(text: str, earlier: Iterable[str]) -> float:
    """The largest part of `text`'s shingles, from 0 to 1, that one of the `earlier` texts has too."""
    mine = shingles(text)
    return max((len(mine & shingles(other)) / len(mine) for other in earlier), default=0.0) if mine else 0.0
