"""Blacking out who wrote a sample and for whom, so that readers judge the words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

NAME, CLIENT, LINK, ADDRESS, HANDLE = "[name]", "[client]", "[link]", "[address]", "[handle]"

_LINK = re.compile(
    r"(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|co|uk|example|eu|de|fr)\b(?:/\S*)?",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")
_HANDLE = re.compile(r"(?<![\w@])@\w[\w.-]*")
_BETWEEN = r"[\W_]*"


def black_out(text: str, names: Iterable[str], clients: Iterable[str]) -> str:
    """`text` without links, addresses, handles, and without the writer's and the clients' names.

    names: the writer's names and handle; a part of a name counts alone where it is written as a name.
    clients: the brands spoken for; their first word counts alone where it is written as a name.
    """
    text = _ADDRESS.sub(ADDRESS, text)
    text = _LINK.sub(LINK, text)
    text = _HANDLE.sub(HANDLE, text)
    for client in longest_first(clients):
        text = whole(client).sub(CLIENT, text)
        text = parts(client.split()[:1], least=4, text=text, token=CLIENT)
    for name in longest_first(names):
        text = whole(name).sub(NAME, text)
        text = parts(re.split(r"[\s_-]+", name), least=3, text=text, token=NAME)
    return text


def longest_first(names: Iterable[str]) -> list[str]:
    """The names that say something, the longest first, so that a part never spoils a whole."""
    return sorted({name.strip() for name in names if len(name.strip()) > 1}, key=len, reverse=True)


def whole(name: str) -> re.Pattern[str]:
    """All of `name`, however its words are joined: `Harrow Valley`, `#HarrowValley`, `harrow-valley`."""
    words = [re.escape(word) for word in re.split(r"[\W_]+", name) if word]
    return re.compile(rf"(?<!\w){_BETWEEN.join(words)}(?:['’]s)?(?!\w)" if words else r"(?!)", re.IGNORECASE)


def parts(words: Sequence[str], *, least: int, text: str, token: str) -> str:
    """`text` without those of `words` that stand in it capitalised: `Sol` is a name, `sol` is a word."""
    for word in words:
        if len(word) >= least and word.isalpha():
            written = "|".join({word.capitalize(), word.upper(), word} - {word.lower()})
            text = re.sub(rf"(?<!\w)(?:{written})(?!\w)", token, text)
    return text
