"""Where the words of a note are in a text, also after edits. Pure."""

from __future__ import annotations


def place(text: str, quote: str, start: int) -> int | None:
    """Where `quote` begins in `text`, the occurrence nearest to `start`; None when the words are gone.

    start: where it began in the text the note was left on, in characters; -1 when not known.
    """
    if not quote:
        return None
    if start >= 0 and text.startswith(quote, start):
        return start
    found, at = [], text.find(quote)
    while at >= 0:
        found.append(at)
        at = text.find(quote, at + 1)
    return min(found, key=lambda position: abs(position - start)) if found else None
