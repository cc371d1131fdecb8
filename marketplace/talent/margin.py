"""A sample's text cut into pieces for the page: posts, paragraphs, noted words, the platform's fold. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

# Characters a platform shows before "see more".
FOLDS = {"linkedin": 210, "instagram": 125}
# A line of three dashes parts the posts of a thread.
_PART = re.compile(r"\n\s*---+\s*\n")
_PARAGRAPH = re.compile(r"\n\s*\n")


@dataclass(frozen=True)
class Piece:
    """Some words. number: the margin note on them, 0 for none. folds: the platform cuts before them."""

    text: str
    number: int = 0
    folds: bool = False
    # The last word, glued to the note's anchor so that the two never part at a line's end.
    last: str = ""


@dataclass
class Post:
    """One post: its paragraphs of pieces."""

    paragraphs: list[list[Piece]] = field(default_factory=list)


def posts(text: str, quotes: Sequence[str] = (), fold: int = 0) -> list[Post]:
    """`text` as posts of paragraphs of pieces.

    quotes: the exact words that notes 1, 2, … are about; one that is not found, or overlaps an earlier
    one, has no mark. fold: characters of the first post shown before "see more", 0 for no fold.
    """
    bodies = parts(text)
    spans = find(bodies, quotes)
    return [
        Post(
            [
                pieces(body, start, end, [s for s in spans if s[0] == number], fold if number == 0 else 0)
                for start, end in blocks(body)
            ]
        )
        for number, body in enumerate(bodies)
    ]


def parts(text: str) -> list[str]:
    """The posts of a thread; one where it is no thread."""
    return _PART.split(text.strip())


def found(text: str, quotes: Sequence[str]) -> set[int]:
    """The numbers of the notes whose words are marked in `text`."""
    return {span[3] for span in find(parts(text), quotes)}


def find(bodies: Sequence[str], quotes: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Where each quote stands: (post, start, end, note), none overlapping, each inside one paragraph."""
    spans: list[tuple[int, int, int, int]] = []
    for note, quote in enumerate(quotes, 1):
        for post, body in enumerate(bodies):
            start = body.find(quote) if quote else -1
            end = start + len(quote)
            clash = any(s[0] == post and s[1] < end and start < s[2] for s in spans)
            if start >= 0 and not clash and not _PARAGRAPH.search(quote):
                spans.append((post, start, end, note))
                break
    return spans


def blocks(body: str) -> list[tuple[int, int]]:
    """Start and end of each paragraph of `body`."""
    edges = [0, *(edge for gap in _PARAGRAPH.finditer(body) for edge in gap.span()), len(body)]
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if body[a:b].strip()]


def pieces(body: str, start: int, end: int, spans: list[tuple[int, int, int, int]], fold: int) -> list[Piece]:
    """The paragraph of `body` from `start` to `end`, cut at its notes and at the fold."""
    inside = sorted(span[1:] for span in spans if start <= span[1] < end)
    cut = body.rfind(" ", 0, fold) + 1 if fold and len(body) > fold else 0
    if any(a < cut < b for a, b, _ in inside):
        cut = next(b for a, b, _ in inside if a < cut < b)
    made: list[Piece] = []
    edges = {start, end, *(edge for a, b, _ in inside for edge in (a, b))} | (
        {cut} if start <= cut < end else set()
    )
    for a, b in pairwise(sorted(edges)):
        number = next((n for s, e, n in inside if s == a and e == b), 0)
        words = body[a:b]
        last = words.rpartition(" ")[2] if number else ""
        made.append(Piece(words[: len(words) - len(last)], number, bool(cut) and a == cut, last))
    return made
